//! The answer of `analyze` for people.

use super::{Answer, Change};
use crate::cli::CapacityBy;
use crate::command::amount::DAY_SECS;
use crate::command::capacity::words::{change, day, growth, plain};
use crate::command::capacity::{Line, frame, named};
use crate::command::counted;
use crate::growth::{Attribution, Fate, Part};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

pub(super) fn text(answer: &Answer<'_>) -> String {
    let mut text = frame::head(answer.estate);
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
        text += frame::NO_POOL;
    }
    for pool in &answer.pools {
        text += &frame::pool(&pool.name, &pool.appliance);
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
    text + &frame::gaps(&answer.gaps)
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
