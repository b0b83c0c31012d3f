//! Counters that follow from others are kept as what is left over, which is nearly always 0: a history of counters is a
//! quarter smaller. The only file that knows that files hold something other than the rows.

use polars::prelude::*;
use truenas_common::schema::Table;

/// One counter, and what files hold in its place: the counter less its terms. A term that is not given counts as 0 on
/// both ways, so the counter comes back exactly.
struct Residual {
    table: &'static str,
    column: &'static str,
    stored: &'static str,
    terms: &'static [&'static str],
}

/// In the order in which they are taken; they are given back in the opposite order, for a term may be one itself.
/// `used` is the sum of its four parts and `usedbydataset` is `referenced` unless blocks are shared (zfsprops(7)).
const RESIDUALS: [Residual; 2] = [
    Residual {
        table: "zfs_dataset_space",
        column: "used_bytes",
        stored: "used_residual_bytes",
        terms: &[
            "used_by_dataset_bytes",
            "used_by_snapshots_bytes",
            "used_by_children_bytes",
            "used_by_refreservation_bytes",
        ],
    },
    Residual {
        table: "zfs_dataset_space",
        column: "used_by_dataset_bytes",
        stored: "used_by_dataset_residual_bytes",
        terms: &["referenced_bytes"],
    },
];

/// Rows as a file holds them.
pub(super) fn store(table: &Table, mut frame: DataFrame) -> PolarsResult<DataFrame> {
    for residual in RESIDUALS.iter().filter(|it| it.table == table.name) {
        let left = residual.combine(&frame, residual.column, i64::wrapping_sub)?;
        replace(
            &mut frame,
            residual.column,
            left.with_name(residual.stored.into()),
        )?;
    }
    Ok(frame)
}

/// Rows of a file; one that an older version wrote holds the counters themselves.
pub(super) fn load(table: &Table, mut frame: DataFrame) -> PolarsResult<DataFrame> {
    let ours = RESIDUALS.iter().rev().filter(|it| it.table == table.name);
    for residual in ours {
        if frame.column(residual.stored).is_ok() {
            let whole = residual.combine(&frame, residual.stored, i64::wrapping_add)?;
            replace(
                &mut frame,
                residual.stored,
                whole.with_name(residual.column.into()),
            )?;
        }
    }
    Ok(frame)
}

impl Residual {
    /// A column with the terms added to it or taken from it. Wrapping loses nothing: the way back wraps too.
    fn combine(
        &self,
        frame: &DataFrame,
        column: &str,
        combine: fn(i64, i64) -> i64,
    ) -> PolarsResult<Int64Chunked> {
        let mut combined = frame.column(column)?.i64()?.clone();
        for term in self.terms {
            let term = frame.column(term)?.i64()?;
            let values = combined.iter().zip(term.iter());
            combined = values
                .map(|(value, term)| value.map(|value| combine(value, term.unwrap_or(0))))
                .collect();
        }
        Ok(combined)
    }
}

fn replace(frame: &mut DataFrame, column: &str, with: Int64Chunked) -> PolarsResult<()> {
    let index = frame.try_get_column_index(column)?;
    frame.replace_column(index, with.into_column())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::schema::Cell;
    use truenas_common::tables;

    use crate::history::{encode, frame::table_frame};

    /// A dataset whose counters are given in the order of the table, without `logicalused` and what follows.
    fn rows(counters: &[[Option<i64>; 6]]) -> (&'static Table, DataFrame) {
        let table = tables::table("zfs_dataset_space").unwrap();
        let row = |(number, counters): (usize, &[Option<i64>; 6])| {
            let text = |text: String| Some(Cell::Text(text.into()));
            let mut cells = vec![text("a".to_owned()), text(format!("p/{number}"))];
            cells.extend(counters.iter().map(|it| it.map(Cell::Integer)));
            cells.extend(vec![None; table.columns.len() - cells.len()]);
            encode::encode(&cells)
        };
        let rows: Vec<_> = counters.iter().enumerate().map(row).collect();
        let rows: Vec<&[u8]> = rows.iter().map(AsRef::as_ref).collect();
        let frame = table_frame(table, &rows, None).unwrap();
        (table, frame)
    }

    fn column(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
        frame.column(name).unwrap().i64().unwrap().iter().collect()
    }

    #[test]
    fn counters_that_add_up_are_stored_as_zero_and_come_back() {
        let (table, frame) = rows(&[
            [Some(111), Some(10), Some(1), Some(100), Some(0), Some(10)],
            // A clone refers to blocks of its origin.
            [Some(5), Some(5), Some(0), Some(0), Some(0), Some(90)],
        ]);
        let stored = store(table, frame.clone()).unwrap();
        assert_eq!(column(&stored, "used_residual_bytes"), [Some(0), Some(0)]);
        assert_eq!(
            column(&stored, "used_by_dataset_residual_bytes"),
            [Some(0), Some(-85)]
        );
        assert!(stored.column("used_bytes").is_err());
        assert!(load(table, stored).unwrap().equals_missing(&frame));
    }

    #[test]
    fn what_an_older_version_wrote_is_read_as_it_stands() {
        let (table, frame) = rows(&[[Some(7), Some(1), None, None, None, None]]);
        assert!(load(table, frame.clone()).unwrap().equals_missing(&frame));
    }

    proptest::proptest! {
        #[test]
        fn any_counters_come_back(counters: Vec<[Option<i64>; 6]>) {
            let (table, frame) = rows(&counters);
            let back = load(table, store(table, frame.clone()).unwrap()).unwrap();
            assert!(back.equals_missing(&frame));
        }
    }
}
