//! Fields that servers gave and no gatherer reads, as rows: names alone, and those that people chose as tokens.

use std::collections::BTreeMap;

use truenas_common::redact::Redactor;
use truenas_common::tables::CollectField;
use truenas_common::tables::code::{Constant, SourceKind};

use crate::gather::{self, Sink, SinkError};
use crate::run::dropped::Counts;
use crate::source::OTHER_FORM;

/// Objects whose keys people choose, or that are named after what is on a machine: nothing below them is a field.
const CHOSEN: &[&str] = &[
    "allocatable",
    "annotations",
    "capacity",
    "data",
    "hard",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "parameters",
    "requests",
    "used",
    "user_properties",
    "volumeAttributes",
];

/// Writes one row for each field of the lists that gatherers read.
pub(super) fn write(
    counts: &Counts,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let reads = gather::ALL.iter().flat_map(|gatherer| gatherer.reads);
    let sources: BTreeMap<&str, SourceKind> =
        reads.map(|read| (read.name(), read.source())).collect();
    for (list, fields) in counts {
        let Some(source) = sources.get(list) else {
            continue;
        };
        for (field, count) in fields.iter().filter(|(field, _)| is_of_a_server(field)) {
            let row = CollectField {
                source: *source,
                list: Constant(list),
                field: redactor.field(field),
                n_times: i64::try_from(*count).unwrap_or(i64::MAX),
            };
            gather::row(sink, &row)?;
        }
    }
    Ok(())
}

/// Whether the name is one that a server gives: it has the form of one, and no object of free keys is above it.
fn is_of_a_server(field: &str) -> bool {
    let above = field.rsplit_once('.').map_or("", |(above, _)| above);
    field != OTHER_FORM && !above.split('.').any(|step| CHOSEN.contains(&step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::Table;

    #[derive(Default)]
    struct Lines(Vec<String>);

    impl Sink for Lines {
        fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError> {
            truenas_common::tables::parse_line(table, std::str::from_utf8(line).unwrap()).unwrap();
            self.0.push(String::from_utf8(line.to_vec()).unwrap());
            Ok(())
        }
    }

    #[test]
    fn names_of_servers_leave_those_of_people_are_tokens_and_free_keys_stay() {
        let fields = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 3)).collect();
        let counts = Counts::from([
            (
                "/api/v1/nodes",
                fields(&[
                    "status.images",
                    "status.acmeRack",
                    "metadata.labels",
                    "metadata.labels.acme",
                    "spec.nodeSelector.acme.io",
                    OTHER_FORM,
                ]),
            ),
            ("core.get_methods", fields(&["pool.query.description"])),
        ]);
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let mut lines = Lines::default();
        write(&counts, &redactor, &mut lines).unwrap();
        let text = lines.0.concat();
        assert_eq!(lines.0.len(), 3, "{text}");
        let clear =
            r#"{"source":"kubernetes","list":"/api/v1/nodes","field":"status.images","n_times":3}"#;
        assert!(
            text.contains(clear) && text.contains("\"metadata.labels\""),
            "{text}"
        );
        assert!(
            text.contains("\"status.field-") && !text.contains("acme"),
            "{text}"
        );
    }
}
