//! The answer of `analyze` for people, tables and machines.

use serde_json::{Value as Json, json};

use super::{Answer, Change, Pool};
use crate::cli::CapacityBy;
use crate::command::capacity::words::{
    change, day, growth, growth_cells, growth_json, plain, time,
};
use crate::command::capacity::{Line, named};
use crate::command::{counted, csv_line};
use crate::growth::{Attribution, Fate, Part};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

const DAY_SECS: i64 = super::DAY_SECS;

pub(super) fn text(answer: &Answer<'_>) -> String {
    let bundles = counted(answer.estate.bundles.len(), "bundle", "bundles");
    let mut text = format!(
        "Rests on {bundles}, the newest of {}.\n",
        day(answer.estate.now)
    );
    text += &format!("Looks at what changed since {}.\n", day(answer.from));
    if answer.begins_at >= answer.from + DAY_SECS {
        let held = Number::days(answer.estate.now - answer.begins_at, Round::Down);
        let asked = Number::days(answer.args.trend, Round::Up);
        text += &format!(
            "The history holds {} of the {} asked for.\n",
            plain(&held),
            plain(&asked)
        );
    }
    if answer.pools.is_empty() {
        text += "\nNo pool was read.\n";
    }
    for pool in &answer.pools {
        text += &format!(
            "\n{} of {}\n",
            visible(&pool.name),
            visible(&pool.appliance)
        );
        text += &match &pool.change {
            Some(change) => change_text(change, answer.most),
            None => "  not evaluated: its root dataset was not read in this window\n".to_owned(),
        };
    }
    for (title, by, lines) in [
        ("Namespaces", CapacityBy::Namespace, &answer.namespaces),
        ("Classes", CapacityBy::Class, &answer.classes),
    ] {
        text += &group_text(title, by, lines, answer.most);
    }
    if !answer.gaps.is_empty() {
        text += "\nNot evaluated, or from an earlier bundle:\n";
    }
    for gap in &answer.gaps {
        text += &format!("  {}\n", visible(gap));
    }
    text
}

fn used(bytes: i64) -> String {
    plain(&Number::bytes(bytes, Round::Up))
}

fn change_text(found: &Change, most: usize) -> String {
    let (first, last) = (found.growth.first, found.growth.last);
    let mut text = format!("  used      {} on {}\n", used(first.1), day(first.0));
    text += &format!("            {} on {}\n", used(last.1), day(last.0));
    text += &format!("  change    {}\n", change(found.growth.delta()));
    text += &format!("  growth    {}\n", growth(Some(&found.growth)));
    text += &match (found.n_snapshots, found.snapshot_bytes) {
        (None, None) => "  snapshots not read\n".to_owned(),
        (n, bytes) => {
            let count = n.map_or("not counted".to_owned(), |(first, last)| {
                let number = |n| plain(&Number::count(n));
                format!("{} then, {} now", number(first), number(last))
            });
            let bytes = bytes.map_or("bytes not told".to_owned(), |(first, last)| {
                format!("{} held by them alone", change(last.saturating_sub(first)))
            });
            format!("  snapshots {count}; {bytes}\n")
        }
    };
    let readings = counted(found.n_readings, "reading", "readings");
    text += &format!("  rests on  {readings}\n");
    for (from, to) in &found.holes {
        text += &format!("  gap       {} .. {}\n", day(*from), day(*to));
    }
    match &found.attribution {
        Some(attribution) => text + &attribution_text(attribution, most),
        None => text + "  what changed is not told at both ends\n",
    }
}

fn attribution_text(attribution: &Attribution, most: usize) -> String {
    let row = |cells: [String; 4]| {
        let [total, data, snapshots, reservation] = cells;
        format!("    {total:>12} {data:>12} {snapshots:>12} {reservation:>12}\n")
    };
    let heads = ["change", "data", "snapshots", "reservation"].map(str::to_owned);
    let mut text = row(heads);
    for part in attribution.parts.iter().take(most) {
        let fate = match part.fate {
            Fate::Stayed => "",
            Fate::New => " (new)",
            Fate::Gone => " (gone)",
        };
        text += &format!("  {}{fate}\n", visible(&part.path));
        text += &row([part.total(), part.data, part.snapshots, part.reservation].map(change));
    }
    let others = attribution.parts.iter().skip(most);
    let n_others = attribution.parts.len().saturating_sub(most);
    if n_others > 0 {
        let sum = others.map(Part::total).fold(0, i64::saturating_add);
        text += &format!("  {n_others} more datasets\n    {:>12}\n", change(sum));
    }
    for (fate, word) in [(Fate::New, "new"), (Fate::Gone, "gone")] {
        let (n, sum) = attribution.sum(fate);
        if n > 0 {
            let datasets = counted(n, "dataset", "datasets");
            text += &format!("  {word:<8}  {datasets}, {}\n", change(sum));
        }
    }
    if attribution.rest != 0 {
        text += &format!("  rest      {}\n", change(attribution.rest));
    }
    if attribution.n_unknown > 0 {
        let datasets = counted(attribution.n_unknown, "dataset", "datasets");
        text += &format!("            not all of {datasets} is told\n");
    }
    text
}

fn group_text(title: &str, by: CapacityBy, lines: &[Line], most: usize) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{title}, those that changed most\n");
    for line in lines.iter().take(most) {
        text += &format!("  {}\n", named(&line.key, by));
        if let Some(growth) = &line.growth {
            let share = match line.pools_change {
                Some(whole) if whole > 0 && growth.delta() > 0 => {
                    let share = Number::share(growth.delta(), whole, Round::Up);
                    format!(", {} of that of its pools", plain(&share))
                }
                _ => String::new(),
            };
            text += &format!("    change  {}{share}\n", change(growth.delta()));
        }
        text += &format!("    growth  {}\n", growth(line.growth.as_ref()));
    }
    if lines.len() > most {
        text += &format!("  and {} more\n", lines.len() - most);
    }
    text
}

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
        ("snapshot-count", found.n_snapshots),
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
    let others = attribution.parts.iter().skip(most).map(Part::total);
    let others = others.fold(0, i64::saturating_add);
    for (kind, bytes) in [("other-datasets", others), ("rest", attribution.rest)] {
        let mut line = begin(kind, &pool.name);
        line.extend([const { String::new() }; 4]);
        line.push(bytes.to_string());
        line.resize(15, String::new());
        lines.push(line);
    }
    lines
}

fn kind(fate: Fate) -> &'static str {
    match fate {
        Fate::Stayed => "dataset",
        Fate::New => "new-dataset",
        Fate::Gone => "gone-dataset",
    }
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
    let pools = answer.pools.iter().map(|pool| pool_json(pool, answer.most));
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

fn pool_json(pool: &Pool, most: usize) -> Json {
    let Some(found) = &pool.change else {
        return json!({"appliance": pool.appliance, "pool": pool.name, "state": "not-evaluated"});
    };
    let pair =
        |pair: Option<(i64, i64)>| pair.map(|(first, last)| json!({"first": first, "last": last}));
    let hole = |(from, to): &(i64, i64)| json!({"from": time(*from), "to": time(*to)});
    let attribution = found.attribution.as_ref().map(|attribution| {
        let part = |part: &Part| {
            json!({
                "dataset": part.path, "kind": kind(part.fate), "change_bytes": part.total(),
                "data_bytes": part.data, "snapshots_bytes": part.snapshots,
                "reservation_bytes": part.reservation,
            })
        };
        let others = attribution.parts.iter().skip(most).map(Part::total);
        json!({
            "change_bytes": attribution.delta,
            "datasets": attribution.parts.iter().take(most).map(part).collect::<Vec<_>>(),
            "other_datasets_bytes": others.fold(0, i64::saturating_add),
            "rest_bytes": attribution.rest,
            "n_not_told": attribution.n_unknown,
        })
    });
    json!({
        "appliance": pool.appliance,
        "pool": pool.name,
        "state": "evaluated",
        "growth": growth_json(Some(&found.growth)),
        "n_readings": found.n_readings,
        "gaps": found.holes.iter().map(hole).collect::<Vec<_>>(),
        "n_snapshots": pair(found.n_snapshots),
        "snapshot_bytes": pair(found.snapshot_bytes),
        "attribution": attribution,
    })
}
