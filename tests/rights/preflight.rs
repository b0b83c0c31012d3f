//! What `preflight` says, and that it sends nothing but reads and, when it is told to, the two reviews.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::simulate::Request;
use testkit::world::Side;

use crate::stage::{LISTING, Served, Stage, VERSIONS};

#[track_caller]
fn check(stage: &Stage, served: &Served, exit: i32, says: &[&str]) {
    let run = stage.preflight(&served.config, "out", &["--quiet"]);
    assert_eq!(run.exit, Some(exit), "{}{}", run.stdout, run.stderr);
    for words in says {
        assert!(
            run.stdout.contains(words),
            "`{words}` is not in: {}",
            run.stdout
        );
    }
    let left = fs::read_dir(stage.site().path("out")).unwrap().count();
    assert_eq!(left, 0, "it leaves nothing behind");
}

#[test]
fn well_prepared_site_passes_on_every_release() {
    let stage = Stage::new();
    for version in VERSIONS {
        let served = stage.serve(version, "", &[]);
        let fine = [
            "no right to read is missing",
            "none changes anything",
            "clocks agree",
        ];
        check(&stage, &served, 0, &fine);
        let run = stage.preflight(&served.config, "out", &["--quiet"]);
        assert!(!run.stdout.contains("FAILED"), "{}", run.stdout);
    }
}

#[test]
fn missing_right_is_named_as_a_role_or_as_a_method() {
    let stage = Stage::new();
    for version in VERSIONS {
        let grant = "roles: [POOL_READ, DATASET_READ, ALERT_LIST_READ]";
        let served = stage.serve(version, grant, &[]);
        let missing = match LISTING.contains(&version) {
            true => ["methods are missing: ", "zfs.snapshot.query"],
            false => ["roles are missing: ", "SNAPSHOT_READ"],
        };
        check(&stage, &served, 3, &missing);
    }
}

#[test]
fn older_key_that_may_call_nothing_does_not_pass() {
    let stage = Stage::new();
    for version in LISTING {
        let grant = "allowlist: [{method: CALL, resource: system.version}]";
        let served = stage.serve(version, grant, &[]);
        check(&stage, &served, 13, &["nobody knows what it may do"]);
        let grant = "allowlist: [{method: CALL, resource: system.version}, {method: CALL, resource: core.get_methods}]";
        let served = stage.serve(version, grant, &[]);
        check(
            &stage,
            &served,
            3,
            &["methods are missing: ", "pool.dataset.query"],
        );
    }
}

#[test]
fn right_in_excess_is_named_and_the_flag_makes_it_a_warning() {
    let stage = Stage::new();
    for version in VERSIONS {
        let served = stage.serve(version, "roles: [FULL_ADMIN]", &[]);
        check(
            &stage,
            &served,
            13,
            &["the collector only needs to read and refuses", "like "],
        );
        let flag = ["--quiet", "--allow-write-credential"];
        let run = stage.preflight(&served.config, "out", &flag);
        assert_eq!(run.exit, Some(0), "{version}: {}", run.stdout);
        assert!(
            run.stdout.contains("the bundle will be marked"),
            "{}",
            run.stdout
        );
    }
    let served = stage.serve("25.10", "roles: [READONLY_ADMIN]", &[]);
    check(&stage, &served, 0, &["warning", "has READONLY_ADMIN"]);
}

#[test]
fn wrong_pin_is_an_error_of_trust() {
    let stage = Stage::new();
    let served = stage.serve("25.10", "", &[]);
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (appliance, scope) = served.config.split_once("scope:").unwrap();
    let config = format!("{appliance}  pin: [{pin}]\nscope:{scope}");
    let run = stage.preflight(&config, "out", &["--quiet"]);
    assert_eq!(run.exit, Some(11), "{}", run.stdout);
    assert!(run.stdout.contains("not the pinned one"), "{}", run.stdout);
}

#[test]
fn clock_that_is_off_is_said_with_its_side_for_both_servers() {
    let stage = Stage::new();
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
    let settings = fs::read_to_string(stage.site().path("world/world.yaml")).unwrap();
    let now = settings
        .lines()
        .find(|line| line.starts_with("now: "))
        .unwrap();
    let served = stage.serve("25.10", "", &[(now, &format!("now: {ahead}"))]);
    let words = ["min behind the API server", "min behind TrueNAS"];
    check(&stage, &served, 0, &words);
}

#[test]
fn folder_that_is_missing_full_or_closed_is_told_apart() {
    let stage = Stage::new();
    let served = stage.serve("25.10", "", &[]);
    let missing = stage.site().path("nowhere");
    let run = stage.preflight_in(&served.config, &missing, &["--quiet"]);
    assert_eq!(run.exit, Some(2), "{}", run.stdout);
    assert!(
        run.stdout.contains("FAILED   output") && !missing.exists(),
        "{}",
        run.stdout
    );

    let full = stage.site().path("full");
    fs::create_dir(&full).unwrap();
    // A bundle needs twice the room of the last one: this one has more bytes than any volume.
    let last =
        fs::File::create(full.join(format!("k3f9-{}-000001.tar.zst.age", "20261101t020000z")));
    last.unwrap().set_len(1 << 42).unwrap();
    let run = stage.preflight_in(&served.config, &full, &["--quiet"]);
    assert_eq!(run.exit, Some(28), "{}", run.stdout);
    assert!(
        run.stdout.contains("bytes free, a bundle may need"),
        "{}",
        run.stdout
    );

    let closed = stage.site().path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    let is_root = fs::write(closed.join("probe"), "").is_ok();
    let run = stage.preflight_in(&served.config, &closed, &["--quiet"]);
    assert_eq!(
        run.exit,
        Some(if is_root { 0 } else { 2 }),
        "{}",
        run.stdout
    );
}

#[test]
fn list_that_the_cluster_denies_is_named() {
    let stage = Stage::new();
    let served = stage.serve(
        "25.10",
        "",
        &[("denied: []", "denied: [core/persistentvolumes]")],
    );
    let run = stage.preflight(&served.config, "out", &["--quiet"]);
    assert_eq!(run.exit, Some(3), "{}", run.stdout);
    let line = run
        .stdout
        .lines()
        .find(|line| line.contains("/api/v1/persistentvolumes "));
    assert!(line.unwrap().starts_with("FAILED"), "{line:?}");
}

#[test]
fn reviews_prove_the_rights_and_name_what_is_missing_and_what_is_too_much() {
    let stage = Stage::new();
    let prove =
        |served: &Served| stage.preflight(&served.config, "out", &["--quiet", "--prove-rbac"]);
    let served = stage.serve("25.10", "", &[]);
    let run = prove(&served);
    assert_eq!(run.exit, Some(0), "{}", run.stdout);
    assert!(
        run.stdout.contains("questions: reads only"),
        "{}",
        run.stdout
    );

    let denied = [("denied: []", "denied: [storage.k8s.io/csinodes]")];
    let run = prove(&stage.serve("25.10", "", &denied));
    assert_eq!(run.exit, Some(3), "{}", run.stdout);
    let missing = "rights are missing: get storage.k8s.io/csinodes, list storage.k8s.io/csinodes";
    assert!(run.stdout.contains(missing), "{}", run.stdout);

    for (granted, named) in [
        ("get secrets", "get secrets"),
        ("create pods/exec", "create pods/exec"),
        ("update apps/deployments", "update apps/deployments"),
        ("'* */*'", "* */*"),
    ] {
        let granted = format!("denied: []\n    granted: [{granted}]");
        let run = prove(&stage.serve("25.10", "", &[("denied: []", &granted)]));
        assert_eq!(run.exit, Some(13), "{granted}: {}", run.stdout);
        let line = run
            .stdout
            .lines()
            .find(|line| line.contains("the account may also"));
        assert!(line.unwrap().contains(named), "{granted}: {line:?}");
    }
}

#[test]
fn preflight_sends_reads_and_the_reviews_only_when_it_proves_and_makes_no_bundle() {
    let stage = Stage::new();
    let served = stage.serve("25.10", "", &[]);
    let run = stage.preflight(&served.config, "out", &["--quiet"]);
    assert_eq!(run.exit, Some(0), "{}", run.stdout);
    let is_post =
        |request: &&Request| request.source == Side::Kubernetes && request.method != "GET";
    let requests = served.simulation.requests();
    assert!(requests.len() > 30 && !requests.iter().any(|request| is_post(&request)));

    let run = stage.preflight(&served.config, "out", &["--quiet", "--prove-rbac"]);
    assert_eq!(run.exit, Some(0), "{}", run.stdout);
    let requests = served.simulation.requests();
    let posted = requests.iter().filter(is_post);
    let posted: BTreeSet<(&str, &str)> = posted
        .map(|request| (request.method.as_str(), request.detail.as_str()))
        .collect();
    let reviews = [
        (
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        ),
        (
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        ),
    ];
    assert!(posted.into_iter().eq(reviews));
    assert_eq!(fs::read_dir(stage.site().path("out")).unwrap().count(), 0);
}
