//! `rotate pseudonym`: a new key and a new epoch. Trends end with it, as nothing joins the names of two epochs.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;

use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, Redactor};

use crate::cli::arguments::RotatePseudonymArguments;
use crate::cli::environment::holder;
use crate::cli::stop::Stop;
use crate::config::Config;
use crate::keys::{KeysError, load_pseudonym_key, random_pseudonym_key, write_secret};

pub(in crate::cli) fn pseudonym(
    arguments: &RotatePseudonymArguments,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let config = Config::read(&arguments.file.config)?;
    // The old key must be there: without it the maps and reports of its epoch cannot be read any more.
    let old = load_pseudonym_key(&config.keys.pseudonym, holder())?;
    let epoch = config.epoch + 1;
    let folder = &arguments.out;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| KeysError::Write {
        path: folder.clone(),
        source,
    })?;
    let path = folder.join(format!("pseudonym-{epoch}.key"));
    let new = random_pseudonym_key()?;
    write_secret(&path, &new.to_text())?;
    let check = |key| Redactor::new(key, Profile::Standard).key_check().to_owned();
    writeln!(out, "Wrote  {}", path.display())?;
    writeln!(out, "Lines for the configuration, before the next run:")?;
    writeln!(
        out,
        "       keys: {{pseudonym: .., the new file or the place it is mounted at}}"
    )?;
    writeln!(out, "       epoch: {epoch}")?;
    writeln!(
        out,
        "Key check      epoch {}: {}",
        config.epoch,
        check(&old)
    )?;
    writeln!(out, "               epoch {epoch}: {}", check(&new))?;
    writeln!(
        out,
        "From the next bundle on every name has another pseudonym: trends end, and nothing is joined with epoch {}.",
        config.epoch
    )?;
    writeln!(
        out,
        "Collectors that share an appliance have one pseudonym key: give all of them this one before any of them runs."
    )?;
    writeln!(
        out,
        "Keep the old key offline as long as reports of its epoch are to be read with names. Back up the new one now."
    )?;
    Ok(Exit::Ok)
}
