//! A section for people, tables and machines: the same rows three times.

#[cfg(test)]
mod tests;

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use super::section::{Cell, Column, Gap, Place, Section};
use crate::cli::Show;
use crate::report::escape::visible;
use crate::report::number::{Number, Round, THIN};

/// Widest line of words.
const WIDTH: usize = 80;

/// The section in a few lines: its totals, and what stands in the way.
pub(super) fn summary(section: &Section) -> String {
    let title = title(section.show);
    let totals = section.totals.iter().filter(|_| !section.is_blind());
    let mut words: Vec<String> = totals
        .map(|total| format!("{} {}", cell(&total.cell), total.words))
        .collect();
    if words.is_empty() && section.gaps.is_empty() {
        words.push("nothing to say".to_owned());
    }
    let mut text = String::new();
    if !words.is_empty() {
        text += &wrapped(&format!("{title}: {}", words.join(", ")), "    ");
    }
    text + &gaps(section.show, &section.gaps)
}

/// The whole section: two lines a row, its names first.
pub(super) fn text(section: &Section) -> String {
    let mut text = summary(section);
    if section.rows.is_empty() {
        return text;
    }
    let mut heads = String::new();
    for column in section.columns {
        if let Place::Figure(head, width) = column.place {
            heads += &format!(" {head:>width$}");
        }
    }
    text += &format!("\n{heads}\n");
    for row in &section.rows {
        text += &lines(section.columns, row);
    }
    if !section.note.is_empty() {
        text += &format!("\n{}\n", section.note);
    }
    text
}

fn lines(columns: &[Column], row: &[Cell]) -> String {
    let (mut names, mut figures, mut below) = (Vec::new(), String::new(), String::new());
    for (column, value) in columns.iter().zip(row) {
        match (column.place, value) {
            (Place::Title | Place::Below(_), Cell::None) | (Place::Machine, _) => {}
            (Place::Title, _) => names.push(cell(value)),
            (Place::Figure(_, width), _) => {
                let text = cell(value);
                figures += &format!(" {text:>width$}");
            }
            (Place::Below(word), _) => {
                let line = format!("    {word}: {}", cell(value));
                below += &wrapped(&line, "      ");
            }
        }
    }
    format!("{}\n{figures}\n{below}", names.join(" "))
}

/// One line a row, and one for each scope that was not evaluated, with its reason last.
pub(super) fn csv(section: &Section) -> String {
    let names = section.columns.iter().map(|column| column.name.to_owned());
    let header: Vec<String> = names.chain(["note".to_owned()]).collect();
    let mut text = crate::command::csv_line(&header);
    for gap in &section.gaps {
        let mut cells = vec![String::new(); header.len()];
        cells[0].clone_from(&gap.scope);
        cells[header.len() - 1] = words(gap);
        text += &crate::command::csv_line(&cells);
    }
    for row in &section.rows {
        let cells = row.iter().map(plain).chain([String::new()]);
        text += &crate::command::csv_line(&cells.collect::<Vec<_>>());
    }
    text
}

pub(super) fn json(section: &Section) -> Json {
    let row = |row: &Vec<Cell>| {
        let cells = section.columns.iter().zip(row);
        let cells = cells.map(|(column, value)| (column.name.to_owned(), machine(value)));
        Json::Object(cells.collect())
    };
    let gap = |gap: &Gap| {
        json!({
            "scope": gap.scope,
            "reason": gap.reason,
            "is_planned": gap.is_hole,
        })
    };
    let totals = section.totals.iter();
    let totals = totals.map(|total| (total.name.to_owned(), machine(&total.cell)));
    // A sum over nothing that could be read would be a number.
    let totals = (!section.is_blind()).then(|| Json::Object(totals.collect()));
    json!({
        "not_evaluated": section.gaps.iter().map(gap).collect::<Vec<_>>(),
        "totals": totals,
        "rows": section.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

/// Key of a section in the answer for machines.
pub(super) fn key(show: Show) -> &'static str {
    match show {
        Show::Reclaim => "reclaim",
        Show::Creators => "creators",
        Show::Growth => "growth",
        Show::Coverage => "coverage",
        Show::Retention => "retention",
        Show::Operations => "operations",
        Show::RestorePoints => "restore_points",
    }
}

fn title(show: Show) -> &'static str {
    match show {
        Show::Reclaim => "Reclaim",
        Show::Creators => "Creators",
        Show::Growth => "Growth",
        Show::Coverage => "Coverage",
        Show::Retention => "Retention",
        Show::Operations => "Operations",
        Show::RestorePoints => "Restore points",
    }
}

fn gaps(show: Show, gaps: &[Gap]) -> String {
    let line = |gap: &Gap| {
        let of = match gap.scope.as_str() {
            "" => String::new(),
            scope => format!(" of {}", visible(scope)),
        };
        let words = visible(&words(gap));
        wrapped(&format!("{}{of}: {words}", title(show)), "    ")
    };
    gaps.iter().map(line).collect()
}

fn words(gap: &Gap) -> String {
    let verb = if gap.is_hole {
        "not evaluated"
    } else {
        "not applicable"
    };
    format!("{verb}: {}", gap.reason)
}

/// Words broken into lines; a word that is longer than a line stays whole.
fn wrapped(text: &str, indent: &str) -> String {
    let lead: String = text.chars().take_while(|char| *char == ' ').collect();
    let mut lines = vec![lead.clone()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let Some(line) = lines.last_mut() else {
            break;
        };
        let is_empty = line.trim().is_empty();
        let width = line.chars().count() + word.chars().count() + usize::from(!is_empty);
        if !is_empty && width > WIDTH {
            lines.push(format!("{indent}{word}"));
        } else {
            if !is_empty {
                line.push(' ');
            }
            *line += word;
        }
    }
    lines.join("\n") + "\n"
}

/// A value for people.
fn cell(cell: &Cell) -> String {
    let text = match cell {
        Cell::None => "-".to_owned(),
        Cell::Text(text) => visible(text),
        Cell::Count(n) => Number::count(*n).text,
        Cell::Bytes(bytes) => Number::bytes(*bytes, Round::Up).text,
        Cell::Least(bytes) => format!(">={}", Number::bytes(*bytes, Round::Down).text),
        Cell::BytesPerDay(bytes) => Number::bytes_per_day(*bytes, Round::Up).text,
        Cell::Secs(secs) if *secs >= 86_400 => Number::days(*secs, Round::Down).text,
        Cell::Secs(secs) => Number::duration(*secs, Round::Down).text,
        Cell::At(at) => Time::from_unix_secs(*at).day(),
        Cell::PerMille(n) => Number::per_mille(*n).text,
        Cell::Truth(is) => if *is { "yes" } else { "no" }.to_owned(),
        Cell::Words(words) => visible(&words.join(", ")),
        Cell::Series(points) => Number::count_of(count(points.len()), "reading", "readings").text,
    };
    text.replace(THIN, " ")
}

/// A value for a table: exact, or empty.
fn plain(cell: &Cell) -> String {
    match cell {
        // A bound has columns of its own.
        Cell::None | Cell::Least(_) => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Count(n)
        | Cell::Bytes(n)
        | Cell::BytesPerDay(n)
        | Cell::Secs(n)
        | Cell::PerMille(n) => n.to_string(),
        Cell::At(at) => Time::from_unix_secs(*at).to_string(),
        Cell::Truth(is) => is.to_string(),
        Cell::Words(words) => words.join("; "),
        Cell::Series(points) => {
            let point = |(at, n): &(i64, i64)| format!("{}={n}", Time::from_unix_secs(*at));
            points.iter().map(point).collect::<Vec<_>>().join("; ")
        }
    }
}

fn machine(cell: &Cell) -> Json {
    match cell {
        Cell::None | Cell::Least(_) => Json::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(n)
        | Cell::Bytes(n)
        | Cell::BytesPerDay(n)
        | Cell::Secs(n)
        | Cell::PerMille(n) => (*n).into(),
        Cell::At(at) => Time::from_unix_secs(*at).to_string().into(),
        Cell::Truth(is) => (*is).into(),
        Cell::Words(words) => words.as_slice().into(),
        Cell::Series(points) => {
            let point =
                |(at, n): &(i64, i64)| json!({"at": Time::from_unix_secs(*at).to_string(), "n": n});
            points.iter().map(point).collect::<Vec<_>>().into()
        }
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
