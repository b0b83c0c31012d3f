//! Who may read a key file: its owner alone, or the group where a cluster mounts it so.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Where the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// At a person's or a host's account: files are the owner's alone.
    Person,
    /// In a pod, whose arbitrary user reads mounted files through its group.
    Pod,
}

impl Holder {
    /// Whether a file of this mode and owner is kept well enough.
    pub(crate) fn accepts(self, mode: u32, owner: u32) -> bool {
        match mode & 0o077 {
            0 => true,
            // Mounted by somebody else for this group: the mode is not ours to change.
            0o040 => self == Self::Pod || own_uid() != owner,
            _ => false,
        }
    }
}

/// Permission bits and owner.
pub(super) fn of(path: &Path) -> Option<(u32, u32)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.mode() & 0o7777, metadata.uid()))
}

/// The user of this process; not that of `/proc/self`, which is root's once the process is closed.
fn own_uid() -> u32 {
    rustix::process::getuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(holder: Holder, mode: u32, is_own: bool, expected: bool) {
        let own = own_uid();
        let owner = if is_own { own } else { own + 1 };
        assert_eq!(holder.accepts(mode, owner), expected, "{mode:o}");
    }

    #[test]
    fn group_may_read_only_what_a_cluster_mounts() {
        check(Holder::Person, 0o600, true, true);
        check(Holder::Person, 0o400, true, true);
        check(Holder::Person, 0o440, true, false);
        check(Holder::Person, 0o640, true, false);
        check(Holder::Person, 0o440, false, true);
        check(Holder::Pod, 0o440, true, true);
        check(Holder::Pod, 0o640, true, true);
    }

    #[test]
    fn nobody_else_may_read_and_no_group_may_write() {
        for mode in [0o444, 0o644, 0o460, 0o604, 0o601] {
            check(Holder::Pod, mode, true, false);
            check(Holder::Person, mode, false, false);
        }
    }
}
