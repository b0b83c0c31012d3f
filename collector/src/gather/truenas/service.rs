//! Services that export volumes.

use serde::Deserialize;
use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasService;
use truenas_common::tables::code;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::SERVICE_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/service",
    why: "Whether the services that export volumes run and start on boot.",
    reads: &[Read::Truenas(&SERVICE_QUERY)],
    tables: &["nas_service"],
};

/// A service.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Service {
    service: String,
    enable: bool,
    state: String,
}

/// One row for each service of the list; others are not of interest.
pub(in crate::gather) fn rows(services: &[Service], appliance: &ApplianceId) -> Vec<NasService> {
    let known = services.iter().filter_map(|service| {
        let word = code::Service::parse(&service.service);
        (word != code::Service::Other).then_some((word, service))
    });
    known
        .map(|(word, service)| NasService {
            appliance: appliance.clone(),
            service: word,
            is_enabled: service.enable,
            is_running: service.state == "RUNNING",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn only_services_that_export_volumes_are_rows() {
        let services: Vec<Service> = serde_json::from_str(
            r#"[{"id": 6, "service": "iscsitarget", "enable": true, "state": "RUNNING", "pids": []},
                {"id": 7, "service": "ssh", "enable": true, "state": "RUNNING"},
                {"id": 9, "service": "nfs", "enable": false, "state": "STOPPED"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&services, &redactor.name("a"));
        assert_eq!(rows.len(), 2);
        assert!(rows[0].is_running && !rows[1].is_running && !rows[1].is_enabled);
    }
}
