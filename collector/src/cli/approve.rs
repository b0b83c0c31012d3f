//! `approve`: a second person signs the digest of a sealed bundle.

use std::io::Write;
use std::path::Path;

use truenas_common::bundle::{
    Limits, Outer, SealedBundle, SitePublicKey, TrustedKey, approval_file_name, approve as sign,
    check_approval,
};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::cli::arguments::ApproveArguments;
use crate::cli::environment::holder;
use crate::cli::sealed::{read_sealed, refused};
use crate::cli::stop::Stop;
use crate::keys::{load_public_key, load_site_key, write_public};
use crate::run::clock;

pub(super) fn approve(arguments: &ApproveArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let key = load_site_key(&arguments.key, holder())?;
    let site_key = load_public_key(&arguments.site_key)?;
    let sealed = read_sealed(&arguments.bundle, &Limits::default())?;
    let outer = verify(&sealed, site_key)?;
    let at: Time = clock(arguments.clock).now();
    let text = sign(&sealed, &outer, &key, at).map_err(|error| Stop::usage(&error))?;
    let path = arguments
        .bundle
        .with_file_name(approval_file_name(sealed.name()));
    write_public(&path, &text)?;
    writeln!(out, "Approved  {}", sealed.name())?;
    writeln!(out, "       digest    {}", outer.comment.sha256)?;
    writeln!(
        out,
        "       approver  {}",
        key.public().fingerprint().grouped()
    )?;
    writeln!(out, "Wrote  {}", path.display())?;
    Ok(Exit::Ok)
}

/// The outer layer, signed by the site.
pub(super) fn verify(sealed: &SealedBundle, key: SitePublicKey) -> Result<Outer, Stop> {
    let trusted = TrustedKey {
        site: sealed.name().site.clone(),
        key,
        last_good_seq: None,
    };
    sealed.verify(&[trusted]).map_err(|error| refused(&error))
}

/// The line about an approval beside a bundle.
pub(super) fn state(
    bundle: &Path,
    sealed: &SealedBundle,
    outer: &Outer,
    approvers: &[SitePublicKey],
) -> Result<String, Stop> {
    let path = bundle.with_file_name(approval_file_name(sealed.name()));
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok("none".to_owned());
    };
    if approvers.is_empty() {
        return Ok("there is one, not checked; give --approver FILE".to_owned());
    }
    let approval =
        check_approval(sealed, outer, &text, approvers).map_err(|error| refused(&error))?;
    Ok(format!(
        "{} by {}",
        Time::from_unix_secs(approval.timestamp),
        approval.approver.fingerprint().grouped()
    ))
}
