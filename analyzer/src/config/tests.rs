use super::*;
use crate::checks::built_in;
use crate::cost::Decimal;

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
    let given = PoolPrice::Given(Decimal::parse("0.05").unwrap());
    assert_eq!((card.basis, card.pools["tank"]), (Basis::Blended, given));
    assert_eq!(card.per_gib_month, Decimal::parse("0.08"));
    assert_eq!((card.overhead_percent, card.target_percent), (0, 80));
    assert_eq!(card.snapshots, Snapshots::Included);
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

/// A rate card in euros with more lines.
fn card(lines: &str) -> String {
    format!("rate_card:\n  currency: EUR\n  {lines}")
}

#[test]
fn a_rate_card_says_what_pools_cost_how_snapshots_are_charged_and_who_owns_what() {
    let text = card(
        "capital:\n    tank: {capex: 60000, months: 60, opex_per_month: 350}\n  \
         snapshots_per_gib_month: 0.02\n  overhead_percent: 100\n  target_percent: 85\n  \
         owners: {payments: [shop, till], web: [www]}\n  provider: platform team",
    );
    let card = Config::parse(&text).unwrap().rate_card.unwrap();
    let decimal = |text| Decimal::parse(text).unwrap();
    let capital = Capital {
        capex: decimal("60000"),
        months: 60,
        opex_per_month: decimal("350"),
    };
    assert_eq!(card.pools["tank"], PoolPrice::Capital(capital));
    assert_eq!(card.snapshots, Snapshots::Separate(decimal("0.02")));
    assert_eq!((card.overhead_percent, card.target_percent), (100, 85));
    assert_eq!(card.owner("till"), Some("payments"));
    assert_eq!(card.owner("other"), None);
    assert_eq!(card.provider, "platform team");
}

#[test]
fn a_rate_card_that_contradicts_itself_is_refused_with_its_line() {
    check(
        &card("snapshots: excluded\n  snapshots_per_gib_month: 0.02"),
        "line 4: `rate_card.snapshots_per_gib_month`: ",
    );
    check(
        &card("pools: {tank: 0.05}\n  capital:\n    tank: {capex: 1, months: 1}"),
        "line 5: `rate_card.capital.tank`: ",
    );
    check(
        &card("owners: {a: [shop], b: [till, shop]}"),
        "`shop` has another owner already",
    );
    check(&card("overhead_percent: 101"), "between 0 and 100");
    check(&card("target_percent: 0"), "between 1 and 100");
    check(&card("snapshots: some"), "choose `included` or `excluded`");
    check(
        &card("capital: {tank: {capex: 1, months: 0}}"),
        "between 1 and 1200",
    );
    check(&card("per_gib_month: 0.00000000001"), "ten decimals");
    check(&card("per_gib_month: 1000001"), "at most 1000000");
    check(&card("provider: ' '"), "it is empty");
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
