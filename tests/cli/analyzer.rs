//! The analyzer as a process, against bundles that stock tools made.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "chain.rs"]
mod chain;
#[path = "silence.rs"]
mod silence;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

/// A `verify.sh` that asks the analyzer instead of the stock tools, with the same answers.
const SHIM: &str = r#"#!/bin/sh
set -u
F=$1; PUB=$2; KEY=$3
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
FP=$(awk 'NR==2' "$PUB" | base64 -d | tail -c 32 | sha256sum | cut -d' ' -f1)
"$ANALYZER" trust add "$PUB" --site k3f9 --fingerprint "$FP" --trust "$T" >/dev/null || exit 2
chmod 600 "$KEY"
R=$("$ANALYZER" verify "$F" --trust "$T" --identity "$KEY" 2>&1)
case $? in
  0) echo "OK $(basename "$F" .tar.zst.age)";;
  4) echo "REFUSED at step $(printf '%s' "$R" | sed -n 's/.*(step \([0-9]*\)).*/\1/p' | head -1): $R";;
  *) echo "FAILED: $R";;
esac
"#;

#[test]
fn the_eleven_cases_of_the_reference_scripts_get_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["make_bundle.sh", "test_vectors.sh"] {
        fs::copy(vectors().join(name), folder.path().join(name)).unwrap();
    }
    let shim = folder.path().join("verify.sh");
    fs::write(&shim, SHIM).unwrap();
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new("sh")
        .arg(folder.path().join("test_vectors.sh"))
        .env("ANALYZER", env!("CARGO_BIN_EXE_truenas-analyzer"))
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("11 passed, 0 failed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success());
}

#[test]
fn usage_errors_exit_2_and_say_what_to_do() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_truenas-analyzer"))
            .args(args)
            .output()
            .expect("runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, text) = run(&["check", "--history", "/nonexistent"]);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("make it with `truenas-analyzer ingest`"),
        "{text}"
    );
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    let (code, text) = run(&[
        "verify",
        "/nonexistent",
        "--gateway",
        "--trust",
        "/nonexistent",
    ]);
    assert_eq!(code, Some(2));
    assert!(text.contains("cannot read `/nonexistent`"), "{text}");
    assert_eq!(run(&["frobnicate"]).0, Some(2));
}

#[test]
fn a_protected_key_works_without_a_terminal_through_a_descriptor_only() {
    let folder = tempfile::tempdir().unwrap();
    let analyzer = env!("CARGO_BIN_EXE_truenas-analyzer");
    let keys = folder.path().join("keys");
    let script = |line: &str| {
        let output = Command::new("sh")
            .args(["-c", line])
            .env("ANALYZER", analyzer)
            .env("KEYS", &keys)
            .env("TRUST", folder.path().join("trust"))
            .stdin(std::process::Stdio::null())
            .output()
            .expect("sh runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text)
    };
    let make =
        r#"echo correct-horse | "$ANALYZER" keygen analyst --out "$KEYS" --passphrase-fd 3 3<&0"#;
    assert_eq!(script(make).0, Some(0));
    let verify = r#""$ANALYZER" verify /dev/null --trust "$TRUST" --identity "$KEYS/analyst.key""#;
    let (code, text) = script(verify);
    assert_eq!(code, Some(2));
    assert!(text.contains("give it with --passphrase-fd N"), "{text}");
    let wrong = script(&format!(
        "echo wrong-horse | {verify} --passphrase-fd 3 3<&0"
    ));
    assert!(wrong.1.contains("cannot use the identity"), "{}", wrong.1);
    let right = script(&format!(
        "echo correct-horse | {verify} --passphrase-fd 3 3<&0"
    ));
    assert!(!right.1.contains("identity"), "{}", right.1);
}
