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
