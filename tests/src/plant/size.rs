//! Sizes of a volume: what the claim asks for, what the PV says and what the appliance gives.

use serde_json::{Value, json};

use super::{Day, Volume};

/// A property in bytes that somebody set.
pub(super) fn bytes(bytes: u64) -> Value {
    let text = bytes.to_string();
    json!({"parsed": bytes, "rawvalue": text, "value": text, "source": "LOCAL", "source_info": null})
}

impl Day {
    /// Capacity of the PV of a volume; sizes of an estate are whole gibibytes.
    pub(super) fn capacity(&mut self, volume: &Volume) -> Option<u64> {
        let pv = self.object("persistentvolumes", &volume.pv)?;
        let text = pv["spec"]["capacity"]["storage"].as_str()?;
        Some(text.strip_suffix("Gi")?.parse::<u64>().ok()? << 30)
    }

    /// Changes the capacity of the PV.
    pub(super) fn set_pv_size(&mut self, volume: &Volume, bytes: u64) -> Option<()> {
        let pv = self.object("persistentvolumes", &volume.pv)?;
        pv["spec"]["capacity"]["storage"] = json!(quantity(bytes));
        Some(())
    }

    /// Changes what the claim asks for.
    pub(super) fn set_request(&mut self, volume: &Volume, bytes: u64) -> Option<()> {
        let claim = self.object("persistentvolumeclaims", &volume.claim_key())?;
        claim["spec"]["resources"]["requests"]["storage"] = json!(quantity(bytes));
        Some(())
    }

    /// Changes the size of the zvol, or the quota of the file system.
    pub(super) fn set_backend_size(&mut self, volume: &Volume, size: u64) -> Option<()> {
        let name = json!(volume.dataset);
        let dataset = self.row("pool.dataset.query", "name", &name)?;
        let property = if dataset["type"] == "VOLUME" {
            "volsize"
        } else {
            "refquota"
        };
        dataset[property] = bytes(size);
        Some(())
    }
}

/// A size as Kubernetes writes it.
fn quantity(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 30) {
        format!("{}Gi", bytes >> 30)
    } else {
        bytes.to_string()
    }
}
