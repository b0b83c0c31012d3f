//! Many sites in one history, over copies of the sample bundles.

#[path = "fleet/twins.rs"]
mod twins;

use std::fs;

use serde_json::Value;
use truenas_common::bundle::PrevReason;

use twins::{Desk, Twin};

/// Two clusters of one domain, and one of another, all with the appliance of the samples.
fn three() -> [Twin<'static>; 3] {
    [
        Twin::new("alpha", "acme", "01"),
        Twin::new("beta", "acme", "02"),
        Twin::new("gamma", "other", "03"),
    ]
}

/// The answer and the exit code.
fn json(desk: &Desk, args: &[&str]) -> (Value, Option<i32>) {
    let (code, text, errors) = desk.run(&[&["fleet", "--format", "json"], args].concat());
    let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{errors}"));
    (value, code)
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

/// A word of each site, by the order of the answer.
fn words<'v>(answer: &'v Value, name: &str) -> Vec<(&'v str, &'v str)> {
    let sites = array(answer, "sites").iter();
    sites
        .map(|site| (site["site"].as_str().unwrap(), site[name].as_str().unwrap()))
        .collect()
}

/// The answer to a statement over one domain.
fn asked(desk: &Desk, domain: &str, sql: &str) -> i64 {
    let args = ["query", sql, "--format", "json", "--domain", domain];
    let (_, text, errors) = desk.run(&args);
    let rows: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{errors}"));
    rows[0]["n"].as_i64().unwrap()
}

#[test]
fn a_shared_appliance_counts_once_in_its_domain_and_a_domain_is_a_border() {
    let desk = Desk::fleet(&three());
    let (answer, code) = json(&desk, &["--no-checks"]);
    assert_eq!(code, Some(0), "{answer:#}");
    let totals = &answer["totals"];
    for (name, n) in [
        ("n_domains", 2),
        ("n_sites", 3),
        ("n_clusters", 3),
        ("n_appliances", 2),
        ("n_shared_appliances", 1),
    ] {
        assert_eq!(totals[name], n, "{name}: {totals:#}");
    }
    let appliances = array(&answer, "appliances");
    assert_eq!(appliances[0]["appliance"], appliances[1]["appliance"]);
    let users = |index: usize| {
        let users = array(&appliances[index], "users").iter();
        users
            .map(|user| user["site"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!((users(0), users(1)), (vec!["alpha", "beta"], vec!["gamma"]));
    assert_eq!(appliances[0]["space"], appliances[1]["space"]);
    for (name, sql) in [
        ("pvs", "SELECT COUNT(*) AS n FROM k8s_pv AS p"),
        ("snapshots", "SELECT COUNT(*) AS n FROM zfs_snapshot AS s"),
    ] {
        let n = asked(&desk, "acme", sql) + asked(&desk, "other", sql);
        assert!(n > 0, "{name}");
        assert_eq!(totals[name]["n"], n, "{name}: {totals:#}");
    }
    let pool = "SELECT SUM(s.used_bytes) AS n FROM zfs_dataset_space AS s \
                JOIN nas_pool AS p ON p.appliance = s.appliance AND p.name = s.path";
    assert_eq!(
        totals["space"]["used_bytes"],
        asked(&desk, "acme", pool) + asked(&desk, "other", pool)
    );
    let volumes =
        "SELECT COUNT(DISTINCT v.name) AS n FROM volume_join AS v WHERE v.is_contradiction = FALSE";
    let gamma = array(&answer, "sites")
        .iter()
        .find(|site| site["site"] == "gamma");
    assert_eq!(gamma.unwrap()["n_volumes"], asked(&desk, "other", volumes));
    for (product, n, n_sites) in [("TrueNAS", 2, 3), ("Kubernetes", 3, 3), ("collector", 3, 3)] {
        let versions = array(&answer, "versions").iter();
        let spread: Vec<&Value> = versions
            .filter(|spread| spread["product"] == product)
            .collect();
        assert_eq!(spread.len(), 1, "{product}: all run one version");
        assert!(spread[0]["version"].is_string());
        assert_eq!(
            (&spread[0]["n"], &spread[0]["n_sites"]),
            (&n.into(), &n_sites.into())
        );
    }
}

#[test]
fn each_site_has_its_own_interval_and_age_counts_to_the_newest_bundle_or_to_a_given_time() {
    let mut late = Twin::new("late", "acme", "01");
    late.days = 1..=1;
    let mut weekly = Twin::new("weekly", "acme", "02");
    (weekly.days, weekly.every) = (1..=1, Some(7 * 86_400));
    let mut unknown = Twin::new("unknown", "acme", "03");
    unknown.every = None;
    let desk = Desk::fleet(&[late, weekly, unknown, Twin::new("fresh", "other", "04")]);
    let args = ["--no-checks", "--by", "stale"];
    let (answer, code) = json(&desk, &args);
    assert_eq!(code, Some(0), "{answer:#}");
    assert_eq!(answer["now"], "2026-03-04T03:00:00Z");
    assert_eq!(
        words(&answer, "state"),
        [
            ("late", "late"),
            ("unknown", "unknown-interval"),
            ("weekly", "fresh"),
            ("fresh", "fresh"),
        ]
    );
    let (answer, _) = json(&desk, &[&args[..], &["--stale-after", "1"]].concat());
    assert_eq!(words(&answer, "state")[0], ("late", "stale"));
    let (answer, _) = json(
        &desk,
        &[&args[..], &["--at", "2026-03-05T03:00:01Z"]].concat(),
    );
    let states = words(&answer, "state");
    assert_eq!(states[0], ("late", "stale"));
    assert!(states.contains(&("fresh", "late")), "{states:?}");
    let (_, text, _) = desk.run(&["fleet", "--no-checks", "--stale-after", "1"]);
    let silent = text
        .split("Without a bundle for 1 planned run or more")
        .nth(1)
        .unwrap();
    let silent = silent.split("Domains").next().unwrap();
    assert!(
        silent.contains("late,") && silent.contains("unknown"),
        "{text}"
    );
    assert!(
        !silent.contains("weekly") && !silent.contains("fresh"),
        "{text}"
    );

    // The second sample was denied a list.
    let (answer, _) = json(&desk, &["--no-checks", "--at", "2026-03-03T03:00:00Z"]);
    let sites = array(&answer, "sites");
    let fresh = sites.iter().find(|site| site["site"] == "fresh").unwrap();
    let [planned, complete] = ["n_lists_planned", "n_lists_complete"].map(|name| &fresh[name]);
    assert!(complete.as_u64() < planned.as_u64(), "{fresh:#}");
}

#[test]
fn a_site_that_began_again_is_one_row_and_says_so_until_somebody_accepts_it() {
    let mut before = Twin::new("alpha", "acme", "01");
    before.days = 1..=2;
    let mut again = Twin::new("alpha", "acme", "01");
    (again.days, again.reason) = (3..=3, PrevReason::StateLost);
    let desk = Desk::fleet(&[before, again]);
    let remarks = || {
        let (answer, code) = json(&desk, &["--no-checks"]);
        assert_eq!(code, Some(0), "{answer:#}");
        let sites = array(&answer, "sites");
        assert_eq!(sites.len(), 1, "{answer:#}");
        assert_eq!(
            (&sites[0]["state"], &sites[0]["n_missed"]),
            (&"fresh".into(), &0.into())
        );
        assert_eq!(answer["totals"]["n_appliances"], 1);
        sites[0]["remarks"].clone()
    };
    assert_eq!(remarks()[0], "new chain (state-lost), not accepted");
    let stream = "0000000000000002";
    let accept = [
        "chain", "accept", "alpha", "--stream", stream, "--reason", "new disk",
    ];
    let accepted = desk.plain(&accept);
    assert_eq!(accepted.0, Some(0), "{}", accepted.2);
    assert_eq!(remarks()[0], "new chain (state-lost), accepted: new disk");
}

#[test]
fn findings_and_score_are_those_of_the_domain() {
    let desk = Desk::fleet(&[
        Twin::new("alpha", "acme", "01"),
        Twin::new("gamma", "other", "03"),
    ]);
    let (answer, code) = json(&desk, &[]);
    assert!(matches!(code, Some(0 | 5)), "{code:?}");
    let mut n_open = 0;
    for domain in ["acme", "other"] {
        let args = ["--format", "json", "--domain", domain, "--look-back", "1"];
        let (_, text, _) = desk.run(&[&["check"], &args[..]].concat());
        let checked: Value = serde_json::from_str(&text).unwrap();
        let results = array(&checked, "results");
        n_open += results
            .iter()
            .map(|result| array(result, "findings").len())
            .sum::<usize>();
        let blind = results
            .iter()
            .filter(|result| result["state"] == "not-evaluated");
        let rows = array(&answer, "domains");
        let row = rows.iter().find(|row| row["domain"] == domain).unwrap();
        assert_eq!(row["n_not_evaluated"], blind.count());
        let (_, text, _) = desk.run(&[&["report"], &args[..]].concat());
        let report: Value = serde_json::from_str(&text).unwrap();
        let scores = array(&report, "tiles").iter();
        let lowest = scores
            .filter_map(|tile| tile["score"]["raw"].as_i64())
            .min();
        assert_eq!(row["lowest_score"].as_i64(), lowest, "{row:#}");
    }
    let count = |findings: &Value| {
        let severities = findings.as_object().unwrap().values();
        severities.map(|of| of["n"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(count(&answer["totals"]["findings"]), n_open as u64);
    let sites = array(&answer, "sites");
    let critical = |index: usize| sites[index]["findings"]["critical"]["n"].as_u64();
    assert!(critical(0) > Some(0), "the samples have some");
    assert_eq!(critical(0), critical(1), "both are the same but for names");
}

#[test]
fn a_damaged_domain_is_a_row_that_says_why_and_costs_no_other() {
    let desk = Desk::fleet(&three());
    let stream = desk.path("history/other/0000000000000003");
    let ledger = fs::read_dir(&stream)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.display().to_string().contains("ledger-"))
        .unwrap();
    fs::write(ledger, "not a table").unwrap();
    let (answer, code) = json(&desk, &["--no-checks"]);
    assert_eq!(code, Some(5));
    assert_eq!(
        words(&answer, "domain"),
        [("alpha", "acme"), ("beta", "acme")]
    );
    let other = &array(&answer, "domains")[1];
    let reason = other["not_analysed"].as_str().unwrap();
    assert!(reason.contains("cannot use the history in"), "{reason}");
    assert_eq!(reason.lines().count(), 1, "{reason}");
    let (code, text, _) = desk.run(&["fleet", "--no-checks"]);
    assert_eq!(code, Some(5));
    assert!(
        text.contains("not analysed: cannot use the history in"),
        "{text}"
    );
    let (code, table, _) = desk.run(&["fleet", "--no-checks", "--format", "csv"]);
    assert_eq!(code, Some(5));
    assert_eq!(table.lines().count(), 1 + 2 + 1, "{table}");
}

#[test]
fn arguments_that_say_nothing_are_refused_and_lines_fit_a_terminal() {
    let desk = Desk::fleet(&[Twin::new("alpha", "acme", "01")]);
    for (args, expect) in [
        (&["--at", "3"][..], "numbers of bundles differ by site"),
        (
            &["--at", "2020-01-01T00:00:00Z"],
            "no bundle is in the history up to that time",
        ),
        (
            &["--no-checks", "--by", "findings"],
            "leave --no-checks out",
        ),
        (&["--stale-after", "0"], "--stale-after"),
        (&["--by", "size"], "volumes"),
    ] {
        let (code, text, errors) = desk.run(&[&["fleet"], args].concat());
        assert_eq!((code, text.as_str()), (Some(2), ""), "{args:?}: {errors}");
        assert!(errors.contains(expect), "{args:?}: {errors}");
    }
    let (code, _, errors) = desk.plain(&["fleet", "--history", "/nonexistent"]);
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("make it with `truenas-analyzer ingest`"),
        "{errors}"
    );
    let (code, text, errors) = desk.run(&["fleet", "--no-checks"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("Order: fullest pool"), "{text}");
    assert!(text.contains("No check was run"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}\n{text}");
    }
}
