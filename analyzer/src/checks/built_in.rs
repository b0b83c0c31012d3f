//! The built-in checks and views, embedded at compile time: one sorted line for each.

use std::borrow::Cow;

use crate::checks::{Check, PageError, View};

/// Texts of one directory of checks.
struct Source {
    directory: &'static str,
    page: &'static str,
    sql: &'static str,
}

macro_rules! check {
    ($directory:literal) => {
        Source {
            directory: $directory,
            page: include_str!(concat!("../../checks/", $directory, "/check.md")),
            sql: include_str!(concat!("../../checks/", $directory, "/check.sql")),
        }
    };
}

macro_rules! view {
    ($name:literal) => {
        View {
            name: Cow::Borrowed($name),
            sql: Cow::Borrowed(include_str!(concat!("../../views/", $name, ".sql"))),
        }
    };
}

/// Sorted by directory.
const CHECKS: &[Source] = &[
    check!("capacity/cap-001-pool-fill"),
    check!("orphans/orp-001-dataset-without-pv"),
    check!("orphans/orp-002-pv-without-dataset"),
    check!("orphans/orp-003-extent-without-zvol"),
    check!("orphans/orp-007-export-missing"),
    check!("orphans/orp-010-released-pv"),
    check!("practice/bpr-014-collection-incomplete"),
    check!("snapshots/snp-001-content-without-snapshot"),
];

/// Sorted by name.
static VIEWS: &[View] = &[
    view!("again_ok"),
    view!("clock_offset"),
    view!("collection_start"),
    view!("covered_pv"),
    view!("dataset_owner"),
    view!("declared_scope"),
    view!("inferred_parent"),
    view!("iscsi_chain"),
    view!("judged_content"),
    view!("known_parent"),
    view!("live_content"),
    view!("orphan_absence"),
    view!("orphan_dataset"),
    view!("orphan_stillness"),
    view!("pool_state"),
    view!("pv_host"),
    view!("settled_dataset"),
    view!("visible_driver"),
    view!("volume_join"),
    view!("volume_link"),
];

/// The built-in checks, sorted by directory.
pub fn built_in() -> Result<Vec<Check>, PageError> {
    CHECKS
        .iter()
        .map(|source| Check::parse(source.directory, source.page, source.sql))
        .collect()
}

/// The built-in views, sorted by name.
pub fn built_in_views() -> &'static [View] {
    VIEWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn folder(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
    }

    /// Names below a folder; none when it does not exist.
    fn entries(folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("a readable folder").path())
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn the_list_of_checks_is_sorted_and_equals_the_directories() {
        let root = folder("checks");
        let on_disk: Vec<_> = entries(&root)
            .into_iter()
            .filter(|area| area.is_dir())
            .flat_map(|area| entries(&area))
            .filter(|check| check.is_dir())
            .map(|check| {
                check
                    .strip_prefix(&root)
                    .expect("below the root")
                    .display()
                    .to_string()
            })
            .collect();
        let listed: Vec<_> = CHECKS
            .iter()
            .map(|source| source.directory.to_owned())
            .collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn the_list_of_views_is_sorted_and_equals_the_files() {
        let on_disk: Vec<_> = entries(&folder("views"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        let listed: Vec<_> = VIEWS.iter().map(|view| view.name.to_string()).collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn every_built_in_page_can_be_read_and_ids_are_unique() {
        let checks = built_in().expect("every page is valid");
        let ids: BTreeSet<_> = checks.iter().map(|check| check.page.id.as_str()).collect();
        assert_eq!(ids.len(), checks.len(), "an id is used twice");
    }
}
