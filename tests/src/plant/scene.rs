//! The worlds of a series in memory, open for changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::settle::settle;
use super::volume::{Share, Volume};
use crate::estate::Fact;
use crate::world::{World, WorldError};

/// Days from the beginning on which nothing planted here is wrong yet.
const HEALTHY_DAYS: usize = 1;

/// Why a series cannot be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SceneError {
    /// The folder is no series of worlds.
    #[error("cannot open the worlds")]
    World {
        /// What is wrong with it.
        source: Box<WorldError>,
    },
    /// A file could not be read or written.
    #[error("cannot read or write `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not JSON.
    #[error("`{path}` is not JSON")]
    Json {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
}

/// A series that is being changed.
#[derive(Debug)]
pub struct Scene {
    days: Vec<Day>,
    /// PVs that a mode uses already.
    taken: BTreeSet<String>,
    /// Numbers that were given to new objects.
    n_made: u32,
}

/// One moment of the series.
#[derive(Debug)]
pub struct Day {
    folder: PathBuf,
    /// Time of this world, Unix seconds.
    pub now: i64,
    /// Objects of the first cluster by file name without ending, such as `persistentvolumes`.
    kubernetes: BTreeMap<String, Vec<Value>>,
    /// Name of the first cluster, and the objects of those beside it.
    cluster: String,
    others: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
    /// Answers of the first appliance by method, such as `sharing.nfs.query`.
    truenas: BTreeMap<String, Value>,
    /// Answers of the first cluster's metrics, such as `kubelet_volume_stats_used_bytes`.
    metrics: BTreeMap<String, Value>,
    facts: Vec<Fact>,
    /// Text of `world.yaml`.
    world: String,
}

impl Scene {
    /// Reads every world of a series.
    ///
    /// # Errors
    /// See [`SceneError`].
    pub fn read(series: &Path) -> Result<Self, SceneError> {
        let wrong = |source| SceneError::World {
            source: Box::new(source),
        };
        let folders = World::folders(series).map_err(wrong)?;
        let day = |folder: &PathBuf| Day::read(World::read(folder).map_err(wrong)?);
        Ok(Self {
            days: folders.iter().map(day).collect::<Result<_, _>>()?,
            taken: BTreeSet::new(),
            n_made: 0,
        })
    }

    /// Writes every world again.
    ///
    /// # Errors
    /// See [`SceneError`].
    pub fn write(&mut self) -> Result<(), SceneError> {
        self.days.iter_mut().for_each(settle);
        self.days.iter().try_for_each(Day::write)
    }

    /// Every day, the healthy ones too.
    pub fn days(&mut self) -> impl Iterator<Item = &mut Day> {
        self.days.iter_mut()
    }

    /// The days on which something planted is to be wrong: all but the first, or all when there is only one.
    pub fn sick_days(&mut self) -> impl Iterator<Item = &mut Day> {
        let first = self.first_sick_day();
        self.days.iter_mut().skip(first)
    }

    /// The last day.
    ///
    /// # Panics
    /// Never: a series has a day.
    #[must_use]
    pub fn last(&self) -> &Day {
        self.days.last().expect("a series has a day")
    }

    fn first_sick_day(&self) -> usize {
        HEALTHY_DAYS.min(self.days.len() - 1)
    }

    /// Takes a volume that is bound, used by a pod and whole on every day, and that nothing is wrong with.
    pub fn volume(&mut self, share: Share) -> Option<Volume> {
        self.volume_that(share, |_, _| true)
    }

    /// Takes such a volume for which something holds on the last day.
    pub fn volume_that(
        &mut self,
        share: Share,
        holds: impl Fn(&Day, &Volume) -> bool,
    ) -> Option<Volume> {
        let last = self.last();
        let is_wanted = |volume: &Volume| holds(last, volume);
        let volume = Volume::find(&self.days, share, &self.taken, is_wanted)?;
        self.taken.insert(volume.pv.clone());
        Some(volume)
    }

    /// Takes such a volume whose pod goes first when its workload is scaled down.
    pub fn spare_volume(&mut self, share: Share) -> Option<Volume> {
        let mut passed = Vec::new();
        let mut found = self.volume(share);
        while let Some(volume) = found.take_if(|volume| !self.last().goes_first(volume)) {
            passed.push(volume.pv);
            found = self.volume(share);
        }
        for pv in passed {
            self.taken.remove(&pv);
        }
        found
    }

    /// A number that no other object made here has; the same scene gives the same numbers.
    pub fn number(&mut self) -> u32 {
        self.n_made += 1;
        self.n_made
    }

    /// A version-4 uuid that no other object made here has.
    pub fn uuid(&mut self) -> String {
        let number = self.number();
        format!("5ce7e000-0000-4000-8000-{number:012x}")
    }

    /// Says that a perfect analyzer finds this on every sick day, at the grade that is named.
    pub fn fact(&mut self, mode: &str, table: &str, subject: &str, grade: &str) {
        self.fact_later(0, mode, table, subject, grade);
    }

    /// Says so when so many sick days have passed.
    pub fn fact_later(
        &mut self,
        n_days: usize,
        mode: &str,
        table: &str,
        subject: &str,
        grade: &str,
    ) {
        let grades = [grade];
        self.graded(n_days, mode, table, subject, &grades);
    }

    /// Says so for what has to be absent from several bundles: a candidate in its first, probable in its second,
    /// confirmed from its third on.
    pub fn leftover(&mut self, mode: &str, table: &str, subject: &str) {
        let grades = ["candidate", "probable", "confirmed"];
        self.graded(0, mode, table, subject, &grades);
    }

    /// Says so for what bears no mark of its own: it is never more than probable.
    pub fn unmarked_leftover(&mut self, mode: &str, table: &str, subject: &str) {
        self.graded(0, mode, table, subject, &["candidate", "probable"]);
    }

    /// Takes back what was said about a subject on every day.
    pub fn unsay(&mut self, mode: &str, subject: &str) {
        self.days
            .iter_mut()
            .for_each(|day| day.forget(mode, subject));
    }

    /// Says so from a sick day on: at the first grade on that day, then at each of the others, and at the last one for ever.
    fn graded(&mut self, n_later: usize, mode: &str, table: &str, subject: &str, grades: &[&str]) {
        let first_day = self.first_sick_day() + n_later;
        let days = self.days.iter_mut().skip(first_day);
        let last = grades.last().copied().unwrap_or_default();
        for (day, grade) in days.zip(grades.iter().copied().chain(std::iter::repeat(last))) {
            day.add_fact(mode, table, subject, grade, first_day);
        }
    }
}

impl Day {
    fn read(world: World) -> Result<Self, SceneError> {
        let objects = |value: Value| match value {
            Value::Object(mut list) if list.contains_key("items") => match list.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            },
            Value::Array(items) => items,
            object => vec![object],
        };
        let cluster = world.clusters.first().map(|cluster| cluster.folder.clone());
        let thanos = world.thanos.first().map(|thanos| thanos.folder.clone());
        let appliance = world.appliances.first().map(|one| one.folder.clone());
        let kubernetes = answers(cluster)?
            .into_iter()
            .map(|(name, value)| (name, objects(value)))
            .collect();
        let truth = world.folder.join("truth.json");
        let facts = if truth.exists() {
            let value = json_file(&truth)?;
            serde_json::from_value(value).map_err(|source| SceneError::Json {
                path: truth,
                source,
            })?
        } else {
            Vec::new()
        };
        let path = world.folder.join("world.yaml");
        let text = fs::read_to_string(&path).map_err(|source| SceneError::File { path, source })?;
        Ok(Self {
            now: world.now.as_second(),
            cluster: world
                .clusters
                .first()
                .map_or_else(String::new, |cluster| cluster.name.clone()),
            others: BTreeMap::new(),
            kubernetes,
            truenas: answers(appliance)?,
            metrics: answers(thanos)?,
            facts,
            world: text,
            folder: world.folder,
        })
    }

    fn write(&self) -> Result<(), SceneError> {
        let write = |path: PathBuf, text: String| {
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            folder
                .and_then(|()| fs::write(&path, text))
                .map_err(|source| SceneError::File { path, source })
        };
        let file = |side: &str, name: &str| self.folder.join(side).join(format!("{name}.json"));
        let list = |items: &Vec<Value>| {
            json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}).to_string()
        };
        for (name, items) in &self.kubernetes {
            write(file("kubernetes", name), list(items))?;
        }
        for (cluster, files) in &self.others {
            for (name, items) in files {
                write(file(&format!("kubernetes@{cluster}"), name), list(items))?;
            }
        }
        for (method, answer) in &self.truenas {
            write(file("truenas", method), answer.to_string())?;
        }
        // Metrics tell of all claims in one place; with a second cluster nobody could say whose they are.
        let metrics = self.folder.join("thanos");
        if !self.others.is_empty() && metrics.exists() {
            fs::remove_dir_all(&metrics).map_err(|source| SceneError::File {
                path: metrics,
                source,
            })?;
        }
        let told = self.others.is_empty().then_some(&self.metrics);
        for (metric, answer) in told.into_iter().flatten() {
            write(file("thanos", metric), answer.to_string())?;
        }
        write(
            self.folder.join("truth.json"),
            json!(self.facts).to_string(),
        )?;
        write(self.folder.join("world.yaml"), self.world.clone())
    }

    /// Objects of one file of the cluster, such as `persistentvolumes`; made when it is missing.
    pub fn objects(&mut self, file: &str) -> &mut Vec<Value> {
        self.kubernetes.entry(file.to_owned()).or_default()
    }

    /// Objects of one file of the cluster, to look at.
    #[must_use]
    pub fn seen(&self, file: &str) -> &[Value] {
        self.kubernetes.get(file).map_or(&[], Vec::as_slice)
    }

    /// Files of the cluster.
    pub(super) fn files(&self) -> Vec<String> {
        self.kubernetes.keys().cloned().collect()
    }

    /// Adds a cluster beside the first one, read with the same rights.
    pub(super) fn add_cluster(&mut self, name: &str, files: BTreeMap<String, Vec<Value>>) {
        self.others.insert(name.to_owned(), files);
        let entry = format!("  - name: \"{name}\"\nscope:\n");
        self.world = self.world.replacen("scope:\n", &entry, 1);
    }

    /// Declares that another cluster provisions below every parent too.
    pub(super) fn share_parents(&mut self, other: &str) {
        let own = format!("clusters: [\"{}\"]", self.cluster);
        let both = format!("clusters: [\"{}\", \"{other}\"]", self.cluster);
        self.world = self.world.replace(&own, &both);
    }

    /// The object of that name, in a namespace when it has one: `namespace/name`.
    pub fn object(&mut self, file: &str, name: &str) -> Option<&mut Value> {
        self.objects(file)
            .iter_mut()
            .find(|object| is_called(object, name))
    }

    /// Takes the object of that name away.
    pub fn remove(&mut self, file: &str, name: &str) -> Option<Value> {
        let objects = self.objects(file);
        let place = objects.iter().position(|object| is_called(object, name))?;
        Some(objects.remove(place))
    }

    /// Rows of a method of the appliance; made when the file is missing.
    ///
    /// # Panics
    /// When the method answers with one object, not rows.
    pub fn rows(&mut self, method: &str) -> &mut Vec<Value> {
        let rows = self.truenas.entry(method.to_owned());
        rows.or_insert_with(|| Value::Array(Vec::new()))
            .as_array_mut()
            .expect("the method answers with rows")
    }

    /// Rows of a method, to look at.
    #[must_use]
    pub fn answered(&self, method: &str) -> &[Value] {
        let rows = self.truenas.get(method).and_then(Value::as_array);
        rows.map_or(&[], Vec::as_slice)
    }

    /// The answer of a method that gives one object, such as `nfs.config`.
    pub fn answer(&mut self, method: &str) -> &mut Value {
        self.truenas.entry(method.to_owned()).or_insert(Value::Null)
    }

    /// The first row whose field has that value.
    pub fn row(&mut self, method: &str, field: &str, value: &Value) -> Option<&mut Value> {
        self.rows(method)
            .iter_mut()
            .find(|row| row[field] == *value)
    }

    /// Takes away the rows whose field has that value.
    pub fn remove_rows(&mut self, method: &str, field: &str, value: &Value) -> Vec<Value> {
        let rows = std::mem::take(self.rows(method));
        let (gone, left) = rows.into_iter().partition(|row| row[field] == *value);
        *self.rows(method) = left;
        gone
    }

    /// What the kubelet measured of a claim in one metric, such as `kubelet_volume_stats_used_bytes`, to look at and change.
    pub fn measured(&mut self, metric: &str, volume: &Volume) -> Option<&mut Value> {
        let answer = self.metrics.get_mut(metric)?;
        let series = answer["data"]["result"].as_array_mut()?;
        let one = series.iter_mut().find(|one| {
            one["metric"]["namespace"] == volume.namespace.as_str()
                && one["metric"]["persistentvolumeclaim"] == volume.claim.as_str()
        });
        Some(&mut one?["value"][1])
    }

    /// Whether the kubelet measured a claim at all.
    #[must_use]
    pub fn is_measured(&self, volume: &Volume) -> bool {
        let answer = self.metrics.get("kubelet_volume_stats_used_bytes");
        let series = answer.and_then(|answer| answer["data"]["result"].as_array());
        let labels = |one: &Value| {
            one["metric"]["namespace"] == volume.namespace.as_str()
                && one["metric"]["persistentvolumeclaim"] == volume.claim.as_str()
        };
        series.is_some_and(|series| series.iter().any(labels))
    }

    /// Text of `world.yaml`, for what is declared there.
    pub fn world(&mut self) -> &mut String {
        &mut self.world
    }

    /// RFC 3339 text of a moment some seconds before this world's.
    #[must_use]
    pub fn ago(&self, secs: i64) -> String {
        Timestamp::from_second(self.now - secs)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_string()
    }

    /// Facts that this world shows.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Adds what a perfect analyzer says about this world.
    pub(super) fn add_fact(
        &mut self,
        mode: &str,
        table: &str,
        subject: &str,
        grade: &str,
        first_day: usize,
    ) {
        self.facts.push(Fact {
            mode: mode.to_owned(),
            table: table.to_owned(),
            subject: subject.to_owned(),
            grade: grade.to_owned(),
            first_day,
        });
    }

    /// Takes away the facts of one subject: what was planted there is explained otherwise.
    pub fn forget(&mut self, mode: &str, subject: &str) {
        self.facts
            .retain(|fact| fact.mode != mode || fact.subject != subject);
    }
}

fn is_called(object: &Value, name: &str) -> bool {
    let metadata = &object["metadata"];
    let own = metadata["name"].as_str().unwrap_or_default();
    match metadata["namespace"].as_str() {
        Some(namespace) => name.split_once('/') == Some((namespace, own)),
        None => own == name,
    }
}

fn answers(folder: Option<PathBuf>) -> Result<BTreeMap<String, Value>, SceneError> {
    let Some(folder) = folder.filter(|folder| folder.exists()) else {
        return Ok(BTreeMap::new());
    };
    let entries = fs::read_dir(&folder).map_err(|source| SceneError::File {
        path: folder.clone(),
        source,
    })?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            Ok((name.into_owned(), json_file(&path)?))
        })
        .collect()
}

fn json_file(path: &Path) -> Result<Value, SceneError> {
    let file = |source| SceneError::File {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::read(path).map_err(file)?;
    serde_json::from_slice(&bytes).map_err(|source| SceneError::Json {
        path: path.to_owned(),
        source,
    })
}
