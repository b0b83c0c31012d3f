//! "Steps 4 and 5 cannot be undone": numbers of items in the last words of a page.

/// Items that a sentence says cannot be undone.
pub(super) fn not_undone(paragraphs: &[String]) -> Vec<usize> {
    let text = paragraphs.join(" ");
    let sentences = text.split_inclusive(['.', ';']);
    sentences
        .filter(|sentence| sentence.contains("cannot be undone"))
        .flat_map(|sentence| {
            let runs = runs(sentence);
            runs.into_iter().flat_map(|run| run.items)
        })
        .collect()
}

/// The sentences that name none of these items.
pub(super) fn without(text: &str, items: &[usize]) -> String {
    let names_one = |sentence: &str| {
        let named = runs(sentence).into_iter().flat_map(|run| run.items);
        named.into_iter().any(|item| items.contains(&item))
    };
    let left: String = text
        .split_inclusive(['.', ';'])
        .filter(|sentence| !names_one(sentence))
        .collect();
    let left = left.trim();
    match left.strip_suffix(';') {
        Some(sentence) => format!("{sentence}."),
        None => left.to_owned(),
    }
}

/// The text with numbers of items as numbers of steps; `items` holds the item of each step.
pub(super) fn renumbered(text: &str, items: &[usize]) -> String {
    let first = |item: usize| items.iter().position(|of| *of == item).map(|at| at + 1);
    let last = |item: usize| items.iter().rposition(|of| *of == item).map(|at| at + 1);
    let mut out = String::new();
    let mut from = 0;
    for run in runs(text) {
        for number in run.numbers {
            let place = if number.is_end {
                last(number.item)
            } else {
                first(number.item)
            };
            // An item with several commands has several steps, of which the last is meant.
            let place = if run.is_alone {
                last(number.item)
            } else {
                place
            };
            let Some(place) = place else {
                continue;
            };
            out += &text[from..number.at];
            out += &place.to_string();
            from = number.at + number.len;
        }
    }
    out + &text[from..]
}

struct Number {
    at: usize,
    len: usize,
    item: usize,
    /// Behind "to".
    is_end: bool,
}

struct Run {
    numbers: Vec<Number>,
    items: Vec<usize>,
    is_alone: bool,
}

/// The numbers behind each "step" or "steps", with everything between the ends of a range.
fn runs(text: &str) -> Vec<Run> {
    let lower = text.to_ascii_lowercase();
    let mut runs = Vec::new();
    for (start, _) in lower.match_indices("step") {
        let mut at = start + "step".len();
        if text[at..].starts_with('s') {
            at += 1;
        }
        let mut numbers: Vec<Number> = Vec::new();
        let mut is_end = false;
        loop {
            let rest = &text[at..];
            let trimmed = rest.trim_start_matches([' ', ',']);
            at += rest.len() - trimmed.len();
            let len = trimmed.bytes().take_while(u8::is_ascii_digit).count();
            if let Ok(item) = trimmed[..len].parse() {
                numbers.push(Number {
                    at,
                    len,
                    item,
                    is_end,
                });
                is_end = false;
                at += len;
            } else if let Some(link) = ["to ", "and "]
                .into_iter()
                .find(|link| trimmed.starts_with(link))
            {
                is_end = link == "to ";
                at += link.len();
            } else {
                break;
            }
        }
        let mut items: Vec<usize> = Vec::new();
        for number in &numbers {
            match items.last().copied() {
                Some(before) if number.is_end => items.extend(before + 1..=number.item),
                _ => items.push(number.item),
            }
        }
        if !numbers.is_empty() {
            runs.push(Run {
                is_alone: numbers.len() == 1,
                numbers,
                items,
            });
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_which_items_cannot_be_undone() {
        let items = |text: &str| not_undone(&[text.to_owned()]);
        assert_eq!(items("Step 5 cannot be undone. Steps 1 to 4 can."), [5]);
        assert_eq!(items("Steps 4 and 5 cannot be undone."), [4, 5]);
        assert_eq!(
            items("Steps 1 to 3 can be undone; step 4 cannot be undone."),
            [4]
        );
        assert_eq!(items("Every step can be undone."), Vec::<usize>::new());
    }

    #[test]
    fn sentences_about_items_that_are_left_out_go() {
        let text = "Keep the name. Steps 1 to 3 can be undone; step 4 cannot be undone.";
        assert_eq!(without(text, &[]), text);
        assert_eq!(
            without(text, &[4]),
            "Keep the name. Steps 1 to 3 can be undone."
        );
        assert_eq!(
            without(text, &[2]),
            "Keep the name. step 4 cannot be undone."
        );
        assert_eq!(without("Step 1 cannot be undone.", &[1]), "");
    }

    #[test]
    fn numbers_of_items_become_numbers_of_steps() {
        // Item 2 has two commands.
        let items = [1, 2, 2, 3];
        assert_eq!(
            renumbered("Step 3 cannot be undone. Steps 1 to 2 can.", &items),
            "Step 4 cannot be undone. Steps 1 to 3 can."
        );
        assert_eq!(renumbered("Step 2 is hard.", &items), "Step 3 is hard.");
        assert_eq!(renumbered("The first step.", &items), "The first step.");
    }
}
