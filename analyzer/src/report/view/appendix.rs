//! Tables of the appendices.

use crate::report::model::{
    Bundle, Cell, Column, Coverage, File, Parameter, Prose, Provenance, Source, Table,
};
use crate::report::shell;

pub(super) fn parameters(parameters: &[Parameter]) -> Table {
    let columns = vec![
        Column::words("Parameter", 5),
        Column::words("Applies to", 5),
        Column::words("Value", 3),
        Column::words("Default", 3),
        Column::words("Authority of the default", 6),
    ];
    let rows = parameters.iter().map(|parameter| {
        let value = Cell::Code(parameter.value.clone());
        vec![
            Cell::Code(parameter.name.clone()),
            parameter
                .scope
                .clone()
                .map_or_else(|| Cell::words("everything"), Cell::Name),
            value,
            if parameter.is_default() {
                Cell::words("as shipped")
            } else {
                Cell::Prose(changed(parameter))
            },
            Cell::words(&parameter.authority.text),
        ]
    });
    Table::new("Effective parameters", columns, "No parameter was used.").rows(rows)
}

fn changed(parameter: &Parameter) -> Prose {
    Prose::new()
        .strong("changed")
        .text(" from ")
        .code(&parameter.default)
}

pub(super) fn sources(sources: &[Source]) -> Table {
    let columns = vec![
        Column::words("Source", 5),
        Column::words("List", 4),
        Column::words("Outcome", 3),
        Column::numbers("Records", 3),
        Column::numbers("Took", 2),
        Column::words("Read at", 4),
    ];
    let rows = sources.iter().map(|source| {
        let outcome = if source.is_limiting {
            Cell::Prose(Prose::words("▲ ").text(&source.outcome))
        } else {
            Cell::words(&source.outcome)
        };
        vec![
            Cell::Name(source.scope.clone()),
            Cell::Code(source.list.clone()),
            outcome,
            Cell::Number(source.records.clone()),
            Cell::Number(source.duration.clone()),
            Cell::Moment(source.read_at.clone()),
        ]
    });
    Table::new("Lists that were read", columns, "No list was read.")
        .rows(rows)
        .note(Prose::words("▲ marks planned lists that are short or missing; checks that need them were not evaluated."))
}

/// Scopes side by side in one table; more would not fit on paper.
const N_SCOPES: usize = 4;

pub(super) fn coverage(coverage: &Coverage) -> Vec<Table> {
    let n_scopes = coverage.scopes.len();
    (0..n_scopes)
        .step_by(N_SCOPES)
        .map(|from| matrix(coverage, from, n_scopes.min(from + N_SCOPES)))
        .collect()
}

fn matrix(coverage: &Coverage, from: usize, to: usize) -> Table {
    let mut columns = vec![Column::words("Check", 6)];
    columns.extend(
        coverage.scopes[from..to]
            .iter()
            .map(|scope| Column::about(scope, 4)),
    );
    let rows = coverage.rows.iter().map(|row| {
        let mut cells = vec![Cell::Prose(
            Prose::new().code(&row.check).text(" ").text(&row.title),
        )];
        cells.extend(
            row.outcomes
                .iter()
                .skip(from)
                .take(to - from)
                .map(|outcome| match &outcome.reason {
                    None => Cell::State(outcome.state),
                    Some(reason) => {
                        Cell::Prose(Prose::words(outcome.state.word()).text(": ").text(reason))
                    }
                }),
        );
        cells
    });
    Table::new("Check by scope", columns, "No check ran.").rows(rows)
}

pub(super) fn bundles(bundles: &[Bundle]) -> Table {
    let columns = vec![
        Column::words("Bundle", 5),
        Column::words("Until", 3),
        Column::words("SHA-256", 7),
        Column::words("Key", 7),
        Column::words("Verification", 3),
    ];
    let rows = bundles.iter().map(|bundle| {
        vec![
            Cell::Code(bundle.id.clone()),
            Cell::Moment(bundle.to.clone()),
            Cell::Code(bundle.sha256.clone()),
            Cell::Code(bundle.key.clone()),
            Cell::words(&bundle.verification),
        ]
    });
    Table::new("Bundles", columns, "No bundle was read.").rows(rows)
}

pub(super) fn files(files: &[File]) -> Table {
    let columns = vec![
        Column::words("File", 6),
        Column::words("Bundle", 5),
        Column::words("SHA-256", 9),
        Column::numbers("Size", 2),
    ];
    let rows = files.iter().map(|file| {
        vec![
            Cell::Code(file.file.clone()),
            Cell::Code(file.bundle.clone()),
            Cell::Code(file.sha256.clone()),
            Cell::Number(file.size.clone()),
        ]
    });
    Table::new(
        "Files that evidence was read from",
        columns,
        "No file was read.",
    )
    .rows(rows)
}

pub(super) fn reproduce(provenance: &Provenance) -> Vec<String> {
    provenance
        .reproduce
        .iter()
        .map(|arguments| shell::line(arguments.iter().map(String::as_str)))
        .collect()
}
