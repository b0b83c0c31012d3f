//! What a folder holds after bundles in any order, and what a reader makes of it.

use super::depth::BRIEF;
use super::*;
use truenas_common::schema::{Cell, Kind};

const TABLE: &str = "collect_scope";

fn entry(seq: i64) -> LedgerEntry {
    LedgerEntry {
        started_at: seq,
        ended_at: seq,
        ..LedgerEntry::sample("1", seq)
    }
}

/// Rows that come, go and come back; one scope is away for a long time.
fn observed(seq: i64) -> BTreeMap<(String, String), ObservedTable> {
    observed_of(TABLE, seq)
}

fn observed_of(name: &str, seq: i64) -> BTreeMap<(String, String), ObservedTable> {
    let table = tables::table(name).expect("a table of the bundle");
    let row = |number: i64| -> Box<[u8]> {
        let cells = table.columns.iter().map(|column| match column.kind {
            Kind::Integer | Kind::Time => Some(Cell::Integer(number)),
            Kind::Bool => Some(Cell::Bool(true)),
            _ => Some(Cell::Text(format!("{number:04}").into())),
        });
        encode::encode(&cells.collect::<Vec<_>>())
    };
    let mut tables = BTreeMap::new();
    for (scope, outcome) in [
        ("near", "ok"),
        (
            "far",
            if (20..90).contains(&seq) {
                "failed"
            } else {
                "ok"
            },
        ),
    ] {
        let rows = (0..60)
            .filter(|number| (seq / (1 + number % 7) + number) % 3 != 0)
            .map(row)
            .collect();
        let observed = ObservedTable {
            outcome: outcome.to_owned(),
            rows,
            has_conflict: false,
            files: String::new(),
        };
        tables.insert((name.to_owned(), scope.to_owned()), observed);
    }
    tables
}

fn bytes(folder: &Path) -> BTreeMap<String, String> {
    files::read_current(folder).expect("a written stream")
}

#[test]
fn a_stream_that_is_read_by_its_tail_becomes_what_it_would_have_become_at_once() {
    let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut whole = Stream::default();
    for seq in 1..=130 {
        whole.place(entry(seq), observed(seq)).unwrap();
        let mut tail = Stream::read(many.path(), Depth::Tail).unwrap();
        tail.place(entry(seq), observed(seq)).unwrap();
        tail.write(many.path()).unwrap();
    }
    whole.write(one.path()).unwrap();
    assert_eq!(bytes(one.path()), bytes(many.path()));

    let tail = Stream::read(many.path(), Depth::Tail).unwrap();
    assert!(!tail.kept.is_empty(), "nothing stayed on disk");
    let held: usize = tail.units.values().map(|unit| unit.rows.len()).sum();
    let all = Stream::read(many.path(), Depth::Whole).unwrap();
    let runs: usize = all
        .units
        .values()
        .flat_map(|unit| unit.rows.values().flatten())
        .count();
    assert!(held * 10 < runs, "{held} versions of {runs} were read");
}

#[test]
fn rows_of_a_list_that_was_cut_are_kept_apart_and_are_no_observation() {
    let (folder, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let seqs = [19, 20, 21, 90];
    let mut stream = Stream::default();
    for seq in seqs {
        stream.place(entry(seq), observed(seq)).unwrap();
    }
    stream.write(folder.path()).unwrap();
    let current = bytes(folder.path());
    let partial: Vec<_> = current
        .iter()
        .filter(|(name, _)| name.contains("partial"))
        .collect();
    assert_eq!(partial.len(), 2, "{current:?}");
    for ((name, digest), seq) in partial.into_iter().zip([20, 21]) {
        assert!(name.starts_with(&format!("{TABLE}/partial-{seq}-")));
        let frame = files::read(folder.path(), name, digest).unwrap();
        let far = &observed(seq)[&(TABLE.to_owned(), "far".to_owned())];
        assert_eq!(frame.height(), far.n_rows());
    }
    let far = &stream.units[&(TABLE.to_owned(), "far".to_owned())];
    assert_eq!(Vec::from_iter(far.observed.iter().copied()), [19, 90]);

    // In any order, and with the folder read in between.
    for seq in [21, 90, 20, 19] {
        let mut tail = Stream::read(again.path(), Depth::Tail).unwrap();
        tail.place(entry(seq), observed(seq)).unwrap();
        tail.write(again.path()).unwrap();
    }
    assert_eq!(bytes(again.path()), current);

    // A fork takes the rows of its number with it.
    let mut fork = entry(20);
    fork.link.sha256 = "other".to_owned();
    stream.place(fork, observed(20)).unwrap();
    stream.write(folder.path()).unwrap();
    let left = bytes(folder.path());
    let n_partial = left.keys().filter(|name| name.contains("partial")).count();
    assert_eq!(n_partial, 1);
}

#[test]
fn a_late_bundle_and_a_fork_read_what_stayed_on_disk() {
    let (late, direct) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = Stream::default();
    for seq in (1..=100).filter(|seq| *seq != 40) {
        first.place(entry(seq), observed(seq)).unwrap();
    }
    first.write(late.path()).unwrap();
    let mut tail = Stream::read(late.path(), Depth::Tail).unwrap();
    tail.place(entry(40), observed(40)).unwrap();
    let mut fork = entry(50);
    fork.link.sha256 = "other".to_owned();
    let placed = tail.place(fork.clone(), observed(51)).unwrap();
    assert!(matches!(placed.verdict, LinkVerdict::Fork { .. }));
    tail.write(late.path()).unwrap();

    let mut stream = Stream::default();
    stream.place(fork, observed(51)).unwrap();
    for seq in (1..=100).rev() {
        stream.place(entry(seq), observed(seq)).unwrap();
    }
    stream.write(direct.path()).unwrap();
    assert_eq!(bytes(late.path()), bytes(direct.path()));
}

#[test]
fn a_table_of_which_only_the_newest_rows_are_read_has_all_of_these_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = Stream::default();
    for seq in 1..=130 {
        stream.place(entry(seq), observed(seq)).unwrap();
    }
    stream.write(folder.path()).unwrap();
    let all = Stream::read(folder.path(), Depth::Whole).unwrap();
    assert_eq!(all.units, stream.units);
    let other = Stream::read(folder.path(), Depth::NowOf(&["zfs_snapshot"])).unwrap();
    assert_eq!(other.units, all.units);

    let now = Stream::read(folder.path(), Depth::NowOf(&[TABLE])).unwrap();
    let n_runs = |unit: &Unit| unit.rows.values().flatten().count();
    assert_eq!(now.units.len(), all.units.len());
    for (key, unit) in &all.units {
        let (head, newest) = (unit.head().unwrap(), &now.units[key]);
        assert_eq!(newest.observed, unit.observed);
        assert!(newest.at(head).eq(unit.at(head)));
        assert_eq!(n_runs(newest), unit.at(head).count());
        assert!(n_runs(newest) < n_runs(unit));
    }
}

#[test]
fn what_no_newest_moment_shows_is_its_identity_and_when_it_was_there() {
    for (n_bundles, n_moments, is_brief) in [
        (130, 1, true),
        (140, 3, true),
        (130, 3, false),
        (95, 8, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut stream = Stream::default();
        for seq in 1..=n_bundles {
            let observed = observed_of(BRIEF[0], seq);
            stream.place(entry(seq), observed).unwrap();
        }
        stream.write(folder.path()).unwrap();
        let depth = Depth::Moments(n_moments);
        let read = Stream::read(folder.path(), depth).unwrap();
        let table = tables::table(BRIEF[0]).expect("a table of the bundle");
        let key = |row: &[u8]| row[..encode::key_length(table, row)].to_vec();
        let has_stubs = |stream: &Stream| {
            let mut rows = stream.units.values().flat_map(|unit| unit.rows.keys());
            rows.any(|row| {
                row[encode::key_length(table, row)..]
                    .iter()
                    .all(|byte| *byte == 0)
            })
        };
        for (scope, unit) in &stream.units {
            let held = &read.units[scope];
            assert_eq!(held.observed, unit.observed);
            for seq in unit.observed.iter().copied() {
                let identities = |unit: &Unit| BTreeSet::from_iter(unit.at(seq).map(key));
                assert_eq!(identities(held), identities(unit), "{scope:?} {seq}");
            }
            let oldest = n_bundles + 1 - i64::try_from(n_moments).unwrap();
            for seq in oldest..=n_bundles {
                let shown = unit.at_or_before(seq).unwrap();
                assert!(held.at(shown).eq(unit.at(shown)), "{scope:?} {shown}");
            }
        }
        // A file that reaches into the moments is read whole; and a list that failed at a moment is that of a bundle long
        // before, and all since then is read.
        assert_eq!(has_stubs(&read), is_brief);
        assert!(!has_stubs(&stream));
    }
}

#[test]
fn a_moment_behind_a_clock_that_went_back_is_whole_and_a_brief_history_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = Stream::default();
    for seq in 1..=66 {
        let mut entry = entry(seq);
        if seq == 65 {
            entry.ended_at = 75;
        }
        let mut observed = observed_of(BRIEF[0], seq);
        observed.retain(|(_, scope), _| scope == "near");
        stream.place(entry, observed).unwrap();
    }
    stream.write(folder.path()).unwrap();
    // The newest bundle ended at 66; the moment before it is 64, and shows the last bundle of a closed file.
    let read = Stream::read(folder.path(), Depth::Moments(2)).unwrap();
    assert_eq!(read.units, stream.units);
    assert_eq!(read.shown_at(2), 64);
    assert_eq!((read.shown_at(1), read.shown_at(100)), (66, 0));

    let mut brief = Stream::read(folder.path(), Depth::Moments(1)).unwrap();
    assert_ne!(brief.units, stream.units);
    let error = brief.write(folder.path()).unwrap_err();
    assert!(error.to_string().contains("opened to be looked at"));
    let whole = Stream::read(folder.path(), Depth::Whole).unwrap();
    assert_eq!(whole.units, stream.units);
}
