//! Signatures without a bundle, which runs leave that are killed between the two.
//!
//! Whoever carries bundles away may take a signature after its bundle. So only those go that such a run must have left:
//! of the place in the chain that is still free, and of a time that is not kept any more.

use std::path::Path;

use truenas_common::bundle::{
    BundleName, OuterComment, SiteName, SitePublicKey, approval_file_name,
};

use crate::state::found::{claimed, lone_signatures, signature_path};

/// Removes signatures that this key made for the next bundle's place in its stream; the caller holds the lock. One with
/// an approval beside it stays: somebody has seen its bundle.
pub(crate) fn remove_unpublished(
    folder: &Path,
    next: &BundleName,
    stream: &str,
    key: &SitePublicKey,
) {
    let is_left = |comment: &OuterComment| comment.stream == stream && comment.seq == next.seq;
    let is_unseen = |name: &BundleName| !folder.join(approval_file_name(name)).exists();
    remove(folder, &next.site, key, |name, comment| {
        is_left(comment) && is_unseen(name)
    });
}

/// Removes signatures of this key that are older than a moment, with the approvals of their bundles.
pub(super) fn remove_older(folder: &Path, site: &SiteName, key: &SitePublicKey, unix_secs: i64) {
    remove(folder, site, key, |_, comment| {
        comment.timestamp < unix_secs
    });
}

/// Removes what stands beside a bundle that is gone. The signature goes last, as the rest is found by it.
pub(super) fn remove_beside(folder: &Path, name: &BundleName) {
    for path in [
        folder.join(approval_file_name(name)),
        signature_path(folder, name),
    ] {
        // Neither is of use without the bundle, and an approval is often absent.
        let _ = std::fs::remove_file(path);
    }
}

fn remove(
    folder: &Path,
    site: &SiteName,
    key: &SitePublicKey,
    is_left: impl Fn(&BundleName, &OuterComment) -> bool,
) {
    // A folder that cannot be listed is no reason to give up; whatever is written to it next says why.
    for name in lone_signatures(folder, site).unwrap_or_default() {
        let claimed = claimed(folder, &name, key);
        if claimed.is_some_and(|comment| is_left(&name, &comment)) {
            remove_beside(folder, &name);
            tracing::info!(seq = name.seq, "signature without a bundle removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::found::bundles;
    use crate::state::written::{key, site, time, write_at};

    const STREAM: &str = "5f1c9a03b7d2e468";

    /// Writes a bundle, and takes it away again but for its signature.
    fn write_lone(folder: &Path, seq: u64, seed: u8) {
        write_at(folder, STREAM, seq, &key(seed));
        let name = BundleName::new(site(), seq, time(seq));
        std::fs::remove_file(folder.join(name.file_name())).unwrap();
    }

    fn lone(folder: &Path) -> Vec<u64> {
        let names = lone_signatures(folder, &site()).unwrap();
        names.iter().map(|name| name.seq).collect()
    }

    #[test]
    fn signature_of_the_next_number_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let others = [
            "site-2027a.pub.minisig",
            "x9x9-000003-20261123T184000Z.tar.zst.age.minisig",
            ".k3f9-000003-20261123T184000Z.tar.zst.age.minisig.partial",
            "k3f9-000003-20261123T184000Z.tar.zst.age.minisig",
        ];
        for name in others {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        write_at(folder.path(), STREAM, 1, &key(1));
        for seq in [2, 3] {
            write_lone(folder.path(), seq, 1);
        }
        let next = BundleName::new(site(), 3, time(9));
        let remove = |stream, seed| {
            remove_unpublished(folder.path(), &next, stream, &key(seed).public());
            lone(folder.path())
        };
        assert_eq!(remove(STREAM, 2), [2, 3, 3], "of another key");
        assert_eq!(
            remove("0000000000000001", 1),
            [2, 3, 3],
            "of another stream"
        );
        let approval = folder
            .path()
            .join(approval_file_name(&BundleName::new(site(), 3, time(3))));
        std::fs::write(&approval, "x").unwrap();
        assert_eq!(remove(STREAM, 1), [2, 3, 3], "somebody approved its bundle");
        std::fs::remove_file(approval).unwrap();
        assert_eq!(
            remove(STREAM, 1),
            [2, 3],
            "one is on its way, one is no signature"
        );
        for name in others {
            assert!(folder.path().join(name).exists(), "{name}");
        }
        let whole = BundleName::new(site(), 1, time(9));
        remove_unpublished(folder.path(), &whole, STREAM, &key(1).public());
        assert_eq!(bundles(folder.path(), &site()).unwrap().len(), 1);
        let name = BundleName::new(site(), 1, time(1));
        assert!(signature_path(folder.path(), &name).exists());
    }
}
