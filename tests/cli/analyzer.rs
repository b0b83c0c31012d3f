//! The analyzer as a process, against bundles that stock tools made.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "capacity.rs"]
mod capacity;
#[path = "chain.rs"]
mod chain;
#[path = "cost.rs"]
mod cost;
#[path = "fleet.rs"]
mod fleet;
#[path = "performance.rs"]
mod performance;
#[path = "silence.rs"]
mod silence;
#[path = "snapshots.rs"]
mod snapshots;
#[path = "thin.rs"]
mod thin;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
fn a_reader_that_goes_away_is_no_failure_and_a_full_disk_is_one() {
    for args in [&["checks", "list"][..], &["man"], &["completions", "bash"]] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_truenas-analyzer"));
        program.args(args).stderr(Stdio::piped());
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        let output = program.stdout(full.unwrap()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(28), "{args:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");

        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), text), (Some(0), String::new()));
    }
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

/// The sample bundles in a history of their own.
struct Sample {
    folder: tempfile::TempDir,
}

impl Sample {
    fn new() -> Self {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let sample = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let identity = sample.path("analyst.key");
        fs::copy(samples.join("keys/analyst.key"), &identity).unwrap();
        fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
        let (bundles, trust) = (samples.join("bundles"), samples.join("trust"));
        let (code, _, errors) = sample.run(&[
            "--quiet",
            "ingest",
            bundles.to_str().unwrap(),
            "--trust",
            trust.to_str().unwrap(),
            "--identity",
            &identity,
        ]);
        assert_eq!(code, Some(0), "{errors}");
        sample
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Exit code, stdout and stderr of a command over the history.
    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_truenas-analyzer"))
            .args(args)
            .args(["--history", &self.path("history")])
            .output()
            .expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        let (_, text, errors) = self.run(args);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{errors}"))
    }
}

#[test]
fn a_question_is_answered_in_every_form_and_a_bad_one_is_a_usage_error() {
    let sample = Sample::new();
    let sql = "SELECT b.seq AS seq, b.ended_at AS ended_at FROM bundle AS b";
    let (code, text, errors) = sample.run(&["query", sql]);
    assert_eq!((code, text.lines().count()), (Some(0), 6), "{text}{errors}");
    assert_eq!(
        sample
            .json(&["query", sql, "--format", "json"])
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let at = sample.json(&["query", sql, "--format", "json", "--at", "2"]);
    assert_eq!(at.as_array().unwrap().len(), 2);
    let file = sample.path("answer.parquet");
    assert_eq!(
        sample
            .run(&["query", sql, "--format", "parquet", "-o", &file])
            .0,
        Some(0)
    );
    assert_eq!(&fs::read(&file).unwrap()[..4], b"PAR1");

    for (args, expect) in [
        (&["query", "DROP TABLE bundle"][..], "SELECT"),
        (&["query", "SELECT x FROM nothing"], "nothing"),
        (&["query", sql, "--at", "9"], "no bundle 000009"),
        (&["query", sql, "--at", "soon"], "no time"),
        (&["query", sql, "--max-rows", "2"], "more than 2 rows"),
        (&["query", ".nothing"], ".tables"),
    ] {
        let (code, _, errors) = sample.run(args);
        assert_eq!(code, Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expect), "{args:?}: {errors}");
    }
    let (code, text, _) = sample.run(&["query", ".schema zfs_dataset"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("pseudonym"), "{text}");
}

#[test]
fn an_accepted_finding_passes_the_gate_until_its_time_is_over() {
    let sample = Sample::new();
    let gate = ["check", "--fail-on", "info", "--format", "json"];
    let results = sample.json(&gate);
    let results = results["results"].as_array().unwrap();
    let findings: Vec<&serde_json::Value> = results
        .iter()
        .flat_map(|result| result["findings"].as_array().unwrap())
        .collect();
    assert!(!findings.is_empty());
    assert_eq!(sample.run(&gate).0, Some(1));

    let (file, baseline) = (sample.path("accepted.yaml"), sample.path("baseline.yaml"));
    assert_eq!(sample.run(&["baseline", "--output", &baseline]).0, Some(0));
    let new_only = [
        "check",
        "--fail-on",
        "info",
        "--baseline",
        &baseline,
        "--new-only",
    ];
    let (code, text, errors) = sample.run(&new_only);
    assert!(matches!(code, Some(0 | 5)), "{text}{errors}");
    assert!(
        text.contains(&format!("Baseline: {} still there", {
            let mut all: Vec<_> = findings
                .iter()
                .map(|finding| finding["fingerprint"].as_str())
                .collect();
            all.sort();
            all.dedup();
            all.len()
        })),
        "{text}"
    );

    // Written again, it keeps what people wrote into it.
    let text = fs::read_to_string(&baseline).unwrap();
    let owned = text.replacen("\n  finding: ", "\n  owner: storage\n  finding: ", 1);
    assert_ne!(owned, text);
    fs::write(&baseline, &owned).unwrap();
    assert_eq!(sample.run(&["baseline", "--output", &baseline]).0, Some(0));
    assert_eq!(fs::read_to_string(&baseline).unwrap(), owned);

    fs::write(&file, "# Agreed on Monday.\n").unwrap();
    let fingerprint = findings[0]["fingerprint"].as_str().unwrap();
    let accept = |until: &str, owner: &str| {
        let args = [
            "suppress",
            &fingerprint[..16],
            "--suppressions",
            &file,
            "--owner",
            owner,
            "--reason",
            "kept",
            "--until",
            until,
        ];
        sample.run(&args)
    };
    assert_eq!(accept("2026-03-01", "storage").0, Some(2));
    assert_eq!(accept("2027-03-01", "storage").0, Some(2));
    assert_eq!(accept("2026-04-01", " ").0, Some(2));
    let (code, _, errors) = accept("2026-04-01", "storage");
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .starts_with("# Agreed on Monday.\n- check: ")
    );

    let check = sample.json(&["check", "--format", "json", "--suppressions", &file]);
    assert_eq!(check["suppressions"][0]["status"], "active");
    let states = check["results"].as_array().unwrap().iter();
    let states = states.flat_map(|result| result["findings"].as_array().unwrap());
    let mut ours = states.filter(|finding| finding["fingerprint"] == fingerprint);
    assert!(ours.all(|finding| finding["state"] == "suppressed"));
    let text = fs::read_to_string(&file).unwrap();
    let evidence = findings[0]["fingerprint"].as_str().unwrap();
    fs::write(
        &file,
        text.replacen(
            "evidence: \"",
            &format!("evidence: \"{}", &evidence[..1]),
            1,
        ),
    )
    .unwrap();
    let (code, _, errors) = sample.run(&["check", "--suppressions", &file]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("64 digits"), "{errors}");
    fs::write(
        &file,
        text.replace("until: \"2026-04-01\"", "until: \"2026-03-02\""),
    )
    .unwrap();
    let check = sample.json(&["check", "--format", "json", "--suppressions", &file]);
    assert_eq!(check["suppressions"][0]["status"], "expired");
}

#[test]
fn two_moments_are_compared_and_a_wrong_configuration_is_named() {
    let sample = Sample::new();
    let diff = sample.json(&["diff", "1", "3", "--format", "json"]);
    assert_eq!(diff["before"]["bundles"].as_array().unwrap().len(), 1);
    assert!(!diff["space"].as_array().unwrap().is_empty());
    for pool in diff["space"].as_array().unwrap() {
        let steps = pool["steps"].as_object().unwrap().values();
        let sum: i64 = steps.map(|bytes| bytes.as_i64().unwrap()).sum();
        let bytes = |name: &str| pool[name].as_i64().unwrap();
        assert_eq!(sum, bytes("after_bytes") - bytes("before_bytes"));
    }
    let (code, text, _) = sample.run(&["diff", "1", "3", "--format", "csv"]);
    assert_eq!(code, Some(0));
    assert!(text.lines().any(|line| line.starts_with("space,")));
    let (code, text, _) = sample.run(&["diff", "2", "2"]);
    assert_eq!(code, Some(0));
    assert_eq!(text.matches("no difference").count(), 2, "{text}");
    assert_eq!(sample.run(&["diff", "1", "9"]).0, Some(2));

    let config = sample.path("analyzer.yaml");
    fs::write(&config, "thresholds:\n  ORP-001: {grace: 1}\n").unwrap();
    let (code, _, errors) = sample.run(&["check", "--config", &config]);
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("line 2") && errors.contains("grace_secs"),
        "{errors}"
    );
    fs::write(&config, "thresholds:\n  ORP-001: {grace_secs: 1}\n").unwrap();
    assert_eq!(sample.run(&["check", "--config", &config]).0, Some(0));
}

#[test]
fn old_snapshots_free_what_the_figures_of_their_neighbours_say() {
    let sample = Sample::new();
    let (code, text, errors) = sample.run(&["snapshots"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("sum of pool"), "{text}");
    // Names are as long as they are; figures fit a terminal.
    for line in text.lines().filter(|line| !line.contains('/')) {
        assert!(line.chars().count() <= 80, "{line}");
    }

    let answer = sample.json(&["snapshots", "--older-than", "1m", "--format", "json"]);
    assert_eq!(answer["not_evaluated"].as_array().unwrap().len(), 0);
    let datasets = answer["datasets"].as_array().unwrap();
    let has = |name: &str, dataset: &serde_json::Value| {
        dataset[name]
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    };
    assert!(datasets.iter().any(|dataset| has("kept", dataset)));
    assert!(!datasets.iter().any(|dataset| has("breaks", dataset)));
    for dataset in datasets {
        let cut = &dataset["cuts"][0];
        assert_eq!(cut["n_older"], dataset["n_snapshots"], "{dataset}");
        if !has("kept", dataset) {
            assert_eq!(cut["is_exact"], true, "{dataset}");
            assert_eq!(cut["least_bytes"], dataset["held_bytes"], "{dataset}");
        }
    }
    for pool in answer["pools"].as_array().unwrap() {
        let ours = datasets
            .iter()
            .filter(|dataset| dataset["pool"] == pool["pool"]);
        let bytes = ours.map(|dataset| dataset["cuts"][0]["least_bytes"].as_i64().unwrap());
        assert_eq!(bytes.sum::<i64>(), pool["freed"][0]["least_bytes"]);
    }

    let free = |amount: &str| sample.json(&["snapshots", "--free", amount, "--format", "json"]);
    let is_reached = |answer: serde_json::Value| {
        let pools = answer["pools"].as_array().unwrap().clone();
        pools.iter().any(|pool| pool["goal"]["is_reached"] == true)
    };
    assert!(is_reached(free("1KiB")));
    assert!(!is_reached(free("1PiB")));
    let (code, text, _) = sample.run(&["snapshots", "--free", "1PiB"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("be freed: all that can go"), "{text}");
    let (code, text, _) = sample.run(&["snapshots", "--format", "csv"]);
    assert_eq!(code, Some(0));
    assert_eq!(text.lines().count(), 1 + 4 * datasets.len(), "{text}");

    for (args, expect) in [
        (&["--older-than", "soon"][..], "30d"),
        (&["--free", "5GB"], "500GiB"),
        (
            &["--free", "1GiB", "--older-than", "1d"],
            "cannot be used with",
        ),
    ] {
        let (code, _, errors) = sample.run(&[&["snapshots"][..], args].concat());
        assert_eq!(code, Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expect), "{args:?}: {errors}");
    }
}

#[test]
fn a_history_of_three_days_gives_space_and_growth_but_no_date() {
    let sample = Sample::new();
    let answer = sample.json(&["capacity", "--format", "json"]);
    let pools = answer["pools"].as_array().unwrap();
    assert!(!pools.is_empty());
    for pool in pools {
        assert_eq!(pool["state"], "evaluated", "{pool}");
        assert_eq!(pool["n_readings"], 3, "{pool}");
        for level in pool["levels"].as_array().unwrap() {
            let is_reached = level["state"] == "reached";
            assert!(
                is_reached || level["reason"] == "3 of 8 readings needed",
                "{level}"
            );
            assert!(level["early"].is_null() && level["late"].is_null());
        }
    }
    let bytes = |answer: &serde_json::Value| answer["pools"][0]["size_bytes"].as_i64().unwrap();
    let more = sample.json(&["capacity", "--add", "1TiB", "--format", "json"]);
    assert_eq!(bytes(&more) - bytes(&answer), 1 << 40);

    let (code, text, errors) = sample.run(&["capacity", "--growth", "-20"]);
    assert!(matches!(code, Some(0 | 5)), "{text}{errors}");
    assert!(text.contains("What if: growth -20 %."), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let (_, text, _) = sample.run(&["capacity", "--format", "csv"]);
    assert_eq!(text.lines().count(), 1 + 3 * pools.len(), "{text}");
    assert_eq!(sample.run(&["capacity", "--add", "5"]).0, Some(2));
}
