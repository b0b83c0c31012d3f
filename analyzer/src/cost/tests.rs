use super::*;
use crate::checks::Grade;
use crate::config::{Basis, Capital, PoolPrice, RateCard, Snapshots};

mod property;

const GIB: i64 = 1 << 30;

fn price(text: &str) -> Decimal {
    Decimal::parse(text).expect("a price")
}

fn card(per_gib_month: Option<&str>) -> RateCard {
    RateCard {
        currency: "EUR".to_owned(),
        per_gib_month: per_gib_month.map(price),
        pools: Default::default(),
        classes: Default::default(),
        basis: Basis::Used,
        snapshots: Snapshots::Included,
        overhead_percent: 0,
        target_percent: 80,
        owners: Default::default(),
        provider: "internal".to_owned(),
    }
}

/// The worked pool: 20 480 GiB, 13 030 GiB of it used.
fn tank() -> Pool {
    Pool {
        name: "tank".to_owned(),
        used_bytes: Some(13_030 * GIB),
        size_bytes: Some(20_480 * GIB),
        hours: MONTH_HOURS,
        unread: None,
    }
}

fn volume(provisioned: i64, data: i64, snapshots: i64) -> Volume {
    Volume {
        pool: Some(0),
        provisioned_bytes: Some(provisioned * GIB),
        data_bytes: Some(data * GIB),
        snapshot_bytes: Some(snapshots * GIB),
        hours: MONTH_HOURS,
        ..Volume::default()
    }
}

/// The worked volume `pvc-a`, charged by a basis over so many hours.
fn worked(basis: Basis, hours: i64) -> Charge {
    let card = RateCard {
        basis,
        ..card(Some("0.045"))
    };
    let volume = Volume {
        hours,
        ..volume(4_096, 2_600, 400)
    };
    bill(&card, &[tank()], &[volume]).lines[0]
        .clone()
        .expect("a price")
}

#[test]
fn the_unit_rate_is_what_the_pool_costs_by_what_it_can_hold() {
    let capital = Capital {
        capex: price("60000"),
        months: 60,
        opex_per_month: price("350"),
    };
    let mut card = card(None);
    card.pools
        .insert("tank".to_owned(), PoolPrice::Capital(capital));
    let bill = bill(&card, &[tank()], &[]);
    assert_eq!(bill.pools[0].price.expect("a price").text(4), "0.0824");
    assert_eq!(bill.pools[0].idle.expect("an amount").text(2), "276.36");
    // All of the planned fill costs what the pool costs.
    let whole = Exact::of(
        2 * 16_384 * i128::from(GIB),
        MONTH_HOURS,
        bill.pools[0].price.expect("a price"),
    );
    assert_eq!(whole.rounded(2).text(2), "1350.00");
}

#[test]
fn a_month_of_a_volume_costs_what_its_basis_says() {
    let cost = |basis| worked(basis, MONTH_HOURS).cost().text(2);
    assert_eq!(cost(Basis::Provisioned), "184.32");
    assert_eq!(cost(Basis::Used), "135.00");
    assert_eq!(cost(Basis::Blended), "159.66");
    let gib = |basis| gib_months(worked(basis, MONTH_HOURS).half_bytes, MONTH_HOURS);
    assert_eq!(gib(Basis::Blended), "3548.000000");
}

#[test]
fn a_month_of_31_days_has_744_hours_of_730() {
    let charge = worked(Basis::Used, 744);
    assert_eq!(gib_hours(charge.half_bytes, 744), "2232000.000000");
    assert_eq!(&gib_months(charge.half_bytes, 744)[..6], "3057.5");
    assert_eq!(charge.cost().text(2), "137.59");
}

#[test]
fn a_tebibyte_is_sixty_days_of_growth() {
    let days = deferral_days(1 << 40, 17.14 * GIB as f64).expect("growth");
    assert_eq!(format!("{days:.1}"), "59.7");
    assert_eq!(deferral_days(1 << 40, 0.0), None);
    assert_eq!(deferral_days(1 << 40, -1.0), None);
}

#[test]
fn snapshots_are_charged_inside_beside_or_not_at_all() {
    let cost = |basis, snapshots| {
        let card = RateCard {
            basis,
            snapshots,
            ..card(Some("0.10"))
        };
        let bill = bill(&card, &[tank()], &[volume(100, 40, 20)]);
        (
            bill.lines[0].clone().expect("a price").cost().text(2),
            bill.pools[0].overhead_bytes,
        )
    };
    let rest = |held: i64| Some((13_030 - held) * GIB);
    let beside = Snapshots::Separate(price("0.02"));
    assert_eq!(
        cost(Basis::Used, Snapshots::Included),
        ("6.00".to_owned(), rest(60))
    );
    assert_eq!(
        cost(Basis::Used, Snapshots::Excluded),
        ("4.00".to_owned(), rest(40))
    );
    assert_eq!(cost(Basis::Used, beside), ("4.40".to_owned(), rest(60)));
    assert_eq!(cost(Basis::Provisioned, Snapshots::Included).0, "10.00");
    assert_eq!(cost(Basis::Provisioned, beside).0, "10.40");
    assert_eq!(cost(Basis::Blended, Snapshots::Included).0, "8.00");
}

#[test]
fn a_class_counts_more_than_a_pool_and_a_pool_more_than_the_rest() {
    let mut card = card(Some("1"));
    let of = |card: &RateCard, class: Option<&str>| {
        let volume = Volume {
            class: class.map(str::to_owned),
            ..volume(10, 10, 0)
        };
        bill(card, &[tank()], &[volume]).lines[0]
            .clone()
            .map(|charge| charge.cost().text(2))
    };
    assert_eq!(of(&card, Some("fast")), Ok("10.00".to_owned()));
    card.pools
        .insert("tank".to_owned(), PoolPrice::Given(price("2")));
    card.classes.insert("fast".to_owned(), price("3"));
    assert_eq!(of(&card, None), Ok("20.00".to_owned()));
    assert_eq!(of(&card, Some("fast")), Ok("30.00".to_owned()));
    assert_eq!(of(&self::card(None), Some("fast")), Err(Gap::NoPrice));
}

#[test]
fn what_has_no_price_or_no_size_has_no_amount_and_is_counted() {
    let mut card = card(None);
    card.classes.insert("fast".to_owned(), price("0"));
    let fast = Volume {
        class: Some("fast".to_owned()),
        ..volume(10, 10, 0)
    };
    let unread = Volume {
        data_bytes: None,
        ..fast.clone()
    };
    let bill = bill(&card, &[tank()], &[fast, volume(10, 10, 0), unread]);
    // A price of zero is a price that somebody wrote.
    assert_eq!(
        bill.lines[0].as_ref().map(|charge| charge.cost()),
        Ok(Money(0))
    );
    assert_eq!(bill.lines[1], Err(Gap::NoPrice));
    assert_eq!(bill.lines[2], Err(Gap::NoSize("used space")));
    let pool = &bill.pools[0];
    assert_eq!(
        (pool.n_priced, pool.n_unpriced, pool.is_whole()),
        (1, 2, false)
    );
    assert!(pool.overhead.is_err());
    assert_eq!(pool.idle, None);
}

#[test]
fn the_overhead_goes_to_the_volumes_as_far_as_the_card_says() {
    let of = |percent| {
        let card = RateCard {
            overhead_percent: percent,
            ..card(Some("0.01"))
        };
        // 10 030 GiB belong to no volume: 100.30.
        let bill = bill(
            &card,
            &[tank()],
            &[volume(0, 2_000, 0), volume(0, 1_000, 0)],
        );
        let parts: Vec<String> = bill
            .lines
            .iter()
            .map(|line| line.clone().expect("a price").overhead.text(2))
            .collect();
        assert_eq!(bill.pools[0].cost.text(2), "130.30");
        (parts, bill.pools[0].kept.text(2))
    };
    let parts = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    assert_eq!(of(0), (parts("0.00", "0.00"), "100.30".to_owned()));
    assert_eq!(of(100), (parts("66.87", "33.43"), "0.00".to_owned()));
    assert_eq!(of(50), (parts("33.43", "16.72"), "50.15".to_owned()));
}

#[test]
fn a_price_is_what_was_written_with_at_most_ten_decimals() {
    for text in ["0", "0.0824", "12", "0.0000000001", "1000000"] {
        assert_eq!(price(text).to_string(), text);
        let value: f64 = text.parse().expect("a number");
        assert_eq!(Decimal::written(value), Some(price(text)), "{text}");
    }
    for text in [
        "",
        ".5",
        "-1",
        "+1",
        "1e3",
        "0.00000000001",
        "1,5",
        "1.2.3",
        "٣",
    ] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
    assert_eq!(Decimal::written(f64::NAN), None);
    assert_eq!(Decimal::written(-0.5), None);
    assert_eq!(Decimal::written(-0.0), Some(price("0")));
}

#[test]
fn currencies_have_their_own_smallest_unit() {
    let cost = |currency: &str| {
        let card = RateCard {
            currency: currency.to_owned(),
            ..card(Some("0.1235"))
        };
        let bill = bill(&card, &[tank()], &[volume(10, 10, 0)]);
        bill.lines[0]
            .clone()
            .expect("a price")
            .cost()
            .text(bill.n_digits)
    };
    assert_eq!(cost("JPY"), "1");
    assert_eq!(cost("EUR"), "1.24");
    assert_eq!(cost("KWD"), "1.235");
}

fn found(kind: Kind, grade: Grade, check: &str, dataset: Option<&str>, gib: Option<i64>) -> Waste {
    Waste {
        kind,
        grade,
        check: check.to_owned(),
        subject: dataset.unwrap_or("x").to_owned(),
        pool: Some(0),
        dataset: dataset.map(str::to_owned),
        class: None,
        bytes: gib.map(|gib| gib * GIB),
        is_least: false,
    }
}

#[test]
fn the_same_space_is_not_counted_twice_and_grades_stay_apart() {
    use Grade::{Candidate, Confirmed, Probable};
    let all = vec![
        found(Kind::Orphan, Probable, "ORP-006", Some("a"), Some(5)),
        found(Kind::Orphan, Confirmed, "ORP-001", Some("a"), Some(5)),
        found(
            Kind::OverRetention,
            Confirmed,
            "SNP-007",
            Some("a"),
            Some(1),
        ),
        found(Kind::Orphan, Candidate, "ORP-001", Some("b"), Some(7)),
        // Surer than the orphan around it.
        found(
            Kind::OverRetention,
            Confirmed,
            "SNP-007",
            Some("b"),
            Some(2),
        ),
        found(Kind::TrimDebt, Probable, "CAP-011", Some("c"), None),
        found(Kind::Orphan, Confirmed, "ORP-010", None, Some(1)),
    ];
    let kept = distinct(all);
    let card = card(Some("0.5"));
    let costs: Vec<Result<Money, Gap>> = kept
        .iter()
        .map(|waste| waste.cost(&card, &[tank()], MONTH_HOURS))
        .collect();
    let sums = sums(kept.iter().zip(&costs));
    let told = |grade, kind| {
        let sum = sums[&(grade, kind)];
        (sum.n, sum.bytes / GIB, sum.cost.text(2))
    };
    assert_eq!(told(Confirmed, Kind::Orphan), (2, 6, "3.00".to_owned()));
    assert_eq!(told(Candidate, Kind::Orphan), (1, 7, "3.50".to_owned()));
    assert_eq!(
        told(Confirmed, Kind::OverRetention),
        (1, 2, "1.00".to_owned())
    );
    let debt = sums[&(Probable, Kind::TrimDebt)];
    assert_eq!((debt.n, debt.n_unpriced, debt.cost), (1, 1, Money(0)));
    assert_eq!(sums.len(), 4);
}

#[test]
fn waste_has_the_price_of_its_snapshots_class_or_pool() {
    let mut card = card(Some("1"));
    card.classes.insert("fast".to_owned(), price("3"));
    card.snapshots = Snapshots::Separate(price("0.25"));
    let cost = |waste: &Waste| {
        waste
            .cost(&card, &[tank()], MONTH_HOURS)
            .map(|cost| cost.text(2))
    };
    let mut waste = found(
        Kind::Orphan,
        Grade::Confirmed,
        "ORP-010",
        Some("a"),
        Some(4),
    );
    assert_eq!(cost(&waste), Ok("4.00".to_owned()));
    waste.class = Some("fast".to_owned());
    assert_eq!(cost(&waste), Ok("12.00".to_owned()));
    waste.kind = Kind::OverRetention;
    assert_eq!(cost(&waste), Ok("1.00".to_owned()));
    waste.bytes = None;
    assert_eq!(cost(&waste), Err(Gap::NoSize("space")));
    let nowhere = Waste {
        pool: None,
        ..found(Kind::Orphan, Grade::Confirmed, "ORP-010", None, Some(4))
    };
    assert_eq!(cost(&nowhere), Err(Gap::NoPrice));
}

fn row() -> (focus::Common, focus::Row) {
    let common = focus::Common {
        currency: "EUR".to_owned(),
        billing_start: "2026-11-01T00:00:00Z".to_owned(),
        billing_end: "2026-12-01T00:00:00Z".to_owned(),
        provider: "internal".to_owned(),
        basis: "used".to_owned(),
    };
    let row = focus::Row {
        cost: "137.59".to_owned(),
        overhead: "0.00".to_owned(),
        account: "k3f9".to_owned(),
        account_name: None,
        charge_start: "2026-11-01T00:00:00Z".to_owned(),
        charge_end: "2026-12-01T00:00:00Z".to_owned(),
        gib_hours: gib_hours(6_000 * i128::from(GIB), 744),
        gib_months: gib_months(6_000 * i128::from(GIB), 744),
        price: Some("0.045".to_owned()),
        description: "block volume".to_owned(),
        service: focus::Service::Block,
        resource_id: "0641b4e6-cdc6-4dcc-b432-985fa3736a08".to_owned(),
        resource_name: None,
        resource_type: "PersistentVolume",
        namespace: Some("ns-1".to_owned()),
        tags: Some("{\"tsm/owner\":\"payments\"}".to_owned()),
        cluster: Some("c".to_owned()),
        appliance: "nas".to_owned(),
        pool: "tank".to_owned(),
        class: None,
        provisioned_bytes: Some(1),
        used_bytes: None,
    };
    (common, row)
}

/// The mandatory columns of the specification, typed in again: whether they allow nulls.
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

#[test]
fn a_focus_row_has_every_mandatory_column_in_the_form_of_the_specification() {
    let declared: Vec<(&str, bool)> = focus::COLUMNS
        .iter()
        .filter(|column| column.is_mandatory)
        .map(|column| (column.name, column.is_nullable))
        .collect();
    assert_eq!(declared, MANDATORY);
    let (common, row) = row();
    let cells = focus::cells(&common, &row);
    for (column, cell) in focus::COLUMNS.iter().zip(&cells) {
        let Some(cell) = cell else {
            assert!(column.is_nullable, "{}", column.name);
            continue;
        };
        assert!(!cell.trim().is_empty(), "{}", column.name);
        match column.kind {
            focus::ColumnKind::Decimal => {
                assert!(cell.parse::<f64>().is_ok(), "{}: {cell}", column.name)
            }
            focus::ColumnKind::Time => assert!(cell.len() == 20 && cell.ends_with('Z'), "{cell}"),
            focus::ColumnKind::Json => {
                assert!(cell.starts_with('{') && cell.ends_with('}'), "{cell}")
            }
            focus::ColumnKind::Text => {}
        }
    }
    let value = |name: &str| {
        let at = focus::COLUMNS.iter().position(|column| column.name == name);
        cells[at.expect("a column")].clone().unwrap_or_default()
    };
    for cost in ["BilledCost", "ContractedCost", "EffectiveCost", "ListCost"] {
        assert_eq!(value(cost), "137.59");
    }
    assert_eq!(value("ChargeCategory"), "Usage");
    assert_eq!(
        (value("ServiceCategory"), value("ServiceSubcategory")),
        ("Storage".into(), "Block Storage".into())
    );
    assert_eq!(
        (value("ConsumedQuantity"), value("ConsumedUnit")),
        ("2232000.000000".into(), "GiB-Hours".into())
    );
    assert_eq!(
        (&value("PricingQuantity")[..6], &*value("PricingUnit")),
        ("3057.5", "GiB-Months")
    );
}

#[test]
fn columns_of_the_specification_come_first_and_each_part_is_sorted() {
    let names: Vec<&str> = focus::COLUMNS.iter().map(|column| column.name).collect();
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| (name.starts_with("x_"), *name));
    assert_eq!(names, sorted);
    sorted.dedup();
    assert_eq!(sorted.len(), names.len());
}
