//! iSCSI: settings, targets with the ways into them, extents, links, initiators and live sessions.

use serde_json::json;
use truenas_common::redact::{ApplianceId, Redactor};

use super::{Paged, Walk, Whole};
use crate::gather::sink::{Sink, SinkError, Tally, row, rows};
use crate::gather::truenas::{
    iscsi_extent, iscsi_global, iscsi_initiator, iscsi_session, iscsi_target, iscsi_target_extent,
    iscsi_target_group,
};
use crate::source::truenas::{
    ISCSI_EXTENT_QUERY, ISCSI_GLOBAL_CONFIG, ISCSI_GLOBAL_SESSIONS, ISCSI_INITIATOR_QUERY,
    ISCSI_TARGET_QUERY, ISCSI_TARGETEXTENT_QUERY, ask,
};

impl Walk<'_> {
    /// Everything about iSCSI but the portals.
    pub(super) async fn iscsi(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.targets(id, redactor, sink).await?;
        let paged = Paged {
            method: &ISCSI_EXTENT_QUERY,
            tables: iscsi_extent::GATHERER.tables,
            select: iscsi_extent::SELECT,
        };
        let last_id = |extent: &iscsi_extent::Extent| extent.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, iscsi_extent::rows(page, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &ISCSI_TARGETEXTENT_QUERY,
            tables: iscsi_target_extent::GATHERER.tables,
            select: iscsi_target_extent::SELECT,
        };
        let last_id = |link: &iscsi_target_extent::TargetExtent| link.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, iscsi_target_extent::rows(page, id))
        })
        .await?;
        let paged = Paged {
            method: &ISCSI_INITIATOR_QUERY,
            tables: iscsi_initiator::GATHERER.tables,
            select: iscsi_initiator::SELECT,
        };
        let last_id = |group: &iscsi_initiator::Initiator| group.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, iscsi_initiator::rows(page, id, redactor))?;
            rows(sink, iscsi_initiator::name_rows(page, id, redactor))
        })
        .await?;
        let whole = Whole {
            method: &ISCSI_GLOBAL_SESSIONS,
            gatherer: &iscsi_session::GATHERER,
            params: json!([[], {"select": iscsi_session::SELECT}]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(
                sink,
                iscsi_session::rows(&found as &Vec<iscsi_session::Session>, id, redactor),
            )
        })
        .await
    }

    /// The base name of all targets, then the targets.
    async fn targets(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(&ISCSI_GLOBAL_CONFIG);
        let mut tally = Tally::new(sink);
        let found =
            ask::<iscsi_global::GlobalConfig>(self.session, &ISCSI_GLOBAL_CONFIG, &json!([])).await;
        reading.ended_at = self.clock.now();
        if let Ok(config) = &found {
            row(&mut tally, &iscsi_global::row(config, id, redactor))?;
        }
        tally.arrived(1);
        let tables = [iscsi_target::GATHERER.tables, iscsi_global::GATHERER.tables].concat();
        reading.write_tally(&tables, &mut tally, found.as_ref().err())?;
        let basename = found.ok().and_then(|config| config.basename);
        let tables = [
            iscsi_target::GATHERER.tables,
            iscsi_target_group::GATHERER.tables,
        ]
        .concat();
        let paged = Paged {
            method: &ISCSI_TARGET_QUERY,
            tables: &tables,
            select: iscsi_target::SELECT,
        };
        let last_id = |target: &iscsi_target::Target| target.id;
        self.paged(paged, last_id, sink, |page, sink| {
            let found = iscsi_target::rows(page, basename.as_deref(), id, redactor);
            rows(sink, found)?;
            rows(sink, iscsi_target_group::rows(page, id))
        })
        .await
    }
}
