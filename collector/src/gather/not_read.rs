//! What a check might ask for and a credential that only reads cannot give: said aloud, so that nobody takes a table
//! that does not exist for an empty one.

use truenas_common::tables::code::SourceKind;

/// One thing that is not read.
#[derive(Debug)]
pub struct NotRead {
    /// Which side has it.
    pub source: SourceKind,
    /// Method or path, by its name there.
    pub name: &'static str,
    /// What it would tell.
    pub what: &'static str,
    /// Why it is left out, and what tells something alike.
    pub why: &'static str,
}

/// All of them, by side and name.
pub static NOT_READ: &[NotRead] = &[
    NotRead {
        source: SourceKind::Kubernetes,
        name: "/api/v1/nodes/{name}/proxy/stats/summary",
        what: "Usage of mounted claims, node by node.",
        why: "The right to `nodes/proxy` runs commands in every container; `thanos` in the configuration tells the same.",
    },
    NotRead {
        source: SourceKind::Truenas,
        name: "interface.query",
        what: "Addresses and masks of the appliance, beside the hardware addresses of its interfaces.",
        why: "No join needs more than the addresses of portals, of services and of the configuration; a mask can be \
              declared there as ADDRESS/BITS.",
    },
    NotRead {
        source: SourceKind::Truenas,
        name: "nfs.get_nfs3_clients",
        what: "Which hosts have an NFSv3 export mounted.",
        why: "It needs READONLY_ADMIN or SHARING_NFS_WRITE, and so does nfs.get_nfs4_clients: no table names consumers \
              of an NFS share, and a share without known consumers may have some. Pods that mount a claim are known.",
    },
    NotRead {
        source: SourceKind::Truenas,
        name: "nfs.get_nfs4_clients",
        what: "Which hosts have an NFSv4 export mounted.",
        why: "As nfs.get_nfs3_clients.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::truenas::Version;
    use crate::source::{K8sList, Method};

    #[test]
    fn nothing_that_is_called_unread_can_be_read() {
        for unread in NOT_READ {
            let mut methods = Method::ALL.iter().map(|method| method.name());
            let mut paths = K8sList::ALL.iter().map(|list| list.path());
            assert!(methods.all(|name| name != unread.name), "{}", unread.name);
            assert!(paths.all(|path| path != unread.name), "{}", unread.name);
        }
        let places: Vec<_> = NOT_READ.iter().map(|it| (it.source, it.name)).collect();
        assert!(places.is_sorted());
    }

    #[test]
    fn roles_that_would_open_it_are_not_asked_for() {
        let roles = crate::gather::rbac::truenas_roles(Version::new(25, 10));
        assert!(!roles.contains(&"READONLY_ADMIN") && !roles.contains(&"SHARING_NFS_WRITE"));
    }
}
