//! Whether the writer of a chain has passed it on: a rotation statement beside the bundles, signed by the old key.

use std::path::Path;

use truenas_common::bundle::{SiteName, SitePublicKey, check_rotation};

use crate::state::Chain;

/// Key files are a few lines.
const MAX_BYTES: u64 = 16 << 10;

/// The old key, when a statement in the folder names `key` as the one that follows it.
pub(super) fn predecessor(
    folder: &Path,
    site: &SiteName,
    key: &SitePublicKey,
    chain: &Chain,
) -> Option<SitePublicKey> {
    let old = SitePublicKey::parse(chain.key.as_deref()?).ok()?;
    if old.fingerprint().to_string() != chain.writer {
        return None;
    }
    let entries = std::fs::read_dir(folder).ok()?;
    let is_stated = entries.filter_map(Result::ok).any(|entry| {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "pub") {
            return false;
        }
        let (Some(public), Some(signature)) =
            (small(&path), small(&path.with_extension("pub.minisig")))
        else {
            return false;
        };
        check_rotation(&public, &signature, &old, site)
            .is_ok_and(|rotation| rotation.key.fingerprint() == key.fingerprint())
    });
    is_stated.then_some(old)
}

fn small(path: &Path) -> Option<String> {
    let is_small = std::fs::metadata(path).ok()?.len() <= MAX_BYTES;
    is_small.then(|| std::fs::read_to_string(path).ok())?
}
