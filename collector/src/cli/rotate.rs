//! `rotate`: a new site key with the statement of the old one that names it, or a new pseudonym key.

mod pseudonym;

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use truenas_common::bundle::announce;
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::cli::arguments::RotateSiteArguments;
use crate::cli::environment::holder;
use crate::cli::stop::Stop;
use crate::config::Config;
use crate::keys::{KeysError, load_site_key, new_site_key, write_public, write_secret};
use crate::run::clock;
use crate::state;

pub(super) use pseudonym::pseudonym;

pub(super) fn site(arguments: &RotateSiteArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let config = Config::read(&arguments.file.config)?;
    let old = load_site_key(&config.keys.site, holder())?;
    let output = arguments.output.clone().or_else(|| config.output.clone());
    let from_seq = match (arguments.from_seq, &output) {
        (Some(seq), _) => seq,
        (None, Some(folder)) => next_seq(folder)?,
        (None, None) => return Err(no_number()),
    };
    let now = clock(arguments.clock).now();
    let folder = &arguments.out;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| KeysError::Write {
        path: folder.clone(),
        source,
    })?;
    let stem = free_stem(folder, output.as_deref(), now)?;
    let new = new_site_key()?;
    let public = new.public();
    let statement = announce(&public, &old, &config.site, from_seq, now);
    write_secret(&folder.join(format!("{stem}.key")), &new.to_text())?;
    let mut folders = vec![folder.as_path()];
    folders.extend(
        output
            .as_deref()
            .filter(|output| *output != folder.as_path()),
    );
    for folder in folders {
        write_public(&folder.join(format!("{stem}.pub")), &public.to_text())?;
        write_public(&folder.join(format!("{stem}.pub.minisig")), &statement)?;
    }
    let shown = folder.display();
    writeln!(
        out,
        "Wrote  {shown}/{stem}.key  {stem}.pub  {stem}.pub.minisig"
    )?;
    if let Some(output) = output {
        writeln!(
            out,
            "Wrote  {}/{stem}.pub  {stem}.pub.minisig     carry these two with the next bundle",
            output.display()
        )?;
    }
    writeln!(
        out,
        "Put {stem}.key in the place of the old key before the next run, and keep an offline copy."
    )?;
    writeln!(
        out,
        "The new key signs from bundle {from_seq} on. The analysis site accepts it by the old key; to compare:"
    )?;
    writeln!(
        out,
        "       site {}   {}",
        config.site,
        public.fingerprint().grouped()
    )?;
    Ok(Exit::Ok)
}

fn next_seq(folder: &Path) -> Result<u64, Stop> {
    let found = state::next_seq(folder).map_err(|error| Stop::usage(&error))?;
    found.ok_or_else(no_number)
}

fn no_number() -> Stop {
    Stop::line(
        Exit::Usage,
        "no chain of bundles is known here; give --output DIR with its chain.json, or --from-seq N",
    )
}

/// `site-2027a`, the first letter that no file has.
fn free_stem(folder: &Path, output: Option<&Path>, now: Time) -> Result<String, Stop> {
    let year: String = now.day().chars().take(4).collect();
    let is_free = |stem: &String| {
        let is_there = |folder: &Path| {
            ["key", "pub"]
                .iter()
                .any(|extension| folder.join(format!("{stem}.{extension}")).exists())
        };
        !is_there(folder) && !output.is_some_and(is_there)
    };
    let mut stems = ('a'..='z').map(|letter| format!("site-{year}{letter}"));
    stems.find(is_free).ok_or_else(|| {
        Stop::line(
            Exit::Usage,
            "26 keys of this year are in the folder; choose another with --out",
        )
    })
}
