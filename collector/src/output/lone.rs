//! Signatures without a bundle, which runs leave that are killed between the two.
//!
//! Whoever carries bundles away may take a signature after its bundle. So only those go that such a run must have left:
//! of the place in the chain that is still free, of bytes that never got their name, and of a time that is not kept any
//! more. The second is how the signature of a very first run is known: the chain that it began is recorded nowhere.

use std::path::Path;

use truenas_common::bundle::{
    BundleName, OuterComment, SiteName, SitePublicKey, approval_file_name,
};

use super::unnamed;
use crate::state::found::{claimed, lone_signatures, signature_path, verified_at};

/// Removes signatures that this key made for the next bundle's place in its stream, or for bytes that lie beside them
/// without their name; the caller holds the lock, and has not begun a bundle. One with an approval beside it stays:
/// somebody has seen its bundle.
pub(crate) fn remove_unpublished(
    folder: &Path,
    next: &BundleName,
    stream: &str,
    key: &SitePublicKey,
) {
    let is_free = |comment: &OuterComment| comment.stream == stream && comment.seq == next.seq;
    let is_unnamed = |name: &BundleName| {
        let path = unnamed(folder, &name.file_name());
        verified_at(&path, folder, name, key).is_some()
    };
    let is_unseen = |name: &BundleName| !folder.join(approval_file_name(name)).exists();
    remove(folder, &next.site, key, |name, comment| {
        is_unseen(name) && (is_free(comment) || is_unnamed(name))
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

    /// Writes a bundle as a run leaves it that is killed between the two names.
    fn write_unnamed(folder: &Path, seq: u64, seed: u8) -> BundleName {
        write_at(folder, STREAM, seq, &key(seed));
        let name = BundleName::new(site(), seq, time(seq));
        let path = folder.join(name.file_name());
        std::fs::rename(path, unnamed(folder, &name.file_name())).unwrap();
        name
    }

    #[test]
    fn signature_of_a_run_that_began_a_chain_goes_while_its_bytes_have_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let name = write_unnamed(folder, 1, 1);
        let next = BundleName::new(site(), 1, time(9));
        let remove = |seed| {
            remove_unpublished(folder, &next, "0000000000000001", &key(seed).public());
            lone(folder)
        };
        assert_eq!(remove(2), [1], "of another key");
        let approval = folder.join(approval_file_name(&name));
        std::fs::write(&approval, "x").unwrap();
        assert_eq!(remove(1), [1], "somebody approved its bundle");
        std::fs::remove_file(approval).unwrap();
        assert_eq!(remove(1), Vec::<u64>::new());
        assert!(unnamed(folder, &name.file_name()).exists(), "not its own");
    }

    #[test]
    fn signature_whose_bundle_was_carried_away_stays_beside_other_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let name = write_unnamed(folder, 1, 1);
        // Another run of the same second got half as far.
        let path = unnamed(folder, &name.file_name());
        let bytes = std::fs::read(&path).unwrap();
        let next = BundleName::new(site(), 1, time(9));
        for other in [&bytes[..bytes.len() / 2], b""] {
            std::fs::write(&path, other).unwrap();
            remove_unpublished(folder, &next, "0000000000000001", &key(1).public());
            assert_eq!(lone(folder), [1]);
        }
        std::fs::remove_file(&path).unwrap();
        remove_unpublished(folder, &next, "0000000000000001", &key(1).public());
        assert_eq!(lone(folder), [1]);
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
