//! The first thing that a new user runs: it finds what it planted, day by day over a month.

use std::process::Command;

#[test]
fn the_demo_finds_what_it_planted_and_nothing_else() {
    // Built with the tests, beside the folder that holds them.
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.set_file_name("examples");
    program.push("demo");
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(&program).current_dir(folder.path()).output();
    let run = run.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("unexpected 0"), "{said}");
    for report in ["report.html", "report.pdf"] {
        assert!(folder.path().join("target/demo").join(report).exists());
    }
}
