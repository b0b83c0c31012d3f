//! The formulas against blocks that are laid out one sector after the other, and against the floats of the views.

use proptest::prelude::*;

use super::*;

/// Sectors of a block on a RAIDZ, placed one by one: a stripe is as many data sectors as there are disks for them, and
/// each stripe that is begun has its parity. Then skipped sectors, until a gap that is left over could hold a block.
fn placed(n_sectors: i64, n_disks: i64, n_parity: i64) -> i64 {
    let mut n_taken = 0;
    for sector in 0..n_sectors {
        if sector % (n_disks - n_parity) == 0 {
            n_taken += n_parity;
        }
        n_taken += 1;
    }
    while n_taken % (n_parity + 1) != 0 {
        n_taken += 1;
    }
    n_taken
}

/// Metadata blocks of a zvol, counted by building the levels.
fn metadata(n_blocks: i64) -> i64 {
    let mut n_all = 7;
    let mut level: Vec<i64> = (0..n_blocks).collect();
    while level.len() > 1 {
        level = level.chunks(1024).map(|chunk| chunk[0]).collect();
        n_all += i64::try_from(level.len()).unwrap();
    }
    n_all
}

fn geometry() -> impl Strategy<Value = Vdev> {
    let sector = (9_u32..=13).prop_map(|shift| 1_i64 << shift);
    let layout = prop_oneof![
        Just(Layout::Plain),
        (1_i64..=3, 1_i64..=20).prop_map(|(n_parity, n_data)| Layout::Raidz {
            n_disks: n_parity + n_data,
            n_parity,
        }),
        (1_i64..=3, 1_i64..=20).prop_map(|(n_parity, n_data)| Layout::Draid { n_data, n_parity }),
    ];
    (sector, layout).prop_map(|(sector_bytes, layout)| Vdev {
        sector_bytes,
        layout,
    })
}

/// A dataset whose live data is partly shared with snapshots, with the counters that ZFS gives it.
fn counters() -> impl Strategy<Value = (Volume, i64)> {
    (
        1..1_i64 << 50,
        0..1_i64 << 50,
        0..1_i64 << 50,
        0..1_i64 << 50,
        any::<bool>(),
    )
        .prop_map(|(promised, unique, shared, logical, is_thick)| {
            let worst = promised + promised / 64;
            let reservation = if is_thick { worst } else { 0 };
            let volume = Volume {
                promised_bytes: promised,
                worst_bytes: worst,
                is_layout_known: true,
                live_bytes: Some(unique + shared),
                snapshot_bytes: Some(shared),
                reserved_bytes: Some((reservation - unique).max(0)),
                reservation_bytes: reservation,
                logical_bytes: (logical % 3 > 0).then_some(logical),
            };
            (volume, shared)
        })
}

proptest! {
    #[test]
    fn raidz_takes_what_placing_sector_by_sector_takes(
        shift in 9_u32..=13, n_parity in 1_i64..=3, n_data in 1_i64..=20, block in 1_i64..=1 << 18,
    ) {
        let sector_bytes = 1 << shift;
        let n_disks = n_parity + n_data;
        let vdev = Vdev { sector_bytes, layout: Layout::Raidz { n_disks, n_parity } };
        let n_sectors = (block + sector_bytes - 1) / sector_bytes;
        let placed = placed(n_sectors, n_disks, n_parity) * sector_bytes;
        prop_assert_eq!(vdev.allocated_bytes(block), Some(placed));
    }

    #[test]
    fn a_block_of_128_kib_costs_itself_on_every_layout(vdev in geometry(), n_blocks in 0_i64..1 << 30) {
        let charge = vdev.charge(128 * KIB).unwrap();
        prop_assert_eq!(charge.bytes(n_blocks), n_blocks * 128 * KIB);
        prop_assert_eq!(charge.overhead_bytes(n_blocks), 0);
    }

    #[test]
    fn metadata_is_that_of_the_levels(n_blocks in 0_i64..100_000) {
        let block = 4 * KIB;
        let worst = worst_bytes(n_blocks * block, block, None, 1).unwrap();
        prop_assert_eq!(worst, n_blocks * block + metadata(n_blocks) * 2 * 128 * KIB);
    }

    /// The arithmetic of `block_charge` and `zvol_worst`, up to 4 PiB.
    #[test]
    fn the_floats_of_the_views_are_a_byte_away_at_most(
        vdev in geometry(), shift in 9_u32..=17, volsize in 0_i64..1 << 50,
    ) {
        let n_unit = match vdev.layout {
            Layout::Plain | Layout::Draid { .. } => 1,
            Layout::Raidz { n_parity, .. } => n_parity + 1,
        };
        let block = 1_i64 << shift;
        let n_blocks = (volsize + block - 1) / block;
        let exact = vdev.charge(block).unwrap().bytes(n_blocks);
        prop_assume!(exact < 1 << 52);
        let units = |bytes: i64| {
            (vdev.allocated_bytes(bytes).unwrap() / vdev.sector_bytes / n_unit) as f64
        };
        let charged = units(block) * 131_072.0 / units(128 * KIB);
        let of_view = (n_blocks as f64 * charged).floor() as i64;
        prop_assert!((exact - of_view).abs() <= 1, "{exact} and {of_view}");
    }

    #[test]
    fn a_thick_volume_is_backed_saves_nothing_and_counts_what_it_shares_twice((volume, shared) in counters()) {
        let (live, reserved) = (volume.live_bytes.unwrap(), volume.reserved_bytes.unwrap());
        let twice = held_twice_bytes(volume.reservation_bytes, live, reserved);
        if volume.reservation_bytes > 0 {
            prop_assert_eq!(volume.unbacked_bytes(), Some(0));
            prop_assert_eq!(volume.saved().unwrap().bytes(), 0);
            prop_assert_eq!(volume.unreserved_bytes(), 0);
            if reserved > 0 {
                prop_assert_eq!(twice, shared);
                let next = next_snapshot_bytes(volume.reservation_bytes, reserved);
                prop_assert_eq!(next, Some(live - shared));
            }
        } else {
            prop_assert_eq!(twice, 0);
        }
    }

    #[test]
    fn savings_and_what_is_held_are_the_promise((volume, _) in counters()) {
        let saved = volume.saved().unwrap();
        let held = volume.held_bytes().unwrap();
        prop_assert_eq!(saved.bytes(), (volume.promised_bytes - held).max(0));
        prop_assert!(saved.unwritten_bytes >= 0 && saved.reduced_bytes >= 0 && saved.unsplit_bytes >= 0);
        prop_assert_eq!(volume.logical_bytes.is_none() && saved.bytes() > 0, saved.unsplit_bytes > 0);
    }

    #[test]
    fn the_shortfall_is_there_exactly_when_promises_exceed_what_is_free(
        volumes in prop::collection::vec(counters(), 0..8), available in 0_i64..1 << 53,
    ) {
        let volumes: Vec<Volume> = volumes.into_iter().map(|(volume, _)| volume).collect();
        let space = Space { used_bytes: 0, available_bytes: available };
        let pool = Pool { space, sums: Sums::of(&volumes) };
        let ratio = pool.unbacked_ratio();
        prop_assert_eq!(pool.shortfall_bytes() > 0, ratio.part > ratio.whole);
        let unbacked: i64 = volumes.iter().filter_map(Volume::unbacked_bytes).sum();
        prop_assert_eq!(pool.sums.unbacked_bytes, unbacked);
    }

    #[test]
    fn a_trim_never_frees_more_than_is_held_or_was_written(
        live in 0_i64..1 << 50, factor in 1_i64..8, guest in 0_i64..1 << 50, written in 0_i64..1 << 50,
    ) {
        let found = debt(live * factor, live, guest, Some(written));
        prop_assert!(found.charged_bytes <= live && found.freed_bytes <= written);
        prop_assert!(found.logical_bytes <= live * factor);
        prop_assert_eq!(found.charged_bytes, found.logical_bytes / factor);
    }
}
