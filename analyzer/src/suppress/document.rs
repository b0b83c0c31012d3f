//! A file of entries as text: what people wrote between them stays where it is.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_saphyr::Spanned;

use super::entry::{Entry, EntryError, RawEntry};

/// A YAML list of entries, with the lines that each stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    lines: Vec<String>,
    entries: Vec<(Range<usize>, Entry)>,
}

impl Document {
    /// Reads a baseline: owner, reason and end may be absent.
    ///
    /// # Errors
    /// Text that is no list of entries.
    pub fn parse(text: &str) -> Result<Self, EntryError> {
        Self::read(text, |entry, _| Ok(entry))
    }

    /// Reads suppressions: each needs an owner, a reason and an end.
    ///
    /// # Errors
    /// Text that is no list of entries, or an entry that lacks something.
    pub fn parse_suppressions(text: &str) -> Result<Self, EntryError> {
        Self::read(text, Entry::suppression)
    }

    fn read(
        text: &str,
        ask: fn(Entry, u64) -> Result<Entry, EntryError>,
    ) -> Result<Self, EntryError> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.iter().all(|line| is_remark(line)) {
            return Ok(Self {
                lines,
                entries: Vec::new(),
            });
        }
        let raw: Vec<Spanned<RawEntry>> = serde_saphyr::from_str(text).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line());
            let message = error.without_snippet().to_string();
            let reason = message
                .lines()
                .next()
                .unwrap_or("not valid YAML")
                .to_owned();
            EntryError { line, reason }
        })?;
        let starts: Vec<usize> = raw
            .iter()
            .map(|entry| usize::try_from(entry.referenced.line()).unwrap_or(1).max(1) - 1)
            .collect();
        let mut entries = Vec::with_capacity(raw.len());
        for (index, entry) in raw.into_iter().enumerate() {
            let line = entry.referenced.line();
            let start = starts[index];
            let mut end = starts
                .get(index + 1)
                .copied()
                .unwrap_or(lines.len())
                .max(start + 1);
            // Remarks before the next entry belong to that one.
            while end > start + 1 && lines.get(end - 1).is_none_or(|line| is_remark(line)) {
                end -= 1;
            }
            entries.push((start..end, ask(entry.value.check(line)?, line)?));
        }
        Ok(Self { lines, entries })
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// Puts entries, one a finding, in the places of those for the same findings, or behind the last.
    ///
    /// # Errors
    /// The text would not say what it should; a file in a form that cannot be edited by lines.
    pub fn put(&mut self, entries: Vec<Entry>) -> Result<(), EntryError> {
        let mut expect: Vec<Entry> = self.entries().cloned().collect();
        let places: BTreeMap<String, usize> = expect
            .iter()
            .enumerate()
            .map(|(index, entry)| (entry.finding.clone(), index))
            .collect();
        let mut changed: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for entry in entries {
            let lines = entry.lines().lines().map(str::to_owned).collect();
            match places.get(&entry.finding) {
                Some(index) => {
                    changed.insert(*index, lines);
                    expect[*index] = entry;
                }
                None => {
                    changed.insert(expect.len(), lines);
                    expect.push(entry);
                }
            }
        }
        let n_held = self.entries.len();
        for lines in changed.range(n_held..).map(|(_, lines)| lines) {
            self.lines.extend(lines.iter().cloned());
        }
        for (index, lines) in changed.range(..n_held).rev() {
            self.lines
                .splice(self.entries[*index].0.clone(), lines.iter().cloned());
        }
        self.settle(&expect)
    }

    /// Takes the entries away that are not wanted.
    ///
    /// # Errors
    /// As for [`Document::put`].
    pub fn retain(&mut self, is_wanted: impl Fn(&Entry) -> bool) -> Result<(), EntryError> {
        let expect: Vec<Entry> = self
            .entries()
            .filter(|entry| is_wanted(entry))
            .cloned()
            .collect();
        for (range, entry) in self.entries.clone().into_iter().rev() {
            if !is_wanted(&entry) {
                self.lines.drain(range);
            }
        }
        self.settle(&expect)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Reads the edited text again: an edit that would change another entry is refused.
    fn settle(&mut self, expect: &[Entry]) -> Result<(), EntryError> {
        let read = Self::parse(&self.text())?;
        if !read.entries().eq(expect) {
            return Err(EntryError {
                line: 1,
                reason: "the file cannot be edited by lines; write each entry as a block that starts with `- `"
                    .to_owned(),
            });
        }
        *self = read;
        Ok(())
    }
}

fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> String {
        String::from(letter).repeat(64)
    }

    fn entry(letter: char, reason: &str) -> Entry {
        Entry {
            check: Some("ORP-001".to_owned()),
            subject: Some("p/a: b #1".to_owned()),
            finding: digest(letter),
            evidence: digest('e'),
            owner: Some("storage".to_owned()),
            reason: Some(reason.to_owned()),
            since: Some(0),
            until: super::super::entry::day("2027-01-31"),
        }
    }

    fn file() -> String {
        format!(
            "# Agreed on Monday.\n\n{}\n# The archive.\n{}# end\n",
            entry('a', "first").lines(),
            entry('b', "second \"quoted\"").lines()
        )
    }

    #[test]
    fn an_entry_is_read_as_it_is_written() {
        let document = Document::parse_suppressions(&file()).unwrap();
        let entries: Vec<_> = document.entries().cloned().collect();
        assert_eq!(
            entries,
            [entry('a', "first"), entry('b', "second \"quoted\"")]
        );
        assert_eq!(document.text(), file());
    }

    #[test]
    fn renewing_an_entry_keeps_the_others_and_every_remark() {
        let mut document = Document::parse_suppressions(&file()).unwrap();
        document
            .put(vec![entry('c', "third"), entry('a', "renewed")])
            .unwrap();
        let expect = file().replace("\"first\"", "\"renewed\"") + &entry('c', "third").lines();
        assert_eq!(document.text(), expect);
    }

    #[test]
    fn an_entry_that_goes_leaves_the_remarks() {
        let mut document = Document::parse_suppressions(&file()).unwrap();
        document
            .retain(|entry| entry.finding != digest('b'))
            .unwrap();
        assert_eq!(
            document.text(),
            format!(
                "# Agreed on Monday.\n\n{}\n# The archive.\n# end\n",
                entry('a', "first").lines()
            )
        );
    }

    #[test]
    fn a_file_of_remarks_takes_its_first_entry() {
        let mut document = Document::parse("# none yet\n").unwrap();
        document.put(vec![entry('a', "first")]).unwrap();
        assert_eq!(
            document.text(),
            format!("# none yet\n{}", entry('a', "first").lines())
        );
    }

    #[test]
    fn a_suppression_without_owner_reason_or_end_is_refused_with_its_line() {
        for key in ["owner", "reason", "until"] {
            let text: String = file()
                .lines()
                .filter(|line| !line.trim().starts_with(key))
                .map(|line| format!("{line}\n"))
                .collect();
            let error = Document::parse_suppressions(&text).unwrap_err();
            assert!(error.reason.contains(key), "{error}");
            assert_eq!(error.line, 3);
            assert!(Document::parse(&text).is_ok());
        }
    }

    #[test]
    fn unknown_keys_and_short_digests_are_refused() {
        let error = |text: &str| Document::parse(text).unwrap_err().to_string();
        assert!(error("- {finding: abc, evidence: abc}").contains("64 digits"));
        assert!(error("- {finding: a, evidence: a, note: x}").contains("note"));
        assert!(error("finding: a").starts_with("line 1"));
    }

    #[test]
    fn an_entry_holds_through_its_last_day() {
        let entry = entry('a', "x");
        let midnight = entry.until.unwrap();
        assert!(!entry.has_expired(midnight + 86_399));
        assert!(entry.has_expired(midnight + 86_400));
        assert_eq!(entry.days_left(midnight), Some(1));
    }
}
