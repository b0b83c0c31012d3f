//! NVMe-oF: settings, subsystems, namespaces, ports, hosts and live connections. Releases before 25.10 have none.

use serde_json::json;
use truenas_common::redact::{ApplianceId, Redactor};

use super::{Paged, Walk, Whole};
use crate::gather::sink::{Sink, SinkError, row, rows};
use crate::gather::truenas::{
    nvmet_global, nvmet_host_subsys, nvmet_namespace, nvmet_port, nvmet_port_subsys, nvmet_session,
    nvmet_subsys,
};
use crate::source::truenas::{
    NVMET_GLOBAL_CONFIG, NVMET_GLOBAL_SESSIONS, NVMET_HOST_SUBSYS_QUERY, NVMET_NAMESPACE_QUERY,
    NVMET_PORT_QUERY, NVMET_PORT_SUBSYS_QUERY, NVMET_SUBSYS_QUERY,
};

impl Walk<'_> {
    /// Everything about NVMe-oF.
    pub(super) async fn nvmet(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let gatherer = &nvmet_global::GATHERER;
        self.single(&NVMET_GLOBAL_CONFIG, gatherer, sink, |config, sink| {
            row(sink, &nvmet_global::row(&config, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &NVMET_SUBSYS_QUERY,
            tables: nvmet_subsys::GATHERER.tables,
            select: nvmet_subsys::SELECT,
        };
        let last_id = |subsys: &nvmet_subsys::Subsys| subsys.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nvmet_subsys::rows(page, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &NVMET_NAMESPACE_QUERY,
            tables: nvmet_namespace::GATHERER.tables,
            select: nvmet_namespace::SELECT,
        };
        let last_id = |namespace: &nvmet_namespace::Namespace| namespace.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nvmet_namespace::rows(page, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &NVMET_PORT_QUERY,
            tables: nvmet_port::GATHERER.tables,
            select: nvmet_port::SELECT,
        };
        let last_id = |port: &nvmet_port::Port| port.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nvmet_port::rows(page, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &NVMET_PORT_SUBSYS_QUERY,
            tables: nvmet_port_subsys::GATHERER.tables,
            select: nvmet_port_subsys::SELECT,
        };
        let last_id = |link: &nvmet_port_subsys::PortSubsys| link.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nvmet_port_subsys::rows(page, id))
        })
        .await?;
        let paged = Paged {
            method: &NVMET_HOST_SUBSYS_QUERY,
            tables: nvmet_host_subsys::GATHERER.tables,
            select: nvmet_host_subsys::SELECT,
        };
        let last_id = |link: &nvmet_host_subsys::HostSubsys| link.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nvmet_host_subsys::rows(page, id, redactor))
        })
        .await?;
        let whole = Whole {
            method: &NVMET_GLOBAL_SESSIONS,
            gatherer: &nvmet_session::GATHERER,
            params: json!([[], {"select": nvmet_session::SELECT}]),
        };
        self.whole(whole, sink, |found, sink| {
            rows(sink, nvmet_session::rows(&found, id, redactor))
        })
        .await
    }
}
