//! Namespaces, classes and volumes: what they hold, how it grows, and whose growth of the pools it is.
//!
//! Used is data and snapshots, as `cost` has it. Past readings count the volumes that were there then, also those that are
//! gone: else a namespace that replaces its volumes would look as if it grew.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::limit::{Facts, Limits};
use crate::cli::CapacityBy;
use crate::command::snapshots::{Reclaim, Reclaims};
use crate::command::volumes::{Object, part, shares};
use crate::growth::{self, Band, Growth, Space, change, together, window};
use crate::history::Readings;

/// What a group is called, with the cluster that it is of, where there are several.
pub(crate) type Key = (Option<String>, Option<String>);

/// One group, or one volume.
pub(crate) struct Line {
    pub(crate) key: Key,
    /// Volumes that are there now.
    pub(crate) n_volumes: usize,
    /// Those among them whose space is not known, or not known now.
    pub(crate) n_unread: usize,
    /// Volumes that went since the window began; they are in its past readings.
    pub(crate) n_gone: usize,
    /// Data and snapshots of those that are there now.
    pub(crate) used_bytes: i64,
    pub(crate) growth: Option<Growth>,
    /// Change of the pools that its volumes are in, over the same days.
    pub(crate) pools_change: Option<i64>,
    /// What it is, of a volume.
    pub(crate) facts: Option<Facts>,
    /// What a reclaim frees of what it holds, or why nobody can tell; nothing unless it was asked for.
    pub(crate) reclaim: Option<Result<Reclaim, String>>,
    points: Vec<(i64, i64)>,
}

/// What lines are made of.
pub(crate) struct Input<'a> {
    pub(crate) by: CapacityBy,
    /// Whether all is of one cluster.
    pub(crate) is_one: bool,
    /// Volumes now.
    pub(crate) now: &'a [Object],
    /// Volumes that went since the window began.
    pub(crate) gone: &'a [Object],
    pub(crate) space: &'a Readings<5>,
    /// Unix seconds.
    pub(crate) since: i64,
    /// What growth is to be taken times.
    pub(crate) pace: f64,
    /// What a reclaim frees, when it was asked for.
    pub(crate) reclaims: Option<&'a Reclaims>,
}

/// A volume with its part of a dataset that others may lead to as well.
struct Member<'a> {
    object: &'a Object,
    share: (i64, i64),
    is_gone: bool,
}

impl<'a> Member<'a> {
    fn place(&self) -> Option<(&'a str, &'a str)> {
        let dataset = self.object.dataset.as_ref();
        dataset.map(|(appliance, path)| (&**appliance, &**path))
    }

    /// What of the counters is the volume's.
    fn held(&self, counters: &growth::Counters) -> Option<i64> {
        let [_, data, snapshots, ..] = counters;
        let of = |bytes: &Option<i64>| bytes.map(|bytes| part(bytes, self.share));
        Some(of(data)?.saturating_add(of(snapshots)?))
    }
}

/// All lines, those that changed most first. The growth of the first `n_told` is told, the others have none yet.
pub(crate) fn lines(input: &Input<'_>, limits: Option<&Limits<'_>>, n_told: usize) -> Vec<Line> {
    let mut groups: BTreeMap<Key, Vec<Member<'_>>> = BTreeMap::new();
    for (is_gone, objects) in [(false, input.now), (true, input.gone)] {
        let mut shares = shares(objects);
        for object in objects {
            let dataset = object.dataset.as_ref();
            let share = dataset
                .and_then(|(appliance, path)| shares.get_mut(&(&**appliance, &**path)))
                .map_or((0, 1), |share| share.next());
            let member = Member {
                object,
                share,
                is_gone,
            };
            if !(is_gone && input.by == CapacityBy::Volume) {
                groups.entry(input.key(object)).or_default().push(member);
            }
        }
    }
    let pools = pools(input);
    let mut lines: Vec<Line> = groups
        .into_iter()
        .map(|(key, members)| line(input, key, &members, &pools))
        .collect();
    lines.sort_by(|a, b| {
        let size = |line: &Line| std::cmp::Reverse((line.change().unsigned_abs(), line.used_bytes));
        (size(a), &a.key).cmp(&(size(b), &b.key))
    });
    lines.par_iter_mut().take(n_told).for_each(|line| {
        if let Some(facts) = limits.and_then(|limits| limits.facts(&line.key)) {
            line.facts = Some(facts);
        }
        line.growth = Growth::at_pace(&line.points, None, Band::Always, input.pace);
    });
    lines
}

impl Line {
    fn change(&self) -> i64 {
        match (self.points.first(), self.points.last()) {
            (Some((_, first)), Some((_, last))) => last.saturating_sub(*first),
            _ => 0,
        }
    }
}

impl Input<'_> {
    fn key(&self, object: &Object) -> Key {
        let cluster = Some(object.cluster.clone()).filter(|_| !self.is_one);
        match self.by {
            CapacityBy::Namespace => (cluster, object.namespace.clone()),
            CapacityBy::Class => (None, object.class.clone()),
            CapacityBy::Volume | CapacityBy::Pool => {
                (Some(object.cluster.clone()), Some(object.name.clone()))
            }
        }
    }
}

/// Used bytes of the roots of all pools with a volume, in the window.
type Pools<'a> = BTreeMap<(&'a str, &'a str), Vec<(i64, i64)>>;

fn pools<'a>(input: &Input<'a>) -> Pools<'a> {
    let objects = input.now.iter().chain(input.gone);
    let places = objects.filter_map(|object| {
        let (appliance, path) = object.dataset.as_ref()?;
        Some((&**appliance, root(path)))
    });
    let places: BTreeSet<(&str, &str)> = places.collect();
    let pool = |(appliance, pool): (&'a str, &'a str)| {
        let space = input.space.get(appliance)?;
        let points = window(&space.points(pool, growth::used), input.since);
        Some(((appliance, pool), points))
    };
    places.into_iter().filter_map(pool).collect()
}

fn root(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn line(input: &Input<'_>, key: Key, members: &[Member<'_>], pools: &Pools<'_>) -> Line {
    let mut places: BTreeMap<&str, Vec<(&str, &Member<'_>)>> = BTreeMap::new();
    for member in members {
        if let Some((appliance, path)) = member.place() {
            places.entry(appliance).or_default().push((path, member));
        }
    }
    let rows: Option<Vec<Vec<(i64, i64)>>> = places
        .iter()
        .map(|(appliance, members)| {
            let points = sum(input.space.get(*appliance)?, members);
            Some(window(&points, input.since))
        })
        .collect();
    let points = rows.map(|rows| together(&rows)).unwrap_or_default();
    let ends = points.first().zip(points.last());
    let pools_change = ends.and_then(|((from, _), (to, _))| {
        let ours: BTreeSet<(&str, &str)> = members
            .iter()
            .filter_map(|member| member.place())
            .map(|(appliance, path)| (appliance, root(path)))
            .collect();
        let changes = ours.iter().map(|pool| change(pools.get(pool)?, *from, *to));
        let changes: Option<Vec<i64>> = changes.collect();
        Some(changes?.into_iter().fold(0, i64::saturating_add))
    });
    let is_now = |member: &&Member<'_>| !member.is_gone;
    let used = |member: &Member<'_>| used_now(input.space, member);
    let is_unread = |member: &&Member<'_>| member.object.unread.is_some() || used(member).is_none();
    Line {
        key,
        n_volumes: members.iter().filter(is_now).count(),
        n_unread: members.iter().filter(is_now).filter(is_unread).count(),
        n_gone: members.iter().filter(|member| member.is_gone).count(),
        used_bytes: members
            .iter()
            .filter(is_now)
            .filter_map(used)
            .fold(0, i64::saturating_add),
        growth: None,
        pools_change,
        facts: None,
        reclaim: input.reclaims.map(|freed| reclaim(freed, members)),
        points,
    }
}

/// What a reclaim frees of the volumes that are there now; volumes that share a dataset share that too.
fn reclaim(freed: &Reclaims, members: &[Member<'_>]) -> Result<Reclaim, String> {
    let mut sum = Reclaim::default();
    let mut counted = BTreeSet::new();
    for member in members.iter().filter(|member| !member.is_gone) {
        let Some((appliance, path)) = member.place() else {
            continue;
        };
        if let Some(hole) = freed.holes.get(appliance) {
            return Err(format!("{appliance}: {hole}"));
        }
        let key = (appliance.to_owned(), path.to_owned());
        if let Some(of_dataset) = freed.datasets.get(&key) {
            sum = sum.and(Reclaim {
                least_bytes: part(of_dataset.least_bytes, member.share),
                n_marked: of_dataset.n_marked * usize::from(counted.insert(key)),
                ..*of_dataset
            });
        }
    }
    Ok(sum)
}

/// What the volumes of one appliance hold at each of its readings.
fn sum(space: &Space, members: &[(&str, &Member<'_>)]) -> Vec<(i64, i64)> {
    let mut sum = space.sum();
    for (path, member) in members {
        let end = member.object.until.map_or(usize::MAX, |until| {
            space.times.partition_point(|time| *time <= until)
        });
        for run in space.objects.get(*path).into_iter().flatten() {
            sum.add((run.from, run.to.min(end)), member.held(&run.values));
        }
    }
    sum.points()
}

/// What a volume holds at the newest reading of its appliance.
fn used_now(space: &Readings<5>, member: &Member<'_>) -> Option<i64> {
    let (appliance, path) = member.place()?;
    let space = space.get(appliance)?;
    member.held(space.at(path, space.times.len().checked_sub(1)?)?)
}

#[cfg(test)]
mod tests;
