//! State of the appliance itself: disks, scrubs, services, alerts, failover and updates.

use serde_json::json;
use truenas_common::redact::{ApplianceId, Redactor};

use super::{Paged, Walk, Whole};
use crate::gather::sink::{Sink, SinkError, row, rows};
use crate::gather::truenas::{alert, disk, failover, pool_class, scrub_task, service, update};
use crate::source::truenas::{
    ALERT_LIST, DISK_QUERY, FAILOVER_STATUS, POOL_SCRUB_QUERY, SERVICE_QUERY, UPDATE_CONFIG,
    ZPOOL_QUERY,
};

impl Walk<'_> {
    /// Everything that is neither an export nor a volume.
    pub(super) async fn state(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let whole = Whole {
            method: &ZPOOL_QUERY,
            gatherer: &pool_class::GATHERER,
            params: json!([{"properties": pool_class::PROPERTIES}]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(sink, pool_class::rows(&found, id, redactor))
        })
        .await?;
        let whole = Whole {
            method: &DISK_QUERY,
            gatherer: &disk::GATHERER,
            params: json!([[], {"select": disk::SELECT, "extra": {"pools": true}}]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(sink, disk::rows(&found, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &POOL_SCRUB_QUERY,
            tables: scrub_task::GATHERER.tables,
            select: scrub_task::SELECT,
        };
        let last_id = |task: &scrub_task::ScrubTask| task.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, scrub_task::rows(page, id, redactor))
        })
        .await?;
        let whole = Whole {
            method: &SERVICE_QUERY,
            gatherer: &service::GATHERER,
            params: json!([]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(sink, service::rows(&found as &Vec<service::Service>, id))
        })
        .await?;
        let whole = Whole {
            method: &ALERT_LIST,
            gatherer: &alert::GATHERER,
            params: json!([]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(sink, alert::rows(&found, id, redactor))
        })
        .await?;
        let gatherer = &failover::GATHERER;
        self.single(&FAILOVER_STATUS, gatherer, sink, |state: String, sink| {
            row(sink, &failover::row(&state, id))
        })
        .await?;
        self.single(&UPDATE_CONFIG, &update::GATHERER, sink, |config, sink| {
            row(sink, &update::row(&config, id))
        })
        .await
    }
}
