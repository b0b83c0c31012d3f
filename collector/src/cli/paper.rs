//! Keys on paper: the text of a key file in rows that can be typed, each with a word that tells a mistyped row.
//!
//! A word is 16 bits of the SHA-256 of the row's number and characters, as five letters that can be read out.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use truenas_common::exit::Exit;
use zeroize::Zeroizing;

use crate::cli::stop::Stop;
use crate::keys::{load_any, write_secret};

/// Characters of a row.
const ROW: usize = 32;

/// Characters of a group.
const GROUP: usize = 4;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// Writes the paper form of a key file beside it.
pub(super) fn paper(key: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let text = load_any(key)?;
    let path = beside(key);
    write_secret(&path, &form(&name(key), &text))?;
    writeln!(
        out,
        "Wrote  {}     holds the key: print it, lock the paper away, delete the file",
        path.display()
    )?;
    Ok(Exit::Ok)
}

/// `site.key.paper.txt` for `site.key`.
pub(super) fn file_name(key: &str) -> String {
    format!("{key}.paper.txt")
}

fn beside(key: &Path) -> PathBuf {
    key.with_file_name(file_name(&name(key)))
}

fn name(key: &Path) -> String {
    let name = key.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The paper form.
fn form(name: &str, text: &str) -> Zeroizing<String> {
    let mut form = Zeroizing::new(String::with_capacity(4 * text.len() + 1_024));
    // Writing to a String cannot fail.
    let _ = write!(
        form,
        "{name}\n\nTo use it again, type each block as one line, without blanks and without the word at the end of a row;\n\
         `_` is a blank. Then run `truenas-collector key paper FILE` and compare the words: a row with another word has a mistake.\n"
    );
    for (number, line) in (1..).zip(text.lines()) {
        let _ = write!(form, "\nline {number}\n");
        let characters = Zeroizing::new(line.chars().collect::<Vec<char>>());
        for (row_number, row) in (1..).zip(characters.chunks(ROW)) {
            let row = Zeroizing::new(row.iter().collect::<String>());
            let _ = writeln!(
                form,
                "  {}  {}",
                grouped(&row).as_str(),
                word(number, row_number, &row)
            );
        }
    }
    form
}

/// Groups of four, padded to the length of a whole row, so that the words stand below each other. A blank of the key
/// file's own comments is written as `_`, which no key has.
fn grouped(row: &str) -> Zeroizing<String> {
    let mut grouped = Zeroizing::new(String::with_capacity(2 * ROW));
    for (index, character) in row.chars().enumerate() {
        if index > 0 && index % GROUP == 0 {
            grouped.push(' ');
        }
        grouped.push(if character == ' ' { '_' } else { character });
    }
    while grouped.chars().count() < ROW + ROW / GROUP - 1 {
        grouped.push(' ');
    }
    grouped
}

/// Five letters, consonants and vowels in turn.
fn word(line: u32, row_number: u32, row: &str) -> String {
    let digest = Sha256::digest(format!("{line}.{row_number} {row}").as_bytes());
    let bits = u16::from_be_bytes([digest[0], digest[1]]);
    let letter = |shift: u32, letters: &[u8]| {
        let index = usize::from(bits >> shift) % letters.len();
        char::from(letters[index])
    };
    [
        letter(12, CONSONANTS),
        letter(10, VOWELS),
        letter(6, CONSONANTS),
        letter(4, VOWELS),
        letter(0, CONSONANTS),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person types from the paper.
    fn typed(form: &str) -> Vec<String> {
        let blocks = form.split("\nline ").skip(1);
        let line = |block: &str| -> String {
            let rows = block.lines().skip(1).filter(|row| row.starts_with("  "));
            let row = |row: &str| {
                let (groups, word) = row.trim().rsplit_once(' ').unwrap();
                assert_eq!(word.len(), 5, "{row}");
                groups.replace(' ', "").replace('_', " ")
            };
            rows.map(row).collect()
        };
        blocks.map(line).collect()
    }

    #[test]
    fn what_is_typed_from_the_paper_is_the_key() {
        let text =
            "untrusted comment: a key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
        let form = form("site.key", text);
        assert!(form.starts_with("site.key\n"));
        assert!(typed(&form).iter().map(String::as_str).eq(text.lines()));
        let width = |line: &&str| line.starts_with("  ");
        let widths: Vec<usize> = form.lines().filter(width).map(str::len).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{}", *form);
    }

    #[test]
    fn one_wrong_character_and_two_rows_in_the_wrong_order_change_the_word() {
        assert_ne!(word(1, 1, "abcd"), word(1, 1, "abce"));
        assert_ne!(word(1, 1, "abcd"), word(1, 2, "abcd"));
        let word = word(1, 1, "abcd");
        let is_letter = |(index, byte): (usize, u8)| match index % 2 {
            0 => CONSONANTS.contains(&byte),
            _ => VOWELS.contains(&byte),
        };
        assert!(
            word.len() == 5 && word.bytes().enumerate().all(is_letter),
            "{word}"
        );
    }
}
