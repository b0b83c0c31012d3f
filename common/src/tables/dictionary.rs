//! Generates the data dictionary `TABLES.md`.

use std::fmt::Write as _;

use super::ALL;
use crate::schema::{Class, Column, Kind, Scope};

/// The data dictionary as Markdown.
pub fn dictionary() -> String {
    let mut text = String::from(
        "# Tables\n\nGenerated from `common/src/tables`; do not edit. Each table is JSON lines in the bundle, sorted by the encoded line inside a part.\n\
         Columns marked **key** identify a row. *Class* says why the value may leave the site: `token` is a keyed pseudonym of the\n\
         named kind (equal only inside one kind), `code` one word of a closed list, `hardware model` what a\n\
         maker prints on a part, `plain` a number, truth value or time.\n",
    );
    for table in ALL {
        let scope = match table.scope {
            Scope::Cluster => "cluster",
            Scope::Appliance => "appliance",
            Scope::Bundle => "bundle",
            Scope::Run => "run; not kept in a history",
        };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\nScope: {scope}.\n\n",
            table.name,
            table.doc.trim()
        );
        text.push_str("| column | type | class | since | meaning |\n|---|---|---|---|---|\n");
        for column in table.columns {
            let _ = writeln!(text, "{}", row(column));
        }
    }
    text
}

fn row(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Bool => "bool",
        Kind::Time => "time",
    };
    let class = match column.class {
        Class::Token(kind) => format!("token `{kind}`"),
        Class::Code(words) => format!("code: {}", words.join(", ")),
        Class::Uid => "uuid v4 or token `uid`".to_owned(),
        Class::Version => "version".to_owned(),
        Class::Model => "hardware model".to_owned(),
        Class::Field => "field names or token `field`".to_owned(),
        Class::Constant => "constant".to_owned(),
        Class::Plain => "plain".to_owned(),
    };
    let optional = if column.nullable { "?" } else { "" };
    let key = if column.key { " **key**" } else { "" };
    format!(
        "| `{}`{key} | {kind}{optional} | {class} | {} | {} |",
        column.name,
        column.since,
        column.doc.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_dictionary_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/TABLES.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, dictionary()).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stored == dictionary(),
            "TABLES.md is stale; run UPDATE=1 cargo test -p truenas-common"
        );
    }
}
