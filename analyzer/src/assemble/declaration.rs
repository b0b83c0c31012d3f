//! What the configuration of the analyst declares, beside the parameters of the appendix.

use super::Context;
use crate::report::model::{Block, Cell, Column, Name, Prose, Section, Table};

/// Declared parents and known consumers; nothing when none is declared.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let settings = context.options.settings;
    if settings.parents.is_empty() && settings.known_consumers.is_empty() {
        return None;
    }
    let parents = settings.parents.iter().map(|parent| {
        let mut clusters = Prose::new();
        for cluster in &parent.clusters {
            let separator = if clusters.is_empty() { "" } else { ", " };
            clusters = clusters
                .text(separator)
                .name(&Name::new("cluster", cluster));
        }
        let others = if parent.is_complete {
            "no other cluster"
        } else {
            "others may, too"
        };
        vec![
            Cell::Name(Name::new("dataset", &parent.dataset)),
            Cell::Prose(clusters),
            Cell::words(others),
        ]
    });
    let consumers = settings.known_consumers.iter().map(|consumer| {
        vec![
            Cell::Name(Name::new("host", consumer)),
            Cell::words("known consumer"),
            Cell::words("its sessions are explained"),
        ]
    });
    let columns = vec![
        Column::words("Object", 8),
        Column::words("Declared", 8),
        Column::words("And", 6),
    ];
    let table =
        Table::new("Declared by the analyst", columns, "nothing").rows(parents.chain(consumers));
    Some(Section {
        id: "declared".to_owned(),
        title: "What the analyst declared".to_owned(),
        blocks: vec![
            Block::Prose(Prose::words(
                "Not signed by a site: these lines come from the configuration that this report was made with.",
            )),
            Block::Table(table),
        ],
    })
}
