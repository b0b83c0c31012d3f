//! `inspect`: opens a bundle as a reader would, all checks included, and shows what was sealed.

use std::collections::BTreeMap;
use std::io::Write;

use truenas_common::bundle::{Identity, Limits, Opened, SealedBundle, SitePublicKey, TrustedKey};
use truenas_common::exit::Exit;

use crate::cli::approve;
use crate::cli::arguments::InspectArguments;
use crate::cli::environment::holder;
use crate::cli::sealed::{read_sealed, refused};
use crate::cli::stop::Stop;
use crate::keys::{load_identity, load_public_key};

/// A sample is for reading; longer rows are cut, and `--plain` shows them whole.
const MAX_SAMPLE_CHARS: usize = 400;

#[derive(Default)]
struct Size {
    n_parts: u64,
    n_rows: u64,
    n_bytes: u64,
    samples: Vec<String>,
}

pub(super) fn inspect(arguments: &InspectArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let limits = Limits::default();
    let identity = load_identity(&arguments.identity, holder())?;
    let beside = arguments.identity.with_file_name("site.pub");
    let site_key = load_public_key(arguments.site_key.as_deref().unwrap_or(&beside))?;
    let sealed = read_sealed(&arguments.bundle, &limits)?;
    let mut tables: BTreeMap<String, Size> = BTreeMap::new();
    let opened = open(&sealed, &site_key, &identity, &mut |name, bytes| {
        let size = tables.entry(table_of(name).to_owned()).or_default();
        size.add(bytes, arguments.samples);
    })?;
    if arguments.plain {
        // All checks have passed: only now a byte of it is shown.
        return plain(&sealed, &site_key, &identity, &opened, out);
    }
    let approvers = arguments.approver.iter().map(|path| load_public_key(path));
    let approvers: Vec<SitePublicKey> = approvers.collect::<Result<_, _>>()?;
    let approval = approve::state(&arguments.bundle, &sealed, &opened.outer, &approvers)?;
    print(&opened, &approval, &tables, out)?;
    Ok(Exit::Ok)
}

fn open(
    sealed: &SealedBundle,
    key: &SitePublicKey,
    identity: &Identity,
    call: &mut dyn FnMut(&str, &[u8]),
) -> Result<Opened, Stop> {
    let trusted = TrustedKey {
        site: sealed.name().site.clone(),
        key: key.clone(),
        last_good_seq: None,
    };
    let (limits, identities) = (Limits::default(), std::slice::from_ref(identity));
    sealed
        .open(&[trusted], identities, &limits, &mut |part| {
            call(part.path.as_str(), part.bytes);
        })
        .map_err(|error| refused(&error))
}

fn table_of(path: &str) -> &str {
    let inner = path.strip_prefix("data/");
    inner
        .and_then(|inner| inner.split('/').next())
        .unwrap_or(path)
}

impl Size {
    fn add(&mut self, bytes: &[u8], n_samples: usize) {
        self.n_parts += 1;
        self.n_rows += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.n_bytes += bytes.len() as u64;
        let wanted = n_samples.saturating_sub(self.samples.len());
        let lines = bytes.split(|byte| *byte == b'\n').take(wanted);
        let lines = lines.filter(|line| !line.is_empty());
        let shown = lines.map(|line| printable(&String::from_utf8_lossy(line)));
        self.samples.extend(shown);
    }
}

/// A row for a terminal: nothing in it can move a cursor.
fn printable(line: &str) -> String {
    let mut shown: String = line
        .chars()
        .take(MAX_SAMPLE_CHARS)
        .map(|char| if char.is_control() { '?' } else { char })
        .collect();
    if shown.len() < line.len() {
        shown.push_str(" ..");
    }
    shown
}

/// Every file as it is: for `grep` with the words that the site fears for.
fn plain(
    sealed: &SealedBundle,
    key: &SitePublicKey,
    identity: &Identity,
    opened: &Opened,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let info = serde_json::to_string(&opened.info).map_err(std::io::Error::from)?;
    writeln!(out, "== bundle.json\n{info}")?;
    let mut written = Ok(());
    open(sealed, key, identity, &mut |path, bytes| {
        if written.is_ok() {
            written = writeln!(out, "== {path}").and_then(|()| out.write_all(bytes));
        }
    })?;
    written?;
    Ok(Exit::Ok)
}

fn print(
    opened: &Opened,
    approval: &str,
    tables: &BTreeMap<String, Size>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let info = &opened.info;
    writeln!(out, "bundle      {}", info.bundle)?;
    writeln!(
        out,
        "chain       stream {} seq {} ({})",
        info.stream,
        info.seq,
        info.prev_reason.word()
    )?;
    if let Some(case) = &info.case {
        writeln!(out, "case        {case}")?;
    }
    writeln!(
        out,
        "signed by   {}",
        opened.outer.key.fingerprint().grouped()
    )?;
    writeln!(out, "approval    {approval}")?;
    writeln!(out, "recipients  {}", info.recipients.join(" "))?;
    if let Some(redaction) = &info.redaction {
        writeln!(
            out,
            "redaction   {}, key check {}, epoch {}",
            redaction.profile, redaction.key_check, redaction.epoch
        )?;
    }
    if !info.marks.is_empty() {
        writeln!(out, "marks       {}", info.marks.join(" "))?;
    }
    writeln!(out, "sealed      {} bytes", opened.outer.comment.bytes)?;
    writeln!(out)?;
    writeln!(
        out,
        "{:<32} {:>6} {:>10} {:>12}",
        "table", "parts", "rows", "bytes"
    )?;
    for (table, size) in tables {
        writeln!(
            out,
            "{table:<32} {:>6} {:>10} {:>12}",
            size.n_parts, size.n_rows, size.n_bytes
        )?;
        for sample in &size.samples {
            writeln!(out, "    {sample}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_bounded_and_cannot_move_a_cursor() {
        let mut size = Size::default();
        size.add(b"{\"a\":1}\n{\"a\":2}\n", 1);
        size.add(b"{\"a\":3}\n", 1);
        assert_eq!((size.n_rows, size.n_parts), (3, 2));
        assert_eq!(size.samples, ["{\"a\":1}"]);
        assert_eq!(printable("a\u{1b}[2Jb"), "a?[2Jb");
        let long = printable(&"x".repeat(1_000));
        assert_eq!(long.len(), MAX_SAMPLE_CHARS + 3);
        assert_eq!(table_of("data/k8s_pv/000000.jsonl"), "k8s_pv");
    }
}
