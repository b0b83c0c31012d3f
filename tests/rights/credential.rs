//! A TrueNAS credential that can do more than read.

use crate::stage::{LISTING, Stage, VERSIONS};

#[track_caller]
fn check_refused(stage: &Stage, version: &str, grant: &str, says: &str) {
    let served = stage.serve(version, grant, &[]);
    let run = stage.collect(&served, "out", &["--quiet"]);
    let at = format!("{version} {grant}: {}", run.stderr);
    assert_eq!(run.exit, Some(13), "{at}");
    assert_eq!(run.stderr.trim_end().lines().count(), 1, "{at}");
    assert!(
        run.stderr.contains(says) && run.stderr.contains("rbac --truenas"),
        "{at}"
    );
    assert!(stage.site().bundles("out").is_empty(), "{at}");
}

#[test]
fn credential_that_can_write_is_refused_on_every_release_and_leaves_no_bundle() {
    let stage = Stage::new();
    for version in VERSIONS {
        let is_listing = LISTING.contains(&version);
        let administrator = match is_listing {
            true => "may call methods that change something (",
            false => "has FULL_ADMIN",
        };
        check_refused(&stage, version, "roles: [FULL_ADMIN]", administrator);
        let writer = match is_listing {
            true => "may call methods that change something (",
            false => "has DATASET_DELETE",
        };
        let roles = "roles: [POOL_READ, DATASET_DELETE]";
        check_refused(&stage, version, roles, writer);
    }
}

#[test]
fn role_that_deletes_and_role_that_nobody_knows_write_too() {
    let stage = Stage::new();
    check_refused(
        &stage,
        "25.10",
        "roles: [POOL_READ, SNAPSHOT_DELETE]",
        "has SNAPSHOT_DELETE",
    );
    let unknown = "has a role that can do more than read";
    check_refused(&stage, "25.10", "roles: [POOL_READ, HOSTILE_QXZ]", unknown);
    let served = stage.serve("25.10", "roles: [POOL_READ, HOSTILE_QXZ]", &[]);
    let run = stage.collect(&served, "out", &["--verbose"]);
    assert!(
        !run.stderr.contains("QXZ"),
        "words of a server: {}",
        run.stderr
    );
}

#[test]
fn shell_of_the_web_interface_is_a_right_too() {
    let stage = Stage::new();
    let grant = "web_shell: true\n    roles: [POOL_READ, DATASET_READ]";
    check_refused(
        &stage,
        "25.10",
        grant,
        "may open a shell in the web interface",
    );
}

#[test]
fn list_of_an_older_key_is_judged_by_what_it_opens() {
    let stage = Stage::new();
    let session =
        "{method: CALL, resource: core.get_methods}, {method: CALL, resource: system.version}";
    for (more, says) in [
        ("{method: '*', resource: 'pool.*'}", "change something ("),
        (
            "{method: CALL, resource: pool.dataset.delete}",
            "(delete; 1 in all)",
        ),
    ] {
        let grant = format!("allowlist: [{session}, {more}]");
        check_refused(&stage, "24.10", &grant, says);
    }
    // A read by its role is no change, whatever its name says.
    let passthrough = "{method: CALL, resource: vm.device.passthrough_device}";
    let grant = format!("allowlist: [{session}, {passthrough}]");
    let served = stage.serve("24.10", &grant, &[]);
    let run = stage.collect(&served, "out-reads", &["--quiet", "--partial-ok"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let silent = "allowlist: [{method: CALL, resource: system.version}, {method: CALL, resource: pool.query}]";
    check_refused(&stage, "24.10", silent, "nobody knows what it may do");
}

#[test]
fn list_that_rbac_prints_is_enough_for_an_older_key_and_roles_for_a_newer() {
    let stage = Stage::new();
    for version in VERSIONS {
        let printed = std::process::Command::new(env!("CARGO_BIN_EXE_truenas-collector"))
            .args(["rbac", "--truenas", version])
            .output()
            .unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        let grant = match LISTING.contains(&version) {
            true => format!("allowlist: {}", printed.replace('\n', "")),
            false => format!("roles: [{}]", printed.trim().replace('\n', ", ")),
        };
        let served = stage.serve(version, &grant, &[]);
        let run = stage.collect(&served, &format!("out-{version}"), &["--quiet"]);
        assert_eq!(run.exit, Some(0), "{version}: {}", run.stderr);
        let run = stage.preflight(&served.config, "out-preflight", &[]);
        assert_eq!(run.exit, Some(0), "{version}: {}", run.stdout);
        let none = "the key may call 0 methods that the collector never calls";
        let is_exact = LISTING.contains(&version);
        assert!(
            !is_exact || run.stdout.contains(none),
            "{version}: {}",
            run.stdout
        );
    }
}

#[test]
fn named_flag_goes_on_and_marks_the_bundle() {
    let stage = Stage::new();
    for version in VERSIONS {
        let served = stage.serve(version, "roles: [FULL_ADMIN]", &[]);
        let output = format!("out-{version}");
        let run = stage.collect(&served, &output, &["--quiet", "--allow-write-credential"]);
        assert!(matches!(run.exit, Some(0 | 3)), "{version}: {}", run.stderr);
        let bundle = stage.site().bundles(&output).pop().unwrap();
        let opened = stage.site().open(&bundle).unwrap();
        assert_eq!(
            opened.opened.info.marks,
            ["allow-write-credential"],
            "{version}"
        );
    }
}

#[test]
fn administrator_who_only_reads_is_warned_of() {
    let stage = Stage::new();
    let served = stage.serve("25.10", "roles: [READONLY_ADMIN]", &[]);
    let run = stage.collect(&served, "out", &[]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("has READONLY_ADMIN"), "{}", run.stderr);
}
