//! The text of a check's page as prose and as steps of a plan.

use crate::report::model::{Name, Plan, Prose, Step, StepKind};

/// Words that begin a command.
const PROGRAMS: &[&str] = &[
    "zfs", "zpool", "kubectl", "oc", "midclt", "helm", "iscsiadm", "nfsstat", "exportfs",
];

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
            Piece::Text(text) => prose(&text),
            Piece::Command(line) => Prose::new().code(&line),
        })
        .collect()
}

/// The first sentence.
pub(super) fn first_sentence(text: &str) -> Prose {
    let Some(Piece::Text(first)) = pieces(text)
        .into_iter()
        .find(|piece| matches!(piece, Piece::Text(_)))
    else {
        return Prose::words("See the page of the check.");
    };
    let end = first.find(". ").map_or(first.len(), |at| at + 1);
    prose(&first[..end])
}

/// The first thing to do, as a sentence without its full stop: what stands before the steps is no action.
pub(super) fn first_action(fix: &str) -> Prose {
    let first = pieces(fix).into_iter().find_map(|piece| match piece {
        Piece::Text(text) if !text.starts_with("Preconditions") => Some(text),
        _ => None,
    });
    let Some(first) = first else {
        return Prose::words("see the plan of the finding");
    };
    let end = first.find(". ").unwrap_or(first.len());
    prose(first[..end].trim_end_matches('.'))
}

/// The number of steps that a page's fix has.
pub(super) fn n_steps(fix: &str) -> usize {
    plan(fix, &Name::new("object", "")).steps.len()
}

/// The fix of a page as a plan for one object. Nothing in it is run.
pub(super) fn plan(fix: &str, subject: &Name) -> Plan {
    let mut steps: Vec<Step> = Vec::new();
    let mut note: Option<String> = None;
    for piece in pieces(fix) {
        match piece {
            Piece::Text(text) => steps.extend(note.replace(text).map(|text| told(&text, subject))),
            Piece::Command(line) => {
                let note = note
                    .take()
                    .map_or_else(|| Prose::words("then"), |text| prose(&text));
                steps.push(command(note, &line, subject));
            }
        }
    }
    steps.extend(note.map(|text| told(&text, subject)));
    let has = |kind| steps.iter().any(|step| step.kind == kind);
    let undo = if has(StepKind::Destroy) {
        "A step marked as such cannot be undone."
    } else if has(StepKind::Change) {
        "Write down the old state before a change; setting it back undoes the step."
    } else {
        "Nothing to undo."
    };
    Plan {
        preconditions: Vec::new(),
        steps,
        expected: None,
        undo: Prose::words(undo),
    }
}

enum Piece {
    Text(String),
    Command(String),
}

fn pieces(text: &str) -> Vec<Piece> {
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
            pieces.push(Piece::Text(item.to_owned()));
            is_open = true;
        } else if let (true, Some(Piece::Text(text))) = (is_open, pieces.last_mut()) {
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

/// A step that words describe; a command in them is its command.
fn told(text: &str, subject: &Name) -> Step {
    let commands = text.split('`').skip(1).step_by(2);
    let is_command = |code: &&str| {
        code.split_whitespace()
            .next()
            .is_some_and(|word| PROGRAMS.contains(&word))
    };
    if let Some(line) = commands
        .into_iter()
        .find(|code| is_command(code) && code.contains(' '))
    {
        return command(prose(text), line, subject);
    }
    let first = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    let kind = match first.to_ascii_lowercase().as_str() {
        "check" | "look" | "confirm" | "see" | "find" | "verify" | "compare" | "ask" | "do"
        | "nothing" | "wait" => StepKind::Look,
        "delete" | "destroy" | "remove" => StepKind::Destroy,
        _ => StepKind::Change,
    };
    Step::new(kind, prose(text), &["by", "hand"])
}

fn command(note: Prose, line: &str, subject: &Name) -> Step {
    let is_one_of = |words: &[&str]| {
        line.split_whitespace()
            .any(|word| words.iter().any(|known| word.ends_with(known)))
    };
    let kind = if is_one_of(&["destroy", "delete", "rm"]) {
        StepKind::Destroy
    } else if is_one_of(&[
        "list",
        "get",
        "show",
        "status",
        "describe",
        "history",
        "query",
        "diff",
        "get_instance",
    ]) {
        StepKind::Look
    } else {
        StepKind::Change
    };
    line.split_whitespace()
        .fold(Step::new(kind, note, &[]), |step, word| {
            step.with(argument(word, subject))
        })
}

/// One argument; a placeholder for the object becomes its name.
fn argument(word: &str, subject: &Name) -> Prose {
    let is_subject = |inner: &str| inner == subject.kind || inner == "subject";
    let holder = word
        .find('<')
        .zip(word.find('>'))
        .filter(|(from, to)| from < to);
    match holder {
        Some((from, to)) if is_subject(&word[from + 1..to]) => {
            let (before, after) = (&word[..from], &word[to + 1..]);
            let mut prose = Prose::new();
            if !before.is_empty() {
                prose = prose.text(before);
            }
            prose = prose.name(subject);
            if after.is_empty() {
                prose
            } else {
                prose.text(after)
            }
        }
        _ => Prose::words(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIX: &str = "1. Look for clones with `zfs list -t snapshot <dataset>`.\n2. Talk to\n   the owner.\n\nThen:\n\n```\n$ zfs destroy -r <dataset>@old\n```\n";

    #[test]
    fn a_fix_becomes_steps_in_order_with_the_object_in_the_commands() {
        let plan = plan(FIX, &Name::new("dataset", "p/v"));
        let lines: Vec<String> = plan
            .steps
            .iter()
            .map(|step| {
                step.arguments
                    .iter()
                    .map(Prose::plain)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(
            lines,
            [
                "zfs list -t snapshot p/v",
                "by hand",
                "zfs destroy -r p/v@old"
            ]
        );
        let kinds: Vec<StepKind> = plan.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [StepKind::Look, StepKind::Change, StepKind::Destroy]);
        assert_eq!(plan.steps[1].note.plain(), "Talk to the owner.");
    }

    #[test]
    fn code_and_strong_words_leave_their_marks_behind() {
        assert_eq!(
            prose("Set `sync` to\n**standard** now.").plain(),
            "Set sync to standard now."
        );
    }
}
