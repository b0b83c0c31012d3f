//! Commands that only print: `plan`, `rbac`, `key show`.

use std::io::Write;
use std::path::Path;

use truenas_common::bundle::{Identity, Recipient, SitePublicKey, SiteSecretKey};
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::tables::code::SourceKind;

use crate::cli::stop::Stop;
use crate::config::Config;
use crate::gather::{self, Read};
use crate::keys::{load_any, mode_of};
use crate::run::forecast;

/// What would be read from each source, why, and into which tables.
pub(super) fn plan(config: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let config = Config::read(config)?;
    for source in [
        SourceKind::Kubernetes,
        SourceKind::Thanos,
        SourceKind::Truenas,
    ] {
        if !forecast::is_configured(&config, source) {
            continue;
        }
        writeln!(out, "{}", heading(&config, source))?;
        for gatherer in gather::ALL {
            let reads = gatherer.reads.iter().copied();
            let names: Vec<&str> = reads
                .filter(|read| read.source() == source)
                .map(Read::name)
                .collect();
            if names.is_empty() {
                continue;
            }
            writeln!(out, "\n  {}", gatherer.id)?;
            writeln!(out, "    why     {}", gatherer.why)?;
            for name in names {
                writeln!(out, "    reads   {name}")?;
            }
            writeln!(out, "    tables  {}", gatherer.tables.join(", "))?;
        }
        for unread in gather::NOT_READ.iter().filter(|it| it.source == source) {
            writeln!(out, "\n  not read: {}", unread.name)?;
            writeln!(out, "    what    {}", unread.what)?;
            writeln!(out, "    why     {}", unread.why)?;
        }
        writeln!(out)?;
    }
    Ok(Exit::Ok)
}

fn heading(config: &Config, source: SourceKind) -> String {
    let names: Vec<&str> = match source {
        SourceKind::Truenas => {
            let names = config.truenas.iter();
            names.map(|appliance| appliance.name.as_str()).collect()
        }
        _ => {
            let names = config.kubernetes.iter();
            names.map(|cluster| cluster.name.as_str()).collect()
        }
    };
    format!("{}: {}", source.word(), names.join(", "))
}

/// The manifest of rights.
pub(super) fn rbac(
    is_openshift: bool,
    with_thanos: bool,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    write!(out, "{}", gather::rbac::cluster_role(is_openshift))?;
    if with_thanos {
        write!(out, "---\n{}", gather::rbac::monitoring_binding())?;
    }
    Ok(Exit::Ok)
}

/// Kind, fingerprint and mode of a key file.
pub(super) fn key(path: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let text = load_any(path)?;
    let Some((kind, facts)) = describe(&text) else {
        return Err(Stop::line(
            Exit::Usage,
            format!(
                "`{}` is no key file of site, pseudonym, recovery or analyst; is it the right file?",
                path.display()
            ),
        ));
    };
    writeln!(out, "kind         {kind}")?;
    for (name, value) in facts {
        writeln!(out, "{name:<12} {value}")?;
    }
    if let Some(mode) = mode_of(path) {
        writeln!(out, "mode         {mode:04o}")?;
    }
    Ok(Exit::Ok)
}

fn describe(text: &str) -> Option<(&'static str, Vec<(&'static str, String)>)> {
    let fingerprint = |key: &SitePublicKey| vec![("fingerprint", key.fingerprint().grouped())];
    if let Ok(key) = SiteSecretKey::parse(text) {
        return Some(("site key, secret", fingerprint(&key.public())));
    }
    if let Ok(key) = SitePublicKey::parse(text) {
        return Some(("site key, public", fingerprint(&key)));
    }
    if let Ok(key) = PseudonymKey::parse(text) {
        let redactor = Redactor::new(&key, Profile::Standard);
        let check = redactor.key_check().to_owned();
        return Some(("pseudonym key, secret", vec![("key check", check)]));
    }
    if let Ok(key) = Identity::parse(text) {
        let public = key.recipient().as_str().to_owned();
        return Some(("recovery or analyst key, secret", vec![("public", public)]));
    }
    let key = Recipient::parse(text.lines().next()?).ok()?;
    let public = key.as_str().to_owned();
    Some(("recovery or analyst key, public", vec![("public", public)]))
}
