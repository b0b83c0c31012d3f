//! The analyzer opens no socket: every system call of a whole run is looked at, whatever the libraries could do. A pair of
//! sockets of one process is a pipe and leads nowhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Network calls of a command and of all its threads, a line each.
fn network_calls(folder: &Path, command: &[&str]) -> (Option<i32>, Vec<String>) {
    let log = folder.join("calls");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=%network", "-o"])
        .arg(&log)
        .args(command)
        .current_dir(root)
        .output()
        .expect("strace runs; tests/setup installs it");
    let text = fs::read_to_string(&log).unwrap();
    let is_call = |line: &&str| {
        let is_pipe = line.contains("socketpair(AF_UNIX");
        !line.contains("+++ exited") && !line.contains("--- SIG") && !is_pipe
    };
    let calls = text.lines().filter(is_call).map(str::to_owned);
    (output.status.code(), calls.collect())
}

#[test]
fn no_command_opens_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let identity = folder.path().join("analyst.key");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    fs::copy(samples.join("keys/analyst.key"), &identity).unwrap();
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (history, html, pdf, identity) = (
        path("history"),
        path("report.html"),
        path("report.pdf"),
        identity.display().to_string(),
    );
    let access = ["--trust", "samples/trust", "--identity", &identity];
    for arguments in [
        &["verify", "samples/bundles"][..],
        &["ingest", "samples/bundles", "--history", &history],
        &["check", "--history", &history],
        &["report", "--history", &history, "--output", &html],
        &[
            "report",
            "--history",
            &history,
            "--format",
            "pdf",
            "--output",
            &pdf,
        ],
    ] {
        let program = env!("CARGO_BIN_EXE_truenas-analyzer");
        let command = [&[program], arguments, &access[..]].concat();
        let (exit, calls) = network_calls(folder.path(), &command);
        assert_eq!(exit, Some(0), "{arguments:?}");
        assert_eq!(calls, Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn a_socket_would_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let script = "import socket; socket.socket()";
    let (_, calls) = network_calls(folder.path(), &["python3", "-c", script]);
    assert!(
        calls.iter().any(|call| call.contains("socket(")),
        "{calls:?}"
    );
}
