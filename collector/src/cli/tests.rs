use std::path::Path;

use super::*;

fn call(arguments: &[&str]) -> (Exit, String) {
    let mut out = Vec::new();
    let arguments = ["truenas-collector", "--quiet"].iter().chain(arguments);
    let exit = run_to(arguments.map(OsString::from), &mut out);
    (exit, String::from_utf8(out).unwrap())
}

const ANALYST: &str = "age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9";

fn keygen(folder: &Path) -> (Exit, String) {
    let out = folder.to_str().unwrap();
    call(&[
        "keygen",
        "site",
        "--site",
        "k3f9",
        "--recipient",
        ANALYST,
        "--out",
        out,
    ])
}

#[test]
fn command_line_is_consistent() {
    command().debug_assert();
}

#[test]
fn keys_of_a_site_are_made_once_and_no_secret_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let (exit, text) = keygen(&keys);
    assert_eq!(exit, Exit::Ok);
    assert!(text.contains("site k3f9   ") && text.contains("recovery_recipient: age1"));
    let read = |name: &str| std::fs::read_to_string(keys.join(name)).unwrap();
    for name in ["site.key", "pseudonym.key", "recovery.key"] {
        let secret = read(name);
        let line = secret.lines().last().unwrap();
        assert!(!text.contains(line), "{name}");
        assert_eq!(crate::keys::mode_of(&keys.join(name)), Some(0o600));
    }
    let manifest = read("secret.yaml");
    assert!(manifest.contains(read("site.key").lines().nth(1).unwrap()));
    assert_eq!(keygen(&keys).0, Exit::Usage);
}

#[test]
fn key_show_names_the_kind_of_every_file_and_prints_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    keygen(folder.path());
    for (name, kind, fact) in [
        ("site.key", "site key, secret", "fingerprint"),
        ("site.pub", "site key, public", "fingerprint"),
        ("pseudonym.key", "pseudonym key, secret", "key check"),
        ("recovery.key", "analyst key, secret", "age1"),
        ("recovery.pub", "analyst key, public", "age1"),
    ] {
        let path = folder.path().join(name);
        let (exit, text) = call(&["key", "show", path.to_str().unwrap()]);
        assert_eq!(exit, Exit::Ok, "{name}");
        assert!(text.contains(kind) && text.contains(fact), "{text}");
        let secret = std::fs::read_to_string(&path).unwrap();
        let is_secret = kind.ends_with("secret");
        let last = secret.lines().last().unwrap();
        assert!(!is_secret || !text.contains(last), "{name}");
    }
}

#[test]
fn usage_errors_and_missing_files_end_with_2() {
    assert_eq!(call(&["collect"]).0, Exit::Usage);
    assert_eq!(call(&["unknown"]).0, Exit::Usage);
    assert_eq!(
        call(&["collect", "--config", "/nonexistent/config.yaml"]).0,
        Exit::Usage
    );
    assert_eq!(call(&["plan", "--config", "/nonexistent"]).0, Exit::Usage);
    assert_eq!(
        call(&["collect", "--config", "/x", "--stream", "new"]).0,
        Exit::Usage
    );
    assert_eq!(call(&["pin", "[::1"]).0, Exit::Usage);
}

#[test]
fn help_and_version_end_with_0() {
    assert_eq!(call(&["--help"]).0, Exit::Ok);
    assert_eq!(call(&["--version"]).0, Exit::Ok);
    let (exit, script) = call(&["completions", "bash"]);
    assert!(exit == Exit::Ok && script.contains("truenas-collector"));
}
