//! `trust`: which site keys are believed.

use std::io::{IsTerminal as _, Write as _};

use anyhow::anyhow;
use truenas_common::bundle::{Fingerprint, SitePublicKey};
use truenas_common::exit::Exit;

use super::stdout::outln;
use crate::cli::{Trust, TrustAdd, TrustEnd, TrustImport};
use crate::trust;

pub(crate) fn run(args: &Trust) -> anyhow::Result<Exit> {
    match args {
        Trust::Add(args) => add(args),
        Trust::Import(args) => import(args),
        Trust::Retire(args) => end(args, "retired"),
        Trust::Revoke(args) => end(args, "revoked"),
        Trust::List { trust: folder } => {
            for site in trust::read(&super::trust_folder(folder.as_deref())?)? {
                for key in &site.keys {
                    let label = site.label.as_deref().unwrap_or("");
                    let state = key
                        .last_good_seq
                        .map(|seq| format!("not believed after {seq:06}"))
                        .unwrap_or_default();
                    outln!(
                        "{}  {}  domain {}  {label} {state}",
                        site.name,
                        key.key.fingerprint(),
                        site.domain
                    );
                }
            }
            Ok(Exit::Ok)
        }
    }
}

fn add(args: &TrustAdd) -> anyhow::Result<Exit> {
    let key = trust::read_key(&args.key)?;
    let fingerprint = match &args.fingerprint {
        Some(text) => Fingerprint::parse(text).ok_or_else(|| {
            anyhow!("--fingerprint wants the 64 hexadecimal digits the site told you")
        })?,
        None => ask(&key)?,
    };
    let folder = super::trust_folder(args.trust.as_deref())?;
    trust::add(
        &folder,
        &args.site,
        &key,
        &fingerprint,
        (args.label.as_deref(), args.domain.as_deref()),
    )?;
    outln!("Trusted. First bundle of {} expected: number 1.", args.site);
    Ok(Exit::Ok)
}

/// Accepts a successor; the key that it replaces ends with the number before.
fn import(args: &TrustImport) -> anyhow::Result<Exit> {
    let folder = super::trust_folder(args.trust.as_deref())?;
    let rotation = trust::import(&folder, &args.site, &args.key)?;
    outln!(
        "Trusted. Key {} of {} follows from bundle {:06} on; the key before it is believed up to {:06}.",
        &rotation.key.fingerprint().to_string()[..16],
        rotation.site,
        rotation.from_seq,
        rotation.from_seq - 1
    );
    Ok(Exit::Ok)
}

fn end(args: &TrustEnd, word: &str) -> anyhow::Result<Exit> {
    let folder = super::trust_folder(args.trust.as_deref())?;
    let reason = format!("{word}: {}", args.reason.trim());
    let stem = trust::end(
        &folder,
        &args.site,
        args.key.as_deref(),
        args.last_good_seq,
        &reason,
    )?;
    outln!(
        "Key {stem} of {} is {word}: bundles after {:06} are refused.",
        args.site,
        args.last_good_seq
    );
    Ok(Exit::Ok)
}

/// Asks for the first and last 16 digits: enough that nobody passes by looking away.
fn ask(key: &SitePublicKey) -> anyhow::Result<Fingerprint> {
    if !std::io::stdin().is_terminal() {
        return Err(anyhow!(
            "no terminal to confirm the key; give the site's 64 digits with --fingerprint"
        ));
    }
    let digits = key.fingerprint().to_string();
    eprintln!("Key fingerprint   {}", key.fingerprint().grouped());
    eprintln!("Compare with what the site told you by phone.");
    for (which, expected) in [("first", &digits[..16]), ("last", &digits[48..])] {
        eprint!("Type its {which} 16 digits to accept: ");
        std::io::stderr().flush()?;
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let typed: String = line.chars().filter(|char| !char.is_whitespace()).collect();
        if !typed.eq_ignore_ascii_case(expected) {
            return Err(anyhow!("digits differ; nothing was added"));
        }
    }
    Ok(key.fingerprint())
}
