//! The answer of `snapshots` for people, tables and machines.

use truenas_common::time::Time;

use super::{Answer, Asked, Dataset, Hole, Pool, Sharing};
use crate::reclaim::{Break, Cut, Freed};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

/// Names of one kind of exception that a text prints; the other formats have all.
const MAX_NAMES: usize = 3;

/// Two lines a dataset, its name first, and what makes an exception of it below.
pub(super) fn text(answer: &Answer) -> String {
    let mut text: String = answer.holes.iter().map(hole).collect();
    if answer.datasets.is_empty() {
        if answer.holes.is_empty() {
            text += "There are no snapshots.\n";
        }
        return text;
    }
    let is_one = answer.clocks.len() == 1;
    for (appliance, clock) in &answer.clocks {
        let of = if is_one {
            String::new()
        } else {
            format!(" of {}", visible(appliance))
        };
        text += &format!("Ages{of} count from {}.\n", time(clock.read_at));
    }
    let mut heads = format!(
        "{:>6} {:>5} {:>7} {:>11}",
        "count", "kept", "oldest", "held"
    );
    match &answer.asked {
        Asked::Older(ages) => {
            for age in ages {
                let age = Number::duration(*age, Round::Down).text;
                heads += &format!(" {:>11}", format!("> {age}"));
            }
        }
        Asked::Free(_) => {
            text += &answer
                .pools
                .iter()
                .map(|pool| goal(answer, pool))
                .collect::<String>();
            heads += &format!(" {:>11}", "freed");
        }
    }
    text += &format!("\n{heads}\n");
    // What the smallest cut does not touch is of no interest to who wants space.
    let is_touched = |dataset: &&Dataset| {
        let is_search = matches!(answer.asked, Asked::Free(_));
        !is_search || !matches!(dataset.cuts.as_slice(), [Some(cut)] if cut.n_older == 0)
    };
    for dataset in answer.datasets.iter().filter(is_touched) {
        text += &lines(dataset);
    }
    for pool in &answer.pools {
        text += &sum(pool);
    }
    text + NOTE
}

const NOTE: &str = "
Freed is what goes with all snapshots of that age, less those that are kept.
`>=` stands before a lower bound; a figure without it is exact. Bytes are those
charged to the dataset: where blocks are deduplicated or cloned, which releases
before 26 do not tell, the pool frees up to that much. Space returns later.
";

fn hole(hole: &Hole) -> String {
    let of = if hole.appliance.is_empty() {
        String::new()
    } else {
        format!(" of {}", visible(&hole.appliance))
    };
    let (table, outcome) = (hole.table, visible(&hole.outcome));
    format!("Not evaluated: {table}{of}: {outcome}\n")
}

fn goal(answer: &Answer, pool: &Pool) -> String {
    let (Asked::Free(wanted), Some(goal)) = (&answer.asked, &pool.goal) else {
        return String::new();
    };
    let wanted = Number::bytes(*wanted, Round::Up).text;
    let freed = words(goal.freed);
    let title = format!(
        "\nPool {} of {}\n",
        visible(&pool.name),
        visible(&pool.appliance)
    );
    match goal.through.filter(|_| goal.is_reached) {
        Some(through) => {
            let through = time(through);
            title
                + &format!(
                    "  {wanted}: delete what was created up to {through}\n  that frees {freed}\n"
                )
        }
        None => {
            let surely = if goal.freed.is_exact() { "" } else { "surely " };
            title + &format!("  {wanted} cannot {surely}be freed: all that can go frees {freed}\n")
        }
    }
}

fn lines(dataset: &Dataset) -> String {
    let snapshots = dataset.timeline.snapshots();
    let kept: Vec<_> = snapshots
        .iter()
        .filter(|snapshot| snapshot.is_kept())
        .collect();
    let age = dataset.oldest_at().map(|at| (dataset.read_at - at).max(0));
    let age = age.map_or_else(|| "-".to_owned(), |age| Number::days(age, Round::Down).text);
    let held = dataset.held_bytes();
    let held = held.map_or_else(
        || "-".to_owned(),
        |held| Number::bytes(held, Round::Up).text,
    );
    let mut text = format!(
        "{}\n{:>6} {:>5} {age:>7} {held:>11}",
        visible(&dataset.path),
        snapshots.len(),
        kept.len()
    );
    for cut in &dataset.cuts {
        let freed = cut.map_or_else(|| "marked".to_owned(), |cut| cell(cut.freed));
        text += &format!(" {freed:>11}");
    }
    text.push('\n');
    if let [Some(cut)] = dataset.cuts.as_slice() {
        if let Some(last) = dataset.last_to_go(cut) {
            let n_going = cut.n_older - cut.n_kept;
            text += &format!("    going: {n_going}, the last is {}\n", visible(last));
        }
        if !cut.freed.is_exact() {
            text += &format!("    frees {}\n", words(cut.freed));
        }
    }
    let mut names = kept.iter().map(|snapshot| {
        let n_holds = snapshot.n_holds.unwrap_or_default();
        let why = match snapshot.clones.first() {
            Some(clone) => format!("clone {}", visible(clone)),
            None => format!("holds {n_holds}"),
        };
        format!("    kept: {}, {why}\n", visible(&snapshot.name))
    });
    text.extend(names.by_ref().take(MAX_NAMES));
    text += &more(names.count());
    let mut breaks = dataset.timeline.breaks().iter().map(|found| {
        let at = subject(dataset, found).map(|name| format!("{}: ", visible(name)));
        format!(
            "    marked: {}{}\n",
            at.unwrap_or_default(),
            found.rule.words()
        )
    });
    text.extend(breaks.by_ref().take(MAX_NAMES));
    text += &more(breaks.count());
    if dataset.timeline.head().is_clone {
        text += "    a clone: what it shares with its origin is not freed here\n";
    }
    if dataset.sharing == Sharing::Some {
        text += "    deduplicated or cloned blocks: the pool frees up to this\n";
    }
    if has_unknown_holds(dataset) {
        text += "    holds were not read: a held snapshot would stay\n";
    }
    text
}

fn more(n: usize) -> String {
    match n {
        0 => String::new(),
        n => format!("    and {n} more\n"),
    }
}

fn sum(pool: &Pool) -> String {
    let mut text = format!(
        "\nsum of pool {} of {}\n{:>6} {:>5} {:>7} {:>11}",
        visible(&pool.name),
        visible(&pool.appliance),
        pool.n_snapshots,
        "",
        "",
        ""
    );
    for freed in &pool.freed {
        text += &format!(" {:>11}", cell(*freed));
    }
    text.push('\n');
    if pool.n_marked > 0 {
        text += &format!("    without {} marked\n", pool.n_marked);
    }
    text
}

/// A figure of a narrow column: exact, or its lower bound.
fn cell(freed: Freed) -> String {
    let least = Number::bytes(freed.least_bytes, Round::Down).text;
    if freed.is_exact() {
        least
    } else {
        format!(">={least}")
    }
}

fn words(freed: Freed) -> String {
    let least = Number::bytes(freed.least_bytes, Round::Down).text;
    if freed.is_exact() {
        return least;
    }
    let most = Number::bytes(freed.most_bytes, Round::Up).text;
    format!("between {least} and {most}")
}

/// One line a dataset and cut, and one for each list that is not complete.
pub(super) fn csv(answer: &Answer) -> String {
    let header = [
        "appliance",
        "pool",
        "dataset",
        "n_snapshots",
        "oldest_at",
        "held_bytes",
        "cut",
        "n_older",
        "n_kept",
        "least_bytes",
        "most_bytes",
        "last",
        "is_up_to",
        "note",
    ];
    let mut text = crate::command::csv_line(&header.map(str::to_owned));
    for hole in &answer.holes {
        let mut cells = vec![String::new(); header.len()];
        cells[0].clone_from(&hole.appliance);
        cells[header.len() - 1] = format!("not evaluated: {}: {}", hole.table, hole.outcome);
        text += &crate::command::csv_line(&cells);
    }
    for dataset in &answer.datasets {
        for (index, cut) in dataset.cuts.iter().enumerate() {
            let of = |value: fn(&Cut) -> i64| cut.as_ref().map(|cut| value(cut).to_string());
            let of = |value| of(value).unwrap_or_default();
            let optional = |value: Option<i64>| value.map(|value| value.to_string());
            let last = cut.as_ref().and_then(|cut| dataset.last_to_go(cut));
            text += &crate::command::csv_line(&[
                dataset.appliance.clone(),
                dataset.pool.clone(),
                dataset.path.clone(),
                dataset.timeline.snapshots().len().to_string(),
                dataset.oldest_at().map(time).unwrap_or_default(),
                optional(dataset.held_bytes()).unwrap_or_default(),
                title(answer, index),
                of(|cut| count(cut.n_older)),
                of(|cut| count(cut.n_kept)),
                of(|cut| cut.freed.least_bytes),
                of(|cut| cut.freed.most_bytes),
                last.unwrap_or_default().to_owned(),
                is_up_to(dataset).to_string(),
                note(dataset),
            ]);
        }
    }
    text
}

/// Everything, with every exception by name.
pub(super) fn json(answer: &Answer) -> serde_json::Value {
    let cut = |dataset: &Dataset, index: usize, cut: &Cut| {
        let mut value = freed_json(cut.freed);
        value["cut"] = title(answer, index).into();
        value["n_older"] = cut.n_older.into();
        value["n_kept"] = cut.n_kept.into();
        value["last"] = dataset.last_to_go(cut).into();
        value
    };
    let dataset = |dataset: &Dataset| {
        let snapshots = dataset.timeline.snapshots().iter();
        let kept = snapshots
            .filter(|snapshot| snapshot.is_kept())
            .map(|snapshot| {
                serde_json::json!({
                    "name": snapshot.name,
                    "n_holds": snapshot.n_holds,
                    "clones": snapshot.clones,
                })
            });
        let breaks = dataset.timeline.breaks().iter().map(|found| {
            serde_json::json!({
                "snapshot": subject(dataset, found),
                "what": found.rule.words(),
            })
        });
        let cuts = dataset.cuts.iter().enumerate();
        let cuts = cuts.filter_map(|(index, found)| Some(cut(dataset, index, found.as_ref()?)));
        serde_json::json!({
            "appliance": dataset.appliance,
            "pool": dataset.pool,
            "dataset": dataset.path,
            "n_snapshots": dataset.timeline.snapshots().len(),
            "oldest_at": dataset.oldest_at().map(time),
            "held_bytes": dataset.held_bytes(),
            "is_clone": dataset.timeline.head().is_clone,
            "read_at": time(dataset.read_at),
            "is_up_to": is_up_to(dataset),
            "has_unknown_holds": has_unknown_holds(dataset),
            "kept": kept.collect::<Vec<_>>(),
            "breaks": breaks.collect::<Vec<_>>(),
            "cuts": cuts.collect::<Vec<_>>(),
        })
    };
    let pool = |pool: &Pool| {
        let goal = pool.goal.as_ref().map(|goal| {
            let mut value = freed_json(goal.freed);
            value["is_reached"] = goal.is_reached.into();
            value["through"] = goal.through.map(time).into();
            value
        });
        serde_json::json!({
            "appliance": pool.appliance,
            "pool": pool.name,
            "n_snapshots": pool.n_snapshots,
            "n_marked": pool.n_marked,
            "freed": pool.freed.iter().copied().map(freed_json).collect::<Vec<_>>(),
            "goal": goal,
        })
    };
    let hole = |hole: &Hole| {
        serde_json::json!({
            "appliance": hole.appliance,
            "table": hole.table,
            "outcome": hole.outcome,
        })
    };
    serde_json::json!({
        "domain": answer.domain,
        "not_evaluated": answer.holes.iter().map(hole).collect::<Vec<_>>(),
        "pools": answer.pools.iter().map(pool).collect::<Vec<_>>(),
        "datasets": answer.datasets.iter().map(dataset).collect::<Vec<_>>(),
    })
}

fn freed_json(freed: Freed) -> serde_json::Value {
    serde_json::json!({
        "least_bytes": freed.least_bytes,
        "most_bytes": freed.most_bytes,
        "is_exact": freed.is_exact(),
    })
}

/// The cut in the words of its option: `older-than 2592000 s`, `free 536870912000 bytes`.
fn title(answer: &Answer, index: usize) -> String {
    match &answer.asked {
        Asked::Older(ages) => {
            let age = ages.get(index).copied().unwrap_or_default();
            format!("older-than {age} s")
        }
        Asked::Free(wanted) => format!("free {wanted} bytes"),
    }
}

fn note(dataset: &Dataset) -> String {
    let breaks = dataset.timeline.breaks().iter().map(|found| {
        let at = subject(dataset, found).map(|name| format!("{name}: "));
        format!("{}{}", at.unwrap_or_default(), found.rule.words())
    });
    breaks.collect::<Vec<_>>().join("; ")
}

/// The snapshot that breaks an identity.
fn subject<'d>(dataset: &'d Dataset, found: &Break) -> Option<&'d str> {
    let snapshot = dataset.timeline.snapshots().get(found.snapshot?)?;
    Some(&snapshot.name)
}

/// Whether the pool may free less, as far as anybody can tell.
fn is_up_to(dataset: &Dataset) -> bool {
    dataset.sharing != Sharing::None
}

fn has_unknown_holds(dataset: &Dataset) -> bool {
    let mut snapshots = dataset.timeline.snapshots().iter();
    snapshots.any(|snapshot| snapshot.n_holds.is_none())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn time(at: i64) -> String {
    Time::from_unix_secs(at).to_string()
}
