//! The answer of `analyze` for people.

use super::{Answer, Pool};
use crate::cli::CapacityBy;
use crate::command::amount::DAY_SECS;
use crate::command::capacity::change::Change;
use crate::command::capacity::words::{change, day, growth, plain};
use crate::command::capacity::{Line, frame, named};
use crate::command::counted;
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
            Some(change) => {
                change_text(pool, change)
                    + &change.attribution_text(&pool.appliance, answer.most, &answer.owners)
            }
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

fn change_text(pool: &Pool, found: &Change) -> String {
    let (first, last) = (found.growth.first, found.growth.last);
    let mut text = format!("  used      {} on {}\n", used(first.1), day(first.0));
    text += &format!("            {} on {}\n", used(last.1), day(last.0));
    text += &format!("  change    {}\n", change(found.growth.delta()));
    text += &format!("  growth    {}\n", growth(Some(&found.growth)));
    text += &match (pool.n_snapshots, found.snapshot_bytes) {
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
