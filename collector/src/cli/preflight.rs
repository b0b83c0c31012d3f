//! `preflight` and `pin`: ask servers, leave nothing but a test file that is removed again.

mod appliance;
mod cluster;
mod metrics;
mod output;
mod prove_rbac;

use std::io::Write;

use truenas_common::exit::Exit;

use crate::cli::arguments::PreflightArguments;
use crate::cli::environment::{block_on, holder};
use crate::cli::stop::Stop;
use crate::config::{Address, Config};
use crate::keys::{load_pseudonym_key, load_site_key};
use crate::run::clock;
use crate::source::{Timeouts, fetch_pin};

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
