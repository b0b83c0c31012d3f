//! Files that a program writes and the tree keeps: compared, and written anew with `UPDATE=1`.

use std::path::Path;

/// Compares a kept file with what the program makes now.
///
/// # Panics
/// When they differ, with the command that writes the file anew; or when it cannot be written.
#[track_caller]
pub fn check(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        let written = std::fs::write(path, text);
        assert!(written.is_ok(), "cannot write {}", path.display());
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is stale; run UPDATE=1 tests/run and read the difference",
        path.display()
    );
}
