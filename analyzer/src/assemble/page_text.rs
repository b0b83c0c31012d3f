//! The text of a check's page as prose.

use crate::report::model::Prose;

/// One paragraph of Markdown as prose: code and strong words keep their meaning, lines are joined.
pub(super) fn prose(text: &str) -> Prose {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut prose = Prose::new();
    for (at, part) in joined.split('`').enumerate() {
        if part.is_empty() {
            continue;
        }
        if at % 2 == 1 {
            prose = prose.code(part);
            continue;
        }
        for (at, words) in part
            .split("**")
            .enumerate()
            .filter(|(_, words)| !words.is_empty())
        {
            prose = if at % 2 == 1 {
                prose.strong(words)
            } else {
                prose.text(words)
            };
        }
    }
    prose
}

/// One prose for each paragraph or list item.
pub(super) fn paragraphs(text: &str) -> Vec<Prose> {
    let pieces = pieces(text).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Item(text) => prose(&text),
            Piece::Command(line) => Prose::new().code(&line),
        })
        .collect()
}

/// The first thing to do, as a sentence without its full stop: what stands before the steps is no action. `is_for` says
/// which items are for the finding.
pub(super) fn first_action(fix: &str, is_for: &dyn Fn(usize) -> bool) -> Prose {
    let mut n_items = 0;
    let first = pieces(fix).into_iter().find_map(|piece| match piece {
        Piece::Text(text) if !text.starts_with("Preconditions") => Some(text),
        Piece::Text(_) => None,
        Piece::Item(text) => {
            n_items += 1;
            (is_for(n_items) && !text.starts_with("Preconditions")).then_some(text)
        }
        Piece::Command(_) => {
            n_items += 1;
            None
        }
    });
    let Some(first) = first else {
        return Prose::words("see the plan of the finding");
    };
    let end = first.find(". ").unwrap_or(first.len());
    prose(first[..end].trim_end_matches('.'))
}

/// One paragraph, list item or line of a fenced block.
pub(super) enum Piece {
    /// A paragraph.
    Text(String),
    /// An item of a list.
    Item(String),
    /// A line of a fenced block.
    Command(String),
}

/// The text in pieces, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut is_open, mut is_fenced) = (Vec::new(), false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            (is_fenced, is_open) = (!is_fenced, false);
        } else if is_fenced {
            let command = line.trim_start_matches(['$', '#']).trim();
            pieces.extend((!command.is_empty()).then(|| Piece::Command(command.to_owned())));
        } else if line.is_empty() {
            is_open = false;
        } else if let Some(item) = item(line) {
            pieces.push(Piece::Item(item.to_owned()));
            is_open = true;
        } else if let (true, Some(Piece::Text(text) | Piece::Item(text))) =
            (is_open, pieces.last_mut())
        {
            text.push(' ');
            text.push_str(line);
        } else {
            pieces.push(Piece::Text(line.to_owned()));
            is_open = true;
        }
    }
    pieces
}

/// The text behind a list marker.
fn item(line: &str) -> Option<&str> {
    let digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let numbered = if digits.len() < line.len() {
        digits.strip_prefix(". ")
    } else {
        None
    };
    line.strip_prefix("- ")
        .or_else(|| line.strip_prefix("* "))
        .or(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_strong_words_leave_their_marks_behind() {
        assert_eq!(
            prose("Set `sync` to\n**standard** now.").plain(),
            "Set sync to standard now."
        );
    }

    #[test]
    fn items_and_paragraphs_are_told_apart() {
        let pieces = pieces("First\nline.\n\n1. One\n   more.\n2. Two.\n\nLast.\n");
        let told: Vec<(bool, &str)> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => (false, text.as_str()),
                Piece::Item(text) => (true, text.as_str()),
                Piece::Command(text) => (true, text.as_str()),
            })
            .collect();
        let expect = [
            (false, "First line."),
            (true, "One more."),
            (true, "Two."),
            (false, "Last."),
        ];
        assert_eq!(told, expect);
    }
}
