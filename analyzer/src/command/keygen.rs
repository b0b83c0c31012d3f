//! `keygen analyst`: the key that reads bundles.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use truenas_common::bundle::{Identity, protect};
use truenas_common::exit::Exit;

use super::stdout::outln;
use crate::cli::Keygen;

pub(crate) fn run(args: &Keygen) -> anyhow::Result<Exit> {
    let Keygen::Analyst {
        out,
        unprotected_key,
        passphrase_fd,
    } = args;
    let (secret, public) = (out.join("analyst.key"), out.join("analyst.pub"));
    for path in [&secret, &public] {
        ensure!(
            !path.exists(),
            "`{}` exists; keys are never overwritten, choose another folder",
            path.display()
        );
    }
    let identity = Identity::generate();
    let text = identity.to_text();
    let bytes = if *unprotected_key {
        text.as_bytes().to_vec()
    } else {
        protect(&text, &passphrase(*passphrase_fd)?).context("cannot protect the key")?
    };
    std::fs::create_dir_all(out).with_context(|| format!("cannot make `{}`", out.display()))?;
    write_private(&secret, &bytes)?;
    let recipient = identity.recipient();
    std::fs::write(&public, format!("{}\n", recipient.as_str()))?;
    let kind = if *unprotected_key {
        "NOT protected: whoever copies it reads every bundle"
    } else {
        "passphrase protected"
    };
    outln!("Wrote  {}   secret, mode 0600, {kind}", secret.display());
    outln!("Wrote  {}   give this line to the site:", public.display());
    outln!("       {}", recipient.as_str());
    outln!("Back up analyst.key now. Without it no bundle can ever be read.");
    Ok(Exit::Ok)
}

fn passphrase(fd: Option<u32>) -> anyhow::Result<String> {
    if let Some(fd) = fd {
        let given = crate::identity::passphrase(fd)?;
        check_length(&given)?;
        return Ok(given);
    }
    if !std::io::stdin().is_terminal() {
        return Err(anyhow!(
            "no terminal to ask for a passphrase; give it with --passphrase-fd N, or write the key without one: --unprotected-key"
        ));
    }
    let first = rpassword::prompt_password("Passphrase for the analyst key: ")?;
    check_length(&first)?;
    let second = rpassword::prompt_password("Again: ")?;
    ensure!(
        first == second,
        "the two passphrases differ; nothing was written"
    );
    Ok(first)
}

fn check_length(passphrase: &str) -> anyhow::Result<()> {
    ensure!(
        passphrase.chars().count() >= 8,
        "a passphrase has at least 8 characters; nothing was written"
    );
    Ok(())
}

fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
