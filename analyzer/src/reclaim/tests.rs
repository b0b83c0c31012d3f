use super::*;

mod model;

const GIB: i64 = 1 << 30;

fn snapshot(name: &str, at: i64, [referenced, written, used]: [i64; 3]) -> Snapshot {
    Snapshot {
        name: name.to_owned(),
        created_txg: at,
        created_at: Some(at),
        referenced_bytes: Some(referenced * GIB),
        written_bytes: Some(written * GIB),
        used_bytes: Some(used * GIB),
        n_holds: Some(0),
        clones: Vec::new(),
    }
}

/// Three snapshots and a head, in GiB.
fn worked() -> (Vec<Snapshot>, Head) {
    let snapshots = vec![
        snapshot("A", 10, [80, 80, 2]),
        snapshot("B", 20, [90, 12, 1]),
        snapshot("C", 30, [86, 7, 3]),
    ];
    let head = Head {
        referenced_bytes: Some(76 * GIB),
        written_bytes: Some(7 * GIB),
        used_by_snapshots_bytes: Some(30 * GIB),
        is_clone: false,
    };
    (snapshots, head)
}

fn timeline() -> Timeline {
    let (snapshots, head) = worked();
    Timeline::new(snapshots, head)
}

fn exact(gib: i64) -> Option<Freed> {
    between(gib, gib)
}

fn between(least: i64, most: i64) -> Option<Freed> {
    Some(Freed {
        least_bytes: least * GIB,
        most_bytes: most * GIB,
    })
}

#[test]
fn the_worked_example_has_its_parts_and_their_sum() {
    let timeline = timeline();
    assert_eq!(timeline.breaks(), []);
    let parts = [0, 1, 2].map(|index| timeline.last_reference_bytes(index).unwrap() / GIB);
    assert_eq!(parts, [2, 11, 17]);
    assert_eq!(parts.iter().sum::<i64>(), 30);
    let naive: i64 = timeline
        .snapshots()
        .iter()
        .filter_map(|s| s.used_bytes)
        .sum();
    assert_eq!(naive, 6 * GIB);
}

#[test]
fn the_worked_example_frees_what_its_table_says() {
    let timeline = timeline();
    let oldest = [1, 2, 3].map(|n| timeline.freed_by_oldest(n).unwrap() / GIB);
    assert_eq!(oldest, [2, 13, 30]);
    let run =
        |first, last, since: i64| timeline.freed_by_run(first, last, since * GIB).unwrap() / GIB;
    assert_eq!(run(1, 1, 18), 1);
    assert_eq!(run(1, 2, 16), 10);
    assert_eq!(
        timeline.freed_by_oldest(1).unwrap() / GIB + run(2, 2, 7 + 7 - 3),
        5
    );
}

#[test]
fn without_another_property_the_worked_example_has_bounds() {
    let timeline = timeline();
    let freed = |set: &[usize]| timeline.freed_by(|index| set.contains(&index));
    assert_eq!(freed(&[0]), exact(2));
    assert_eq!(freed(&[0, 1]), exact(13));
    assert_eq!(freed(&[0, 1, 2]), exact(30));
    assert_eq!(freed(&[1]), exact(1));
    assert_eq!(freed(&[0, 2]), exact(5));
    assert_eq!(freed(&[1, 2]), between(4, 15));
    assert_eq!(freed(&[]), exact(0));
}

#[test]
fn the_smallest_cut_is_the_first_that_frees_enough() {
    let timeline = timeline();
    let find = |gib: i64| smallest_cut(&[&timeline], gib * GIB);
    for (gib, through, n) in [
        (2, 10, 1),
        (3, 20, 2),
        (13, 20, 2),
        (14, 30, 3),
        (30, 30, 3),
    ] {
        let goal = find(gib);
        assert!(goal.is_reached);
        assert_eq!(
            (goal.through, goal.cuts[0].unwrap().n_older),
            (Some(through), n)
        );
    }
    let goal = find(31);
    assert!(!goal.is_reached);
    assert_eq!(Some(goal.freed), exact(30));
    assert_eq!(find(0).through, None);
}

#[test]
fn one_moment_cuts_several_datasets() {
    let (mut snapshots, head) = worked();
    for snapshot in &mut snapshots {
        snapshot.created_at = snapshot.created_at.map(|at| at + 5);
    }
    let (first, second) = (timeline(), Timeline::new(snapshots, head));
    // 10: 2, 15: 2 + 2, 20: 13 + 2.
    let goal = smallest_cut(&[&first, &second], 5 * GIB);
    assert_eq!(goal.through, Some(20));
    assert_eq!(Some(goal.freed), exact(15));
    let counts: Vec<usize> = goal.cuts.iter().map(|cut| cut.unwrap().n_older).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn held_and_cloned_snapshots_stay_in_a_cut() {
    let (mut snapshots, head) = worked();
    snapshots[0].n_holds = Some(1);
    let held = Timeline::new(snapshots, head).cut(3).unwrap();
    assert_eq!((held.n_older, held.n_kept), (3, 1));
    assert_eq!(Some(held.freed), between(4, 15));
    let (mut snapshots, head) = worked();
    snapshots[1].clones.push("tank/clone".to_owned());
    let cloned = Timeline::new(snapshots, head);
    assert_eq!(cloned.cut(3).unwrap().n_kept, 1);
    assert_eq!(Some(cloned.cut(3).unwrap().freed), exact(5));
    assert!(!smallest_cut(&[&cloned], 6 * GIB).is_reached);
}

#[test]
fn the_newest_part_comes_from_the_sum_when_the_head_is_not_known() {
    let (snapshots, mut head) = worked();
    head.referenced_bytes = None;
    let timeline = Timeline::new(snapshots, head);
    assert_eq!(timeline.freed_by_oldest(3), Some(30 * GIB));
    assert_eq!(timeline.last_reference_bytes(2), Some(17 * GIB));
}

#[track_caller]
fn broken(
    change: impl FnOnce(&mut Vec<Snapshot>, &mut Head),
    snapshot: Option<usize>,
    words: &str,
) {
    let (mut snapshots, mut head) = worked();
    change(&mut snapshots, &mut head);
    let timeline = Timeline::new(snapshots, head);
    let found = timeline
        .breaks()
        .iter()
        .any(|found| found.snapshot == snapshot && found.rule.words().contains(words));
    assert!(found, "{:?}", timeline.breaks());
    assert_eq!((timeline.cut(1), timeline.freed_by_oldest(1)), (None, None));
    assert_eq!(smallest_cut(&[&timeline], 1).freed, Freed::default());
}

#[test]
fn rows_that_break_an_identity_are_marked_and_give_no_number() {
    broken(|s, _| s[1].created_txg = 10, Some(1), "transaction group");
    broken(|s, _| s[1].written_bytes = None, Some(1), "not read");
    broken(|s, _| s[1].used_bytes = Some(-1), Some(1), "below zero");
    broken(
        |s, _| s[1].written_bytes = Some(91 * GIB),
        Some(1),
        "above referenced",
    );
    broken(
        |s, _| s[1].used_bytes = Some(12 * GIB),
        Some(1),
        "neighbours",
    );
    broken(
        |s, _| s[0].written_bytes = Some(70 * GIB),
        Some(0),
        "first snapshot",
    );
    broken(
        |s, _| s[1].written_bytes = Some(9 * GIB),
        Some(0),
        "do not fit",
    );
    broken(
        |_, h| h.used_by_snapshots_bytes = Some(28 * GIB),
        None,
        "sum of the parts",
    );
    let no_head = |_: &mut Vec<Snapshot>, head: &mut Head| *head = Head::default();
    broken(no_head, None, "neither");
}

#[test]
fn a_mebibyte_between_the_reads_breaks_nothing() {
    let (snapshots, mut head) = worked();
    head.used_by_snapshots_bytes = Some(30 * GIB - (1 << 20));
    assert_eq!(Timeline::new(snapshots.clone(), head).breaks(), []);
    head.used_by_snapshots_bytes = Some(30 * GIB - (1 << 20) - 1);
    assert_eq!(Timeline::new(snapshots, head).breaks().len(), 1);
}

#[test]
fn a_clock_that_was_set_back_makes_no_snapshot_older() {
    let (mut snapshots, head) = worked();
    snapshots[1].created_at = Some(5);
    snapshots[2].created_at = None;
    let timeline = Timeline::new(snapshots, head);
    assert_eq!(
        [10, 11, 1_000].map(|time| timeline.n_before(time)),
        [0, 2, 2]
    );
}
