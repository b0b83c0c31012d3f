//! `preflight` and `pin`: ask servers, leave nothing but a test file that is removed again.

use std::io::Write;
use std::path::Path;

use serde::de::IgnoredAny;
use truenas_common::exit::Exit;

use crate::cli::environment::{block_on, holder};
use crate::cli::stop::Stop;
use crate::config::{Address, Appliance, Config, Kubernetes};
use crate::gather::{self, Read};
use crate::keys::{self, load_pseudonym_key, load_site_key};
use crate::run::{appliance_access, clock, cluster_access, rights};
use crate::source::truenas::{Session, connect};
use crate::source::{K8sClient, SourceError, fetch_pin};

/// Clocks further apart are worth a word.
const MAX_CLOCK_SECS: i64 = 60;

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
pub(super) fn preflight(config: &Path, out: &mut dyn Write) -> Result<Exit, Stop> {
    let config = Config::read(config)?;
    let mut report = Report {
        out,
        exit: Exit::Ok,
    };
    report.keys(&config)?;
    report.folder(&config)?;
    if let Some(cluster) = &config.kubernetes {
        block_on(report.cluster(cluster))??;
    }
    for appliance in &config.truenas {
        block_on(report.appliance(appliance))??;
    }
    Ok(report.exit)
}

struct Report<'a> {
    out: &'a mut dyn Write,
    exit: Exit,
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

    fn folder(&mut self, config: &Config) -> Result<(), Stop> {
        let Some(folder) = &config.output else {
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
            Ok(()) => self.ok("output", "can be written"),
            Err(error) => {
                let stop = Stop::from(error);
                self.bad("output", &stop.line, stop.exit)
            }
        }
    }

    async fn cluster(&mut self, cluster: &Kubernetes) -> Result<(), Stop> {
        let what = format!("cluster {}", cluster.name);
        let access = match cluster_access(cluster) {
            Ok(access) => access,
            Err(error) => {
                let stop = Stop::from(error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let client = match K8sClient::new(access) {
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
        for list in lists {
            let what = format!("{what} {}", list.path());
            if !served.has_list(list) {
                self.warn(&what, "not served by this cluster")?;
                continue;
            }
            match client.page::<IgnoredAny>(list, 1, None).await {
                Ok(_) => self.ok(&what, "can be read")?,
                Err(SourceError::NotServed) => self.warn(&what, "not served by this cluster")?,
                Err(error) => self.bad(&what, &error.to_string(), gap(&error))?,
            }
        }
        Ok(())
    }

    async fn appliance(&mut self, appliance: &Appliance) -> Result<(), Stop> {
        let what = format!("appliance {}", appliance.name);
        let access = match appliance_access(appliance, holder()) {
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
        if let Some(date) = session.date() {
            let apart = (clock(None).now().unix_secs() - date).abs();
            if apart > MAX_CLOCK_SECS {
                self.warn(&what, &format!("clocks are {apart} s apart"))?;
            }
        }
        self.roles(&what, &mut session).await?;
        session.close().await;
        Ok(())
    }

    async fn roles(&mut self, what: &str, session: &mut Session) -> Result<(), Stop> {
        let Some(rights) = rights(session).await else {
            return self.warn(what, "does not say what the key may do");
        };
        if let Some(role) = &rights.writes {
            let words =
                format!("the key has {role}; the collector only needs read roles and refuses");
            self.bad(what, &words, Exit::CanWrite)?;
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
