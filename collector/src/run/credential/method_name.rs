//! What a method does, judged by its name alone: releases up to 24.10 say no more.

/// Verbs that change something, alone or before another word.
const VERBS: &[&str] = &[
    "abort",
    "activate",
    "attach",
    "change",
    "checkin",
    "chown",
    "clear",
    "clone",
    "commit",
    "control",
    "create",
    "delete",
    "destroy",
    "detach",
    "dismiss",
    "do",
    "expand",
    "export",
    "format",
    "generate",
    "hold",
    "identify",
    "import",
    "lock",
    "mkdir",
    "offline",
    "online",
    "poweroff",
    "promote",
    "put",
    "reboot",
    "release",
    "reload",
    "remove",
    "rename",
    "replace",
    "reset",
    "resilver",
    "restart",
    "restore",
    "rollback",
    "run",
    "save",
    "scrub",
    "send",
    "set",
    "setacl",
    "setperm",
    "shutdown",
    "start",
    "stop",
    "suspend",
    "sync",
    "terminate",
    "unlock",
    "update",
    "upgrade",
    "upload",
    "wipe",
];

/// Last words of methods that only read.
const READING: &[&str] = &[
    "config",
    "details",
    "hostname",
    "info",
    "me",
    "ping",
    "query",
    "roles",
    "sessions",
    "state",
    "stat",
    "statfs",
    "status",
    "summary",
    "version",
    "version_short",
];

/// Beginnings and ends of such words.
const READING_PREFIXES: &[&str] = &["get_", "has_", "is_", "list"];
const READING_SUFFIXES: &[&str] = &["_choices", "_count"];

/// Questions whose names begin with what they ask about.
const QUESTIONS: &[&str] = &[
    "delete_will_change_retention_for",
    "import_find",
    "update_will_change_retention_for",
];

/// The verb, if the name says that something is changed.
pub(super) fn verb(name: &str) -> Option<&'static str> {
    let last = last(name);
    if QUESTIONS.contains(&last) {
        return None;
    }
    let is_it = |verb: &&&str| {
        let rest = last.strip_prefix(**verb);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    VERBS.iter().find(is_it).copied()
}

/// Whether the name is surely that of a read.
pub(super) fn is_read(name: &str) -> bool {
    let last = last(name);
    let is_word = READING.contains(&last)
        || READING_PREFIXES
            .iter()
            .any(|prefix| last.starts_with(prefix))
        || READING_SUFFIXES.iter().any(|suffix| last.ends_with(suffix));
    is_word && verb(name).is_none() && !last.contains('*')
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_reads_from_changes_and_doubt_is_no_read() {
        assert!(VERBS.is_sorted());
        for name in [
            "pool.query",
            "pool.get_instance",
            "nfs.client_count",
            "iscsi.*.query",
        ] {
            assert!(is_read(name) && verb(name).is_none(), "{name}");
        }
        for (name, expected) in [
            ("pool.dataset.delete", Some("delete")),
            ("pool.dataset.destroy_snapshots", Some("destroy")),
            ("user.set_password", Some("set")),
            ("pool.*", None),
            ("core.bulk", None),
            ("pool.import_pool", Some("import")),
            ("pool.import_find", None),
            ("pool.snapshottask.update_will_change_retention_for", None),
        ] {
            assert_eq!((verb(name), is_read(name)), (expected, false), "{name}");
        }
    }
}
