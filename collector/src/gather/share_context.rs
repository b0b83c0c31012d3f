//! The share context of democratic-csi: the same closed list of keys on the PV and in the stored property.

use serde::Deserialize;
use serde_json::{Map, Value};
use truenas_common::redact::{Context, Redactor};

/// Keys that both sides have; provisioner keys and anything else are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShareContext {
    pub(super) node_attach_driver: Option<Value>,
    pub(super) server: Option<Value>,
    pub(super) share: Option<Value>,
    pub(super) portal: Option<Value>,
    pub(super) portals: Option<Value>,
    pub(super) interface: Option<Value>,
    pub(super) iqn: Option<Value>,
    pub(super) lun: Option<Value>,
    pub(super) transport: Option<Value>,
    pub(super) transports: Option<Value>,
    pub(super) nqn: Option<Value>,
    pub(super) nsid: Option<Value>,
}

impl ShareContext {
    /// Reads the stored property.
    pub(super) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// NFS export.
    pub(super) fn nfs_path(&self) -> Option<&str> {
        let is_nfs = text(&self.node_attach_driver) == Some("nfs");
        text(&self.share).filter(|_| is_nfs)
    }

    /// SMB share.
    pub(super) fn smb_name(&self) -> Option<&str> {
        let is_smb = text(&self.node_attach_driver) == Some("smb");
        text(&self.share).filter(|_| is_smb)
    }

    /// NFS or SMB server.
    pub(super) fn server(&self) -> Option<&str> {
        text(&self.server)
    }

    /// IQN of the target.
    pub(super) fn iqn(&self) -> Option<&str> {
        text(&self.iqn)
    }

    /// NVMe subsystem.
    pub(super) fn nqn(&self) -> Option<&str> {
        text(&self.nqn)
    }

    /// LUN, a number or its text.
    pub(super) fn lun(&self) -> Option<i64> {
        number(&self.lun)
    }

    /// NVMe namespace id, a number or its text.
    pub(super) fn nsid(&self) -> Option<i64> {
        number(&self.nsid)
    }

    /// The token, or nothing when the context does not say how nodes attach.
    pub(super) fn token(&self, redactor: &Redactor) -> Option<Context> {
        self.node_attach_driver.as_ref()?;
        let fields = [
            ("node_attach_driver", &self.node_attach_driver),
            ("server", &self.server),
            ("share", &self.share),
            ("portal", &self.portal),
            ("portals", &self.portals),
            ("interface", &self.interface),
            ("iqn", &self.iqn),
            ("lun", &self.lun),
            ("transport", &self.transport),
            ("transports", &self.transports),
            ("nqn", &self.nqn),
            ("nsid", &self.nsid),
        ];
        let map: Map<String, Value> = fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect();
        Some(redactor.context(&map))
    }
}

fn text(value: &Option<Value>) -> Option<&str> {
    let text = value.as_ref()?.as_str()?;
    (!text.is_empty()).then_some(text)
}

fn number(value: &Option<Value>) -> Option<i64> {
    let value = value.as_ref()?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn number_and_text_of_a_lun_are_one_context_and_other_keys_do_not_count() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let token = |text| ShareContext::parse(text).unwrap().token(&redactor);
        let stored = token(r#"{"node_attach_driver":"iscsi","iqn":"iqn.x:a","lun":0}"#);
        let pv = token(
            r#"{"lun":"0","iqn":"iqn.x:a","node_attach_driver":"iscsi","provisioner_driver":"freenas-iscsi"}"#,
        );
        assert_eq!(stored, pv);
        assert!(stored.is_some());
        assert_eq!(token(r#"{"pool":"tank"}"#), None);
    }
}
