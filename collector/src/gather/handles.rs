//! Volume handles by PV, so that the names of attachments can be judged: the name itself never leaves.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// Handles of CSI volumes; one that equals the name of its PV takes no text.
#[derive(Debug, Default)]
pub(super) struct Handles(HashMap<String, Option<String>>);

impl Handles {
    /// Notes the handles of a page of volumes.
    pub(super) fn note<'a>(&mut self, handles: impl Iterator<Item = (&'a str, &'a str)>) {
        self.0.extend(handles.map(|(pv, handle)| {
            let other = (pv != handle).then(|| handle.to_owned());
            (pv.to_owned(), other)
        }));
    }

    /// Whether an attachment is called as Kubernetes calls it; nothing for a volume that is not known.
    pub(super) fn is_regular(
        &self,
        name: &str,
        pv: &str,
        driver: &str,
        node: &str,
    ) -> Option<bool> {
        let (pv, handle) = self.0.get_key_value(pv)?;
        let handle = handle.as_ref().unwrap_or(pv);
        let mut hash = Sha256::new();
        for part in [handle.as_str(), driver, node] {
            hash.update(part);
        }
        let expected = HEXLOWER.encode(&hash.finalize());
        Some(name.strip_prefix("csi-") == Some(expected.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_the_hash_of_handle_driver_and_node() {
        let mut handles = Handles::default();
        handles.note([("pvc-1", "tank/pvc-1"), ("b", "b")].into_iter());
        let hashed = |text: &str| format!("csi-{}", HEXLOWER.encode(&Sha256::digest(text)));
        let of = |name: &str, pv| handles.is_regular(name, pv, "csi.truenas.io", "worker-1");
        let regular = hashed("tank/pvc-1csi.truenas.ioworker-1");
        assert_eq!(of(&regular, "pvc-1"), Some(true));
        assert_eq!(
            of(&hashed("pvc-1csi.truenas.ioworker-1"), "pvc-1"),
            Some(false)
        );
        assert_eq!(of(&hashed("bcsi.truenas.ioworker-1"), "b"), Some(true));
        assert_eq!(of(regular.trim_start_matches("csi-"), "pvc-1"), Some(false));
        assert_eq!(of(&regular, "pvc-2"), None);
    }
}
