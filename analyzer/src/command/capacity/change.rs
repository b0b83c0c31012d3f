//! The change of a pool in a window, and whose it is: for `analyze`, and for `capacity` beside the forecast.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::words::{change, plain};
use crate::command::amount::DAY_SECS;
use crate::command::counted;
use crate::command::volumes::Object;
use crate::growth::{self, Attribution, Band, Fate, Growth, Part, Space, attribute, window};
use crate::history::{Estate, History};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

/// A pool at both ends of a window.
pub(crate) struct Change {
    pub(crate) growth: Growth,
    /// Readings in the window.
    pub(crate) n_readings: usize,
    /// Times between which nothing was read for longer than two runs.
    pub(crate) holes: Vec<(i64, i64)>,
    pub(crate) attribution: Option<Attribution>,
    /// Bytes that only snapshots hold, at both ends; nothing when a dataset does not tell.
    pub(crate) snapshot_bytes: Option<(i64, i64)>,
}

/// A claim, or a volume without one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owner {
    cluster: String,
    claim: Option<(String, String)>,
    volume: String,
}

/// Claims by the appliance and the dataset that they lead to.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    by_dataset: BTreeMap<(String, String), Vec<Owner>>,
    /// Whether all is of one cluster.
    is_one: bool,
}

/// A window of days begins with the day: runs do not end at the same second.
pub(crate) fn first_moment(now: i64, window_secs: i64) -> i64 {
    let from = now.saturating_sub(window_secs);
    if window_secs < 2 * DAY_SECS {
        return from;
    }
    from - from.rem_euclid(DAY_SECS)
}

/// Seconds between the planned readings of the space of an appliance.
pub(crate) fn every_secs(estate: &Estate, history: &History, appliance: &str) -> i64 {
    let source = history.source_of(&estate.domain, "zfs_dataset_space", appliance, estate.now);
    source
        .and_then(|entry| entry.expected_every_secs)
        .unwrap_or(DAY_SECS)
}

impl Change {
    /// The change of a pool since a time; nothing when its root was not read since.
    pub(crate) fn of(
        space: &Space,
        pool: &str,
        from: i64,
        (every, now): (i64, i64),
    ) -> Option<Self> {
        let points = space.points(pool, growth::used);
        let points = &points[points.partition_point(|(at, _)| *at < from)..];
        let growth = Growth::of(&window(points, from), None, Band::Always)?;
        let ends = (points.first()?.0, points.last()?.0);
        let reading = |at: i64| space.times.binary_search(&at).ok();
        let (first, last) = (reading(ends.0)?, reading(ends.1)?);
        let times = points.iter().map(|(at, _)| *at).chain([now]);
        let times: Vec<i64> = times.collect();
        let holes = times
            .windows(2)
            .filter(|pair| pair[1] - pair[0] > 2 * every);
        Some(Self {
            growth: Growth {
                first: *points.first()?,
                ..growth
            },
            n_readings: points.len(),
            holes: holes.map(|pair| (pair[0], pair[1])).collect(),
            attribution: attribute(space, pool, first, last),
            snapshot_bytes: snapshot_bytes(space, pool, first)
                .zip(snapshot_bytes(space, pool, last)),
        })
    }

    /// Whose the change is: at most so many datasets of an appliance, the others as one, and the rest.
    pub(crate) fn attribution_text(&self, appliance: &str, most: usize, owners: &Owners) -> String {
        match &self.attribution {
            Some(attribution) => text(attribution, appliance, most, owners),
            None => "  what changed is not told at both ends\n".to_owned(),
        }
    }

    /// The same for machines.
    pub(crate) fn attribution_json(&self, appliance: &str, most: usize, owners: &Owners) -> Json {
        let Some(attribution) = &self.attribution else {
            return Json::Null;
        };
        let whole = attribution.delta;
        let part = |part: &Part| {
            json!({
                "dataset": part.path, "kind": kind(part.fate), "change_bytes": part.total(),
                "share_per_mille": share(part.total(), whole).and_then(|share| share.raw),
                "data_bytes": part.data, "snapshots_bytes": part.snapshots,
                "reservation_bytes": part.reservation, "claims": owners.json(appliance, &part.path),
            })
        };
        json!({
            "change_bytes": whole,
            "datasets": attribution.parts.iter().take(most).map(part).collect::<Vec<_>>(),
            "other_datasets_bytes": others(attribution, most),
            "rest_bytes": attribution.rest,
            "n_not_told": attribution.n_unknown,
        })
    }
}

/// What became of a dataset, for machines.
pub(crate) fn kind(fate: Fate) -> &'static str {
    match fate {
        Fate::Stayed => "dataset",
        Fate::New => "new-dataset",
        Fate::Gone => "gone-dataset",
    }
}

/// The change of the datasets behind the first ones.
pub(crate) fn others(attribution: &Attribution, most: usize) -> i64 {
    let others = attribution.parts.iter().skip(most);
    others.map(Part::total).fold(0, i64::saturating_add)
}

/// The part of a change that goes the same way as the whole.
fn share(bytes: i64, whole: i64) -> Option<Number> {
    let is_alike = bytes != 0 && bytes.signum() == whole.signum();
    is_alike.then(|| Number::share(bytes, whole, Round::Up))
}

fn text(attribution: &Attribution, appliance: &str, most: usize, owners: &Owners) -> String {
    let whole = attribution.delta;
    let share = |bytes| share(bytes, whole).map_or(String::new(), |share| plain(&share));
    let row = |cells: [String; 4], share: String| {
        let [total, data, snapshots, reservation] = cells;
        let row =
            format!("    {total:>12} {data:>12} {snapshots:>12} {reservation:>12} {share:>8}");
        format!("{}\n", row.trim_end())
    };
    let heads = ["change", "data", "snapshots", "reservation"].map(str::to_owned);
    let mut text = row(heads, "share".to_owned());
    for part in attribution.parts.iter().take(most) {
        let fate = match part.fate {
            Fate::Stayed => "",
            Fate::New => " (new)",
            Fate::Gone => " (gone)",
        };
        text += &format!("  {}{fate}\n", visible(&part.path));
        text += &owners.text(appliance, &part.path);
        let cells = [part.total(), part.data, part.snapshots, part.reservation];
        text += &row(cells.map(change), share(part.total()));
    }
    let sum_row = |bytes: i64| {
        let none = String::new;
        row([change(bytes), none(), none(), none()], share(bytes))
    };
    let n_others = attribution.parts.len().saturating_sub(most);
    if n_others > 0 {
        let sum = others(attribution, most);
        text += &format!("  {}\n", counted(n_others, "more dataset", "more datasets"));
        text += &sum_row(sum);
    }
    text += "  rest\n";
    text += &sum_row(attribution.rest);
    for (fate, word) in [(Fate::New, "new"), (Fate::Gone, "gone")] {
        let (n, sum) = attribution.sum(fate);
        if n > 0 {
            let datasets = counted(n, "dataset", "datasets");
            text += &format!("  {word:<8}  {datasets}, {}\n", change(sum));
        }
    }
    if attribution.n_unknown > 0 {
        let datasets = counted(attribution.n_unknown, "dataset", "datasets");
        text += &format!("            not all of {datasets} is told\n");
    }
    text
}

/// Bytes that only snapshots hold, of all datasets of a pool at a reading.
fn snapshot_bytes(space: &Space, pool: &str, reading: usize) -> Option<i64> {
    let below = format!("{pool}/");
    let ours = space
        .objects
        .keys()
        .filter(|path| *path == pool || path.starts_with(&below));
    let held = ours.filter_map(|path| space.at(path, reading));
    let bytes = held.map(|[_, _, snapshots, ..]| *snapshots);
    bytes.sum()
}

impl Owners {
    /// Whose the datasets of volumes are, also of those that are gone.
    pub(crate) fn of<'o>(
        objects: impl IntoIterator<Item = &'o Object>,
        clusters: &[String],
    ) -> Self {
        let mut by_dataset: BTreeMap<(String, String), Vec<Owner>> = BTreeMap::new();
        for object in objects {
            if let Some(dataset) = &object.dataset {
                let claim = object.namespace.clone().zip(object.claim.clone());
                by_dataset.entry(dataset.clone()).or_default().push(Owner {
                    cluster: object.cluster.clone(),
                    claim,
                    volume: object.name.clone(),
                });
            }
        }
        Self {
            by_dataset,
            is_one: clusters.len() == 1,
        }
    }

    fn at(&self, appliance: &str, path: &str) -> &[Owner] {
        let key = (appliance.to_owned(), path.to_owned());
        self.by_dataset.get(&key).map_or(&[][..], Vec::as_slice)
    }

    fn text(&self, appliance: &str, path: &str) -> String {
        let line = |owner: &Owner| {
            let name = match &owner.claim {
                Some((namespace, claim)) => {
                    format!("claim {}/{}", visible(namespace), visible(claim))
                }
                None => format!("volume {} without a claim", visible(&owner.volume)),
            };
            if self.is_one {
                format!("    {name}\n")
            } else {
                format!("    {name} of {}\n", visible(&owner.cluster))
            }
        };
        self.at(appliance, path).iter().map(line).collect()
    }

    fn json(&self, appliance: &str, path: &str) -> Json {
        let owner = |owner: &Owner| {
            let claim = owner.claim.as_ref();
            json!({
                "cluster": owner.cluster, "volume": owner.volume,
                "namespace": claim.map(|(namespace, _)| namespace),
                "claim": claim.map(|(_, claim)| claim),
            })
        };
        self.at(appliance, path).iter().map(owner).collect()
    }
}
