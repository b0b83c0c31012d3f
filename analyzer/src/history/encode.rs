//! One row as bytes that sort as its values do, and back.

use std::borrow::Cow;

use truenas_common::schema::{Cell, Kind, Table};

/// Encodes cells in column order: NULL sorts first, then integers by value, then text by bytes.
pub(super) fn encode(cells: &[Option<Cell<'_>>]) -> Box<[u8]> {
    // Exactly as long as the row: an allocator keeps what a vector reserved too much, and there are millions of rows.
    let mut bytes = Vec::with_capacity(cells.iter().map(length).sum());
    for cell in cells {
        match cell {
            None => bytes.push(0),
            Some(Cell::Bool(truth)) => bytes.extend_from_slice(&[1, u8::from(*truth)]),
            Some(Cell::Integer(number)) => {
                bytes.push(1);
                // Flipping the sign makes two's complement sort as unsigned bytes.
                bytes.extend_from_slice(&(number ^ i64::MIN).to_be_bytes());
            }
            Some(Cell::Text(text)) => {
                // Text has no control characters, so zero ends it and keeps prefixes in order.
                bytes.push(1);
                bytes.extend_from_slice(text.as_bytes());
                bytes.push(0);
            }
        }
    }
    bytes.into()
}

/// Bytes of one cell.
fn length(cell: &Option<Cell<'_>>) -> usize {
    match cell {
        None => 1,
        Some(Cell::Bool(_)) => 2,
        Some(Cell::Integer(_)) => 9,
        Some(Cell::Text(text)) => text.len() + 2,
    }
}

/// Walks the cells of an encoded row.
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    columns: std::slice::Iter<'static, truenas_common::schema::Column>,
}

/// Starts at the first column.
pub(super) fn cells<'a>(table: &'static Table, bytes: &'a [u8]) -> Cells<'a> {
    Cells {
        bytes,
        columns: table.columns.iter(),
    }
}

/// Starts behind the first `n` columns, whose bytes the caller left out.
pub(super) fn cells_behind<'a>(table: &'static Table, n: usize, bytes: &'a [u8]) -> Cells<'a> {
    Cells {
        bytes,
        columns: table.columns.get(n..).unwrap_or_default().iter(),
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Option<Cell<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let column = self.columns.next()?;
        let (tag, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        if *tag == 0 {
            return Some(None);
        }
        let cell = match column.kind {
            Kind::Bool => {
                let (truth, rest) = rest.split_first()?;
                self.bytes = rest;
                Cell::Bool(*truth == 1)
            }
            Kind::Integer | Kind::Time => {
                let (number, rest) = rest.split_first_chunk::<8>()?;
                self.bytes = rest;
                Cell::Integer(i64::from_be_bytes(*number) ^ i64::MIN)
            }
            Kind::Text => {
                let end = rest.iter().position(|byte| *byte == 0)?;
                self.bytes = &rest[end + 1..];
                Cell::Text(Cow::Borrowed(std::str::from_utf8(&rest[..end]).ok()?))
            }
        };
        Some(Some(cell))
    }
}

/// Length of the leading bytes that hold the identity.
pub(super) fn key_length(table: &'static Table, bytes: &[u8]) -> usize {
    let mut cells = cells(table, bytes);
    cells.by_ref().take(table.n_keys()).for_each(drop);
    bytes.len() - cells.bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::tables;

    #[test]
    fn rows_come_back_and_sort_by_value() {
        let table = tables::table("nas_iscsi_target_extent").unwrap();
        let row = |id: i64, lun: Option<i64>| {
            encode(&[
                Some(Cell::Text("appliance-x".into())),
                Some(Cell::Integer(id)),
                Some(Cell::Integer(-1)),
                Some(Cell::Integer(i64::MAX)),
                lun.map(Cell::Integer),
            ])
        };
        let encoded = row(7, None);
        assert_eq!(encoded.len(), 1 + "appliance-x".len() + 1 + 3 * 9 + 1);
        let read: Vec<_> = cells(table, &encoded).collect();
        assert_eq!(read[1], Some(Cell::Integer(7)));
        assert_eq!(read[2], Some(Cell::Integer(-1)));
        assert_eq!(read[4], None);
        assert!(row(-5, None) < row(3, None));
        assert!(row(3, None) < row(3, Some(-9)));
        let key_bytes = 1 + "appliance-x".len() + 1 + 1 + 8;
        assert_eq!(key_length(table, &row(3, None)), key_bytes);
    }
}
