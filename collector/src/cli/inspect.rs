//! `inspect`: opens a bundle as a reader would, all checks included, and shows what was sealed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::Path;

use truenas_common::bundle::{Limits, Opened, SealedBundle, TrustedKey};
use truenas_common::exit::Exit;

use crate::cli::arguments::InspectArguments;
use crate::cli::environment::holder;
use crate::cli::stop::Stop;
use crate::keys::{load_identity, load_public_key};

#[derive(Default)]
struct Size {
    n_parts: u64,
    n_rows: u64,
    n_bytes: u64,
}

pub(super) fn inspect(arguments: &InspectArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let limits = Limits::default();
    let identity = load_identity(&arguments.identity, holder())?;
    let beside = arguments.identity.with_file_name("site.pub");
    let site_key = arguments.site_key.as_deref().unwrap_or(&beside);
    let key = load_public_key(site_key)?;
    let file_name = arguments.bundle.file_name().unwrap_or_default();
    let file_name = file_name.to_string_lossy();
    let signature_path = arguments
        .bundle
        .with_file_name(format!("{file_name}.minisig"));
    let bytes = read(&arguments.bundle, limits.sealed_bytes)?;
    let signature = read(&signature_path, limits.signature_bytes)?;
    let refused = |error: &(dyn std::error::Error + 'static)| Stop::new(Exit::Refused, error);
    let sealed = SealedBundle::new(&file_name, bytes, &signature, &limits)
        .map_err(|error| refused(&error))?;
    let trusted = TrustedKey {
        site: sealed.name().site.clone(),
        key,
        last_good_seq: None,
    };
    let mut tables: BTreeMap<String, Size> = BTreeMap::new();
    let opened = sealed
        .open(&[trusted], &[identity], &limits, &mut |part| {
            let name = part.table.unwrap_or(part.path.as_str());
            let size = tables.entry(name.to_owned()).or_default();
            size.n_parts += 1;
            size.n_rows += part.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            size.n_bytes += part.bytes.len() as u64;
        })
        .map_err(|error| refused(&error))?;
    print(&opened, &tables, out)?;
    Ok(Exit::Ok)
}

fn print(
    opened: &Opened,
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
    writeln!(
        out,
        "signed by   {}",
        opened.outer.key.fingerprint().grouped()
    )?;
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
    }
    Ok(())
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Stop> {
    let failed = |error: std::io::Error| {
        Stop::line(
            Exit::Usage,
            format!("cannot read `{}`: {error}", path.display()),
        )
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok(bytes)
}
