//! Volumes near their own limit, as the checks CAP-008, CAP-009 and CAP-010 find them, with the date of the limit.

use rayon::prelude::*;
use serde_json::{Value as Json, json};

use super::words::{bytes, day, missed, plain, said};
use crate::analysis::Analysis;
use crate::checks::{Check, Finding, State};
use crate::growth::{Band, COLUMNS, Growth, live, window};
use crate::history::{Estate, History};
use crate::query::Value;
use crate::report::escape::visible;
use crate::report::number::{Number, Round};
use crate::trend::Forecast;

/// The checks that find them, with the kind of their limit.
const CHECKS: [(&str, Kind); 3] = [
    ("CAP-008", Kind::FileSystem),
    ("CAP-009", Kind::Inodes),
    ("CAP-010", Kind::Refquota),
];
/// Counters of `k8s_kubelet_volume`.
pub(super) const KUBELET: [&str; 3] = ["used_bytes", "n_used_inodes", "n_inodes"];

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Live data of a dataset.
    Refquota,
    /// Bytes that a zvol refers to.
    Volsize,
    /// The file system as its node sees it.
    FileSystem,
    /// Its inodes.
    Inodes,
}

/// How far something is from its limit.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) kind: Kind,
    /// Bytes, or inodes.
    pub(super) used: i64,
    pub(super) limit: i64,
    pub(super) growth: Option<Growth>,
}

/// A volume that a check found.
pub(super) struct Near {
    check: String,
    /// Cluster or appliance.
    scope: String,
    namespace: Option<String>,
    /// Claim or dataset.
    name: String,
    limit: Limit,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Refquota => "refquota",
            Self::Volsize => "volsize",
            Self::FileSystem => "space",
            Self::Inodes => "inodes",
        }
    }
}

impl Limit {
    /// `95.1 % of 10.0 GiB`.
    pub(super) fn fill(&self) -> String {
        let share = plain(&Number::share(self.used, self.limit, Round::Up));
        let limit = match self.kind {
            Kind::Inodes => Number::count(self.limit),
            _ => Number::bytes(self.limit, Round::Down),
        };
        format!("{share} of {}", plain(&limit))
    }

    /// When it is met.
    pub(super) fn date(&self) -> String {
        match &self.growth {
            Some(growth) => said(growth.last.0, growth.forecast.as_ref()).text(),
            None => "no date: it was not read before".to_owned(),
        }
    }

    /// The error of past dates, for one that is given.
    pub(super) fn missed(&self) -> Option<String> {
        let growth = self.growth.as_ref()?;
        let is_dated = matches!(growth.forecast, Some(Forecast::Within(..)));
        let amount = |value: f64, round| match self.kind {
            Kind::Inodes => plain(&Number::count(value as i64)),
            _ => bytes(value, round),
        };
        missed(&growth.trend, amount).filter(|_| is_dated)
    }

    pub(super) fn json(&self) -> Json {
        let unit = if self.kind == Kind::Inodes {
            "inodes"
        } else {
            "bytes"
        };
        let forecast = self
            .growth
            .as_ref()
            .map(|growth| said(growth.last.0, growth.forecast.as_ref()).json());
        json!({
            "kind": self.kind.word(), "unit": unit, "used": self.used, "limit": self.limit,
            "fill_per_mille": Number::share(self.used, self.limit, Round::Up).raw,
            "read_at": self.growth.as_ref().map(|growth| super::words::time(growth.last.0)),
            "forecast": forecast,
        })
    }
}

/// Whether a check finds volumes near their limit.
pub(super) fn is_ours(check: &Check) -> bool {
    kind(&check.page.id).is_some()
}

fn kind(check: &str) -> Option<Kind> {
    let found = CHECKS.iter().find(|(id, _)| *id == check);
    found.map(|(_, kind)| *kind)
}

/// Checks that could not look, in words.
pub(super) fn blind(analysis: &Analysis) -> Vec<String> {
    let results = analysis.results.iter();
    let words = results.filter_map(|result| match &result.state {
        State::NotEvaluated(reason) => Some(format!("{}: {reason}", result.check_id)),
        _ => None,
    });
    words.collect()
}

/// What the checks found, the fullest first. Dates rest on the readings since a time, and are those of growth that is `pace`
/// times what it was.
pub(super) fn near(analysis: &Analysis, history: &History, since: i64, pace: f64) -> Vec<Near> {
    let estate = &analysis.estate;
    let found: Vec<Near> = analysis.findings().filter_map(Near::of).collect();
    let mut found: Vec<Near> = found
        .into_par_iter()
        .map(|mut near| {
            let points = window(&near.points(history, estate), since);
            let limit = Some(near.limit.limit);
            near.limit.growth = Growth::at_pace(&points, limit, Band::ForDate, pace);
            near
        })
        .collect();
    let fill = |near: &Near| {
        let share = Number::share(near.limit.used, near.limit.limit, Round::Up);
        std::cmp::Reverse(share.raw)
    };
    found.sort_by(|a, b| {
        (fill(a), &a.scope, &a.namespace, &a.name).cmp(&(fill(b), &b.scope, &b.namespace, &b.name))
    });
    found
}

/// The claim without its namespace, which the finding names apart; or the dataset.
fn name_of(finding: &Finding) -> &str {
    let subject = finding.subject.as_str();
    match finding.subject_table.as_str() {
        "k8s_pvc" => subject.split_once('/').map_or(subject, |(_, name)| name),
        _ => subject,
    }
}

impl Near {
    fn of(finding: &Finding) -> Option<Self> {
        let kind = kind(&finding.check_id)?;
        let value = |name: &str| {
            let (_, value) = finding.evidence.iter().find(|(column, _)| column == name)?;
            Some(value)
        };
        let number = |name: &str| value(name).and_then(Value::as_integer);
        let (used, limit) = match kind {
            Kind::Refquota | Kind::Volsize => (number("live_bytes")?, number("refquota_bytes")?),
            // What is kept for root is no room.
            Kind::FileSystem => {
                let used = number("used_bytes")?;
                (used, used.saturating_add(finding.bytes?))
            }
            Kind::Inodes => (number("n_used_inodes")?, number("n_inodes")?),
        };
        Some(Self {
            check: finding.check_id.clone(),
            scope: finding.scope.clone(),
            namespace: value("namespace")
                .and_then(Value::as_text)
                .map(str::to_owned),
            name: name_of(finding).to_owned(),
            limit: Limit {
                kind,
                used,
                limit,
                growth: None,
            },
        })
    }

    fn points(&self, history: &History, estate: &Estate) -> Vec<(i64, i64)> {
        let place = (&*estate.domain, &*self.scope);
        if self.limit.kind == Kind::Refquota {
            let (table, identity) = ("zfs_dataset_space", [&*self.scope, &*self.name]);
            let space = history.readings_of(place, table, COLUMNS, &identity, estate.now);
            return space.points(&self.name, live);
        }
        let namespace = self.namespace.as_deref().unwrap_or_default();
        let (table, identity) = ("k8s_kubelet_volume", [namespace, &*self.name]);
        let node = history.readings_of(place, table, KUBELET, &identity, estate.now);
        let claim = format!("{namespace}/{}", self.name);
        node.points(&claim, |[bytes, inodes, _]| match self.limit.kind {
            Kind::Inodes => *inodes,
            _ => *bytes,
        })
    }

    /// Two lines: who, and how far.
    pub(super) fn text(&self) -> String {
        let of = self.namespace.as_deref().unwrap_or(&self.scope);
        let mut text = format!("  {} of {}\n", visible(&self.name), visible(of));
        text += &format!(
            "    {:<8}  {} ({})\n",
            self.limit.kind.word(),
            self.limit.fill(),
            self.check
        );
        text += &format!("    full      {}\n", self.limit.date());
        if let Some(missed) = self.limit.missed() {
            text += &format!("    missed    {missed}\n");
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "check": self.check, "scope": self.scope, "namespace": self.namespace,
            "name": self.name, "limit": self.limit.json(),
        })
    }
}

/// The section of the text: at most so many.
pub(super) fn text(near: &[Near], since: i64, most: usize) -> String {
    if near.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\nNear their own limit, dates by readings since {}:\n",
        day(since)
    );
    near.iter().take(most).for_each(|near| text += &near.text());
    if near.len() > most {
        text += &format!("  and {} more; `--top` shows more\n", near.len() - most);
    }
    text
}

#[cfg(test)]
mod tests;
