//! Rows of an answer as text, CSV and JSON.

use polars::prelude::DataFrame;
use serde_json::{Map, Value as Json};

use crate::command::csv_line;
use crate::query::Value;
use crate::query::value::rows;
use crate::report::escape::visible;

/// Aligned columns and the number of rows; numbers stand right.
pub(super) fn table(frame: &DataFrame) -> String {
    let rows = rows(frame);
    let mut lines: Vec<Vec<(String, bool)>> = Vec::with_capacity(rows.len());
    lines.push(names(frame).into_iter().map(|name| (name, false)).collect());
    lines.extend(rows.iter().map(|row| row.iter().map(cell).collect()));
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|(text, _)| text.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..frame.width()).map(width).collect();
    let line = |cells: &Vec<(String, bool)>| {
        let padded = cells.iter().zip(&widths).map(|((text, is_number), width)| {
            if *is_number {
                format!("{text:>width$}")
            } else {
                format!("{text:<width$}")
            }
        });
        let joined = padded.collect::<Vec<_>>().join("  ");
        format!("{}\n", joined.trim_end())
    };
    let mut text = line(&lines[0]);
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text += &format!("{}\n", rule.join("  "));
    text.extend(lines[1..].iter().map(line));
    let n_rows = rows.len();
    text += &format!("({n_rows} {})\n", if n_rows == 1 { "row" } else { "rows" });
    text
}

/// Header and rows; an absent value is an empty cell.
pub(super) fn csv(frame: &DataFrame) -> String {
    let cells = |row: &Vec<Value>| {
        let texts = row.iter().map(|value| match value {
            Value::Null => String::new(),
            value => value.to_string(),
        });
        csv_line(&texts.collect::<Vec<_>>())
    };
    csv_line(&names(frame)) + &rows(frame).iter().map(cells).collect::<String>()
}

/// One object a row.
pub(super) fn json(frame: &DataFrame) -> serde_json::Result<String> {
    let names = names(frame);
    let object = |row: Vec<Value>| {
        let cells = names.iter().cloned().zip(row.iter().map(Value::to_json));
        Json::Object(cells.collect::<Map<_, _>>())
    };
    let rows: Vec<Json> = rows(frame).into_iter().map(object).collect();
    Ok(serde_json::to_string_pretty(&rows)? + "\n")
}

fn names(frame: &DataFrame) -> Vec<String> {
    frame
        .get_column_names()
        .into_iter()
        .map(|name| name.to_string())
        .collect()
}

/// Text that deceives a terminal is escaped; whether it is a number.
fn cell(value: &Value) -> (String, bool) {
    let is_number = matches!(value, Value::Integer(_) | Value::Float(_));
    (visible(&value.to_string()), is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    fn frame() -> DataFrame {
        df!(
            "path" => [Some("p/a"), None, Some("=x\u{202E}")],
            "used_bytes" => [Some(7i64), Some(12_345), None],
        )
        .expect("columns of one length")
    }

    #[test]
    fn a_table_aligns_numbers_right_and_shows_what_would_deceive() {
        let lines = [
            "path        used_bytes",
            "----------  ----------",
            "p/a                  7",
            "NULL             12345",
            "=x\\u{202e}  NULL",
            "(3 rows)",
        ];
        assert_eq!(table(&frame()), lines.join("\n") + "\n");
    }

    #[test]
    fn an_absent_value_is_empty_in_csv_and_null_in_json() {
        assert_eq!(
            csv(&frame()),
            "path,used_bytes\r\np/a,7\r\n,12345\r\n'=x\u{202E},\r\n"
        );
        let rows: Json = serde_json::from_str(&json(&frame()).unwrap()).unwrap();
        assert_eq!(rows[0]["used_bytes"], 7);
        assert_eq!(rows[2]["used_bytes"], Json::Null);
    }

    #[test]
    fn an_answer_without_rows_still_names_its_columns() {
        let empty = frame().head(Some(0));
        assert_eq!(table(&empty).lines().next(), Some("path  used_bytes"));
        assert_eq!(csv(&empty), "path,used_bytes\r\n");
        assert_eq!(json(&empty).unwrap(), "[]\n");
    }
}
