//! The dataset tree of one day, with space that adds up at every level.

use super::calendar::{DAY, POOL_BORN};
use super::innocent::{LOCKED_DATASET, MANUAL_DATASET, REPLICAS, VM_SPARSE_ZVOL, VM_ZVOL};
use super::plan::Estate;
use super::rng::Use;
use super::snapshot::{Form, Label, Point, account, run_time};
use super::volume::{GIB, Protocol, Volume};

/// What a dataset without content occupies.
const EMPTY: u64 = 196_608;

/// Why a dataset exists; decides its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// People, or nobody in particular.
    Site,
    /// The CSI volume of this number.
    Volume(u32),
    /// A person, below the CSI volume of this number.
    Child(u32),
    /// The replication task, from the CSI volume of this number.
    Replica(u32),
    /// The driver: a detached snapshot, by its number.
    Detached(u32),
}

/// One dataset or zvol.
#[derive(Clone, Debug)]
pub(super) struct Dataset {
    pub(super) path: String,
    pub(super) parent: Option<usize>,
    pub(super) owner: Owner,
    pub(super) created: i64,
    pub(super) guid: u64,
    pub(super) is_locked: bool,
    /// Size of a zvol; absent for a file system.
    pub(super) volsize: Option<u64>,
    pub(super) refquota: Option<u64>,
    pub(super) refreservation: u64,
    pub(super) referenced: u64,
    pub(super) written: u64,
    pub(super) used_by_dataset: u64,
    pub(super) used_by_snapshots: u64,
    pub(super) used_by_refreservation: u64,
    pub(super) used_by_children: u64,
    pub(super) available: u64,
}

impl Dataset {
    pub(super) fn used(&self) -> u64 {
        self.used_by_dataset
            + self.used_by_snapshots
            + self.used_by_refreservation
            + self.used_by_children
    }

    pub(super) fn pool(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// The tree of one day; parents stand before their children.
struct Tree<'a> {
    estate: &'a Estate,
    day: usize,
    time: i64,
    rows: Vec<Dataset>,
    n_fixed: u32,
}

/// Makes the tree of a day.
pub(super) fn tree(estate: &Estate, day: usize) -> Vec<Dataset> {
    let time = estate.calendar.appliance_now(day);
    let mut tree = Tree {
        estate,
        day,
        time,
        rows: Vec::with_capacity(estate.volumes.len() + 64),
        n_fixed: 0,
    };
    tree.tank();
    tree.fast();
    tree.add_up();
    tree.rows
}

impl Tree<'_> {
    fn tank(&mut self) {
        let tank = self.site("tank", None, EMPTY);
        let k8s = self.site("tank/k8s", Some(tank), EMPTY);
        for protocol in Protocol::ALL {
            let root = self.site(&format!("tank/k8s/{}", protocol.word()), Some(k8s), EMPTY);
            let detached = self.site(&protocol.detached_parent(), Some(root), EMPTY);
            self.detached(detached, protocol);
            let parent = self.site(&protocol.parent(), Some(root), EMPTY);
            self.settle(parent, protocol);
            for volume in &self.estate.volumes {
                if volume.protocol == protocol && volume.has_dataset(self.time) {
                    self.volume(parent, volume);
                }
            }
        }
        let media = self.site("tank/media", Some(tank), EMPTY);
        self.site(MANUAL_DATASET, Some(media), 310 * GIB);
        let secure = self.site(LOCKED_DATASET, Some(tank), 41 * GIB);
        self.rows[secure].is_locked = true;
        let vm = self.site("tank/vm", Some(tank), EMPTY);
        let web = self.site(VM_ZVOL, Some(vm), 37 * GIB);
        self.zvol(web, 100 * GIB, true);
        let build = self.site(VM_SPARSE_ZVOL, Some(vm), 12 * GIB);
        self.zvol(build, 60 * GIB, false);
        self.rows[build].written = 0;
    }

    fn fast(&mut self) {
        let fast = self.site("fast", None, EMPTY);
        let replicas = self.site(REPLICAS, Some(fast), EMPTY);
        for volume in self
            .estate
            .volumes
            .iter()
            .filter(|volume| volume.is_replicated)
        {
            self.replica(replicas, volume);
        }
        let used: u64 = self.rows[fast..].iter().map(Dataset::used).sum();
        let share = if self
            .estate
            .full_pool_from
            .is_some_and(|from| from <= self.day)
        {
            95
        } else {
            45
        };
        let scratch = (fast_bytes(self.estate) / 100 * share).saturating_sub(used);
        self.site("fast/scratch", Some(fast), scratch.max(EMPTY));
    }

    /// A dataset that people made when the pool was young.
    fn site(&mut self, path: &str, parent: Option<usize>, referenced: u64) -> usize {
        self.n_fixed += 1;
        let guid = self.estate.seed.number(Use::FixedGuid, self.n_fixed, 0);
        let age = if parent.is_some() {
            i64::from(self.n_fixed) * 600
        } else {
            0
        };
        self.add(
            path.to_owned(),
            parent,
            referenced,
            (Owner::Site, POOL_BORN + age, guid),
        )
    }

    fn add(
        &mut self,
        path: String,
        parent: Option<usize>,
        referenced: u64,
        identity: (Owner, i64, u64),
    ) -> usize {
        let (owner, created, guid) = identity;
        self.rows.push(Dataset {
            path,
            parent,
            owner,
            created,
            guid,
            is_locked: false,
            volsize: None,
            refquota: None,
            refreservation: 0,
            referenced,
            written: referenced,
            used_by_dataset: referenced,
            used_by_snapshots: 0,
            used_by_refreservation: 0,
            used_by_children: 0,
            available: 0,
        });
        self.rows.len() - 1
    }

    /// Turns a dataset into a zvol; a thick one reserves its size and what its indirect blocks may take.
    fn zvol(&mut self, index: usize, volsize: u64, is_thick: bool) {
        let row = &mut self.rows[index];
        row.volsize = Some(volsize);
        if is_thick {
            row.refreservation = volsize + volsize / 64;
            row.used_by_refreservation = row.refreservation - row.used_by_dataset;
        }
    }

    fn volume(&mut self, parent: usize, volume: &Volume) {
        let seed = self.estate.seed;
        let mut points = Vec::new();
        self.estate.points(volume, self.day, &mut points);
        let head = account(volume, &mut points, self.time);
        let guid = seed.number(Use::DatasetGuid, volume.number, 0);
        let identity = (Owner::Volume(volume.number), volume.dataset_created(), guid);
        let index = self.add(
            volume.dataset(seed),
            Some(parent),
            volume.referenced(self.time),
            identity,
        );
        let row = &mut self.rows[index];
        row.used_by_dataset = row.referenced - volume.origin_bytes;
        row.used_by_snapshots = head.used_by_snapshots;
        row.written = head.written;
        match volume.protocol {
            Protocol::Iscsi => row.volsize = Some(volume.capacity(self.time)),
            Protocol::Nfs => row.refquota = Some(volume.capacity(self.time)),
        }
        if volume.has_child {
            let guid = seed.number(Use::DatasetGuid, volume.number, 1);
            let identity = (
                Owner::Child(volume.number),
                volume.dataset_created() + 5 * DAY,
                guid,
            );
            let child = self.add(
                format!("{}/cache", volume.dataset(seed)),
                Some(index),
                3 * GIB,
                identity,
            );
            self.settle(child, volume.protocol);
        }
    }

    /// Nothing was written since the last run of the task, when there is one.
    fn settle(&mut self, index: usize, protocol: Protocol) {
        if self.estate.schedule.keep(protocol) > 0 {
            self.rows[index].written = 0;
        }
    }

    /// A replica stands where the last run of the task left it.
    fn replica(&mut self, parent: usize, volume: &Volume) {
        let seed = self.estate.seed;
        let last = self
            .estate
            .schedule
            .last_run(self.estate.calendar, self.day);
        let guid = seed.number(Use::DatasetGuid, volume.number, 2);
        let identity = (
            Owner::Replica(volume.number),
            volume.dataset_created() + DAY,
            guid,
        );
        let path = format!("{REPLICAS}/{}", volume.handle(seed));
        let index = self.add(path, Some(parent), volume.referenced(last), identity);
        let points = replica_points(self.estate, volume, self.day);
        let row = &mut self.rows[index];
        if let Some(point) = points.last() {
            let died = |pair: &[Point]| pair[0].referenced + pair[1].written - pair[1].referenced;
            row.referenced = point.referenced;
            row.used_by_dataset = point.referenced;
            row.used_by_snapshots = points.windows(2).map(died).sum();
            row.written = 0;
        }
        if volume.protocol == Protocol::Iscsi {
            row.volsize = Some(volume.capacity(last));
        }
    }

    fn detached(&mut self, parent: usize, protocol: Protocol) {
        let estate = self.estate;
        for snapshot in estate
            .snapshots
            .iter()
            .filter(|snapshot| snapshot.form == Form::Detached)
        {
            let volume = &estate.volumes[snapshot.volume as usize];
            if volume.protocol != protocol || !snapshot.is_in_zfs(self.time) {
                continue;
            }
            let guid = |part: u32| {
                estate
                    .seed
                    .number(Use::DatasetGuid, snapshot.number, 16 + part)
            };
            let container = format!(
                "{}/{}",
                protocol.detached_parent(),
                volume.handle(estate.seed)
            );
            let path = format!("{container}/{}", snapshot.name(estate.seed));
            let container = self.add(
                container,
                Some(parent),
                EMPTY,
                (Owner::Site, snapshot.created, guid(0)),
            );
            let identity = (
                Owner::Detached(snapshot.number),
                snapshot.created + 4,
                guid(1),
            );
            let index = self.add(
                path,
                Some(container),
                volume.referenced(snapshot.created),
                identity,
            );
            match protocol {
                Protocol::Iscsi => {
                    self.rows[index].volsize = Some(volume.capacity(snapshot.created))
                }
                Protocol::Nfs => {
                    self.rows[index].refquota = Some(volume.capacity(snapshot.created))
                }
            }
        }
    }

    /// Children into parents, then what is left from the pool down.
    fn add_up(&mut self) {
        for index in (0..self.rows.len()).rev() {
            let used = self.rows[index].used();
            if let Some(parent) = self.rows[index].parent {
                self.rows[parent].used_by_children += used;
            }
        }
        let mut offered: Vec<u64> = Vec::with_capacity(self.rows.len());
        for row in &mut self.rows {
            let from_above = match row.parent {
                Some(parent) => offered[parent],
                None => usable_bytes(self.estate, &row.path).saturating_sub(row.used()),
            };
            offered.push(from_above);
            let within_quota = row
                .refquota
                .map_or(u64::MAX, |refquota| refquota.saturating_sub(row.referenced));
            row.available = (from_above + row.used_by_refreservation).min(within_quota);
        }
    }
}

/// Bytes that a pool offers after parity.
pub(super) fn usable_bytes(estate: &Estate, pool: &str) -> u64 {
    if pool == "fast" {
        fast_bytes(estate)
    } else {
        estate.tank_bytes
    }
}

/// Pool `fast` holds the replicas so many times over that their promise fits even when the pool is full.
fn fast_bytes(estate: &Estate) -> u64 {
    let replicated = estate.volumes.iter().filter(|volume| volume.is_replicated);
    let promised: u64 = replicated.map(|volume| volume.first_capacity).sum();
    (promised * 32).next_multiple_of(1 << 40)
}

/// Snapshots of a replica: the periodic ones of its source, oldest first, with their space.
pub(super) fn replica_points(estate: &Estate, volume: &Volume, day: usize) -> Vec<Point> {
    let mut points = Vec::new();
    estate.points(volume, day, &mut points);
    points.retain(|point| matches!(point.label, Label::Run(_)));
    let now = points.last().map_or(0, |point| point.created);
    account(volume, &mut points, now);
    points
}

/// Snapshots of one dataset on a day, oldest first.
pub(super) fn snapshots(estate: &Estate, dataset: &Dataset, day: usize, points: &mut Vec<Point>) {
    points.clear();
    let quiet = |label, created, guid| Point {
        label,
        created,
        guid,
        referenced: dataset.referenced,
        written: 0,
        used: 0,
    };
    let mut runs_of = |protocol, object, salt: u32| {
        for run in estate.schedule.runs(estate.calendar, day, protocol) {
            let created = run_time(run, object);
            if dataset.created < created {
                points.push(quiet(
                    Label::Run(run),
                    created,
                    estate.run_guid(object + salt, run),
                ));
            }
        }
        if let Some(first) = points.first_mut() {
            first.written = first.referenced;
        }
    };
    match dataset.owner {
        Owner::Volume(number) => {
            let volume = &estate.volumes[number as usize];
            estate.points(volume, day, points);
            account(volume, points, estate.calendar.appliance_now(day));
        }
        Owner::Replica(number) => {
            *points = replica_points(estate, &estate.volumes[number as usize], day)
        }
        Owner::Child(number) => runs_of(estate.volumes[number as usize].protocol, number, 1 << 27),
        Owner::Site => {
            let protocol = Protocol::ALL
                .into_iter()
                .find(|protocol| protocol.parent() == dataset.path);
            if let Some(protocol) = protocol {
                runs_of(protocol, 0, (1 << 27) + (1 << 26) + protocol as u32);
            } else if dataset.path == VM_SPARSE_ZVOL {
                let created = estate.calendar.now(0) - 50 * DAY;
                points.push(Point {
                    written: dataset.referenced,
                    ..quiet(Label::Manual, created, estate.run_guid(1 << 26, created))
                });
            }
        }
        Owner::Detached(_) => {}
    }
}
