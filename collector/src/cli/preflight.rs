//! `preflight` and `pin`: ask servers, leave nothing but a test file that is removed again.

mod excess;
mod metrics;
mod prove_rbac;

use std::io::Write;
use std::path::Path;

use serde::de::IgnoredAny;
use truenas_common::exit::Exit;

use crate::cli::arguments::PreflightArguments;
use crate::cli::environment::{block_on, holder};
use crate::cli::stop::Stop;
use crate::config::{Address, Appliance, Config, Kubernetes};
use crate::gather::{self, Read};
use crate::keys::{self, load_pseudonym_key, load_site_key};
use crate::output::space;
use crate::run::{appliance_access, clock, cluster_access, rights};
use crate::source::k8s::Served;
use crate::source::truenas::{Session, connect};
use crate::source::{K8sAccess, K8sClient, SourceError, Timeouts, fetch_pin};

/// Clocks further apart are worth a word.
const MAX_CLOCK_SECS: u64 = 60;

/// The pin of a server.
pub(super) fn pin(server: &str, out: &mut dyn Write) -> Result<Exit, Stop> {
    let address = Address::of_authority(server).ok_or_else(|| {
        Stop::line(
            Exit::Usage,
            "give the server as HOST:PORT, an IPv6 address in brackets",
        )
    })?;
    let pin = block_on(fetch_pin(&address.host, address.port))?
        .map_err(|error| Stop::new(error.exit_code_hint(), &error))?;
    writeln!(out, "{pin}")?;
    tracing::info!("compare the pin at the console of the appliance before it is trusted");
    Ok(Exit::Ok)
}

/// Everything that a run needs, asked for once.
pub(super) fn preflight(arguments: &PreflightArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let config = Config::read(&arguments.file.config)?;
    let mut report = Report {
        out,
        exit: Exit::Ok,
        is_proving_rbac: arguments.prove_rbac,
        allows_writing: arguments.allow_write_credential,
        timeouts: config.timeouts,
    };
    report.keys(&config)?;
    let output = arguments.output.as_deref().or(config.output.as_deref());
    report.folder(output)?;
    if let Some(cluster) = &config.kubernetes {
        block_on(report.cluster(cluster))??;
    }
    if let Some(thanos) = &config.thanos {
        block_on(report.metrics(thanos))??;
    }
    for appliance in &config.truenas {
        block_on(report.appliance(appliance))??;
    }
    Ok(report.exit)
}

struct Report<'a> {
    out: &'a mut dyn Write,
    exit: Exit,
    is_proving_rbac: bool,
    allows_writing: bool,
    timeouts: Timeouts,
}

impl Report<'_> {
    fn ok(&mut self, what: &str, words: &str) -> Result<(), Stop> {
        Ok(writeln!(self.out, "ok       {what}  {words}")?)
    }

    fn warn(&mut self, what: &str, words: &str) -> Result<(), Stop> {
        Ok(writeln!(self.out, "warning  {what}  {words}")?)
    }

    fn bad(&mut self, what: &str, words: &str, exit: Exit) -> Result<(), Stop> {
        self.exit = self.exit.worst(exit);
        Ok(writeln!(self.out, "FAILED   {what}  {words}")?)
    }

    fn keys(&mut self, config: &Config) -> Result<(), Stop> {
        let site = load_site_key(&config.keys.site, holder())
            .map(|key| key.public().fingerprint().grouped());
        let pseudonym = load_pseudonym_key(&config.keys.pseudonym, holder());
        let checks = [
            (
                "site key",
                site.map(|fingerprint| format!("fingerprint {fingerprint}")),
            ),
            (
                "pseudonym key",
                pseudonym.map(|_| format!("epoch {}", config.epoch)),
            ),
        ];
        for (what, check) in checks {
            match check {
                Ok(words) => self.ok(what, &words)?,
                Err(error) => {
                    let stop = Stop::from(error);
                    self.bad(what, &stop.line, stop.exit)?;
                }
            }
        }
        Ok(())
    }

    /// Too many rights: refused, unless the run will be told to go on.
    fn too_many(&mut self, what: &str, words: &str) -> Result<(), Stop> {
        match self.allows_writing {
            true => self.warn(what, &format!("{words}; the bundle will be marked")),
            false => self.bad(what, words, Exit::CanWrite),
        }
    }

    fn clock(&mut self, what: &str, server: &str, server_secs: i64) -> Result<(), Stop> {
        match clock_words(clock(None).now().unix_secs() - server_secs, server) {
            Some(words) => self.warn(what, &words),
            None => self.ok(what, "clocks agree"),
        }
    }

    fn room(&mut self, folder: &Path) -> Result<(), Stop> {
        let needed = space::needed(folder);
        match space::free(folder) {
            Ok(free) if free < needed => self.bad(
                "output",
                &format!("has {free} bytes free, a bundle may need {needed}"),
                Exit::NoSpace,
            ),
            Ok(free) => self.ok("output", &format!("has {free} bytes free")),
            Err(_) => self.warn("output", "does not say how much room there is"),
        }
    }

    fn folder(&mut self, folder: Option<&Path>) -> Result<(), Stop> {
        let Some(folder) = folder else {
            return self.warn(
                "output",
                "no `output` in the configuration; `collect` needs --output",
            );
        };
        let path = folder.join(format!(".preflight-{}", std::process::id()));
        let written = keys::write_secret(&path, "preflight\n");
        if written.is_ok() {
            // Only a test of the right to write; the next run does not mind what stays.
            let _ = std::fs::remove_file(&path);
        }
        match written {
            Ok(()) => {
                self.ok("output", "can be written")?;
                self.room(folder)
            }
            Err(error) => {
                let stop = Stop::from(error);
                self.bad("output", &stop.line, stop.exit)
            }
        }
    }

    async fn cluster(&mut self, cluster: &Kubernetes) -> Result<(), Stop> {
        let what = format!("cluster {}", cluster.name);
        let access = match cluster_access(cluster, self.timeouts) {
            Ok(access) => access,
            Err(error) => {
                let stop = Stop::from(error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let client = match K8sClient::new(access.clone()) {
            Ok(client) => client,
            Err(error) => {
                let stop = Stop::usage(&error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let served = match client.discover().await {
            Ok(served) => served,
            Err(error) => return self.bad(&what, &error.to_string(), error.exit_code_hint()),
        };
        self.ok(&what, &format!("version {}", served.git_version))?;
        let mut lists: Vec<_> = gather::ALL
            .iter()
            .flat_map(|gatherer| gatherer.reads)
            .filter_map(|read| match read {
                Read::K8s(list) => Some(*list),
                _ => None,
            })
            .collect();
        lists.sort_by_key(|list| list.path());
        lists.dedup_by_key(|list| list.path());
        let mut date = None;
        for list in lists {
            let what = format!("{what} {}", list.path());
            if !served.has_list(list) {
                self.warn(&what, "not served by this cluster")?;
                continue;
            }
            match client.page::<IgnoredAny>(list, 1, None).await {
                Ok(page) => {
                    self.ok(&what, "can be read")?;
                    date = date.or(page.date);
                }
                Err(SourceError::NotServed) => self.warn(&what, "not served by this cluster")?,
                Err(error) => self.bad(&what, &error.to_string(), gap(&error))?,
            }
        }
        if let Some(date) = date {
            self.clock(&what, "the API server", date)?;
        }
        match self.is_proving_rbac {
            true => self.rbac(&what, &access, &served).await,
            false => Ok(()),
        }
    }

    async fn rbac(&mut self, what: &str, access: &K8sAccess, served: &Served) -> Result<(), Stop> {
        let proof = match prove_rbac::prove(access, served).await {
            Ok(proof) => proof,
            Err(error) => {
                let words = format!("does not say what the account may do: {error}");
                return self.bad(what, &words, gap(&error));
            }
        };
        if !proof.missing.is_empty() {
            let words = format!("rights are missing: {}", proof.missing.join(", "));
            self.bad(what, &words, Exit::Incomplete)?;
        }
        if !proof.excess.is_empty() {
            let words = format!("the account may also: {}", proof.excess.join(", "));
            return self.too_many(what, &words);
        }
        let words = format!("proved by {} questions: reads only", proof.n_asked);
        self.ok(what, &words)
    }

    async fn appliance(&mut self, appliance: &Appliance) -> Result<(), Stop> {
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
        self.roles(&what, appliance, &mut session).await?;
        self.excess(&what, &mut session).await?;
        session.close().await;
        Ok(())
    }

    async fn excess(&mut self, what: &str, session: &mut Session) -> Result<(), Stop> {
        let excess = match excess::ask(session).await {
            Ok(excess) => excess,
            Err(error) => {
                return self.warn(
                    what,
                    &format!("does not list what the key may call: {error}"),
                );
            }
        };
        let n = excess.changing.len();
        if n == 0 {
            let words = format!(
                "the key may call {} methods that the collector never calls; none changes anything",
                excess.n_callable
            );
            return self.ok(what, &words);
        }
        let first: Vec<&str> = excess.changing.iter().take(5).map(String::as_str).collect();
        let words = format!(
            "the key may call {n} methods that change something: {}",
            first.join(", ")
        );
        match excess.is_certain {
            true => self.too_many(what, &words),
            false => self.warn(what, &words),
        }
    }

    async fn roles(
        &mut self,
        what: &str,
        appliance: &Appliance,
        session: &mut Session,
    ) -> Result<(), Stop> {
        let Some(rights) = rights(session).await else {
            return self.warn(what, "does not say what the key may do");
        };
        if let Some(role) = &rights.writes {
            let user = appliance.user.as_deref().unwrap_or("this site");
            let words = format!(
                "TrueNAS key of {user} has {role}; the collector only needs read roles and refuses; they are: {}",
                needed_roles(session).join(", ")
            );
            self.too_many(what, &words)?;
        }
        let has_all = ["FULL_ADMIN", "READONLY_ADMIN"]
            .iter()
            .any(|role| rights.roles.iter().any(|held| held == role));
        let mut missing = needed_roles(session);
        missing.retain(|role| !has_all && !rights.roles.iter().any(|held| grants(held, role)));
        if missing.is_empty() {
            return self.ok(what, "all read roles are there");
        }
        let words = format!("roles are missing: {}", missing.join(", "));
        self.bad(what, &words, Exit::Incomplete)
    }
}

/// A list that cannot be read leaves a gap in the bundle, not a failed run.
fn gap(error: &SourceError) -> Exit {
    match error {
        SourceError::Unauthorized => Exit::Authentication,
        _ => Exit::Incomplete,
    }
}

/// Whether holding one role is holding another.
fn grants(held: &str, needed: &str) -> bool {
    held == needed || (held, needed) == ("POOL_READ", "POOL_SCRUB_READ")
}

/// `Collector clock is 4 min behind the API server.`; nothing when the clocks agree well enough.
fn clock_words(ahead_secs: i64, server: &str) -> Option<String> {
    let apart = ahead_secs.unsigned_abs();
    if apart <= MAX_CLOCK_SECS {
        return None;
    }
    let size = match apart {
        0..120 => format!("{apart} s"),
        _ => format!("{} min", apart / 60),
    };
    let side = if ahead_secs > 0 { "ahead of" } else { "behind" };
    Some(format!("collector clock is {size} {side} {server}"))
}

fn needed_roles(session: &Session) -> Vec<&'static str> {
    let version = session.version();
    let mut roles: Vec<&str> = gather::ALL
        .iter()
        .flat_map(|gatherer| gatherer.reads)
        .filter_map(|read| match read {
            Read::Truenas(method) if session.is_served(method) => Some(method.roles(version)),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_of_clocks_is_said_with_its_side() {
        let words = |secs| clock_words(secs, "the API server");
        assert_eq!(
            words(-250).as_deref(),
            Some("collector clock is 4 min behind the API server")
        );
        assert_eq!(
            words(61).as_deref(),
            Some("collector clock is 61 s ahead of the API server")
        );
        assert_eq!((words(60), words(-60)), (None, None));
    }
}
