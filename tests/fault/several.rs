//! Several appliances in one run: each has its own rows, and one that fails blinds only itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;
use testkit::estate::{EstateOptions, estate};
use testkit::site::{Contents, Site, serve};
use testkit::world::World;

/// Names of the two appliances, with the seed of each.
const APPLIANCES: [(&str, u64); 2] = [("first", 1), ("second", 2)];

/// A site and the estates of two appliances.
struct Stage {
    folder: tempfile::TempDir,
    site: Site,
}

/// Rows of one appliance by table.
type Rows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn rows_of_each_appliance_are_those_of_a_run_with_it_alone() {
    let stage = Stage::new();
    let (exit, both) = stage.collect("both", &APPLIANCES, "");
    assert_eq!(exit, Some(0));
    let mut ids = BTreeSet::new();
    for appliance in APPLIANCES {
        let (exit, alone) = stage.collect(appliance.0, &[appliance], "");
        assert_eq!(exit, Some(0));
        let id = only_id(&alone);
        let rows = rows_of(&alone, &id);
        assert!(rows.len() > 15, "{rows:?}");
        assert_eq!(rows_of(&both, &id), rows, "{}", appliance.0);
        ids.insert(id);
    }
    assert_eq!(all_ids(&both), ids);
}

#[test]
fn an_appliance_that_is_down_or_fails_halfway_blinds_only_itself() {
    let stage = Stage::new();
    let (_, whole) = stage.collect("whole", &APPLIANCES, "");
    let (_, alone) = stage.collect("alone", &APPLIANCES[..1], "");
    let first = only_id(&alone);
    for (number, target, kind) in [
        (0, "*", "refuse"),
        (1, "auth*", "401"),
        (2, "pool*", "500"),
        (3, "pool.dataset.query", "cut"),
    ] {
        let fault = format!("faults: [{{at: 'truenas@second:{target}', kind: {kind}}}]\n");
        let (exit, struck) = stage.collect(&format!("struck-{number}"), &APPLIANCES, &fault);
        assert_eq!(exit, Some(3), "{target} {kind}");
        assert_eq!(
            rows_of(&struck, &first),
            rows_of(&whole, &first),
            "{target}"
        );
        let is_first = |row: &&Value| row["appliance"] == *first;
        let status = struck.rows("collect_status");
        let lists = status.iter().filter(|row| row["source"] == "truenas");
        let (own, other): (Vec<&Value>, Vec<&Value>) = lists.partition(is_first);
        let is_whole = |row: &&Value| matches!(row["outcome"].as_str(), Some("ok" | "empty"));
        let is_unserved = |row: &&Value| row["outcome"] == "unsupported";
        assert!(
            own.iter().all(|row| is_whole(row) || is_unserved(row)),
            "{own:?}"
        );
        let n_gaps = other
            .iter()
            .filter(|row| !is_whole(row) && !is_unserved(row))
            .count();
        assert!(n_gaps > 0, "{target} {kind}");
    }
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
        let site = Site::new(program, folder.path());
        for (name, seed) in APPLIANCES {
            let options = EstateOptions {
                seed,
                volumes: 4,
                snapshots: 20,
                days: 1,
                appliance: name.to_owned(),
                ..EstateOptions::default()
            };
            let written = estate(&options).write_day(0, &folder.path().join(name));
            written.unwrap();
        }
        Self { folder, site }
    }

    /// Collects a world of these appliances and the cluster of the first.
    fn collect(
        &self,
        name: &str,
        appliances: &[(&str, u64)],
        faults: &str,
    ) -> (Option<i32>, Contents) {
        let world = self.folder.path().join(format!("world-{name}"));
        fs::create_dir(&world).unwrap();
        symlink(
            self.estate("first").join("kubernetes"),
            world.join("kubernetes"),
        )
        .unwrap();
        let settings = fs::read_to_string(self.estate("first").join("world.yaml")).unwrap();
        let (head, rest) = settings.split_once("appliances:\n").unwrap();
        let (one, tail) = rest.split_once("clusters:").unwrap();
        let mut all = String::new();
        for (appliance, _) in appliances {
            all += &one.replace("\"first\"", &format!("\"{appliance}\""));
            symlink(
                self.estate(appliance).join("truenas"),
                world.join(format!("truenas@{appliance}")),
            )
            .unwrap();
        }
        let settings = format!("{head}appliances:\n{all}clusters:{tail}{faults}");
        fs::write(world.join("world.yaml"), settings).unwrap();
        let simulation = serve(&world);
        let config = self.site.config(&simulation, &World::read(&world).unwrap());
        let config = config + "timeouts: {pause: 1ms}\n";
        let output = format!("out-{name}");
        let run = self.site.collect(&config, &output, &["--quiet"]);
        let bundles = self.site.bundles(&output);
        assert_eq!(bundles.len(), 1, "{}", run.stderr);
        (run.exit, self.site.open(&bundles[0]).unwrap())
    }

    fn estate(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Every row but those about the run, by table.
fn rows_of(contents: &Contents, id: &str) -> Rows {
    let mut rows = Rows::new();
    let tables = contents.tables.keys();
    for table in tables.filter(|table| !table.starts_with("collect_")) {
        for row in contents.rows(table) {
            if row["appliance"] == id {
                rows.entry(table.clone())
                    .or_default()
                    .insert(row.to_string());
            }
        }
    }
    rows
}

fn all_ids(contents: &Contents) -> BTreeSet<String> {
    let tables = contents.tables.keys();
    let rows = tables.flat_map(|table| contents.rows(table));
    rows.filter_map(|row| row["appliance"].as_str().map(str::to_owned))
        .collect()
}

fn only_id(contents: &Contents) -> String {
    let ids = all_ids(contents);
    assert_eq!(ids.len(), 1, "{ids:?}");
    ids.into_iter().next().unwrap()
}
