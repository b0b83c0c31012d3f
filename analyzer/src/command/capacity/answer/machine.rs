//! The answer for tables and machines.

use serde_json::{Value as Json, json};

use super::super::frame;
use super::super::group::Line;
use super::super::limit::Facts;
use super::super::near::{self, Limit};
use super::super::words::{growth_cells, growth_json, said, time};
use super::Answer;
use crate::cli::CapacityBy;
use crate::command::csv_line;

impl Answer<'_> {
    pub(super) fn csv(&self) -> String {
        let mut head = vec![
            "of",
            word(self.by),
            "n_volumes",
            "n_not_read",
            "used_bytes",
            "change_bytes",
            "pools_change_bytes",
            "slope_bytes_per_day",
            "slope_low",
            "slope_high",
            "reason",
        ];
        if self.by == CapacityBy::Volume {
            head.extend(["namespace", "claim", "class", "appliance", "dataset"]);
            head.extend(["limit_kind", "limit_used", "limit", "limit_state"]);
            head.extend(["early", "median", "late", "limit_reason"]);
            head.extend(["n_used_inodes", "n_inodes"]);
        }
        let n_own = head.len();
        if self.args.after_reclaim {
            head.extend(["freed_least_bytes", "freed_reason"]);
        }
        let head: Vec<String> = head.into_iter().map(str::to_owned).collect();
        let mut text = csv_line(&head);
        for line in &self.lines {
            let [changed, slope, low, high, reason] = growth_cells(line.growth.as_ref());
            let (of, name) = line.key.clone();
            let mut cells = vec![
                of.unwrap_or_default(),
                name.unwrap_or_default(),
                line.n_volumes.to_string(),
                line.n_unread.to_string(),
                line.used_bytes.to_string(),
                changed,
                line.pools_change
                    .map(|bytes| bytes.to_string())
                    .unwrap_or_default(),
                slope,
                low,
                high,
                reason,
            ];
            if self.by == CapacityBy::Volume {
                cells.extend(line.facts.as_ref().map(facts_cells).unwrap_or_default());
            }
            cells.resize(n_own, String::new());
            match &line.reclaim {
                Some(Ok(reclaim)) => {
                    cells.extend([reclaim.least_bytes.to_string(), String::new()]);
                }
                Some(Err(reason)) => cells.extend([String::new(), reason.clone()]),
                None => {}
            }
            text += &csv_line(&cells);
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "at": time(self.estate.now),
            "since": time(self.since),
            "by": word(self.by),
            "what_if": frame::what_if_json(self.args),
            "lines": self.lines.iter().map(line_json).collect::<Vec<_>>(),
            "n_more": self.n_more,
            "near_limit": self.near.iter().take(self.most).map(near::Near::json).collect::<Vec<_>>(),
            "not_evaluated": self.gaps,
        })
    }
}

fn word(by: CapacityBy) -> &'static str {
    match by {
        CapacityBy::Pool => "pool",
        CapacityBy::Namespace => "namespace",
        CapacityBy::Class => "class",
        CapacityBy::Volume => "volume",
    }
}

fn facts_cells(facts: &Facts) -> Vec<String> {
    let object = &facts.object;
    let (appliance, dataset) = object.dataset.clone().unwrap_or_default();
    let mut cells = vec![
        object.namespace.clone().unwrap_or_default(),
        object.claim.clone().unwrap_or_default(),
        object.class.clone().unwrap_or_default(),
        appliance,
        dataset,
    ];
    match &facts.limit {
        Some(limit) => {
            let growth = limit.growth.as_ref();
            let at = growth.map_or(0, |growth| growth.last.0);
            let said = said(at, growth.and_then(|growth| growth.forecast.as_ref()));
            cells.extend([
                limit.kind.word().to_owned(),
                limit.used.to_string(),
                limit.limit.to_string(),
                said.state.to_owned(),
            ]);
            cells.extend(said.dates.map(Option::unwrap_or_default));
            cells.push(said.reason.unwrap_or_default());
        }
        None => cells.extend([const { String::new() }; 8]),
    }
    if let Some(inodes) = &facts.inodes {
        cells.extend([inodes.used.to_string(), inodes.limit.to_string()]);
    }
    cells
}

fn line_json(line: &Line) -> Json {
    let mut json = json!({
        "of": line.key.0,
        "name": line.key.1,
        "n_volumes": line.n_volumes,
        "n_not_read": line.n_unread,
        "n_gone": line.n_gone,
        "used_bytes": line.used_bytes,
        "growth": growth_json(line.growth.as_ref()),
        "pools_change_bytes": line.pools_change,
    });
    if let Some(reclaim) = &line.reclaim {
        json["reclaim"] = frame::reclaim_json(reclaim);
    }
    if let Some(facts) = &line.facts {
        let object = &facts.object;
        json["volume"] = json!({
            "namespace": object.namespace,
            "claim": object.claim,
            "class": object.class,
            "appliance": object.dataset.as_ref().map(|(appliance, _)| appliance),
            "dataset": object.dataset.as_ref().map(|(_, path)| path),
            "not_read": object.unread,
            "limit": facts.limit.as_ref().map(Limit::json),
            "inodes": facts.inodes.as_ref().map(Limit::json),
        });
    }
    json
}
