//! The whole estate before any byte is written: volumes and driver-made snapshots with their lives, truths and traps.

use super::calendar::{Calendar, DAY, HOUR, NEVER};
use super::corollary::Corollary;
use super::fault::Fault;
use super::options::EstateOptions;
use super::rng::{Seed, Use};
use super::snapshot::{CsiSnapshot, Form, Label, Point, Schedule, run_time};
use super::truth::{Fact, Trap, Truth};
use super::volume::{Protocol, Volume, volume};

/// An estate over its days. Holds a few hundred bytes per volume; everything else is computed while writing.
#[derive(Clone, Debug)]
pub struct Estate {
    pub(super) options: EstateOptions,
    pub(super) seed: Seed,
    pub(super) calendar: Calendar,
    pub(super) schedule: Schedule,
    pub(super) volumes: Vec<Volume>,
    pub(super) snapshots: Vec<CsiSnapshot>,
    /// Snapshot indices sorted by volume and time; those of volume v are `order[starts[v]..starts[v + 1]]`.
    order: Vec<u32>,
    starts: Vec<u32>,
    pub(super) truths: Vec<Truth>,
    pub(super) traps: Vec<Trap>,
    pub(super) corollaries: Vec<Corollary>,
    pub(super) full_pool_from: Option<usize>,
    pub(super) denied_day: Option<usize>,
    pub(super) tank_bytes: u64,
}

/// Makes an estate: the same options give the same bytes.
pub fn estate(options: &EstateOptions) -> Estate {
    let mut estate = Estate::new(options);
    super::innocent::add(&mut estate);
    super::guilty::add(&mut estate);
    super::population::add(&mut estate);
    super::corollary::add_customs(&mut estate);
    estate.index_snapshots();
    estate.tank_bytes = estate.fitting_pool_bytes();
    estate.finish_truths();
    estate
}

impl Estate {
    fn new(options: &EstateOptions) -> Self {
        let options = EstateOptions {
            days: options.days.max(1),
            ..options.clone()
        };
        let n_iscsi = (options.volumes * 3).div_ceil(5);
        let target = options.snapshots / 10 * 9;
        let schedule = Schedule::new(target, [n_iscsi, options.volumes - n_iscsi], options.churn);
        Self {
            seed: Seed::new(options.seed),
            calendar: Calendar::new(options.start),
            schedule,
            volumes: Vec::with_capacity(options.volumes),
            snapshots: Vec::with_capacity(options.snapshots / 10),
            order: Vec::new(),
            starts: Vec::new(),
            truths: Vec::new(),
            traps: Vec::new(),
            corollaries: Vec::new(),
            full_pool_from: None,
            denied_day: None,
            tank_bytes: 0,
            options,
        }
    }

    /// Every planted fact with the grade that the whole series allows.
    pub fn truth(&self) -> &[Truth] {
        &self.truths
    }

    /// Every innocent object that looks guilty.
    pub fn traps(&self) -> &[Trap] {
        &self.traps
    }

    /// Every fact that is found beside the planted ones.
    pub fn corollaries(&self) -> &[Corollary] {
        &self.corollaries
    }

    /// The facts that the world of a day shows, graded by the bundles up to that day.
    pub fn truth_on(&self, day: usize) -> Vec<Truth> {
        self.truths
            .iter()
            .filter(|truth| truth.holds_on(day))
            .map(|truth| truth.graded(day))
            .collect()
    }

    /// Everything that a perfect analyzer says about the world of a day: what `truth.json` holds.
    pub fn facts_on(&self, day: usize) -> Vec<Fact> {
        let planted = self.truths.iter().filter(|truth| truth.holds_on(day));
        let follows = self
            .corollaries
            .iter()
            .filter(|corollary| corollary.first_day <= day);
        planted
            .map(|truth| truth.fact(day))
            .chain(follows.map(Corollary::fact))
            .collect()
    }

    /// Adds a volume, lets `set` make it special, and returns its number.
    pub(super) fn add_volume(
        &mut self,
        protocol: Protocol,
        created: i64,
        set: impl FnOnce(&mut Volume),
    ) -> u32 {
        let number = u32::try_from(self.volumes.len()).unwrap_or(u32::MAX);
        let mut volume = volume(
            self.seed,
            number,
            protocol,
            created,
            u64::from(self.schedule.keep(protocol)),
        );
        volume.namespace =
            u16::try_from(
                self.seed
                    .below(Use::Place, number, 0, u64::from(self.n_namespaces())),
            )
            .unwrap_or(0);
        volume.node = u16::try_from(number % u32::from(self.n_workers())).unwrap_or(0);
        if self.options.churn <= 0.0 {
            volume.idle_from = self.calendar.now(0) - 6 * HOUR;
        }
        set(&mut volume);
        self.volumes.push(volume);
        number
    }

    /// Adds a snapshot and returns its number.
    pub(super) fn add_snapshot(
        &mut self,
        volume: u32,
        form: Form,
        created: i64,
        set: impl FnOnce(&mut CsiSnapshot),
    ) -> u32 {
        let number = u32::try_from(self.snapshots.len()).unwrap_or(u32::MAX);
        let mut snapshot = CsiSnapshot::new(number, volume, form, created);
        set(&mut snapshot);
        self.snapshots.push(snapshot);
        number
    }

    pub(super) fn add_truth(&mut self, fault: Fault, subject: String, first_day: usize) {
        self.truths.push(Truth::new(fault, subject, first_day));
    }

    pub(super) fn add_corollary(
        &mut self,
        check: &'static str,
        table: &'static str,
        subject: String,
        first_day: usize,
    ) {
        self.corollaries.push(Corollary {
            check,
            table,
            subject,
            first_day,
        });
    }

    /// Namespaces that hold claims.
    pub(super) fn n_namespaces(&self) -> u16 {
        u16::try_from(self.options.volumes / 50)
            .unwrap_or(u16::MAX)
            .clamp(4, 200)
    }

    /// Worker nodes.
    pub(super) fn n_workers(&self) -> u16 {
        u16::try_from(self.options.volumes / 100)
            .unwrap_or(u16::MAX)
            .clamp(3, 60)
    }

    /// The last day.
    pub(super) fn last_day(&self) -> usize {
        self.options.days - 1
    }

    /// Snapshots of one volume on one day, oldest first, without space.
    pub(super) fn points(&self, volume: &Volume, day: usize, points: &mut Vec<Point>) {
        points.clear();
        let time = self.calendar.appliance_now(day);
        let point = |label, created, guid| Point {
            label,
            created,
            guid,
            referenced: 0,
            written: 0,
            used: 0,
        };
        for run in self.schedule.runs(self.calendar, day, volume.protocol) {
            let created = run_time(run, volume.number);
            if volume.dataset_created() < created {
                points.push(point(
                    Label::Run(run),
                    created,
                    self.run_guid(volume.number, run),
                ));
            }
        }
        let n_runs = points.len();
        for &index in self.snapshots_of(volume) {
            let snapshot = &self.snapshots[index as usize];
            if snapshot.form != Form::Detached && snapshot.is_in_zfs(time) {
                let guid = self.seed.number(Use::SnapshotGuid, snapshot.number, 0);
                points.push(point(Label::Csi(index as usize), snapshot.created, guid));
            }
        }
        if points.len() > n_runs {
            points.sort_by_key(|point| point.created);
        }
    }

    /// Guid of a periodic snapshot; part 0 belongs to driver-made ones.
    pub(super) fn run_guid(&self, object: u32, run: i64) -> u64 {
        self.seed.number(
            Use::SnapshotGuid,
            object,
            u32::try_from(run / DAY).unwrap_or(0) + 1,
        )
    }

    /// Indices of the driver-made snapshots of a volume, oldest first.
    pub(super) fn snapshots_of(&self, volume: &Volume) -> &[u32] {
        let number = volume.number as usize;
        &self.order[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    fn index_snapshots(&mut self) {
        let mut order: Vec<u32> = self
            .snapshots
            .iter()
            .map(|snapshot| snapshot.number)
            .collect();
        order.sort_by_key(|&index| {
            let snapshot = &self.snapshots[index as usize];
            (snapshot.volume, snapshot.created, index)
        });
        let mut starts = vec![0u32; self.volumes.len() + 1];
        for snapshot in &self.snapshots {
            starts[snapshot.volume as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        (self.order, self.starts) = (order, starts);
    }

    /// Usable bytes of pool `tank`: a third more than ever promised at one time, so that a healthy estate has neither a
    /// full pool nor an unbacked promise.
    fn fitting_pool_bytes(&self) -> u64 {
        let mut changes: Vec<(i64, i64)> = Vec::with_capacity(self.volumes.len() * 2);
        for volume in &self.volumes {
            let capacity = i64::try_from(volume.capacity(NEVER - 1)).unwrap_or(i64::MAX);
            changes.push((volume.created, capacity));
            changes.push((volume.dataset_until, -capacity));
        }
        changes.sort_unstable();
        let running = changes.iter().scan(0, |sum, change| {
            *sum += change.1;
            Some(*sum)
        });
        let promised = u64::try_from(running.max().unwrap_or(0)).unwrap_or(0);
        (promised / 20 * 27 + (1 << 40)).next_multiple_of(1 << 30)
    }

    fn finish_truths(&mut self) {
        let last_day = self.last_day();
        for truth in &mut self.truths {
            let day = truth.last_day.unwrap_or(last_day);
            *truth = truth.graded(day);
        }
    }
}
