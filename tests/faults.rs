//! Whatever fails, a run leaves a whole bundle that says what is missing, or a clean refusal, and never half a bundle.

#[path = "faults/kill.rs"]
mod kill;
#[path = "faults/matrix.rs"]
mod matrix;
#[path = "faults/stage.rs"]
mod stage;

use std::collections::BTreeMap;
use std::sync::Mutex;

use matrix::{Cell, KINDS, MATRIX};
use stage::Stage;

/// Runs at the same time: most of them wait for a server that does not answer.
const N_THREADS: usize = 12;

#[test]
fn each_endpoint_and_each_fault_has_its_outcome() {
    let stage = Stage::new();
    let cells = Mutex::new(matrix::cells());
    let found: Mutex<BTreeMap<(usize, usize), String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..N_THREADS {
            scope.spawn(|| {
                while let Some(cell) = next(&cells) {
                    let outcome = stage.outcome(&cell);
                    found
                        .lock()
                        .unwrap()
                        .insert((cell.row, cell.column), outcome);
                }
            });
        }
    });
    let found = matrix::text(&found.into_inner().unwrap());
    assert!(
        found.trim() == MATRIX.trim(),
        "the matrix is another one:\n{found}"
    );
}

#[test]
fn every_kind_of_the_simulator_is_in_the_matrix() {
    let refused = stage::world_of("faults: [{at: 'k8s:*', kind: none}]\n").unwrap_err();
    for kind in KINDS {
        assert!(refused.contains(kind), "`{kind}` is not in: {refused}");
    }
    let listed = refused.rsplit("expected ").next().unwrap_or_default();
    assert_eq!(
        listed
            .split([',', ' '])
            .filter(|word| KINDS.contains(word))
            .count(),
        KINDS.len()
    );
}

fn next(cells: &Mutex<Vec<Cell>>) -> Option<Cell> {
    cells.lock().unwrap().pop()
}
