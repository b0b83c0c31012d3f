//! Commands that only print: `plan`, `rbac`, `key show`, `key public`.

use std::io::Write;
use std::path::Path;

use truenas_common::bundle::{Identity, Recipient, SitePublicKey, SiteSecretKey};
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::tables::code::SourceKind;

use crate::cli::arguments::RbacArguments;
use crate::cli::stop::Stop;
use crate::config::Config;
use crate::gather::{self, Read, rbac};
use crate::keys::{load_any, mode_of};
use crate::run::forecast;
use crate::source::truenas::Version;

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
            let reads: Vec<Read> = reads.filter(|read| read.source() == source).collect();
            if reads.is_empty() {
                continue;
            }
            writeln!(out, "\n  {}", gatherer.id)?;
            writeln!(out, "    why     {}", gatherer.why)?;
            for read in reads {
                writeln!(out, "    reads   {}{}", read.name(), right(read))?;
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

/// The right that a read needs, where it is not a rule of the printed ClusterRole.
fn right(read: Read) -> String {
    match read {
        Read::Truenas(method) => match method.roles(Version::NEWEST) {
            [] => "  (any login)".to_owned(),
            roles => format!("  (role {})", roles.join(", ")),
        },
        Read::K8s(_) | Read::K8sObject(_) | Read::Thanos(_) => String::new(),
    }
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

/// The rights of one source.
pub(super) fn rbac(arguments: &RbacArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let text = match arguments.truenas {
        Some(version) => rbac::truenas_grant(version),
        None => rbac::cluster_role(arguments.openshift),
    };
    write!(out, "{text}")?;
    if arguments.thanos {
        write!(out, "---\n{}", rbac::monitoring_binding())?;
    }
    Ok(Exit::Ok)
}

/// Kind, fingerprint and mode of a key file.
pub(super) fn key(path: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let text = load_any(path)?;
    let Some((kind, facts)) = describe(&text) else {
        return Err(no_key(path));
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

/// The public half of a key.
pub(super) fn public(path: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let text = load_any(path)?;
    if PseudonymKey::parse(&text).is_ok() {
        let line =
            "a pseudonym key has no public half; `key show` prints what tells it from others";
        return Err(Stop::line(Exit::Usage, line));
    }
    let site = SiteSecretKey::parse(&text).map(|key| key.public());
    if let Ok(key) = site.or_else(|_| SitePublicKey::parse(&text)) {
        write!(out, "{}", key.to_text())?;
        return Ok(Exit::Ok);
    }
    let identity = Identity::parse(&text).map(|key| key.recipient());
    let first = || Recipient::parse(text.lines().next().unwrap_or_default());
    match identity.or_else(|_| first()) {
        Ok(key) => writeln!(out, "{}", key.as_str())?,
        Err(_) => return Err(no_key(path)),
    }
    Ok(Exit::Ok)
}

fn no_key(path: &Path) -> Stop {
    let path = path.display();
    let line = format!(
        "`{path}` is no key file of site, pseudonym, recovery or analyst; is it the right file?"
    );
    Stop::line(Exit::Usage, line)
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
