//! `keygen`: makes keys in a folder. Nothing is overwritten, no secret is printed.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use truenas_common::bundle::{Identity, Recipient, SiteName};
use truenas_common::exit::Exit;

use crate::cli::arguments::SiteArguments;
use crate::cli::paper;
use crate::cli::stop::Stop;
use crate::keys::{KeysError, new_site_key, random_pseudonym_key, write_public, write_secret};

/// Keys of a site that are secret.
const SECRET_FILES: [&str; 3] = ["site.key", "pseudonym.key", "recovery.key"];

/// Everything that is made for a site, but for the paper forms.
const SITE_FILES: [&str; 6] = [
    "site.key",
    "site.pub",
    "pseudonym.key",
    "recovery.key",
    "recovery.pub",
    "secret.yaml",
];

/// All keys of a site, and the Secret that carries them into the cluster.
pub(super) fn site(arguments: &SiteArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let site = SiteName::parse(&arguments.site).map_err(|error| Stop::usage(&error))?;
    let recipients = arguments
        .recipient
        .iter()
        .map(|text| Recipient::parse(text).map_err(|error| Stop::usage(&error)));
    let recipients: Vec<Recipient> = recipients.collect::<Result<_, _>>()?;
    let folder = &arguments.out;
    prepare(folder, &SITE_FILES)?;
    if arguments.paper {
        prepare(folder, &SECRET_FILES.map(paper::file_name))?;
    }
    let key = new_site_key()?;
    let pseudonym = random_pseudonym_key()?;
    let recovery = Identity::generate();
    let (key_text, pseudonym_text) = (key.to_text(), pseudonym.to_text());
    write_secret(&folder.join("site.key"), &key_text)?;
    write_public(&folder.join("site.pub"), &key.public().to_text())?;
    write_secret(&folder.join("pseudonym.key"), &pseudonym_text)?;
    write_recovery(folder, &recovery)?;
    write_secret(
        &folder.join("secret.yaml"),
        &zeroize::Zeroizing::new(secret_manifest(&key_text, &pseudonym_text)),
    )?;

    let shown = folder.display();
    writeln!(
        out,
        "Wrote  {shown}/site.key  site.pub  pseudonym.key  recovery.pub     recovery.key (move this one offline)"
    )?;
    writeln!(
        out,
        "Wrote  {shown}/secret.yaml     add the TrueNAS API key, oc apply -f, then shred"
    )?;
    if arguments.paper {
        for name in SECRET_FILES {
            paper::paper(&folder.join(name), out)?;
        }
    }
    writeln!(
        out,
        "Back up site.key and pseudonym.key now, offline. Without pseudonym.key trends begin anew."
    )?;
    writeln!(out, "Lines for the configuration:")?;
    writeln!(out, "       site: {site}")?;
    writeln!(out, "       recipients:")?;
    for recipient in &recipients {
        writeln!(out, "         - {}", recipient.as_str())?;
    }
    writeln!(
        out,
        "       recovery_recipient: {}",
        recovery.recipient().as_str()
    )?;
    writeln!(
        out,
        "Tell the analysis site, by phone or in person, not in the same mail as the file:"
    )?;
    writeln!(
        out,
        "       site {site}   {}",
        key.public().fingerprint().grouped()
    )?;
    Ok(Exit::Ok)
}

/// A pseudonym key alone.
pub(super) fn pseudonym(folder: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    prepare(folder, &["pseudonym.key"])?;
    let path = folder.join("pseudonym.key");
    write_secret(&path, &random_pseudonym_key()?.to_text())?;
    writeln!(out, "Wrote  {}", path.display())?;
    writeln!(
        out,
        "A new pseudonym key begins a new epoch: raise `epoch` in the configuration. Back it up now, offline."
    )?;
    Ok(Exit::Ok)
}

/// A recovery key alone.
pub(super) fn recovery(folder: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    prepare(folder, &["recovery.key", "recovery.pub"])?;
    let recovery = Identity::generate();
    write_recovery(folder, &recovery)?;
    writeln!(
        out,
        "Wrote  {}/recovery.pub     recovery.key (move this one offline)",
        folder.display()
    )?;
    writeln!(
        out,
        "       recovery_recipient: {}",
        recovery.recipient().as_str()
    )?;
    Ok(Exit::Ok)
}

/// A key of the person who approves bundles.
pub(super) fn approver(folder: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    prepare(folder, &["approver.key", "approver.pub"])?;
    let key = new_site_key()?;
    write_secret(&folder.join("approver.key"), &key.to_text())?;
    write_public(&folder.join("approver.pub"), &key.public().to_text())?;
    writeln!(
        out,
        "Wrote  {}/approver.key  approver.pub     give approver.pub to whoever moves bundles",
        folder.display()
    )?;
    writeln!(out, "       {}", key.public().fingerprint().grouped())?;
    Ok(Exit::Ok)
}

fn write_recovery(folder: &Path, recovery: &Identity) -> Result<(), KeysError> {
    write_secret(&folder.join("recovery.key"), &recovery.to_text())?;
    let public = format!("{}\n", recovery.recipient().as_str());
    write_public(&folder.join("recovery.pub"), &public)
}

/// Makes the folder, and looks for every file before the first is written: half a set of keys helps nobody.
fn prepare<Name: AsRef<Path>>(folder: &Path, names: &[Name]) -> Result<(), Stop> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| KeysError::Write {
        path: folder.to_owned(),
        source,
    })?;
    match names.iter().find(|name| folder.join(name).exists()) {
        Some(name) => Err(KeysError::Exists {
            path: folder.join(name),
        }
        .into()),
        None => Ok(()),
    }
}

fn secret_manifest(site_key: &str, pseudonym_key: &str) -> String {
    let block = |text: &str| {
        text.lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    };
    format!(
        "# Holds secrets. Apply it, then destroy it; the offline copies of the keys are the backup.\n\
         apiVersion: v1\n\
         kind: Secret\n\
         metadata:\n\
         \x20 name: truenas-collector-keys\n\
         \x20 namespace: truenas-collector\n\
         type: Opaque\n\
         stringData:\n\
         \x20 site.key: |\n{}\
         \x20 pseudonym.key: |\n{}\
         \x20 # The API key of a TrueNAS user that has read roles only.\n\
         \x20 truenas-api-key: \"\"\n",
        block(site_key),
        block(pseudonym_key)
    )
}
