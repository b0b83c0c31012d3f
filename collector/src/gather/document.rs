//! The document of what is collected and why.

use std::fmt::Write as _;

use truenas_common::tables::code::SourceKind;

use super::{ALL, NOT_READ, Read};
use crate::source::truenas::Version;

/// `GATHERED.md`: what is read, why, and into which tables.
pub fn gathered() -> String {
    let mut text = String::from(
        "# What is collected\n\n\
         Generated from the gatherers. Everything here is read; nothing is ever written. Names become keyed pseudonyms,\n\
         Secrets are never read, and only named fields are decoded. The columns of each table are in `TABLES.md`.\n\n\
         The profiles `standard` and `open` read the same and need the same rights; they differ in what happens to names. The\n\
         rights as a whole: `truenas-collector rbac --openshift` for a cluster, `truenas-collector rbac --truenas 25.10` for an\n\
         appliance. Up to 24.10 an API key has no roles and lists the methods it may call instead.\n",
    );
    for (title, source) in [
        ("Kubernetes", SourceKind::Kubernetes),
        ("Thanos", SourceKind::Thanos),
        ("TrueNAS", SourceKind::Truenas),
    ] {
        let _ = writeln!(text, "\n## {title}");
        if source == SourceKind::Thanos {
            let _ = writeln!(text, "\n{OF_METRICS}");
        }
        for gatherer in ALL {
            let mut reads = gatherer.reads.iter().copied();
            if !reads.any(|read| read.source() == source) {
                continue;
            }
            let _ = writeln!(text, "\n### {}\n\n{}\n", gatherer.id, gatherer.why);
            for read in gatherer.reads {
                let _ = writeln!(text, "- reads {}", described(*read));
            }
            let tables: Vec<String> = gatherer
                .tables
                .iter()
                .map(|table| format!("`{table}`"))
                .collect();
            let _ = writeln!(text, "- fills {}", tables.join(", "));
        }
    }
    text.push_str(
        "\n## Not read\n\nWhat checks might ask for and no credential that only reads can give.\n",
    );
    for unread in NOT_READ {
        let _ = writeln!(
            text,
            "\n- `{}` ({}): {} {}",
            unread.name,
            unread.source.word(),
            unread.what,
            unread.why
        );
    }
    text
}

/// What a site must know before it configures the source.
const OF_METRICS: &str = "Optional: read only where the configuration has `thanos`, with the role `cluster-monitoring-view`. Each line is\n\
     one fixed query of the Prometheus API. Nodes themselves are never asked: reading through `nodes/proxy` would be a\n\
     right to run commands in every container.";

fn described(read: Read) -> String {
    match read {
        Read::K8s(list) => format!("`{}` (get, list)", list.path()),
        Read::K8sObject(object) => format!("`{}` (get)", object.path()),
        Read::Thanos(query) => format!("`{}`: `{}`", query.name(), query.promql()),
        Read::Truenas(method) => {
            let until = method.until().map(|last| format!(" to {}", line(last)));
            let releases = format!("{}{}", line(method.since()), until.unwrap_or_default());
            let roles = method.roles(method.until().unwrap_or(Version::NEWEST));
            let role = match roles {
                [] => "any login".to_owned(),
                roles => format!("role `{}`", roles.join("`, `")),
            };
            format!("`{}` (from {releases}; {role})", method.name())
        }
    }
}

/// A release line as its maker writes it.
fn line(version: Version) -> String {
    let text = version.to_string();
    let end = text.rfind('.').unwrap_or(text.len());
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gatherer_says_what_it_reads_and_why() {
        let text = gathered();
        for gatherer in ALL {
            assert!(text.contains(gatherer.why), "{}", gatherer.id);
            for read in gatherer.reads {
                assert!(text.contains(read.name()), "{}", read.name());
            }
        }
        let unread = text.split_once("## Not read").map(|(_, unread)| unread);
        assert!(unread.is_some_and(|unread| unread.contains("nfs.get_nfs4_clients")));
        assert_eq!(text, gathered());
        assert!(text.contains("`zfs.snapshot.query` (from 13.3 to 25.04; role `SNAPSHOT_READ`)"));
        assert!(text.contains("`system.version` (from 13.3; any login)"));
    }
}
