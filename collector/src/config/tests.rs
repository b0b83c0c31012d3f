use super::*;

const GOOD: &str = "\
site: k3f9
recipients:
  - age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9
keys:
  site: /run/keys/site.key
  pseudonym: /run/keys/pseudonym.key
kubernetes:
  name: cluster-a
  in_cluster: true
truenas:
  - name: nas-a
    url: wss://192.0.2.50/api/current
    user: truenas-collector
    api_key_file: /run/keys/truenas-api-key
    min_tls: 1.2
    pin:
      - sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
scope:
  parents:
    - dataset: tank/k8s/volumes
      clusters: [cluster-a]
      complete: true
drivers:
  org.democratic-csi.nfs: {http: true}
";

/// The README, whose first configuration is the one that people copy.
const README: &str = include_str!("../../../README.md");

/// Replaces a text of the good configuration; the refusal must hold the words.
#[track_caller]
fn check(from: &str, to: &str, words: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    let error = Config::parse(&GOOD.replacen(from, to, 1))
        .unwrap_err()
        .to_string();
    for word in words {
        assert!(error.contains(word), "{error}");
    }
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn configuration_of_the_readme_is_read() {
    let (_, text) = README.split_once("```yaml\n").unwrap();
    let (text, _) = text.split_once("```").unwrap();
    let text = text
        .replace(
            "age1...",
            "age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9",
        )
        .replace(
            "sha256/...",
            "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        )
        .replace("# thanos:", "thanos:");
    let config = Config::parse(&text).unwrap();
    assert_eq!((config.truenas.len(), config.scope.len()), (1, 1));
}

#[test]
fn whole_configuration_is_read_with_its_defaults() {
    let config = Config::parse(GOOD).unwrap();
    assert_eq!(config.site.as_str(), "k3f9");
    assert_eq!((config.expected_every_secs, config.epoch), (86_400, 1));
    assert_eq!(config.profile, Profile::Standard);
    assert_eq!(config.truenas[0].address.port, 443);
    assert_eq!(config.truenas[0].min_tls, MinTls::Tls12);
    assert!(config.scope[0].is_complete);
    let driver = &config.drivers[0];
    assert_eq!(driver.name, "org.democratic-csi.nfs");
    assert_eq!(
        (driver.is_http, driver.is_insecure_allowed),
        (Some(true), None)
    );
}

#[test]
fn declared_driver_has_known_keys_alone_and_says_something() {
    let http = "{http: true}";
    check(
        http,
        "{http: true, password_file: x}",
        &["line 24", "`password_file`"],
    );
    check(http, "{}", &["drivers", "volumes_parent"]);
    check(http, "{http: maybe}", &["line 24"]);
    check(
        http,
        "{volumes_parent: /mnt/tank}",
        &["drivers", "tank/k8s/volumes"],
    );
    check(http, "[true]", &["line 24"]);
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    check("site: k3f9", "sight: k3f9", &["line 1", "`sight`", "site"]);
    check("    user:", "    usr:", &["line 13", "`usr`", "user"]);
    check(
        "      complete: true",
        "      completed: true",
        &["line 22", "`completed`"],
    );
}

#[test]
fn missing_keys_are_named() {
    check("site: k3f9\n", "", &["`site` is missing"]);
    check(
        "    api_key_file: /run/keys/truenas-api-key\n",
        "",
        &["`api_key_file` is missing"],
    );
}

#[test]
fn plain_text_transports_are_refused() {
    check(
        "wss://",
        "ws://",
        &["line 12", "revoked by TrueNAS", "use wss://"],
    );
    check("wss://", "http://", &["revoked by TrueNAS"]);
    check(
        "in_cluster: true",
        "server: http://192.0.2.10:6443\n  ca_file: /ca\n  token_file: /token",
        &["kubernetes.server", "https://"],
    );
}

#[test]
fn relative_paths_are_refused() {
    check(
        "/run/keys/site.key",
        "keys/site.key",
        &["line 5", "keys.site", "relative"],
    );
    check("/run/keys/truenas-api-key", "key", &["relative"]);
    check("in_cluster: true", "kubeconfig: ~/config", &["relative"]);
}

#[test]
fn secrets_in_the_file_are_refused_and_not_repeated() {
    let key = format!("7-{}", "aB3".repeat(22));
    for (from, to) in [
        ("    user:", format!("    api_key: {key}\n    user:")),
        ("/run/keys/truenas-api-key", key.clone()),
        ("truenas-collector\n", format!("x # {key}\n")),
        ("/run/keys/pseudonym.key", "0123456789abcdef".repeat(4)),
        ("in_cluster: true", "token: abc".to_owned()),
        (
            "site: k3f9",
            "site: k3f9\nrecovery_recipient: AGE-SECRET-KEY-1ABC".to_owned(),
        ),
    ] {
        check(from, &to, &["holds a secret", "file"]);
        let error = Config::parse(&GOOD.replacen(from, &to, 1))
            .unwrap_err()
            .to_string();
        assert!(!error.contains(&key) && !error.contains("1ABC"), "{error}");
    }
}

#[test]
fn an_appliance_needs_a_ca_or_a_pin() {
    check(
        "    pin:\n      - sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "",
        &["`ca_file`, `pin` or both"],
    );
    check("sha256/", "sha1/", &["truenas.pin", "sha256/"]);
}

#[test]
fn the_cluster_is_reached_in_exactly_one_way() {
    for way in [
        "in_cluster: false",
        "in_cluster: true\n  kubeconfig: /k",
        "server: https://192.0.2.10",
        "in_cluster: true\n  ca_file: /ca",
        "in_cluster: true\n  context: other",
    ] {
        check("in_cluster: true", way, &["kubernetes", "give one of"]);
    }
}

#[test]
fn values_outside_their_lists_are_refused() {
    check("site: k3f9", "site: K3F9-x", &["line 1", "4 to 16"]);
    check(
        "  - age1kzr",
        "  - REPLACE-kzr",
        &["line 3", "age recipient"],
    );
    check(
        "site: k3f9",
        "site: k3f9\nprofile: strict",
        &["line 2", "`standard`"],
    );
    check("site: k3f9", "site: k3f9\nexpected_every: daily", &["24h"]);
    check("site: k3f9", "site: k3f9\nepoch: 0", &["from 1"]);
    check("min_tls: 1.2", "min_tls: 1.1", &["`1.2` or `1.3`"]);
    check("min_tls: 1.2", "auth: basic", &["`scram`"]);
    check("tank/k8s/volumes", "/tank/k8s", &["POOL/PATH"]);
}

#[test]
fn maps_of_names_follow_the_recovery_key_unless_they_are_switched() {
    let recovery =
        "recovery_recipient: age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9";
    let has_map = |more: &str| {
        let text = format!("{more}{GOOD}");
        Config::parse(&text).unwrap().has_reid_map
    };
    assert!(!has_map(""));
    assert!(has_map(&format!("{recovery}\n")));
    assert!(!has_map(&format!("{recovery}\nreid_map: false\n")));
    check(
        "site: k3f9",
        "site: k3f9\nreid_map: true",
        &["line 2", "reid_map", "recovery_recipient"],
    );
}

#[test]
fn retention_has_a_default_and_can_be_switched_off() {
    let retention = |more: &str| Config::parse(&format!("{more}{GOOD}")).unwrap().retention;
    assert_eq!(retention(""), Some(Retention { keep: 30, days: 90 }));
    assert_eq!(
        retention("retention: {keep: 5}\n"),
        Some(Retention { keep: 5, days: 90 })
    );
    assert_eq!(retention("retention: none\n"), None);
    for text in ["{keep: 0}", "{kept: 5}", "never", "5"] {
        let more = format!("site: k3f9\nretention: {text}");
        check("site: k3f9", &more, &["line 2"]);
    }
}

#[test]
fn waits_have_defaults_and_each_can_be_given() {
    let timeouts = |more: &str| Config::parse(&format!("{more}{GOOD}")).unwrap().timeouts;
    assert_eq!(timeouts(""), Timeouts::default());
    let given = timeouts("timeouts: {call: 2m, idle: 500ms}\n");
    assert_eq!((given.call.as_secs(), given.idle.as_millis()), (120, 500));
    assert_eq!(given.login, Timeouts::default().login);
    for text in ["{call: 10}", "{call: 0s}", "{call: 1h}", "{wait: 1s}"] {
        let more = format!("site: k3f9\ntimeouts: {text}");
        check("site: k3f9", &more, &["line 2"]);
    }
}

#[test]
fn budgets_have_defaults_and_each_can_be_given() {
    let budgets = |more: &str| Config::parse(&format!("{more}{GOOD}")).unwrap().budgets;
    assert_eq!(budgets(""), Budgets::default());
    let given = budgets("budgets: {run: 90s, truenas: {bytes: 64MiB}}\n");
    assert_eq!((given.run.as_secs(), given.truenas.bytes), (90, 64 << 20));
    assert_eq!(given.truenas.time, Budgets::default().truenas.time);
    assert_eq!(given.kubernetes, Budgets::default().kubernetes);
    for text in [
        "{run: 25}",
        "{run: 0m}",
        "{truenas: {bytes: 1GB}}",
        "{kubernetes: {bytes: 0KiB}}",
        "{kubernetes: {size: 1GiB}}",
        "{cluster: {time: 1m}}",
        "{truenas: {bytes: 99999999999999GiB}}",
    ] {
        let more = format!("site: k3f9\nbudgets: {text}");
        check("site: k3f9", &more, &["line 2"]);
    }
}
