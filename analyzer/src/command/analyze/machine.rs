//! The answer of `analyze` for tables and machines.

use serde_json::{Value as Json, json};

use super::{Answer, Pool};
use crate::command::capacity::Line;
use crate::command::capacity::change::{kind, others};
use crate::command::capacity::words::{growth_cells, growth_json, time};
use crate::command::csv_line;

pub(super) fn csv(answer: &Answer<'_>) -> String {
    let head = [
        "kind",
        "of",
        "name",
        "first_at",
        "first",
        "last_at",
        "last",
        "change",
        "data",
        "snapshots",
        "reservation",
        "slope_per_day",
        "slope_low",
        "slope_high",
        "reason",
    ];
    let mut text = csv_line(&head.map(str::to_owned));
    for pool in &answer.pools {
        pool_csv(pool, answer.most)
            .iter()
            .for_each(|line| text += &csv_line(line));
    }
    for (kind, lines) in [
        ("namespace", &answer.namespaces),
        ("class", &answer.classes),
    ] {
        for line in lines.iter().take(answer.most) {
            let (of, name) = line.key.clone();
            let mut cells = vec![
                kind.to_owned(),
                of.unwrap_or_default(),
                name.unwrap_or_default(),
            ];
            cells.extend(ends(
                line.growth
                    .as_ref()
                    .map(|growth| (growth.first, growth.last)),
            ));
            let [changed, slopes @ ..] = growth_cells(line.growth.as_ref());
            cells.push(changed);
            cells.extend([const { String::new() }; 3]);
            cells.extend(slopes);
            text += &csv_line(&cells);
        }
    }
    text
}

/// Times and values of both ends.
fn ends(ends: Option<((i64, i64), (i64, i64))>) -> [String; 4] {
    let Some((first, last)) = ends else {
        return [const { String::new() }; 4];
    };
    [
        time(first.0),
        first.1.to_string(),
        time(last.0),
        last.1.to_string(),
    ]
}

fn pool_csv(pool: &Pool, most: usize) -> Vec<Vec<String>> {
    let begin =
        |kind: &str, name: &str| vec![kind.to_owned(), pool.appliance.clone(), name.to_owned()];
    let Some(found) = &pool.change else {
        let mut line = begin("pool", &pool.name);
        line.extend([const { String::new() }; 11]);
        line.push("not evaluated".to_owned());
        return vec![line];
    };
    let mut line = begin("pool", &pool.name);
    line.extend(ends(Some((found.growth.first, found.growth.last))));
    let [changed, slopes @ ..] = growth_cells(Some(&found.growth));
    line.push(changed);
    line.extend([const { String::new() }; 3]);
    line.extend(slopes);
    let mut lines = vec![line];
    let pairs = [
        ("snapshot-count", pool.n_snapshots),
        ("snapshot-bytes", found.snapshot_bytes),
    ];
    for (kind, pair) in pairs {
        let Some((first, last)) = pair else {
            continue;
        };
        let mut line = begin(kind, &pool.name);
        let (from, to) = (found.growth.first.0, found.growth.last.0);
        line.extend(ends(Some(((from, first), (to, last)))));
        line.push(last.saturating_sub(first).to_string());
        line.resize(15, String::new());
        lines.push(line);
    }
    let Some(attribution) = &found.attribution else {
        return lines;
    };
    for part in attribution.parts.iter().take(most) {
        let mut line = begin(kind(part.fate), &part.path);
        line.extend([const { String::new() }; 4]);
        let bytes = [part.total(), part.data, part.snapshots, part.reservation];
        line.extend(bytes.map(|bytes| bytes.to_string()));
        line.resize(15, String::new());
        lines.push(line);
    }
    let others = others(attribution, most);
    for (kind, bytes) in [("other-datasets", others), ("rest", attribution.rest)] {
        let mut line = begin(kind, &pool.name);
        line.extend([const { String::new() }; 4]);
        line.push(bytes.to_string());
        line.resize(15, String::new());
        lines.push(line);
    }
    lines
}

pub(super) fn json(answer: &Answer<'_>) -> Json {
    let lines = |lines: &[Line]| {
        let lines = lines.iter().take(answer.most);
        let line = |line: &Line| {
            json!({
                "of": line.key.0, "name": line.key.1, "n_volumes": line.n_volumes,
                "n_gone": line.n_gone, "n_not_read": line.n_unread, "used_bytes": line.used_bytes,
                "growth": growth_json(line.growth.as_ref()),
                "pools_change_bytes": line.pools_change,
            })
        };
        lines.map(line).collect::<Vec<_>>()
    };
    let pools = answer.pools.iter().map(|pool| pool_json(pool, answer));
    json!({
        "at": time(answer.estate.now),
        "from": time(answer.from),
        "history_begins_at": time(answer.begins_at),
        "pools": pools.collect::<Vec<_>>(),
        "namespaces": lines(&answer.namespaces),
        "classes": lines(&answer.classes),
        "not_evaluated": answer.gaps,
    })
}

fn pool_json(pool: &Pool, answer: &Answer<'_>) -> Json {
    let Some(found) = &pool.change else {
        return json!({"appliance": pool.appliance, "pool": pool.name, "state": "not-evaluated"});
    };
    let pair =
        |pair: Option<(i64, i64)>| pair.map(|(first, last)| json!({"first": first, "last": last}));
    let hole = |(from, to): &(i64, i64)| json!({"from": time(*from), "to": time(*to)});
    json!({
        "appliance": pool.appliance,
        "pool": pool.name,
        "state": "evaluated",
        "growth": growth_json(Some(&found.growth)),
        "n_readings": found.n_readings,
        "gaps": found.holes.iter().map(hole).collect::<Vec<_>>(),
        "n_snapshots": pair(pool.n_snapshots),
        "snapshot_bytes": pair(found.snapshot_bytes),
        "attribution": found.attribution_json(&pool.appliance, answer.most, &answer.owners),
    })
}
