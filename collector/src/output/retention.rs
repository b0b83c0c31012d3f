//! Removes old bundles from the output folder: whole pairs that this key signed, beyond both limits, never the newest.

use std::collections::HashSet;
use std::path::Path;

use truenas_common::bundle::{BundleName, SiteName, SitePublicKey};
use truenas_common::time::Time;

use crate::config::Retention;
use crate::output::lone::{remove_beside, remove_older};
use crate::state::found::{bundles, claimed, verified};

const DAY_SECS: i64 = 86_400;

/// A pair that may go, as far as its signature claims.
struct Candidate {
    name: BundleName,
    stream: String,
    signed_at: i64,
}

/// Removes what may go and returns how many pairs went. What cannot be verified, or cannot be removed, stays.
pub(crate) fn apply(
    folder: &Path,
    site: &SiteName,
    key: &SitePublicKey,
    retention: Retention,
    now: Time,
) -> u64 {
    let Ok(names) = bundles(folder, site) else {
        tracing::warn!("output folder cannot be listed; nothing is removed");
        return 0;
    };
    let mut pairs: Vec<Candidate> = names
        .into_iter()
        .filter_map(|name| {
            let comment = claimed(folder, &name, key)?;
            Some(Candidate {
                stream: comment.stream,
                signed_at: comment.timestamp,
                name,
            })
        })
        .collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse((pair.signed_at, pair.name.seq)));
    let keep = usize::try_from(retention.keep).unwrap_or(usize::MAX).max(1);
    let days = i64::try_from(retention.days).unwrap_or(i64::MAX);
    let oldest = now
        .unix_secs()
        .saturating_sub(days.saturating_mul(DAY_SECS));
    remove_older(folder, site, key, oldest);
    let mut streams = HashSet::new();
    let mut n_removed = 0;
    for (index, pair) in pairs.iter().enumerate() {
        let is_newest = streams.insert(pair.stream.as_str());
        let may_go = index >= keep && pair.signed_at < oldest && !is_newest;
        if may_go && remove(folder, pair, key) {
            n_removed += 1;
        }
    }
    n_removed
}

/// The bundle first: a signature alone is no bundle, a bundle alone is one that nobody can trust.
fn remove(folder: &Path, pair: &Candidate, key: &SitePublicKey) -> bool {
    let seq = pair.name.seq;
    let Some(comment) = verified(folder, &pair.name, key) else {
        tracing::warn!(seq, "old bundle does not verify and stays");
        return false;
    };
    let file_name = pair.name.file_name();
    if std::fs::remove_file(folder.join(&file_name)).is_err() {
        tracing::warn!(seq, "old bundle cannot be removed and stays");
        return false;
    }
    remove_beside(folder, &pair.name);
    tracing::info!(seq, sha256 = comment.sha256, "old bundle removed");
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::bundle::approval_file_name;

    use crate::state::found::signature_path;
    use crate::state::written::{key, site, time, write_at};

    const OLD: Retention = Retention { keep: 2, days: 3 };

    fn apply(folder: &Path, retention: Retention, now: u64) -> u64 {
        super::apply(folder, &site(), &key(1).public(), retention, time(now))
    }

    fn left(folder: &Path) -> Vec<u64> {
        let names = bundles(folder, &site()).unwrap();
        names.iter().map(|name| name.seq).collect()
    }

    /// Bundles 1 to 6 of one stream, a day apart.
    fn six() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for seq in 1..=6 {
            write_at(folder.path(), "5f1c9a03b7d2e468", seq, &key(1));
        }
        folder
    }

    #[test]
    fn only_what_is_beyond_both_limits_goes_with_all_its_files() {
        let folder = six();
        let approved = approval_file_name(&bundles(folder.path(), &site()).unwrap()[0]);
        std::fs::write(folder.path().join(approved), "x").unwrap();
        assert_eq!(apply(folder.path(), OLD, 6), 2);
        assert_eq!(left(folder.path()), [3, 4, 5, 6]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8);
        assert_eq!(apply(folder.path(), OLD, 100), 2);
        assert_eq!(left(folder.path()), [5, 6]);
        let many = Retention { keep: 30, days: 0 };
        assert_eq!(apply(folder.path(), many, 100), 0);
    }

    #[test]
    fn what_a_killed_run_left_of_an_old_bundle_goes_and_what_is_being_carried_away_stays() {
        let folder = six();
        let names = bundles(folder.path(), &site()).unwrap();
        let approved = folder.path().join(approval_file_name(&names[0]));
        std::fs::write(&approved, "x").unwrap();
        for index in [0, 5] {
            std::fs::remove_file(folder.path().join(names[index].file_name())).unwrap();
        }
        let many = Retention { keep: 30, days: 3 };
        assert_eq!(apply(folder.path(), many, 6), 0);
        let is_signed = |index: usize| signature_path(folder.path(), &names[index]).exists();
        assert_eq!([0, 1, 5].map(is_signed), [false, true, true]);
        assert!(!approved.exists());
    }

    #[test]
    fn newest_of_every_stream_stays() {
        let folder = six();
        write_at(folder.path(), "0000000000000001", 1, &key(1));
        let one = Retention { keep: 1, days: 0 };
        assert_eq!(apply(folder.path(), one, 100), 4);
        assert_eq!(left(folder.path()), [1, 6]);
    }

    #[test]
    fn damaged_foreign_and_unsigned_bundles_stay() {
        let folder = six();
        let names = bundles(folder.path(), &site()).unwrap();
        let path = |index: usize| folder.path().join(names[index].file_name());
        let mut bytes = std::fs::read(path(0)).unwrap();
        bytes[100] ^= 1;
        std::fs::write(path(0), bytes).unwrap();
        std::fs::remove_file(path(1).with_extension("age.minisig")).unwrap();
        write_at(folder.path(), "5f1c9a03b7d2e468", 3, &key(2));
        assert_eq!(apply(folder.path(), OLD, 100), 1);
        assert_eq!(left(folder.path()), [1, 2, 3, 5, 6]);
    }
}
