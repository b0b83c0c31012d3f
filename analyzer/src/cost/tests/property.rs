//! What holds of every bill.

use proptest::prelude::*;

use super::*;

fn any_volume() -> impl Strategy<Value = Volume> {
    let bytes = || proptest::option::weighted(0.9, 0..1_i64 << 50);
    let class = proptest::option::of(prop_oneof![
        Just("fast".to_owned()),
        Just("slow".to_owned())
    ]);
    (
        proptest::option::weighted(0.95, 0..2_usize),
        class,
        bytes(),
        bytes(),
        bytes(),
        0..745_i64,
    )
        .prop_map(
            |(pool, class, provisioned_bytes, data_bytes, snapshot_bytes, hours)| Volume {
                pool,
                class,
                provisioned_bytes,
                data_bytes,
                snapshot_bytes,
                hours,
                unread: None,
            },
        )
}

fn any_price() -> impl Strategy<Value = Decimal> {
    (0..10_000_000_000_i64).prop_map(|units| price(&format!("0.{units:010}")))
}

fn any_card() -> impl Strategy<Value = RateCard> {
    let snapshots = prop_oneof![
        Just(Snapshots::Included),
        Just(Snapshots::Excluded),
        any_price().prop_map(Snapshots::Separate),
    ];
    let maybe = || proptest::option::weighted(0.8, any_price());
    let currency = prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")];
    (
        maybe(),
        maybe(),
        maybe(),
        snapshots,
        0..101_i64,
        0..3_usize,
        currency,
    )
        .prop_map(
            |(per_gib_month, of_pool, of_class, snapshots, overhead_percent, basis, currency)| {
                RateCard {
                    currency: currency.to_owned(),
                    per_gib_month,
                    pools: of_pool
                        .map(|price| ("tank".to_owned(), PoolPrice::Given(price)))
                        .into_iter()
                        .collect(),
                    classes: of_class
                        .map(|price| ("fast".to_owned(), price))
                        .into_iter()
                        .collect(),
                    basis: Basis::ALL[basis],
                    snapshots,
                    overhead_percent,
                    ..card(None)
                }
            },
        )
}

fn any_pools() -> impl Strategy<Value = Vec<Pool>> {
    let pool = |name: &'static str| {
        (proptest::option::weighted(0.9, 0..1_i64 << 55), 0..745_i64).prop_map(
            move |(used_bytes, hours)| Pool {
                name: name.to_owned(),
                used_bytes,
                size_bytes: used_bytes.map(|used| used + GIB),
                hours,
                unread: None,
            },
        )
    };
    (pool("tank"), pool("flash")).prop_map(|(a, b)| vec![a, b])
}

/// The same product in the long way round: fractions of the smallest unit over one denominator.
fn fraction(half_bytes: i128, hours: i64, price: Decimal) -> f64 {
    half_bytes as f64 / 2.0 / GIB as f64 * hours as f64 / 730.0 * price.units() as f64 / 1e10
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn lines_and_what_stays_with_the_pool_add_up_to_its_cost(
        card in any_card(),
        pools in any_pools(),
        volumes in proptest::collection::vec(any_volume(), 0..40),
    ) {
        let bill = bill(&card, &pools, &volumes);
        prop_assert_eq!(bill.lines.len(), volumes.len());
        for (number, pool) in bill.pools.iter().enumerate() {
            let ours = || volumes.iter().zip(&bill.lines).filter(move |(volume, _)| volume.pool == Some(number));
            let lines: Money = ours().filter_map(|(_, line)| Some(line.as_ref().ok()?.cost())).sum();
            prop_assert_eq!(lines.and(pool.kept), pool.cost);
            let own: Money = ours().filter_map(|(_, line)| Some(line.as_ref().ok()?.own)).sum();
            let overhead = pool.overhead.clone().unwrap_or_default();
            prop_assert_eq!(own.and(overhead), pool.cost);
            prop_assert_eq!(own, pool.volumes);
            prop_assert_eq!(ours().filter(|(_, line)| line.is_err()).count(), pool.n_unpriced);
            prop_assert!(pool.kept >= Money(0) && pool.kept <= overhead);
        }
        let of_pool: Money = bill.pools.iter().map(|pool| Money(pool.cost.0 - pool.kept.0)).sum();
        let groups = groups(&volumes, &bill.lines, |index| volumes[index].class.clone());
        let of_groups: Money = groups.values().map(|group| group.cost).sum();
        prop_assert_eq!(of_pool, of_groups);
        prop_assert_eq!(groups.values().map(|group| group.n_volumes).sum::<usize>(), volumes.len());
    }

    #[test]
    fn another_basis_never_loses_a_volume(
        card in any_card(),
        pools in any_pools(),
        volumes in proptest::collection::vec(any_volume(), 0..40),
    ) {
        for basis in Basis::ALL {
            let card = RateCard { basis, ..card.clone() };
            let bill = bill(&card, &pools, &volumes);
            prop_assert_eq!(bill.lines.len(), volumes.len());
            for (volume, line) in volumes.iter().zip(&bill.lines) {
                let sizes = [volume.provisioned_bytes, volume.data_bytes, volume.snapshot_bytes];
                let class = volume.class.as_ref().and_then(|class| card.classes.get(class));
                let has_price = volume.pool.is_some_and(|pool| {
                    class.is_some() || card.per_gib_month.is_some() || card.pools.contains_key(&pools[pool].name)
                });
                // What is read and has a price has an amount on every basis; what has no price has none on any.
                if sizes.iter().all(Option::is_some) {
                    prop_assert_eq!(line.is_ok(), has_price);
                }
                prop_assert!(has_price || line.is_err());
            }
        }
    }

    #[test]
    fn no_line_is_a_whole_unit_from_its_exact_charge(
        card in any_card(),
        pools in any_pools(),
        volumes in proptest::collection::vec(any_volume(), 0..40),
    ) {
        let card = RateCard { snapshots: Snapshots::Included, ..card };
        let bill = bill(&card, &pools, &volumes);
        let unit = 10_f64.powi(-i32::try_from(bill.n_digits).expect("small"));
        for (volume, line) in volumes.iter().zip(&bill.lines) {
            let Ok(charge) = line else { continue };
            let exact = fraction(charge.half_bytes, volume.hours, charge.price);
            let found = charge.own.0 as f64 * unit;
            prop_assert!((exact - found).abs() < unit * 1.000_001 + exact * 1e-12, "{} for {}", found, exact);
        }
    }

    #[test]
    fn a_spread_amount_is_whole_and_in_proportion(
        amount in 0..1_i128 << 50,
        bytes in proptest::collection::vec(0..1_i128 << 60, 0..60),
    ) {
        let charges: Vec<Exact> = bytes.iter().map(|bytes| Exact::of(*bytes, 730, price("0.0824"))).collect();
        let whole: i128 = bytes.iter().sum();
        match spread(Money(amount), &charges) {
            None => prop_assert_eq!(whole, 0),
            Some(parts) => {
                prop_assert_eq!(parts.iter().copied().sum::<Money>(), Money(amount));
                for (part, bytes) in parts.iter().zip(&bytes) {
                    let fair = amount as f64 * *bytes as f64 / whole as f64;
                    prop_assert!((part.0 as f64 - fair).abs() <= 1.0 + fair * 1e-9, "{} for {}", part.0, fair);
                }
            }
        }
    }

    #[test]
    fn the_rounded_sum_is_the_sum_of_the_rounded(bytes in proptest::collection::vec(0..1_i128 << 56, 0..60)) {
        let charges: Vec<Exact> = bytes.iter().map(|bytes| Exact::of(*bytes, 744, price("0.0823974609"))).collect();
        let whole = Exact::of(bytes.iter().sum(), 744, price("0.0823974609"));
        prop_assert_eq!(apportion(&charges, 2).into_iter().sum::<Money>(), whole.rounded(2));
    }
}
