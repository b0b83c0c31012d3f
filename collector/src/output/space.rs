//! Room on the output volume, asked for before the first request: a run that cannot end well does not begin.

use std::io;
use std::path::Path;

/// Whatever the last bundle had.
const MIN_BYTES: u64 = 64 << 20;

/// What the next bundle may need: twice the largest of this folder.
pub(crate) fn needed(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let sizes = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let is_bundle = name.to_str()?.ends_with(".tar.zst.age");
        is_bundle.then(|| entry.metadata().ok().map(|metadata| metadata.len()))?
    });
    let largest = sizes.max().unwrap_or(0);
    largest.saturating_mul(2).max(MIN_BYTES)
}

/// What an account without privileges can still write.
pub(crate) fn free(folder: &Path) -> io::Result<u64> {
    let volume = rustix::fs::statvfs(folder)?;
    Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
}

/// An error of the kind that a full volume gives when there is too little room.
pub(crate) fn check(folder: &Path) -> io::Result<()> {
    match free(folder) {
        Ok(free) if free < needed(folder) => Err(io::ErrorKind::StorageFull.into()),
        // A volume that does not say how full it is will say so when it is.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_bundle_needs_twice_the_largest_and_never_too_little() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(needed(folder.path()), MIN_BYTES);
        let file = std::fs::File::create(folder.path().join("a.tar.zst.age")).unwrap();
        file.set_len(MIN_BYTES).unwrap();
        let file = std::fs::File::create(folder.path().join("other")).unwrap();
        file.set_len(MIN_BYTES * 8).unwrap();
        assert_eq!(needed(folder.path()), MIN_BYTES * 2);
        assert!(free(folder.path()).unwrap() > 0);
    }

    #[test]
    fn too_little_room_is_a_full_volume() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("a.tar.zst.age")).unwrap();
        // Sparse: more than any volume has.
        file.set_len(1 << 42).unwrap();
        let error = check(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
