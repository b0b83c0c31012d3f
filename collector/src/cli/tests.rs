use std::path::Path;

use truenas_common::bundle::{SiteName, SitePublicKey, SiteSecretKey, check_rotation};

use super::*;
use crate::state::written::write_at;

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

/// Keys of a site, a bundle signed with them, and the bundle's path.
fn sealed(folder: &Path) -> String {
    keygen(folder);
    let key = std::fs::read_to_string(folder.join("site.key")).unwrap();
    let key = SiteSecretKey::parse(&key).unwrap();
    write_at(folder, "5f1c9a03b7d2e468", 1, &key);
    let mut names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let bundle = names.find(|path| path.extension().is_some_and(|end| end == "age"));
    bundle.unwrap().to_str().unwrap().to_owned()
}

#[test]
fn approval_is_given_once_by_another_key_over_a_bundle_of_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let bundle = sealed(folder.path());
    let other = path("other");
    assert_eq!(call(&["keygen", "approver", "--out", &other]).0, Exit::Ok);
    let approver = path("other/approver.key");
    let approve = |key: &str, site_key: &str| {
        call(&["approve", &bundle, "--key", key, "--site-key", site_key])
    };
    assert_eq!(approve(&path("site.key"), &path("site.pub")).0, Exit::Usage);
    let stranger = path("other/approver.pub");
    assert_eq!(approve(&approver, &stranger).0, Exit::Refused);
    let (exit, text) = approve(&approver, &path("site.pub"));
    assert_eq!(exit, Exit::Ok);
    assert!(
        text.contains(".approved") && text.contains("digest"),
        "{text}"
    );
    assert_eq!(approve(&approver, &path("site.pub")).0, Exit::Usage);
}

#[test]
fn rotated_key_is_named_by_the_old_one_beside_the_bundles() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    keygen(folder.path());
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let config = format!(
        "site: k3f9\nrecipients: [{ANALYST}]\nkeys: {{site: {}, pseudonym: {}}}\noutput: {}\n\
         kubernetes: {{name: a, in_cluster: true}}\n",
        path("site.key"),
        path("pseudonym.key"),
        path("out")
    );
    std::fs::write(folder.path().join("config.yaml"), config).unwrap();
    let (config, new) = (path("config.yaml"), path("new"));
    let rotate = |more: &[&str]| {
        let at = ["--clock", "2027-01-01T00:00:00Z"];
        let fixed = ["rotate", "site", "--config", &config, "--out", &new];
        call(&[&fixed, at.as_slice(), more].concat())
    };
    assert_eq!(rotate(&[]).0, Exit::Usage);
    let (exit, text) = rotate(&["--from-seq", "366"]);
    assert_eq!(exit, Exit::Ok);
    assert!(text.contains("site-2027a.key"), "{text}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let secret = read("new/site-2027a.key");
    assert!(!text.contains(secret.lines().last().unwrap()));
    let old = SitePublicKey::parse(&read("site.pub")).unwrap();
    let site = SiteName::parse("k3f9").unwrap();
    let statement = read("out/site-2027a.pub.minisig");
    let rotation = check_rotation(&read("out/site-2027a.pub"), &statement, &old, &site).unwrap();
    assert_eq!(
        (rotation.from_seq, rotation.not_before.as_str()),
        (366, "2027-01-01")
    );
    let key = SiteSecretKey::parse(&secret).unwrap().public();
    assert_eq!(rotation.key, key);
    assert!(!folder.path().join("out/site-2027a.key").exists());
    assert!(rotate(&["--from-seq", "367"]).1.contains("site-2027b.key"));
}

#[test]
fn case_belongs_to_a_run_of_its_own_and_names_nobody() {
    let with = |case: &str, more: &[&str]| {
        let fixed = ["collect", "--config", "/nonexistent", "--case", case];
        call(&[&fixed, more].concat()).0
    };
    assert_eq!(with("4711", &[]), Exit::Usage);
    assert_eq!(
        with("a b@c", &["--stream", "new", "--reason", "on-demand"]),
        Exit::Usage
    );
}

#[test]
fn rights_of_an_appliance_follow_its_release_and_need_no_network() {
    let rbac = |release: &str| call(&["rbac", "--truenas", release]);
    let (exit, roles) = rbac("25.10");
    assert_eq!(exit, Exit::Ok);
    assert!(
        roles.starts_with("ALERT_LIST_READ\nDATASET_READ\n"),
        "{roles}"
    );
    let (exit, list) = rbac("24.10");
    assert_eq!(exit, Exit::Ok);
    assert!(list.starts_with("[\n  {\"method\":\"CALL\",\"resource\":\"alert.list\"},\n"));
    assert_eq!(rbac("26").0, Exit::Ok);
    assert_eq!(rbac("24.11").0, Exit::Usage);
    assert_eq!(
        call(&["rbac", "--truenas", "26", "--openshift"]).0,
        Exit::Usage
    );
    let (_, role) = call(&["rbac"]);
    assert!(role.contains("kind: ClusterRole\n") && !role.contains("openshift.io"));
}

#[test]
fn public_half_of_every_key_is_printed_and_a_pseudonym_key_has_none() {
    let folder = tempfile::tempdir().unwrap();
    keygen(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    for (secret, public) in [("site.key", "site.pub"), ("recovery.key", "recovery.pub")] {
        for name in [secret, public] {
            let (exit, text) = call(&["key", "public", &path(name)]);
            assert_eq!((exit, text), (Exit::Ok, read(public)), "{name}");
        }
    }
    assert_eq!(
        call(&["key", "public", &path("pseudonym.key")]).0,
        Exit::Usage
    );
    assert_eq!(
        call(&["key", "public", &path("secret.yaml")]).0,
        Exit::Usage
    );
}

#[test]
fn paper_forms_are_written_for_their_owner_alone_and_no_secret_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let fixed = ["keygen", "site", "--site", "k3f9", "--recipient", ANALYST];
    let (exit, text) = call(&[&fixed[..], &["--out", out, "--paper"]].concat());
    assert_eq!(exit, Exit::Ok);
    for name in ["site.key", "pseudonym.key", "recovery.key"] {
        let paper = folder.path().join(format!("{name}.paper.txt"));
        assert_eq!(crate::keys::mode_of(&paper), Some(0o600), "{name}");
        assert!(text.contains(&format!("{name}.paper.txt")), "{text}");
        let secret = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let last = secret.lines().last().unwrap();
        let written = std::fs::read_to_string(&paper).unwrap();
        assert!(
            written.contains(&last[..4]) && !text.contains(&last[4..20]),
            "{name}"
        );
    }
    let again = folder.path().join("site.key");
    assert_eq!(
        call(&["key", "paper", again.to_str().unwrap()]).0,
        Exit::Usage
    );
}

#[test]
fn paper_form_that_is_there_already_stops_keygen_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let paper = folder.path().join("recovery.key.paper.txt");
    std::fs::write(&paper, "an older key").unwrap();
    let out = folder.path().to_str().unwrap();
    let fixed = ["keygen", "site", "--site", "k3f9", "--recipient", ANALYST];
    let arguments = [&fixed[..], &["--out", out, "--paper"]].concat();
    assert_eq!(call(&arguments).0, Exit::Usage);
    assert_eq!(std::fs::read_to_string(&paper).unwrap(), "an older key");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(keygen(folder.path()).0, Exit::Ok, "no paper was asked for");
}

#[test]
fn new_pseudonym_key_begins_an_epoch_and_says_that_trends_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    keygen(folder.path());
    let config = format!(
        "site: k3f9\nrecipients: [{ANALYST}]\nkeys: {{site: {}, pseudonym: {}}}\nepoch: 4\n\
         kubernetes: {{name: a, in_cluster: true}}\n",
        path("site.key"),
        path("pseudonym.key"),
    );
    std::fs::write(folder.path().join("config.yaml"), config).unwrap();
    let (config, new) = (path("config.yaml"), path("new"));
    let rotate = || call(&["rotate", "pseudonym", "--config", &config, "--out", &new]);
    let (exit, text) = rotate();
    assert_eq!(exit, Exit::Ok);
    assert!(
        text.contains("epoch: 5\n") && text.contains("trends end"),
        "{text}"
    );
    let key = std::fs::read_to_string(path("new/pseudonym-5.key")).unwrap();
    assert!(!text.contains(key.trim()));
    assert_ne!(key, std::fs::read_to_string(path("pseudonym.key")).unwrap());
    let checks = text
        .lines()
        .filter(|line| line.contains(": ") && line.contains("epoch"));
    assert!(checks.count() >= 3, "{text}");
    assert_eq!(rotate().0, Exit::Usage);
}

#[test]
fn manual_has_a_section_for_every_command() {
    let (exit, page) = call(&["man"]);
    assert_eq!(exit, Exit::Ok);
    assert!(page.contains(".TH truenas-collector"), "{page}");
    for section in [
        "COLLECT",
        "RBAC",
        "KEYGEN SITE",
        "KEY PUBLIC",
        "ROTATE PSEUDONYM",
    ] {
        let heading = format!(".SH \"TRUENAS-COLLECTOR {section}\"");
        assert!(page.contains(&heading), "{section} is not in {page}");
    }
}
