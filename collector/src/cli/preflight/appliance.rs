//! Whether an appliance can be reached, and what its key may do: too little, too much, or just enough.

use truenas_common::exit::Exit;

use super::Report;
use crate::cli::environment::holder;
use crate::cli::stop::Stop;
use crate::config::Appliance;
use crate::gather::rbac::truenas_roles;
use crate::run::{Credential, appliance_access, ask_credential};
use crate::source::truenas::{Session, Version, connect};

/// Names of methods in one line.
const MAX_NAMES: usize = 5;

impl Report<'_> {
    pub(super) async fn appliance(&mut self, appliance: &Appliance) -> Result<(), Stop> {
        let what = format!("appliance {}", appliance.name);
        let access = match appliance_access(appliance, holder(), self.timeouts) {
            Ok(access) => access,
            Err(error) => {
                let stop = Stop::from(error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let mut session = match connect(&access).await {
            Ok(session) => session,
            Err(error) => return self.bad(&what, &error.to_string(), error.exit_code_hint()),
        };
        self.ok(&what, &format!("version {}", session.version()))?;
        let trust = match appliance.pins.len() {
            0 => "certificate is signed by the configured CA".to_owned(),
            n => format!("key of the certificate is one of {n} pinned"),
        };
        self.ok(&what, &trust)?;
        if let Some(date) = session.date() {
            self.clock(&what, "TrueNAS", date)?;
        }
        let asked = ask_credential(&mut session).await;
        match asked {
            Ok(credential) => self.credential(&what, appliance, &session, &credential)?,
            Err(error) => self.bad(&what, &error.to_string(), error.exit_code_hint())?,
        }
        session.close().await;
        Ok(())
    }

    fn credential(
        &mut self,
        what: &str,
        appliance: &Appliance,
        session: &Session,
        credential: &Credential,
    ) -> Result<(), Stop> {
        if let Some(excess) = credential.excess() {
            let user = appliance.user.as_deref().unwrap_or("this site");
            let words = format!(
                "TrueNAS key of {user} {excess}{}; the collector only needs to read and refuses; {}",
                named(credential),
                credential.remedy()
            );
            self.too_many(what, &words)?;
        } else if let Some(callable) = &credential.callable {
            let words = format!(
                "the key may call {} methods that the collector never calls; none changes anything",
                callable.n_beyond
            );
            self.ok(what, &words)?;
        } else {
            self.warn(what, "does not list what the key may call")?;
        }
        if credential.reads_everything() {
            let words = format!(
                "the key has READONLY_ADMIN, which also opens what the collector never reads; {}",
                credential.remedy()
            );
            self.warn(what, &words)?;
        }
        match missing(session.version(), credential) {
            None => self.warn(what, "does not say whether a right to read is missing"),
            Some((_, names)) if names.is_empty() => self.ok(what, "no right to read is missing"),
            Some((kind, names)) => {
                let words = format!("{kind} are missing: {}", names.join(", "));
                self.bad(what, &words, Exit::Incomplete)
            }
        }
    }
}

/// What is missing: roles of the account, or methods that the key may not call, which is all that there is up to 24.10.
fn missing(version: Version, credential: &Credential) -> Option<(&'static str, Vec<&'static str>)> {
    let rights = credential.rights.as_ref();
    let Some(rights) = rights.filter(|_| version >= Version::JSON_RPC) else {
        let callable = credential.callable.as_ref()?;
        return Some(("methods", callable.missing.clone()));
    };
    let has = |role: &str| rights.roles.iter().any(|held| held == role);
    let has_all = has("FULL_ADMIN") || has("READONLY_ADMIN");
    let is_held = |role: &str| has(role) || (role == "POOL_SCRUB_READ" && has("POOL_READ"));
    let mut roles = truenas_roles(version);
    roles.retain(|role| !has_all && !is_held(role));
    Some(("roles", roles))
}

/// The first of the methods that change something. Names of another form than a method has are left out.
fn named(credential: &Credential) -> String {
    let is_name = |name: &&str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        name.len() <= 64
            && name
                .bytes()
                .all(|byte| is_plain(byte) || b"._".contains(&byte))
    };
    let callable = credential.callable.iter();
    let names = callable.flat_map(|callable| &callable.changing);
    let names: Vec<&str> = names
        .map(String::as_str)
        .filter(is_name)
        .take(MAX_NAMES)
        .collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(", like {}", names.join(", ")),
    }
}
