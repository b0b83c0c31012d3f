//! Bundles of this site in the output folder, and what they say about a state that is behind them.

use std::io;
use std::path::{Path, PathBuf};

use truenas_common::bundle::{
    BundleName, Limits, OuterComment, SealedBundle, Signature, SiteName, SitePublicKey, TrustedKey,
};
use truenas_common::time::Time;

use crate::state::{Chain, StateError};

const BUNDLE: &str = ".tar.zst.age";
const SIGNATURE: &str = ".tar.zst.age.minisig";

/// What lies beyond the state.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    /// Nothing: the state, moved on over bundles that were written but not recorded.
    Nothing(Chain),
    /// Bundles of this stream and key that do not follow: the state is an old copy.
    Unlinked,
}

/// Names of this site's bundles in the folder.
pub(crate) fn bundles(folder: &Path, site: &SiteName) -> Result<Vec<BundleName>, StateError> {
    named(folder, site, BUNDLE)
}

/// Names of this site's bundles that are not in the folder although their signatures are.
pub(crate) fn lone_signatures(
    folder: &Path,
    site: &SiteName,
) -> Result<Vec<BundleName>, StateError> {
    let mut names = named(folder, site, SIGNATURE)?;
    names.retain(|name| {
        let bundle = std::fs::symlink_metadata(folder.join(name.file_name()));
        bundle.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    });
    Ok(names)
}

/// Names of this site's bundles of which there is a file with an ending, by their numbers.
fn named(folder: &Path, site: &SiteName, ending: &str) -> Result<Vec<BundleName>, StateError> {
    let failed = |source| StateError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let file_name = entry.map_err(failed)?.file_name();
        let stem = file_name
            .to_str()
            .and_then(|name| name.strip_suffix(ending));
        let name = stem.and_then(|stem| BundleName::parse(stem).ok());
        names.extend(name.filter(|name| name.site == *site));
    }
    names.sort_by_key(|name| name.seq);
    Ok(names)
}

/// Moves the state over bundles that a run wrote just before it was ended.
pub(super) fn ahead(
    folder: &Path,
    site: &SiteName,
    key: &SitePublicKey,
    chain: &Chain,
) -> Result<Ahead, StateError> {
    let mut chain = chain.clone();
    for name in bundles(folder, site)? {
        if name.seq <= chain.seq {
            continue;
        }
        let Some(claimed) = claimed(folder, &name, key) else {
            tracing::warn!(
                seq = name.seq,
                "bundle in the output folder is not signed by this key"
            );
            continue;
        };
        if claimed.stream != chain.stream {
            continue;
        }
        let Some(comment) = verified(folder, &name, key) else {
            tracing::warn!(seq = name.seq, "bundle in the output folder is damaged");
            continue;
        };
        if comment.seq != chain.seq + 1 || comment.prev != chain.last_sha256 {
            return Ok(Ahead::Unlinked);
        }
        tracing::info!(seq = comment.seq, "bundle adopted that was not recorded");
        chain.seq = comment.seq;
        chain.last_sha256 = comment.sha256;
        chain.last_utc = Time::from_unix_secs(comment.timestamp).to_string();
    }
    Ok(Ahead::Nothing(chain))
}

/// Where the signature of a bundle is.
pub(crate) fn signature_path(folder: &Path, name: &BundleName) -> PathBuf {
    folder.join(format!("{}.minisig", name.file_name()))
}

/// What a signature of this key claims; a hint that spares reading bundles of other streams.
pub(crate) fn claimed(
    folder: &Path,
    name: &BundleName,
    key: &SitePublicKey,
) -> Option<OuterComment> {
    let path = signature_path(folder, name);
    let limit = Limits::default().signature_bytes;
    let is_small = std::fs::metadata(&path).ok()?.len() <= limit;
    let text = is_small.then(|| std::fs::read_to_string(&path).ok())??;
    let signature = Signature::parse(&text).ok()?;
    key.may_have_made(&signature)
        .then(|| OuterComment::parse(signature.trusted_comment()).ok())?
}

/// What our own signature says, after it has been checked over the whole file.
pub(crate) fn verified(
    folder: &Path,
    name: &BundleName,
    key: &SitePublicKey,
) -> Option<OuterComment> {
    verified_at(&folder.join(name.file_name()), folder, name, key)
}

/// The same for bytes that are not under the name of the bundle yet.
pub(crate) fn verified_at(
    path: &Path,
    folder: &Path,
    name: &BundleName,
    key: &SitePublicKey,
) -> Option<OuterComment> {
    let limits = Limits::default();
    let is_small = std::fs::metadata(path).ok()?.len() <= limits.sealed_bytes;
    let bytes = is_small.then(|| std::fs::read(path).ok())??;
    let signature = std::fs::read(signature_path(folder, name)).ok()?;
    let sealed = SealedBundle::new(&name.file_name(), bytes, &signature, &limits).ok()?;
    let trusted = TrustedKey {
        site: name.site.clone(),
        key: key.clone(),
        last_good_seq: None,
    };
    sealed.verify(&[trusted]).ok().map(|outer| outer.comment)
}
