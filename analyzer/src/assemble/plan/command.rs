//! Commands in the text of a page: found, taken apart, filled in, and judged by what they do.

use super::Facts;
use crate::assemble::page_text::prose;
use crate::report::model::{Prose, Span, Step, StepKind};

/// Words that begin a command where a page does not mark it with `# `.
const PROGRAMS: &[&str] = &[
    "zfs", "zpool", "kubectl", "oc", "midclt", "helm", "iscsiadm", "nfsstat", "exportfs",
];
/// Verbs that only look.
const LOOK: &[&str] = &[
    "list",
    "get",
    "show",
    "status",
    "describe",
    "history",
    "query",
    "diff",
    "get_instance",
    "logs",
    "log",
    "top",
    "holds",
    "sessions",
    "explain",
    "preflight",
    "rbac",
    "import",
];
/// Verbs that cannot be undone.
const DESTROY: &[&str] = &["destroy", "delete", "rm", "rollback"];

/// The steps of one item: one for each command in it, or one to be done by hand.
pub(super) fn steps(text: &str, facts: &Facts) -> Vec<Step> {
    let parts: Vec<&str> = text.split('`').collect();
    let mut steps: Vec<Step> = Vec::new();
    // Words since the last command.
    let mut words = String::new();
    for (at, part) in parts.iter().enumerate() {
        match line_of(part).filter(|_| at % 2 == 1) {
            Some(line) => {
                let note = std::mem::take(&mut words);
                steps.push(step(note_of(&note), line, facts));
            }
            None if at % 2 == 1 => words += &format!("`{part}`"),
            None => words += part,
        }
    }
    let Some(last) = steps.last_mut() else {
        return vec![Step::new(by_hand(text), prose(text), &[])];
    };
    // What stands behind a command says what to read in its answer, or when it is done.
    let behind = note_of(&words);
    if !behind.is_empty() {
        let before = std::mem::take(&mut last.note);
        last.note = if before.is_empty() {
            behind
        } else {
            before.text(" ").then(behind)
        };
    }
    let real = words
        .contains("without `-n`")
        .then(|| for_real(last))
        .flatten();
    steps.extend(real);
    steps
}

/// A step with one command.
pub(super) fn step(note: Prose, line: &str, facts: &Facts) -> Step {
    let words = words(&bare(line.strip_prefix("# ").unwrap_or(line)));
    let mut step = Step::new(kind(&words), note, &[]);
    for (at, word) in words.iter().enumerate() {
        step = step.with(facts.filled(word, &words[..at]));
    }
    step
}

/// Words in capitals that nothing filled in, each once, in order.
pub(super) fn capitals(steps: &[Step]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let spans = steps
        .iter()
        .flat_map(|step| &step.arguments)
        .flat_map(|argument| &argument.0);
    for span in spans {
        let Span::Text(text) = span else {
            continue;
        };
        for (_, word) in super::facts::placeholders(text) {
            if !found.iter().any(|other| other == word) {
                found.push(word.to_owned());
            }
        }
    }
    found
}

/// The command in a piece of code, or nothing for a word to be copied.
fn line_of(code: &str) -> Option<&str> {
    let is_program = code
        .split_whitespace()
        .next()
        .is_some_and(|word| PROGRAMS.contains(&word));
    code.strip_prefix("# ")
        .or((is_program && code.contains(' ')).then_some(code))
}

/// The words around a command as a note: links between commands go, the first letter becomes a capital.
fn note_of(words: &str) -> Prose {
    let mut text = words
        .trim()
        .trim_start_matches([',', ';', '.', ':', ')'])
        .trim_start();
    for link in ["and ", "then "] {
        text = text.strip_prefix(link).unwrap_or(text);
    }
    let text = text.trim_end_matches([':', ',', ';', '(', ' ']).trim();
    if text.is_empty() || text == "and" || text == "then" {
        return Prose::new();
    }
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if text.ends_with('.') { "" } else { "." };
    prose(&format!("{first}{}{end}", letters.as_str()))
}

/// The same command without its dry run.
fn for_real(dry: &Step) -> Option<Step> {
    let is_dry = |argument: &Prose| matches!(argument.0.as_slice(), [Span::Text(text)] if text.starts_with("-n"));
    let at = dry.arguments.iter().position(is_dry)?;
    let mut step = dry.clone();
    let flags = step.arguments[at].plain().replacen('n', "", 1);
    if flags == "-" {
        step.arguments.remove(at);
    } else {
        step.arguments[at] = Prose::words(&flags);
    }
    step.kind = StepKind::Destroy;
    step.note = Prose::words("Once the list is what you expect.");
    Some(step)
}

fn by_hand(text: &str) -> StepKind {
    let first = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    match first.to_ascii_lowercase().as_str() {
        "check" | "look" | "confirm" | "see" | "find" | "verify" | "compare" | "ask" | "do"
        | "nothing" | "wait" | "read" | "judge" | "watch" | "name" | "tell" | "choose" | "note"
        | "keep" => StepKind::Look,
        "delete" | "destroy" | "remove" => StepKind::Destroy,
        _ => StepKind::Change,
    }
}

/// What a command does, by its verb.
fn kind(words: &[String]) -> StepKind {
    let mut stages = words.split(|word| word == "|").map(stage_kind);
    let first = stages.next().unwrap_or(StepKind::Change);
    stages.fold(first, |worst, kind| match (worst, kind) {
        (StepKind::Destroy, _) | (_, StepKind::Destroy) => StepKind::Destroy,
        (StepKind::Change, _) | (_, StepKind::Change) => StepKind::Change,
        _ => StepKind::Look,
    })
}

fn stage_kind(words: &[String]) -> StepKind {
    let program = words.first().map_or("", String::as_str);
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let is_verb = |verbs: &[&str]| {
        words.iter().skip(1).any(|word| {
            // A method of the appliance ends with its verb: `iscsi.target.delete`.
            let is_method = program == "midclt" && word.contains('.') && !word.contains(['{', '[']);
            let word = word.as_str();
            let word = if is_method {
                word.rsplit('.').next().unwrap_or(word)
            } else {
                word
            };
            verbs.contains(&word)
        })
    };
    match program {
        "grep" => StepKind::Look,
        "zfs" if has("destroy") && words.iter().any(|word| word.starts_with("-n")) => {
            StepKind::Look
        }
        "zfs" if has("send") => StepKind::Look,
        "multipath" if has("-ll") => StepKind::Look,
        "iscsiadm" if has("session") => StepKind::Look,
        _ if is_verb(DESTROY) => StepKind::Destroy,
        _ if is_verb(LOOK) => StepKind::Look,
        _ => StepKind::Change,
    }
}

/// `<dataset>` is another form of `DATASET`.
fn bare(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('<') {
        out += before;
        match behind.split_once('>') {
            Some((name, after)) if !name.is_empty() && !name.contains(char::is_whitespace) => {
                out += &name.to_ascii_uppercase().replace('-', "_");
                rest = after;
            }
            _ => {
                out.push('<');
                rest = behind;
            }
        }
    }
    out + rest
}

/// The words of a shell line: quotes group and go.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_open) = (Vec::new(), String::new(), false);
    let mut quote: Option<char> = None;
    for letter in line.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => word.push(letter),
            None if letter == '\'' || letter == '"' => {
                quote = Some(letter);
                is_open = true;
            }
            None if letter.is_whitespace() => {
                if is_open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                    is_open = false;
                }
            }
            None => word.push(letter),
        }
    }
    if is_open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(line: &str, expect: StepKind) {
        assert_eq!(kind(&words(line)), expect, "{line}");
    }

    #[test]
    fn a_command_is_judged_by_its_verb_and_not_by_its_arguments() {
        is("zfs destroy -r p/v", StepKind::Destroy);
        is("zfs destroy -nv p/v@a%b", StepKind::Look);
        is("zfs list -t snapshot p/delete", StepKind::Look);
        is("zfs rename p/get p/old", StepKind::Change);
        is("kubectl -n a delete pvc b", StepKind::Destroy);
        is("kubectl get pv -o wide | grep a/", StepKind::Look);
        is("zfs send -R a | zfs receive b", StepKind::Change);
        is("midclt call iscsi.target.delete 5", StepKind::Destroy);
        is("midclt call iscsi.global.sessions", StepKind::Look);
        is(
            "midclt call sharing.nfs.update 5 '{\"a.get\": 1}'",
            StepKind::Change,
        );
        is("iscsiadm -m node -T x -o delete", StepKind::Destroy);
        is("multipath -ll", StepKind::Look);
    }

    #[test]
    fn quotes_group_words_and_go() {
        assert_eq!(
            words("a -p '{\"x\": \"y z\"}' \"b c\" ''"),
            ["a", "-p", "{\"x\": \"y z\"}", "b c", ""]
        );
    }
}
