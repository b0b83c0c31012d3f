//! What volumes cost, over the sample bundles.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::Sample;

/// The mandatory columns of FOCUS 1.2; whether they may be null.
const MANDATORY: [(&str, bool); 21] = [
    ("BilledCost", false),
    ("BillingAccountId", false),
    ("BillingAccountName", true),
    ("BillingCurrency", false),
    ("BillingPeriodEnd", false),
    ("BillingPeriodStart", false),
    ("ChargeCategory", false),
    ("ChargeClass", true),
    ("ChargeDescription", true),
    ("ChargePeriodEnd", false),
    ("ChargePeriodStart", false),
    ("ContractedCost", false),
    ("EffectiveCost", false),
    ("InvoiceIssuer", false),
    ("ListCost", false),
    ("PricingQuantity", true),
    ("PricingUnit", true),
    ("Provider", false),
    ("Publisher", false),
    ("ServiceCategory", false),
    ("ServiceName", false),
];

/// A sample with a configuration that holds a rate card.
struct Bill {
    sample: Sample,
    config: String,
}

impl Bill {
    fn new(card: &str) -> Self {
        let sample = Sample::new();
        let config = sample.path("analyzer.yaml");
        fs::write(&config, format!("rate_card: {{currency: EUR, {card}}}\n")).unwrap();
        Self { sample, config }
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        self.sample
            .run(&[&["cost", "--config", &self.config], args].concat())
    }

    fn json(&self, args: &[&str]) -> Value {
        let (code, text, errors) = self.run(&[args, &["--format", "json"]].concat());
        assert_eq!(code, Some(0), "{text}{errors}");
        serde_json::from_str(&text).unwrap()
    }
}

/// An amount in cents; nothing for one that is not priced.
fn cents(amount: &Value) -> Option<i64> {
    let text = amount.as_str()?;
    let (whole, part) = text.split_once('.').unwrap();
    assert_eq!(part.len(), 2, "{text}");
    Some(whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap())
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

/// What a group of volumes costs together.
fn sum<'v>(values: impl IntoIterator<Item = &'v Value>, name: &str) -> i64 {
    values
        .into_iter()
        .filter_map(|value| cents(&value[name]))
        .sum()
}

#[test]
fn volumes_and_the_overhead_that_stays_add_up_to_their_pool_on_every_basis() {
    for card in [
        "per_gib_month: 0.0824",
        "per_gib_month: 0.0371, overhead_percent: 100",
        "per_gib_month: 0.0824, snapshots: excluded, overhead_percent: 33",
        "per_gib_month: 0.0824, snapshots_per_gib_month: 0.0213",
    ] {
        let bill = Bill::new(card);
        let mut n_volumes = Vec::new();
        for basis in ["provisioned", "used", "blended"] {
            let answer = bill.json(&["--basis", basis]);
            assert_eq!(answer["basis"], basis);
            let volumes = array(&answer, "volumes");
            n_volumes.push(volumes.len());
            let pools = array(&answer, "pools");
            assert!(!pools.is_empty());
            for pool in pools {
                let ours = volumes
                    .iter()
                    .filter(|volume| volume["pool"] == pool["pool"]);
                let kept = cents(&pool["overhead_kept"]).expect("every list is complete");
                assert_eq!(
                    sum(ours, "cost") + kept,
                    cents(&pool["cost"]).unwrap(),
                    "{card}: {pool}"
                );
            }
            for by in ["namespaces", "classes", "owners"] {
                let groups = array(&answer, by);
                assert_eq!(sum(groups, "cost"), sum(volumes, "cost"), "{by}");
                let counts = groups
                    .iter()
                    .map(|group| group["n_volumes"].as_u64().unwrap());
                assert_eq!(counts.sum::<u64>(), volumes.len() as u64, "{by}");
            }
        }
        assert!(n_volumes[0] > 0);
        n_volumes.dedup();
        assert_eq!(n_volumes.len(), 1, "a basis loses a volume");
    }
}

#[test]
fn what_no_price_covers_is_listed_and_counted_and_never_zero() {
    let bill = Bill::new("classes: {nothing: 1}");
    let answer = bill.json(&[]);
    let volumes = array(&answer, "volumes");
    assert_eq!(answer["n_not_priced"], volumes.len());
    for volume in volumes {
        assert!(volume["cost"].is_null(), "{volume}");
        assert!(
            !volume["not_priced"].as_str().unwrap().is_empty(),
            "{volume}"
        );
    }
    for pool in array(&answer, "pools") {
        assert!(
            pool["cost"].is_null() && pool["overhead"].is_null(),
            "{pool}"
        );
        assert_eq!(pool["is_whole"], false);
    }
    for group in array(&answer, "namespaces") {
        assert!(group["cost"].is_null(), "{group}");
    }
    let (code, text, _) = bill.run(&[]);
    assert_eq!(code, Some(0));
    assert!(text.contains("Not priced, which is not free"), "{text}");
    assert!(!text.contains("0.00"), "{text}");
    let (code, text, errors) = bill.run(&["--format", "focus-csv"]);
    assert_eq!((code, text.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("would read as free"), "{errors}");
    let (_, text, _) = bill.run(&["--format", "csv", "--by", "namespace"]);
    assert!(
        text.lines().skip(1).all(|line| line.ends_with(",EUR,")),
        "{text}"
    );
}

#[test]
fn orphans_are_priced_once_and_by_their_grade() {
    let bill = Bill::new("per_gib_month: 1");
    let answer = bill.json(&[]);
    let waste = array(&answer, "waste");
    let of = |check: &str| waste.iter().filter(|waste| waste["check"] == check).count();
    let findings = bill.sample.json(&["orphans", "--format", "json"]);
    let findings = findings.as_array().unwrap();
    let found = findings
        .iter()
        .filter(|finding| finding["check"] == "ORP-001")
        .count();
    assert!(found > 0);
    assert_eq!(of("ORP-001"), found);
    assert!(of("ORP-010") > 0);
    let mut datasets = Vec::new();
    for waste in waste.iter().filter(|waste| waste["kind"] == "orphans") {
        datasets.extend(waste["dataset"].as_str());
        // A GiB costs one a month: the amount is the space.
        if let (Some(cost), Some(bytes)) = (cents(&waste["cost"]), waste["bytes"].as_i64()) {
            let expect = bytes as f64 / f64::from(1 << 30) * 100.0;
            assert!((cost as f64 - expect).abs() <= 0.51, "{waste}");
        }
    }
    let n = datasets.len();
    datasets.sort();
    datasets.dedup();
    assert_eq!(datasets.len(), n, "a space is counted twice");
    for sum in array(&answer, "waste_sums") {
        let ours = waste
            .iter()
            .filter(|waste| waste["grade"] == sum["grade"] && waste["kind"] == sum["kind"]);
        let costs: i64 = ours.filter_map(|waste| cents(&waste["cost"])).sum();
        assert_eq!(cents(&sum["cost"]).unwrap_or_default(), costs, "{sum}");
    }
    // Three days are too few for a growth.
    let deferrals = array(&answer, "deferrals");
    assert!(!deferrals.is_empty());
    assert!(
        deferrals
            .iter()
            .all(|deferral| deferral["days"].is_null() && deferral["reason"].is_string())
    );
}

/// Cells of a CSV line; quotes as RFC 4180 has them.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            char => cells.last_mut().unwrap().push(char),
        }
    }
    cells
}

#[test]
fn focus_rows_have_the_mandatory_columns_and_add_up_to_the_pools() {
    let bill = Bill::new("per_gib_month: 0.0824, overhead_percent: 50, provider: platform team");
    let month = ["--month", "2026-03"];
    let answer = bill.json(&month);
    let (code, text, errors) = bill.run(&[&month[..], &["--format", "focus-csv"]].concat());
    assert_eq!(code, Some(0), "{errors}");
    let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
    let header = cells(lines.next().unwrap());
    let rows: Vec<BTreeMap<&str, String>> = lines
        .map(|line| header.iter().map(String::as_str).zip(cells(line)).collect())
        .collect();
    assert!(!rows.is_empty());
    for row in &rows {
        assert_eq!(row.len(), header.len());
        for (column, is_nullable) in MANDATORY {
            let cell = row
                .get(column)
                .unwrap_or_else(|| panic!("{column} is missing"));
            assert!(is_nullable || !cell.trim().is_empty(), "{column}");
        }
        for column in header.iter().filter(|column| column.contains("Period")) {
            let time = &row[column.as_str()];
            assert!(
                time.len() == 20 && time.ends_with(":00Z") && time.starts_with("2026-0"),
                "{time}"
            );
        }
        assert_eq!(row["BillingPeriodStart"], "2026-03-01T00:00:00Z");
        assert_eq!(row["BillingPeriodEnd"], "2026-04-01T00:00:00Z");
        assert_eq!(
            (&*row["ChargeCategory"], &*row["ChargeClass"]),
            ("Usage", "")
        );
        assert_eq!(
            (&*row["ServiceCategory"], &*row["Publisher"]),
            ("Storage", "platform team")
        );
        for cost in ["ListCost", "ContractedCost", "EffectiveCost"] {
            assert_eq!(row[cost], row["BilledCost"]);
        }
        for number in ["BilledCost", "PricingQuantity", "ConsumedQuantity"] {
            assert!(row[number].parse::<f64>().unwrap() >= 0.0, "{number}");
        }
        assert_eq!(
            (&*row["PricingUnit"], &*row["ConsumedUnit"]),
            ("GiB-Months", "GiB-Hours")
        );
        if !row["Tags"].is_empty() {
            let tags: Value = serde_json::from_str(&row["Tags"]).unwrap();
            let tags = tags.as_object().unwrap();
            assert!(tags.values().all(|tag| !tag.is_object() && !tag.is_array()));
            assert!(tags.keys().all(|key| key.starts_with("tsm/")));
        }
    }
    let billed: i64 = rows
        .iter()
        .map(|row| cents(&Value::from(&*row["BilledCost"])).unwrap())
        .sum();
    assert_eq!(billed, sum(array(&answer, "pools"), "cost"));

    let file = bill.sample.path("focus.parquet");
    let (code, _, errors) = bill.run(
        &[
            &month[..],
            &["--format", "focus-parquet", "--output", &file],
        ]
        .concat(),
    );
    assert_eq!(code, Some(0), "{errors}");
    let bytes = fs::read(&file).unwrap();
    assert_eq!(
        (&bytes[..4], &bytes[bytes.len() - 4..]),
        (&b"PAR1"[..], &b"PAR1"[..])
    );
    for (column, _) in MANDATORY {
        let is_named = bytes
            .windows(column.len())
            .any(|window| window == column.as_bytes());
        assert!(is_named, "{column}");
    }
}

#[test]
fn a_month_is_charged_as_far_as_it_was_seen() {
    let bill = Bill::new("per_gib_month: 0.0824");
    let ended = bill.sample.json(&[
        "query",
        "SELECT MAX(b.ended_at) AS t FROM bundle AS b",
        "--format",
        "json",
    ]);
    // 2026-03-01T00:00:00Z.
    let hours = (ended[0]["t"].as_i64().unwrap() - 1_772_323_200) / 3_600;
    assert_eq!(bill.json(&["--month", "2026-03"])["hours"], hours);
    assert_eq!(bill.json(&[])["hours"], 730);
    for (args, expect) in [
        (&["--month", "2026-05"][..], "no bundle of 2026-05"),
        (&["--month", "2026-02"], "no bundle of domain"),
        (&["--month", "March"], "write one like 2026-11"),
        (&["--month", "2026-03", "--at", "1"], "cannot be used with"),
        (&["--basis", "some"], "provisioned"),
    ] {
        let (code, _, errors) = bill.run(args);
        assert_eq!(code, Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expect), "{args:?}: {errors}");
    }
    let (code, _, errors) = bill.sample.run(&["cost"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("there is no rate card"), "{errors}");
    assert_eq!(errors.trim_end().lines().count(), 1, "{errors}");
}

#[test]
fn figures_fit_a_terminal_and_owners_are_those_of_the_card() {
    let plain = Bill::new("per_gib_month: 0.0824");
    let answer = plain.json(&[]);
    let namespace = array(&answer, "namespaces")
        .iter()
        .find(|group| group["name"].is_string());
    let namespace = &namespace.unwrap()["name"].as_str().unwrap();
    let card = format!("per_gib_month: 0.0824, owners: {{payments: [{namespace}]}}");
    let bill = Bill::new(&card);
    let owned = bill.json(&[]);
    let owner = array(&owned, "owners")
        .iter()
        .find(|group| group["name"] == "payments")
        .unwrap();
    let same = array(&owned, "namespaces")
        .iter()
        .find(|group| group["name"] == *namespace)
        .unwrap();
    assert_eq!(owner["cost"], same["cost"]);
    for by in ["namespace", "class", "owner", "pool"] {
        let (code, text, errors) = bill.run(&["--by", by]);
        assert_eq!(code, Some(0), "{errors}");
        assert!(
            text.contains("Amounts are EUR for a month of 730 hours."),
            "{text}"
        );
        for line in text
            .lines()
            .filter(|line| !line.contains('/') && !line.contains(" of "))
        {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let groups = bill.run(&["--by", by, "--format", "csv"]).1;
        assert!(
            groups.starts_with(&format!("of,{by},n_volumes,")),
            "{groups}"
        );
    }
    let (_, lines, _) = bill.run(&["--format", "csv"]);
    let n_rows = array(&owned, "volumes").len() + array(&owned, "pools").len();
    assert_eq!(lines.lines().count(), 1 + n_rows, "{lines}");
    let n_cells: Vec<usize> = lines.lines().map(|line| cells(line).len()).collect();
    assert!(n_cells.iter().all(|n| *n == n_cells[0]), "{n_cells:?}");
}
