//! World folders on disk: one per day, written as a stream.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::calendar::rfc3339;
use super::corollary::BLOCK_POOL;
use super::dataset::{Dataset, tree};
use super::guilty::DENIED_LIST;
use super::plan::Estate;
use super::rng::Use;
use super::truth::Fact;
use super::volume::Protocol;
use super::{appliance, cluster, metrics};

/// The read roles of a minimal credential, then the optional ones that explain replicas and foreign consumers.
const ROLES: [&str; 20] = [
    "POOL_READ",
    "DATASET_READ",
    "SNAPSHOT_READ",
    "ZFS_RESOURCE_READ",
    "SNAPSHOT_TASK_READ",
    "SHARING_ISCSI_GLOBAL_READ",
    "SHARING_ISCSI_TARGET_READ",
    "SHARING_ISCSI_EXTENT_READ",
    "SHARING_ISCSI_TARGETEXTENT_READ",
    "SHARING_ISCSI_PORTAL_READ",
    "SHARING_NFS_READ",
    "SERVICE_READ",
    "ALERT_LIST_READ",
    "SHARING_ISCSI_INITIATOR_READ",
    "SHARING_NVME_TARGET_READ",
    "SHARING_SMB_READ",
    "REPLICATION_TASK_READ",
    "DISK_READ",
    "SYSTEM_UPDATE_READ",
    "FAILOVER_READ",
];

impl Estate {
    /// Writes the world of one day into `dir`, which is made when missing.
    pub fn write_day(&self, day: usize, dir: &Path) -> io::Result<()> {
        if day >= self.options.days {
            let message = format!(
                "day {day} is not in the estate; it has {} days, counted from 0",
                self.options.days
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let folder = Folder {
            path: dir.to_owned(),
        };
        fs::create_dir_all(dir.join("kubernetes"))?;
        fs::create_dir_all(dir.join("thanos"))?;
        fs::create_dir_all(dir.join("truenas"))?;
        fs::write(dir.join("world.yaml"), self.world(day))?;
        cluster::write(self, day, &folder)?;
        let datasets = tree(self, day);
        metrics::write(self, day, &datasets, &folder)?;
        appliance::write(self, day, &datasets, &folder)?;
        let mut facts = self.facts_on(day);
        let is_known = |fact: &Fact| fact.mode != BLOCK_POOL || is_mostly_blocks(&datasets);
        facts.retain(is_known);
        folder.json("truth.json", &facts)
    }

    /// Writes every day: `000/`, `001/`, and so on.
    pub fn write_series(&self, dir: &Path) -> io::Result<()> {
        (0..self.options.days)
            .try_for_each(|day| self.write_day(day, &dir.join(format!("{day:03}"))))
    }

    /// The key of the collector's account in every world; it opens nothing but a simulator.
    pub fn api_key(&self) -> String {
        format!("1-TESTKEY{}", self.seed.hex(Use::ApiKey, 0, 57))
    }

    fn world(&self, day: usize) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let name = quoted(&self.options.cluster);
        let mut text = format!(
            "now: {}\nappliances:\n",
            quoted(&rfc3339(self.calendar.now(day)))
        );
        let _ = writeln!(
            text,
            "  - name: {}\n    version: \"25.10\"",
            quoted(&self.options.appliance)
        );
        let _ = writeln!(
            text,
            "    user: svc-collector\n    # A test key, made from the seed; no appliance knows it."
        );
        let _ = writeln!(text, "    api_key: {}\n    roles:", quoted(&self.api_key()));
        for role in ROLES {
            let _ = writeln!(text, "      - {role}");
        }
        let denied = if self.denied_day == Some(day) {
            quoted(DENIED_LIST)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "clusters:\n  - name: {name}\n    denied: [{denied}]\nscope:\n  parents:"
        );
        for protocol in Protocol::ALL {
            for dataset in [protocol.parent(), protocol.detached_parent()] {
                let _ = writeln!(
                    text,
                    "    - dataset: {dataset}\n      clusters: [{name}]\n      complete: true"
                );
            }
        }
        text
    }
}

/// Whether zvols hold more than half of what pool `tank` holds: in a small estate they need not.
fn is_mostly_blocks(datasets: &[Dataset]) -> bool {
    let of_tank = || datasets.iter().filter(|dataset| dataset.pool() == "tank");
    let zvols: u64 = of_tank()
        .filter(|dataset| dataset.volsize.is_some())
        .map(Dataset::used)
        .sum();
    let used = of_tank().next().map_or(0, Dataset::used);
    zvols * 2 > used
}

/// The folder of a world.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Writes one value.
    pub(super) fn json<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let mut writer = BufWriter::new(File::create(self.path.join(name))?);
        serde_json::to_writer(&mut writer, value)?;
        writer.write_all(b"\n")?;
        writer.flush()
    }

    /// Starts a JSON array of rows.
    pub(super) fn array(&self, name: &str) -> io::Result<List> {
        self.start(name, "[", "\n]\n")
    }

    /// Starts a Kubernetes List.
    pub(super) fn list(&self, name: &str) -> io::Result<List> {
        let opening =
            r#"{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":["#;
        self.start(name, opening, "\n]}\n")
    }

    /// Starts the vector of a metric.
    pub(super) fn vector(&self, metric: &str) -> io::Result<List> {
        let opening = r#"{"status":"success","data":{"resultType":"vector","result":["#;
        self.start(&format!("thanos/{metric}.json"), opening, "\n]}}\n")
    }

    fn start(&self, name: &str, opening: &str, closing: &'static str) -> io::Result<List> {
        let mut writer = BufWriter::with_capacity(1 << 18, File::create(self.path.join(name))?);
        writer.write_all(opening.as_bytes())?;
        Ok(List {
            writer,
            closing,
            is_empty: true,
        })
    }
}

/// Rows being written, one a line.
pub(super) struct List {
    writer: BufWriter<File>,
    closing: &'static str,
    is_empty: bool,
}

impl List {
    /// Adds a row that is JSON already.
    pub(super) fn push(&mut self, row: &str) -> io::Result<()> {
        self.separate()?;
        self.writer.write_all(row.as_bytes())
    }

    /// Adds a row.
    pub(super) fn push_json<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        self.separate()?;
        Ok(serde_json::to_writer(&mut self.writer, row)?)
    }

    /// Ends the list.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.write_all(self.closing.as_bytes())?;
        self.writer.flush()
    }

    fn separate(&mut self) -> io::Result<()> {
        let separator: &[u8] = if self.is_empty { b"\n" } else { b",\n" };
        self.is_empty = false;
        self.writer.write_all(separator)
    }
}
