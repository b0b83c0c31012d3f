//! When objects were first and last seen: one small table for each kind of object that checks look back on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use polars::prelude::*;
use truenas_common::schema::{Cell, Class, Kind, Scope, Table};
use truenas_common::tables;

use super::encode;
use super::estate::View;
use super::unit::{Interval, Unit};
use super::wanted::Wanted;
use crate::query::{CatalogColumn, ColumnKind};

/// First and last sight of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeSpan {
    /// End of the first bundle that showed it, Unix seconds.
    pub first_seen_at: i64,
    /// End of the last bundle that showed it, Unix seconds.
    pub last_seen_at: i64,
    /// End of the first bundle of the unbroken run of complete lists that reaches the newest one; absent when that does
    /// not show it.
    pub seen_since_at: Option<i64>,
    /// Bundles that showed it.
    pub n_bundles: i64,
}

/// One table of life spans.
pub(crate) struct HistoryTable {
    /// Name in SQL.
    pub(crate) name: &'static str,
    table: &'static str,
    /// Columns that make up the identity.
    columns: &'static [Part],
    objects: Objects,
}

/// One column of an identity.
enum Part {
    /// A column as it is.
    Whole(&'static str),
    /// The pool of the path in a column, under another name.
    Pool(&'static str, &'static str),
}

/// Objects that have a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Objects {
    /// All that were ever seen.
    Ever,
    /// Those that the newest list shows and a driver made: the others are too many, and nothing looks back on them.
    DriverMadeNow,
}

use Part::{Pool, Whole};

/// Sorted by name.
pub(crate) static HISTORY: &[HistoryTable] = &[
    ever(
        "history_attachment",
        "k8s_volume_attachment",
        &[Whole("pv"), Whole("node")],
    ),
    ever(
        "history_content",
        "k8s_volume_snapshot_content",
        &[
            Whole("name"),
            Whole("snapshot"),
            Whole("detached_leaf"),
            Whole("snapshot_uid"),
            Pool("volume_path", "volume_pool"),
        ],
    ),
    ever(
        "history_dataset",
        "zfs_dataset",
        &[Whole("path"), Whole("parent"), Whole("pool"), Whole("leaf")],
    ),
    ever(
        "history_extent",
        "nas_iscsi_extent",
        &[Whole("id"), Whole("name")],
    ),
    ever(
        "history_link",
        "nas_iscsi_target_extent",
        &[Whole("target_id"), Whole("extent_id")],
    ),
    ever("history_pool", "nas_pool", &[Whole("name")]),
    ever(
        "history_pv",
        "k8s_pv",
        &[
            Whole("name"),
            Whole("handle_leaf"),
            Whole("iqn_suffix"),
            Whole("share_path"),
            Whole("reclaim_policy"),
            Pool("handle_path", "handle_pool"),
            Pool("share_path", "share_pool"),
        ],
    ),
    ever(
        "history_scan",
        "nas_pool",
        &[
            Whole("name"),
            Whole("scan_function"),
            Whole("scan_state"),
            Whole("scan_started_at"),
            Whole("scan_ended_at"),
        ],
    ),
    ever(
        "history_session",
        "nas_iscsi_session",
        &[
            Whole("iqn_base"),
            Whole("iqn_suffix"),
            Whole("initiator_base"),
            Whole("initiator_suffix"),
            Whole("host"),
        ],
    ),
    ever(
        "history_share",
        "nas_nfs_share",
        &[Whole("id"), Whole("path"), Pool("path", "pool")],
    ),
    HistoryTable {
        name: "history_snapshot",
        table: "zfs_snapshot",
        columns: &[Whole("dataset"), Whole("name")],
        objects: Objects::DriverMadeNow,
    },
    ever(
        "history_target",
        "nas_iscsi_target",
        &[Whole("id"), Whole("name")],
    ),
];

const fn ever(name: &'static str, table: &'static str, columns: &'static [Part]) -> HistoryTable {
    HistoryTable {
        name,
        table,
        columns,
        objects: Objects::Ever,
    }
}

impl Part {
    fn source(&self) -> &'static str {
        match self {
            Whole(name) | Pool(name, _) => name,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Whole(name) | Pool(_, name) => name,
        }
    }

    fn value<'h>(&self, cell: Option<&Option<Cell<'h>>>) -> Option<Value<'h>> {
        match (self, cell?.as_ref()?) {
            (Whole(_), Cell::Text(Cow::Borrowed(text))) => Some(Value::Text(text)),
            (Whole(_), Cell::Integer(number)) => Some(Value::Integer(*number)),
            // A path that leads outside the pools begins with a slash.
            (Pool(..), Cell::Text(Cow::Borrowed(path))) => {
                let pool = path.split('/').next().filter(|pool| !pool.is_empty())?;
                Some(Value::Text(pool))
            }
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'h> {
    Text(&'h str),
    Integer(i64),
}

/// Cluster or appliance, and what an object is there.
type Identity<'h> = (&'h str, Vec<Option<Value<'h>>>);
/// Ends of the complete lists of one owner, for each stream that carries them.
type Lists<'h> = BTreeMap<&'h str, Vec<Vec<i64>>>;

/// Lists of one stream in which one version of an object stands: the first, and the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    stream: usize,
    from: usize,
    to: usize,
}

/// One figure of a life span.
type Seen = fn(&LifeSpan) -> Option<i64>;

impl HistoryTable {
    /// Columns as SQL sees them: whose it is, what it is, when it was seen.
    pub(crate) fn catalog_columns(&self) -> Vec<CatalogColumn> {
        let number = |name| CatalogColumn::plain(name, ColumnKind::Integer);
        let Some(table) = tables::table(self.table) else {
            return Vec::new();
        };
        let owner = match table.scope {
            Scope::Appliance => CatalogColumn::token("appliance"),
            Scope::Cluster | Scope::Bundle | Scope::Run => {
                CatalogColumn::plain("cluster", ColumnKind::Text)
            }
        };
        let own = self.columns.iter().filter_map(|part| {
            let (_, column) = table.column(part.source())?;
            Some(match (column.class, column.kind) {
                (Class::Token(_), _) => CatalogColumn::token(part.name()),
                (_, Kind::Integer | Kind::Time) => number(part.name()),
                _ => CatalogColumn::plain(part.name(), ColumnKind::Text),
            })
        });
        let seen = [
            "first_seen_at",
            "last_seen_at",
            "seen_since_at",
            "n_bundles",
        ]
        .map(number);
        std::iter::once(owner).chain(own).chain(seen).collect()
    }

    pub(super) fn frame(&self, streams: &[View<'_>]) -> PolarsResult<DataFrame> {
        let Some(table) = tables::table(self.table) else {
            return Ok(DataFrame::empty());
        };
        let spans = self.spans(table, streams);
        let owner = match table.scope {
            Scope::Appliance => "appliance",
            Scope::Cluster | Scope::Bundle | Scope::Run => "cluster",
        };
        let owners: Vec<&str> = spans.iter().map(|((owner, _), _)| *owner).collect();
        let mut columns = vec![Column::new(owner.into(), owners)];
        for (index, part) in self.columns.iter().enumerate() {
            let is_number = table
                .column(part.source())
                .is_some_and(|(_, column)| matches!(column.kind, Kind::Integer | Kind::Time));
            let values = spans
                .iter()
                .map(|((_, key), _)| key.get(index).copied().flatten());
            columns.push(if is_number {
                let numbers = values.map(|value| match value {
                    Some(Value::Integer(number)) => Some(number),
                    _ => None,
                });
                Column::new(part.name().into(), numbers.collect::<Vec<_>>())
            } else {
                let texts = values.map(|value| match value {
                    Some(Value::Text(text)) => Some(text),
                    _ => None,
                });
                Column::new(part.name().into(), texts.collect::<Vec<_>>())
            });
        }
        let seen: [(&str, Seen); 4] = [
            ("first_seen_at", |span| Some(span.first_seen_at)),
            ("last_seen_at", |span| Some(span.last_seen_at)),
            ("seen_since_at", |span| span.seen_since_at),
            ("n_bundles", |span| Some(span.n_bundles)),
        ];
        for (name, value) in seen {
            let values = spans
                .iter()
                .map(|(_, span)| value(span))
                .collect::<Vec<_>>();
            columns.push(Column::new(name.into(), values));
        }
        DataFrame::new(spans.len(), columns)
    }

    /// Every object once, in the order of identities.
    fn spans<'h>(
        &self,
        table: &'static Table,
        streams: &[View<'h>],
    ) -> Vec<(Identity<'h>, LifeSpan)> {
        let mut lists = Lists::new();
        let mut runs: Vec<(Identity<'h>, Run)> = Vec::new();
        let mut sources: Vec<&str> = self.columns.iter().map(Part::source).collect();
        sources.sort_unstable();
        sources.dedup();
        let places = self.columns.iter().map(|part| {
            let place = sources.binary_search(&part.source());
            (part, place.unwrap_or(usize::MAX))
        });
        let places: Vec<(&Part, usize)> = places.collect();
        let wanted = Wanted::of(table, &sources);
        for view in streams {
            for (scope, unit) in view.units(table.name) {
                let (seqs, times): (Vec<i64>, Vec<i64>) = view.times(unit).into_iter().unzip();
                let of_owner = lists.entry(scope).or_default();
                let stream = of_owner.len();
                of_owner.push(times);
                for (row, intervals) in self.versions(table, view, unit) {
                    let cells = wanted.cells(table, row);
                    let key = places.iter().map(|(part, at)| part.value(cells.get(*at)));
                    let key = (scope, key.collect::<Vec<_>>());
                    runs.extend(intervals.iter().filter_map(|run| {
                        let from = seqs.partition_point(|seq| *seq < run.first);
                        let to = seqs.partition_point(|seq| *seq <= run.last);
                        (from < to).then(|| (key.clone(), Run { stream, from, to }))
                    }));
                }
            }
        }
        // Rows are in the order of identities where these lead them: a stable sort takes the runs that are there.
        runs.sort_by(|(left, _), (right, _)| left.cmp(right));
        let spans = runs.chunk_by(|(left, _), (right, _)| left == right);
        let span = |of_object: &[(Identity<'h>, Run)]| {
            let (key, _) = of_object.first()?;
            let mut runs: Vec<Run> = of_object.iter().map(|(_, run)| *run).collect();
            Some((key.clone(), life_span(lists.get(key.0)?, &mut runs)?))
        };
        spans.filter_map(span).collect()
    }

    fn versions<'u>(
        &self,
        table: &'static Table,
        view: &View<'_>,
        unit: &'u Unit,
    ) -> Vec<(&'u [u8], &'u [Interval])> {
        let all = |rows: (Bound<&[u8]>, Bound<&[u8]>)| {
            unit.rows
                .range::<[u8], _>(rows)
                .map(|(row, runs)| (row.as_ref(), runs.as_slice()))
        };
        if self.objects == Objects::Ever {
            return all((Bound::Unbounded, Bound::Unbounded)).collect();
        }
        let class = table.column("class").map_or(usize::MAX, |(index, _)| index);
        let is_made = |row: &&[u8]| matches!(encode::cells(table, row).nth(class), Some(Some(Cell::Text(word))) if word == "csi");
        let now = view.seq_of(unit).into_iter().flat_map(|seq| unit.at(seq));
        // The identity leads the row, so the versions of one object are one range.
        now.filter(is_made)
            .flat_map(|row| {
                let key = &row[..encode::key_length(table, row)];
                all((Bound::Included(key), Bound::Unbounded))
                    .take_while(move |(other, _)| other.starts_with(key))
            })
            .collect()
    }
}

/// Sight of an object in the lists of its owner; a list of any stream that misses it breaks the run.
fn life_span(lists: &[Vec<i64>], runs: &mut [Run]) -> Option<LifeSpan> {
    runs.sort_unstable_by_key(|run| (run.stream, run.to));
    let missed_at = (0..lists.len()).filter_map(|stream| {
        let of_stream = runs.iter().rev().filter(|run| run.stream == stream);
        let from = of_stream.fold(lists[stream].len(), |from, run| {
            if run.to >= from {
                from.min(run.from)
            } else {
                from
            }
        });
        lists[stream].get(from.checked_sub(1)?).copied()
    });
    let missed_at = missed_at.max();
    let since = |run: &Run| {
        let times = &lists[run.stream][run.from..run.to];
        let is_missed = |time: &i64| missed_at.is_some_and(|missed| *time <= missed);
        times.get(times.partition_point(is_missed)).copied()
    };
    Some(LifeSpan {
        first_seen_at: runs.iter().map(|run| lists[run.stream][run.from]).min()?,
        last_seen_at: runs.iter().map(|run| lists[run.stream][run.to - 1]).max()?,
        seen_since_at: runs.iter().filter_map(since).min(),
        n_bundles: runs.iter().map(|run| (run.to - run.from) as i64).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_history_table_is_one_of_its_table() {
        let names: Vec<&str> = HISTORY.iter().map(|history| history.name).collect();
        assert!(names.is_sorted());
        for history in HISTORY {
            let table = tables::table(history.table).unwrap();
            for part in history.columns {
                assert!(
                    table.column(part.source()).is_some(),
                    "{}: {}",
                    history.name,
                    part.name()
                );
            }
            let n_columns = history.catalog_columns().len();
            assert_eq!(n_columns, history.columns.len() + 5, "{}", history.name);
            let frame = history.frame(&[]).unwrap();
            assert_eq!(frame.width(), n_columns, "{}", history.name);
        }
    }

    #[test]
    fn a_pool_is_the_head_of_a_path_inside_the_pools() {
        let pool = |path: &'static str| {
            let cell = Some(Cell::Text(path.into()));
            Pool("share_path", "share_pool").value(Some(&cell))
        };
        assert_eq!(pool("tank/k8s/pvc-1"), Some(Value::Text("tank")));
        assert_eq!(pool("/srv/pvc-1"), None);
    }

    fn run(stream: usize, from: usize, to: usize) -> Run {
        Run { stream, from, to }
    }

    /// First and last sight, start of the unbroken run, bundles.
    fn span(lists: &[&[i64]], mut runs: Vec<Run>) -> Option<(i64, i64, Option<i64>, i64)> {
        let lists: Vec<Vec<i64>> = lists.iter().map(|times| times.to_vec()).collect();
        let span = life_span(&lists, &mut runs)?;
        Some((
            span.first_seen_at,
            span.last_seen_at,
            span.seen_since_at,
            span.n_bundles,
        ))
    }

    #[test]
    fn versions_that_touch_are_one_run_and_one_that_came_back_starts_anew() {
        let lists: &[&[i64]] = &[&[10, 20, 30, 40, 50]];
        let touching = vec![run(0, 3, 5), run(0, 0, 1), run(0, 1, 3)];
        assert_eq!(span(lists, touching), Some((10, 50, Some(10), 5)));
        let back = vec![run(0, 4, 5), run(0, 0, 2)];
        assert_eq!(span(lists, back), Some((10, 50, Some(50), 3)));
        assert_eq!(span(lists, vec![run(0, 0, 4)]), Some((10, 40, None, 4)));
        assert_eq!(span(lists, Vec::new()), None);
    }

    #[test]
    fn a_list_of_another_stream_breaks_a_run() {
        let lists: &[&[i64]] = &[&[10, 30, 50], &[20, 40]];
        let both = vec![run(0, 0, 3), run(1, 0, 2)];
        assert_eq!(span(lists, both), Some((10, 50, Some(10), 5)));
        let missed = vec![run(0, 0, 3), run(1, 0, 1)];
        assert_eq!(span(lists, missed), Some((10, 50, Some(50), 4)));
        assert_eq!(span(lists, vec![run(1, 0, 2)]), Some((20, 40, None, 2)));
    }
}
