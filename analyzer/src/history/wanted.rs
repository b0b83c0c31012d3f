//! Some columns of many rows.

use truenas_common::schema::{Cell, Table};

use super::encode;

/// Where the wanted columns of a row are: a row is walked once, and no further than the last of them.
pub(super) struct Wanted {
    places: Vec<Option<usize>>,
    n_cells: usize,
}

impl Wanted {
    /// Columns by name, none of them twice; one that the table does not have is NULL in every row.
    pub(super) fn of(table: &Table, columns: &[&str]) -> Self {
        let mut places = vec![None; table.columns.len()];
        for (index, name) in columns.iter().enumerate() {
            if let Some((place, _)) = table.column(name) {
                places[place] = Some(index);
            }
        }
        let n_places = places.iter().rposition(Option::is_some);
        places.truncate(n_places.map_or(0, |last| last + 1));
        Self {
            places,
            n_cells: columns.len(),
        }
    }

    /// Cells of a row in the order in which the columns were given.
    pub(super) fn cells<'r>(&self, table: &'static Table, row: &'r [u8]) -> Vec<Option<Cell<'r>>> {
        let mut cells = vec![None; self.n_cells];
        for (place, cell) in self.places.iter().zip(encode::cells(table, row)) {
            if let Some(index) = place {
                cells[*index] = cell;
            }
        }
        cells
    }
}
