use super::*;
use crate::checks::built_in;

const WHOLE: &str = "\
thresholds:
  ORP-001: {grace_secs: 3600}
pools:
  tank: {CAP-001: {warn_percent: 70}}
classes:
  fast: {CAP-010: {warn_percent: 80}}
domains: {k3f9: Hall 3}
scope:
  parents:
  - {dataset: tank/k8s, clusters: [prod, test], complete: true}
known_consumers: [10.0.0.5, iqn.backup]
rate_card: {currency: EUR, per_gib_month: 0.08, pools: {tank: 0.05}, basis: blended}
";

/// What the settings of a text are, or the whole message.
fn settings(text: &str) -> Result<Settings, String> {
    let checks = built_in().expect("every page is valid");
    let config = Config::parse(text).map_err(|error| error.to_string())?;
    config.settings(&checks).map_err(|error| error.to_string())
}

#[track_caller]
fn check(text: &str, expect: &str) {
    let message = settings(text).expect_err("must be refused");
    assert!(message.contains(expect), "{message}");
    assert!(!message.contains('\n'), "{message}");
}

#[test]
fn every_part_of_a_configuration_is_kept() {
    let config = Config::parse(WHOLE).unwrap();
    assert_eq!(config.domains["k3f9"], "Hall 3");
    let card = config.rate_card.as_ref().unwrap();
    assert_eq!((card.basis, card.pools["tank"]), (Basis::Blended, 0.05));
    let settings = settings(WHOLE).unwrap();
    assert_eq!(
        settings.thresholds["ORP-001"]["grace_secs"],
        ParamValue::Integer(3600)
    );
    assert_eq!(settings.placed.len(), 2);
    assert_eq!(settings.parents[0].clusters, ["prod", "test"]);
    assert!(settings.parents[0].is_complete);
    assert_eq!(settings.known_consumers.len(), 2);
}

#[test]
fn a_file_of_comments_decides_nothing() {
    assert_eq!(settings("# later\n\n").unwrap(), Settings::default());
}

#[test]
fn unknown_keys_checks_and_thresholds_are_refused_with_the_valid_names() {
    check(
        "treshholds: {}",
        "line 1: unknown key `treshholds`; here stand: thresholds",
    );
    check(
        "thresholds:\n  ORP-999: {grace_secs: 1}",
        "line 2: unknown key `ORP-999`; here stand: ",
    );
    check(
        "thresholds:\n  ORP-001: {grace: 1}",
        "line 2: unknown key `ORP-001.grace`; here stand: confirm_bundles, grace_secs",
    );
    check("pools:\n  tank:\n    CAP-001: {nothing: 1}", "line 3");
}

#[test]
fn a_value_of_another_type_names_its_line_and_the_default() {
    check(
        "\nthresholds: {ORP-001: {grace_secs: soon}}",
        "line 2: `ORP-001.grace_secs`: write a value like its default, 86400 s",
    );
}

#[test]
fn a_parent_is_a_dataset_with_clusters() {
    check(
        "scope: {parents: [{dataset: /mnt/tank, clusters: [a]}]}",
        "not a mount point",
    );
    check(
        "scope: {parents: [{dataset: tank, clusters: []}]}",
        "at least one",
    );
    check(
        "scope: {parents: [{clusters: [a]}]}",
        "`dataset` is missing",
    );
}

#[test]
fn a_price_is_a_number_that_is_not_below_zero() {
    check(
        "rate_card: {currency: EUR, per_gib_month: -1}",
        "not below zero",
    );
    check("rate_card: {currency: euro}", "three capitals");
    check(
        "rate_card: {currency: EUR, basis: all}",
        "choose `provisioned`",
    );
}

#[test]
fn the_configuration_of_the_readme_can_be_used() {
    let readme = include_str!("../../../README.md");
    let block = readme
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.starts_with("thresholds:"))
        .expect("a block that starts with thresholds");
    assert_eq!(settings(block).unwrap().placed.len(), 2);
}
