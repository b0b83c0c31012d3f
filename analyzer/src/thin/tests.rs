use super::*;

mod model;

const GIB: i64 = 1 << 30;
const KIB: i64 = 1 << 10;

fn raidz(n_disks: i64, n_parity: i64) -> Vdev {
    Vdev {
        sector_bytes: 4 * KIB,
        layout: Layout::Raidz { n_disks, n_parity },
    }
}

fn draid(n_data: i64, n_parity: i64) -> Vdev {
    Vdev {
        sector_bytes: 4 * KIB,
        layout: Layout::Draid { n_data, n_parity },
    }
}

fn mirror() -> Vdev {
    Vdev {
        sector_bytes: 4 * KIB,
        layout: Layout::Plain,
    }
}

/// A ratio with so many digits after the point, rounded to the nearest.
fn printed(ratio: Ratio, n_digits: u32) -> String {
    let power = 10_i128.pow(n_digits);
    let (part, whole) = (i128::from(ratio.part), i128::from(ratio.whole));
    let scaled = (2 * part * power + whole).div_euclid(2 * whole);
    let (whole, rest) = (scaled / power, scaled % power);
    let width = n_digits as usize;
    format!("{whole}.{rest:0width$}")
}

fn percent(ratio: Ratio) -> String {
    printed(Ratio::new(ratio.part * 100, ratio.whole), 1)
}

fn gib(bytes: i64, n_digits: u32) -> String {
    printed(Ratio::new(bytes, GIB), n_digits)
}

/// Bytes of an amount in tenths of GiB.
fn tenths(tenths: i64) -> i64 {
    tenths * GIB / 10
}

fn volume([promised, worst, live, snapshots, reserved]: [i64; 5], reservation: i64) -> Volume {
    Volume {
        promised_bytes: promised * GIB,
        worst_bytes: tenths(worst),
        is_layout_known: true,
        live_bytes: Some(live * GIB),
        snapshot_bytes: Some(snapshots * GIB),
        reserved_bytes: Some(reserved * GIB),
        reservation_bytes: reservation * GIB,
        logical_bytes: None,
    }
}

/// The worked example: two thin zvols, a thick one, and two limited file systems on a pool of mirrors.
fn worked() -> ([Volume; 5], Pool) {
    let volumes = [
        volume([4_096, 41_603, 2_600, 400, 0], 0),
        volume([8_192, 83_206, 3_100, 900, 0], 0),
        volume([2_048, 20_800, 1_500, 0, 580], 2_080),
        volume([6_144, 61_440, 2_900, 300, 0], 0),
        volume([10_240, 102_400, 700, 50, 0], 0),
    ];
    let pool = Pool {
        space: Space {
            used_bytes: 13_030 * GIB,
            available_bytes: 7_450 * GIB,
        },
        sums: Sums::of(&volumes),
    };
    (volumes, pool)
}

#[test]
fn the_worked_volumes_have_the_promises_of_their_table() {
    let (volumes, pool) = worked();
    let unbacked = volumes.map(|volume| gib(volume.unbacked_bytes().unwrap(), 1));
    assert_eq!(unbacked, ["1560.3", "5220.6", "0.0", "3244.0", "9540.0"]);
    let efficiency = volumes.map(|volume| percent(volume.efficiency().unwrap()));
    assert_eq!(efficiency, ["36.5", "62.2", "26.8", "52.8", "93.2"]);
    let sums = pool.sums;
    let sums = [
        sums.promised_bytes,
        sums.worst_bytes,
        sums.live_bytes,
        sums.snapshot_bytes,
        sums.reserved_bytes,
        sums.unbacked_bytes,
    ];
    assert_eq!(
        sums.map(|bytes| gib(bytes, 1)),
        [
            "30720.0", "30944.9", "10800.0", "1650.0", "580.0", "19564.9"
        ]
    );
    assert_eq!(percent(pool.sums.efficiency()), "64.8");
}

#[test]
fn the_worked_pool_has_its_ratios_and_its_shortfall() {
    let (_, pool) = worked();
    assert_eq!(pool.space.size_bytes(), 20_480 * GIB);
    assert_eq!(percent(pool.space.fill()), "63.6");
    assert_eq!(printed(pool.overcommit(), 3), "1.500");
    assert_eq!(printed(pool.worst_overcommit(), 3), "1.511");
    assert_eq!(printed(pool.snapshot_overcommit(), 3), "1.592");
    let thin = pool.thin_overcommit();
    assert_eq!((thin.part, thin.whole), (28_672 * GIB, 18_400 * GIB));
    assert_eq!(printed(thin, 3), "1.558");
    assert_eq!(printed(pool.unbacked_ratio(), 2), "2.63");
    assert_eq!(gib(pool.shortfall_bytes(), 1), "12114.9");
}

/// The sizes of the worked example by the formula of the worst case: the table rounds the metadata of its zvols up.
#[test]
fn the_worked_ratios_stay_with_worst_cases_to_the_byte() {
    let (mut volumes, mut pool) = worked();
    for (volume, expect) in volumes
        .iter_mut()
        .take(3)
        .zip(["4160.06", "8320.13", "2080.03"])
    {
        let charge = mirror().charge(16 * KIB);
        volume.worst_bytes = worst_bytes(volume.promised_bytes, 16 * KIB, charge, 1).unwrap();
        assert_eq!(gib(volume.worst_bytes, 2), expect);
    }
    pool.sums = Sums::of(&volumes);
    assert_eq!(printed(pool.worst_overcommit(), 3), "1.511");
    assert_eq!(printed(pool.snapshot_overcommit(), 3), "1.592");
    assert_eq!(printed(pool.unbacked_ratio(), 2), "2.63");
}

#[test]
fn pools_are_not_added_and_the_fullest_stands_before_the_mean() {
    let pool = |used: i64, size: i64, unbacked: i64| Pool {
        space: Space {
            used_bytes: used * GIB,
            available_bytes: (size - used) * GIB,
        },
        sums: Sums {
            unbacked_bytes: unbacked * GIB,
            ..Sums::default()
        },
    };
    let pools = [
        pool(3_500, 4_096, 596),
        pool(9_000, 40_960, 0),
        pool(900, 1_024, 125),
    ];
    let overview = overview(&pools).unwrap();
    assert_eq!(percent(overview.fill_of_all), "29.1");
    assert_eq!(percent(pools[overview.fullest].space.fill()), "87.9");
    assert_eq!((overview.riskiest, overview.n_short), (2, 1));
    assert_eq!(super::overview(&[]), None);
    // An unbacked promise beside a full pool is above every ratio; nothing beside nothing is none.
    let full = [pool(1, 2, 1_000), pool(1, 1, 1), pool(1, 1, 0)];
    let overview = super::overview(&full).unwrap();
    assert_eq!((overview.riskiest, overview.n_short), (1, 2));
}

#[test]
fn a_snapshot_of_a_thick_volume_doubles_it() {
    let reservation = worst_bytes(100 * GIB, 16 * KIB, mirror().charge(16 * KIB), 1).unwrap();
    assert_eq!(gib(reservation, 3), "101.566");
    for (unique, reserved, used, twice) in [
        (60, "41.566", "101.566", "0.0"),
        (0, "101.566", "161.566", "60.0"),
    ] {
        let held = reservation - unique * GIB;
        assert_eq!(gib(held, 3), reserved);
        assert_eq!(gib(60 * GIB + held, 3), used);
        assert_eq!(gib(held_twice_bytes(reservation, 60 * GIB, held), 1), twice);
        assert_eq!(next_snapshot_bytes(reservation, held), Some(unique * GIB));
    }
    assert_eq!(held_twice_bytes(0, 60 * GIB, 0), 0);
    // Used up: what is shared cannot be told.
    assert_eq!(held_twice_bytes(10 * GIB, 60 * GIB, 0), 0);
    assert_eq!(next_snapshot_bytes(10 * GIB, 0), None);
}

#[test]
fn blocks_take_what_the_source_and_its_users_say() {
    let five = raidz(5, 1);
    let allocated = [128, 8, 4].map(|kib| five.allocated_bytes(kib * KIB).unwrap() / KIB);
    assert_eq!(allocated, [160, 16, 8]);
    assert_eq!(
        gib(
            five.charge(8 * KIB).unwrap().bytes(1_000) * KIB * KIB / 1_000,
            1
        ),
        "12.8"
    );
    assert_eq!(
        printed(raidz(8, 2).charge(4 * KIB).unwrap().inflation(), 2),
        "2.13"
    );
}

#[test]
fn the_table_of_inflation_is_reproduced() {
    let table = [
        (
            raidz(3, 1),
            ["1.333", "1.333", "1.000", "1.000", "1.000", "1.000"],
        ),
        (
            raidz(4, 1),
            ["1.455", "1.455", "1.091", "1.091", "1.000", "1.000"],
        ),
        (
            raidz(5, 1),
            ["1.600", "1.600", "1.200", "1.000", "1.000", "1.000"],
        ),
        (
            raidz(6, 2),
            ["2.000", "2.000", "1.000", "1.000", "1.000", "1.000"],
        ),
        (
            raidz(8, 2),
            ["2.133", "2.133", "1.067", "1.067", "1.067", "1.000"],
        ),
        (
            raidz(10, 2),
            ["2.286", "2.286", "1.143", "1.143", "1.000", "1.000"],
        ),
        (
            raidz(11, 3),
            ["2.909", "2.909", "1.455", "1.091", "1.091", "1.000"],
        ),
        (mirror(), ["1.000"; 6]),
    ];
    for (vdev, expect) in table {
        let found = [4, 8, 16, 32, 64, 128].map(|kib| {
            let charge = vdev.charge(kib * KIB).unwrap();
            printed(charge.inflation(), 3)
        });
        assert_eq!(found, expect, "{vdev:?}");
    }
}

#[test]
fn worst_cases_are_those_of_the_example_to_the_byte() {
    let worst = |vdev: Vdev, kib: i64| {
        worst_bytes(100 * GIB, kib * KIB, vdev.charge(kib * KIB), 1).unwrap()
    };
    assert_eq!(worst(raidz(6, 2), 16), 109_055_836_160);
    for (vdev, kib, expect) in [
        (raidz(6, 2), 16, "101.566"),
        (raidz(8, 2), 16, "108.233"),
        (raidz(5, 1), 16, "121.566"),
        (raidz(6, 2), 8, "203.130"),
        (raidz(6, 2), 64, "100.393"),
    ] {
        assert_eq!(gib(worst(vdev, kib), 3), expect);
    }
    let metadata = worst(raidz(6, 2), 16) - 100 * GIB;
    assert_eq!(gib(metadata, 3), "1.566");
    // Two copies of the data, and three of the metadata.
    let twice = worst_bytes(100 * GIB, 16 * KIB, None, 2).unwrap();
    assert_eq!(twice, 200 * GIB + metadata / 2 * 3);
}

#[test]
fn stripes_of_draid_are_fixed() {
    // Eight data disks and two of parity: 4 KiB take a whole stripe of ten sectors.
    let allocated = [4, 32, 36, 128].map(|kib| draid(8, 2).allocated_bytes(kib * KIB).unwrap());
    assert_eq!(allocated.map(|bytes| bytes / KIB), [40, 40, 80, 160]);
    let inflation = [4, 8, 16, 32].map(|kib| {
        let charge = draid(8, 2).charge(kib * KIB).unwrap();
        printed(charge.inflation(), 3)
    });
    assert_eq!(inflation, ["8.000", "4.000", "2.000", "1.000"]);
}

#[test]
fn the_dearest_vdev_counts_and_shapes_that_cannot_be_do_not() {
    let charge = worst_charge(&[mirror(), raidz(8, 2), raidz(5, 1)], 16 * KIB).unwrap();
    assert_eq!(Some(charge), raidz(5, 1).charge(16 * KIB));
    assert_eq!(worst_charge(&[], 16 * KIB), None);
    for vdev in [
        raidz(2, 2),
        raidz(3, 0),
        raidz(1, 3),
        draid(0, 1),
        draid(4, 0),
    ] {
        assert_eq!(vdev.charge(16 * KIB), None, "{vdev:?}");
    }
    let no_sector = Vdev {
        sector_bytes: 0,
        layout: Layout::Plain,
    };
    assert_eq!(no_sector.charge(16 * KIB), None);
    assert_eq!(mirror().charge(0), None);
    assert_eq!(worst_bytes(GIB, 0, None, 1), None);
    assert_eq!(worst_bytes(-1, KIB, None, 1), None);
}

#[test]
fn overhead_is_the_part_that_parity_and_padding_take() {
    let charge = raidz(8, 2).charge(4 * KIB).unwrap();
    // Of 32 charged parts 17 are overhead: 32/15 is 2.133.
    assert_eq!(charge.overhead_bytes(32 * GIB), 17 * GIB);
    assert_eq!(
        mirror().charge(4 * KIB).unwrap().overhead_bytes(32 * GIB),
        0
    );
}

#[test]
fn the_debt_of_the_example_is_that_of_the_document() {
    let debt = debt(380 * GIB, 240 * GIB, 210 * GIB, Some(50 * GIB));
    assert_eq!(gib(debt.logical_bytes, 1), "170.0");
    assert_eq!(gib(debt.charged_bytes, 1), "107.4");
    assert_eq!(gib(debt.freed_bytes, 1), "50.0");
    let untold = super::debt(380 * GIB, 240 * GIB, 210 * GIB, None);
    assert_eq!(untold.freed_bytes, debt.charged_bytes);
    let none = super::debt(100, 100, 200, Some(50));
    assert_eq!(none, Debt::default());
    assert_eq!(super::debt(0, 0, 0, None), Debt::default());
}

#[test]
fn live_data_and_snapshots_are_taken_to_compress_alike() {
    assert_eq!(live_logical_bytes(Some(160), Some(40), 40), Some(80));
    assert_eq!(live_logical_bytes(Some(160), Some(40), 0), Some(160));
    assert_eq!(live_logical_bytes(None, Some(40), 0), None);
    assert_eq!(live_logical_bytes(Some(160), None, 0), None);
    assert_eq!(live_logical_bytes(Some(0), Some(0), 0), None);
}

#[test]
fn savings_are_told_apart_where_the_version_tells() {
    let thin = |logical_bytes| Volume {
        promised_bytes: 100,
        worst_bytes: 101,
        live_bytes: Some(30),
        reserved_bytes: Some(0),
        logical_bytes,
        ..Volume::default()
    };
    let saved = thin(Some(45)).saved().unwrap();
    assert_eq!((saved.unwritten_bytes, saved.reduced_bytes), (55, 15));
    assert_eq!(thin(None).saved().unwrap().unsplit_bytes, 70);
    assert_eq!(thin(Some(20)).saved().unwrap().unwritten_bytes, 70);
    let thick = Volume {
        reserved_bytes: Some(71),
        reservation_bytes: 101,
        ..thin(Some(45))
    };
    assert_eq!(thick.saved(), Some(Saved::default()));
    assert_eq!(thick.unbacked_bytes(), Some(0));
    let unread = Volume {
        reserved_bytes: None,
        ..thin(Some(45))
    };
    assert_eq!((unread.saved(), unread.unbacked_bytes()), (None, None));
    let sums = Sums::of([&thin(None), &thick, &unread]);
    assert_eq!(
        (sums.n_unread, sums.n_reduced, sums.n_unknown_layouts),
        (1, 2, 3)
    );
    assert_eq!(sums.reduction(), Some(Ratio::new(90, 60)));
    assert_eq!(sums.unreserved_bytes, 200);
    assert_eq!(thin(None).total(), Some(Ratio::new(100, 30)));
    assert_eq!(Volume::default().total(), None);
}
