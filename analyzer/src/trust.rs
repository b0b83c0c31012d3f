//! The trust store: one folder a site, with the public keys that a person has accepted.
//!
//! `TRUST/<site>/site.yaml` holds the local label and the pseudonymisation domain, `<16 digits>.pub` a stock minisign key,
//! `<16 digits>.yaml` what is known about it, `chains.yaml` the new chains that a person has accepted, with the reason. A key enters by an explicit act with its fingerprint, never at first sight.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use truenas_common::bundle::{
    Fingerprint, KeyError, NameError, Rotation, RotationError, SiteName, SitePublicKey, TrustedKey,
    check_rotation,
};

/// The trust store cannot be used, or refuses a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// A file cannot be read or written.
    #[error("cannot use `{path}` of the trust store")]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("`{path}` is not a trust file; remove it and add the key again")]
    Format {
        /// File.
        path: PathBuf,
    },
    /// The key file is not one.
    #[error("`{path}` is not a site key; ask the site for its site.pub")]
    Key {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The site name is not valid.
    #[error("`{name}` is not a site name")]
    Site {
        /// What was given.
        name: String,
        /// Why.
        #[source]
        source: NameError,
    },
    /// No key of the site was ever accepted.
    #[error(
        "site `{name}` is not in the trust store; `truenas-analyzer trust list` names those that are"
    )]
    UnknownSite {
        /// What was given.
        name: String,
    },
    /// The site has no such key, or several.
    #[error(
        "site `{site}` has not exactly one such key; give --key with 16 or more of the digits that `truenas-analyzer trust list` prints"
    )]
    UnknownKey {
        /// Site.
        site: String,
    },
    /// No accepted key stands behind the new one.
    #[error(
        "`{path}` proves nothing; accept the new key by its fingerprint: truenas-analyzer trust add"
    )]
    Rotation {
        /// Statement.
        path: PathBuf,
        /// Why.
        #[source]
        source: RotationError,
    },
    /// The fingerprint is another one.
    #[error("fingerprint differs: the key has {found}. Do not use this key; ask the site by phone")]
    Fingerprint {
        /// Fingerprint of the key.
        found: String,
    },
}

/// One site of the store.
#[derive(Clone, Debug)]
pub struct Site {
    /// Alias.
    pub name: SiteName,
    /// Local name for people; never in a bundle.
    pub label: Option<String>,
    /// Pseudonymisation domain: sites of one domain share a pseudonym key.
    pub domain: String,
    /// Accepted keys.
    pub keys: Vec<TrustedKey>,
    /// New chains that a person has accepted, with the reason.
    pub chains: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    label: Option<String>,
    domain: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    last_good_seq: Option<u64>,
    #[serde(default)]
    #[expect(dead_code, reason = "kept for people")]
    reason: Option<String>,
}

/// Reads the whole store; a missing folder is an empty store.
///
/// # Errors
/// A file that cannot be read or is not a trust file.
pub fn read(folder: &Path) -> Result<Vec<Site>, TrustError> {
    let mut sites = Vec::new();
    for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let Some(Ok(name)) = path
            .file_name()
            .map(|name| SiteName::parse(&name.to_string_lossy()))
        else {
            continue;
        };
        let file: SiteFile = read_yaml(&path.join("site.yaml"))?;
        let mut keys = Vec::new();
        for key_path in entries(&path)?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "pub"))
        {
            let text = fs::read_to_string(&key_path).map_err(at(&key_path))?;
            let key = SitePublicKey::parse(&text).map_err(|source| TrustError::Key {
                path: key_path.clone(),
                source,
            })?;
            let about: KeyFile = read_yaml(&key_path.with_extension("yaml"))?;
            keys.push(TrustedKey {
                site: name.clone(),
                key,
                last_good_seq: about.last_good_seq,
            });
        }
        let domain = file.domain.unwrap_or_else(|| name.to_string());
        sites.push(Site {
            name,
            label: file.label,
            domain,
            keys,
            chains: read_yaml(&path.join("chains.yaml"))?,
        });
    }
    Ok(sites)
}

/// Reads a key that somebody wants to add.
///
/// # Errors
/// Not a key file.
pub fn read_key(path: &Path) -> Result<SitePublicKey, TrustError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    SitePublicKey::parse(&text).map_err(|source| TrustError::Key {
        path: path.to_owned(),
        source,
    })
}

/// Adds a key whose fingerprint a person has given.
///
/// # Errors
/// Another fingerprint, a site name that is none, a folder that cannot be written.
pub fn add(
    folder: &Path,
    site: &str,
    key: &SitePublicKey,
    fingerprint: &Fingerprint,
    file: (Option<&str>, Option<&str>),
) -> Result<(), TrustError> {
    let name = SiteName::parse(site).map_err(|source| TrustError::Site {
        name: site.to_owned(),
        source,
    })?;
    if key.fingerprint() != *fingerprint {
        return Err(TrustError::Fingerprint {
            found: key.fingerprint().grouped(),
        });
    }
    let path = folder.join(name.as_str());
    fs::create_dir_all(&path).map_err(at(&path))?;
    let stem = &key.fingerprint().to_string()[..16];
    let key_path = path.join(format!("{stem}.pub"));
    replace(&key_path, &key.to_text())?;
    let (label, domain) = file;
    let site_path = path.join("site.yaml");
    if label.is_some() || domain.is_some() || !site_path.exists() {
        let old: SiteFile = read_yaml(&site_path)?;
        let line = |key: &str, new: Option<&str>, old: Option<String>| {
            let value = new.map(str::to_owned).or(old);
            // JSON strings are YAML strings.
            value
                .map(|value| format!("{key}: {}\n", serde_json::Value::String(value)))
                .unwrap_or_default()
        };
        let text = line("label", label, old.label) + &line("domain", domain, old.domain);
        replace(&site_path, &text)?;
    }
    Ok(())
}

/// Accepts the key that an accepted key of the site names as its successor, and ends the old one where the new begins.
///
/// # Errors
/// No accepted key of the site signed the statement beside the file, or a file cannot be used.
pub fn import(folder: &Path, site: &str, path: &Path) -> Result<Rotation, TrustError> {
    let site = find(folder, site)?;
    let mut statement = path.as_os_str().to_owned();
    statement.push(".minisig");
    let statement = PathBuf::from(statement);
    let public = fs::read_to_string(path).map_err(at(path))?;
    let signature = fs::read_to_string(&statement).map_err(at(&statement))?;
    let mut refusal = RotationError::NotSigned;
    for old in &site.keys {
        match check_rotation(&public, &signature, &old.key, &site.name) {
            Ok(rotation) => {
                let fingerprint = rotation.key.fingerprint();
                let stem = fingerprint.to_string()[..16].to_owned();
                let last = rotation.from_seq - 1;
                add(
                    folder,
                    site.name.as_str(),
                    &rotation.key,
                    &fingerprint,
                    (None, None),
                )?;
                let last = old.last_good_seq.map_or(last, |known| known.min(last));
                let reason = format!("retired: replaced by {stem}");
                write_end(folder, &site, &old.key, last, &reason)?;
                return Ok(rotation);
            }
            Err(RotationError::NotSigned) => {}
            Err(other) => refusal = other,
        }
    }
    Err(TrustError::Rotation {
        path: statement,
        source: refusal,
    })
}

/// Believes a key of a site up to a number only; gives back the first digits of the key.
///
/// # Errors
/// Not exactly one key of the site begins with the digits, or the folder cannot be written.
pub fn end(
    folder: &Path,
    site: &str,
    digits: Option<&str>,
    last_good_seq: u64,
    reason: &str,
) -> Result<String, TrustError> {
    let site = find(folder, site)?;
    let digits = digits.map(str::to_ascii_lowercase);
    let is_it = |key: &&TrustedKey| match &digits {
        Some(digits) => digits.len() >= 16 && key.key.fingerprint().to_string().starts_with(digits),
        // The key in use, when there is only one.
        None => key.last_good_seq.is_none(),
    };
    let mut keys = site.keys.iter().filter(is_it);
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(TrustError::UnknownKey {
            site: site.name.to_string(),
        });
    };
    write_end(folder, &site, &key.key, last_good_seq, reason)
}

fn write_end(
    folder: &Path,
    site: &Site,
    key: &SitePublicKey,
    last_good_seq: u64,
    reason: &str,
) -> Result<String, TrustError> {
    let stem = key.fingerprint().to_string()[..16].to_owned();
    let reason = serde_json::Value::String(reason.to_owned());
    let path = folder.join(site.name.as_str()).join(format!("{stem}.yaml"));
    replace(
        &path,
        &format!("last_good_seq: {last_good_seq}\nreason: {reason}\n"),
    )?;
    Ok(stem)
}

fn find(folder: &Path, site: &str) -> Result<Site, TrustError> {
    read(folder)?
        .into_iter()
        .find(|known| known.name.as_str() == site)
        .ok_or_else(|| TrustError::UnknownSite {
            name: site.to_owned(),
        })
}

/// Accepts a new chain of a site, for a reason that people can read later.
///
/// # Errors
/// A site that is not in the store, or a folder that cannot be written.
pub fn accept_chain(
    folder: &Path,
    site: &str,
    stream: &str,
    reason: &str,
) -> Result<(), TrustError> {
    let site = find(folder, site)?;
    let mut chains = site.chains;
    chains.insert(stream.to_owned(), reason.to_owned());
    // JSON strings are YAML strings.
    let text: String = chains
        .iter()
        .map(|(stream, reason)| {
            let value = serde_json::Value::String(reason.clone());
            format!("\"{stream}\": {value}\n")
        })
        .collect();
    replace(&folder.join(site.name.as_str()).join("chains.yaml"), &text)
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> Result<(), TrustError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(at(path))
}

fn read_yaml<T: Default + serde::de::DeserializeOwned>(path: &Path) -> Result<T, TrustError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(source) => {
            return Err(TrustError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    if text.trim().is_empty() {
        return Ok(T::default());
    }
    serde_saphyr::from_str(&text).map_err(|_| TrustError::Format {
        path: path.to_owned(),
    })
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, TrustError> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(TrustError::Io {
                path: folder.to_owned(),
                source,
            });
        }
    };
    let mut paths: Vec<PathBuf> = read
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    Ok(paths)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| TrustError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::bundle::{SiteSecretKey, announce};

    #[test]
    fn a_key_enters_only_with_its_own_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let key = SiteSecretKey::new(&[1; 32], [2; 8]).public();
        let other = SiteSecretKey::new(&[3; 32], [2; 8]).public();
        let refused = add(
            folder.path(),
            "k3f9",
            &key,
            &other.fingerprint(),
            (None, None),
        );
        assert!(matches!(refused, Err(TrustError::Fingerprint { .. })));
        assert!(read(folder.path()).unwrap().is_empty());
        add(
            folder.path(),
            "k3f9",
            &key,
            &key.fingerprint(),
            (Some("North: \"A\""), None),
        )
        .unwrap();
        let sites = read(folder.path()).unwrap();
        assert_eq!(sites[0].label.as_deref(), Some("North: \"A\""));
        assert_eq!((sites[0].domain.as_str(), sites[0].keys.len()), ("k3f9", 1));
    }

    #[test]
    fn a_successor_needs_the_word_of_an_accepted_key_and_ends_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let trust = folder.path().join("trust");
        let secret = |seed: u8| SiteSecretKey::new(&[seed; 32], [seed; 8]);
        let (old, new) = (secret(1), secret(2).public());
        let print = old.public().fingerprint();
        add(&trust, "k3f9", &old.public(), &print, (None, None)).unwrap();
        let path = folder.path().join("site-2027a.pub");
        fs::write(&path, new.to_text()).unwrap();
        let site = SiteName::parse("k3f9").unwrap();
        let at = truenas_common::time::Time::from_unix_secs(1_798_761_600);
        let state = |by: &SiteSecretKey| announce(&new, by, &site, 366, at);
        let statement = folder.path().join("site-2027a.pub.minisig");
        fs::write(&statement, state(&secret(3))).unwrap();
        let refused = import(&trust, "k3f9", &path);
        assert!(matches!(refused, Err(TrustError::Rotation { .. })));
        assert_eq!(read(&trust).unwrap()[0].keys.len(), 1);
        fs::write(&statement, state(&old)).unwrap();
        assert_eq!(import(&trust, "k3f9", &path).unwrap().from_seq, 366);
        let keys = &read(&trust).unwrap()[0].keys;
        let last = |key: &SitePublicKey| {
            let found = keys.iter().find(|known| known.key == *key);
            found.expect("accepted").last_good_seq
        };
        assert_eq!((last(&old.public()), last(&new)), (Some(365), None));
        let digits = &new.fingerprint().to_string()[..20];
        assert!(end(&trust, "k3f9", Some(&digits[..8]), 9, "x").is_err());
        end(&trust, "k3f9", None, 400, "revoked: stolen").unwrap();
        let keys = &read(&trust).unwrap()[0].keys;
        let found = keys.iter().find(|known| known.key == new);
        assert_eq!(found.unwrap().last_good_seq, Some(400));
    }

    #[test]
    fn a_revoked_key_keeps_its_last_good_number() {
        let folder = tempfile::tempdir().unwrap();
        let key = SiteSecretKey::new(&[1; 32], [2; 8]).public();
        add(
            folder.path(),
            "k3f9",
            &key,
            &key.fingerprint(),
            (None, Some("acme")),
        )
        .unwrap();
        let stem = key.fingerprint().to_string()[..16].to_owned();
        fs::write(
            folder.path().join("k3f9").join(format!("{stem}.yaml")),
            "last_good_seq: 7\nreason: lost\n",
        )
        .unwrap();
        let sites = read(folder.path()).unwrap();
        assert_eq!(
            (sites[0].keys[0].last_good_seq, sites[0].domain.as_str()),
            (Some(7), "acme")
        );
    }
}
