//! One file a command: reads what it needs, prints what it found.

pub(crate) mod accepted;
pub(crate) mod amount;
pub(crate) mod analyze;
pub(crate) mod capacity;
pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod checks;
pub(crate) mod cost;
pub(crate) mod diff;
pub(crate) mod fleet;
pub(crate) mod ingest;
pub(crate) mod keygen;
pub(crate) mod orphans;
pub(crate) mod performance;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod snapshots;
pub(crate) mod stdout;
pub(crate) mod thin;
pub(crate) mod trust;
pub(crate) mod verify;
pub(crate) mod volumes;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use truenas_common::bundle::{Identity, Limits};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::analysis::{Analysis, AnalysisError};
use crate::bundles::{self, BundleError};
use crate::cli::{Input, Keys};
use crate::config::Config;
use crate::history::{Estate, History, HistoryError, LockError};
use crate::identity;
use crate::query::QueryError;
use crate::report::number::{Number, THIN};
use crate::settings::Settings;
use crate::trust::{self as store, Site};

/// Exit code of an error that ended a command.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    let is_full = |error: &std::io::Error| {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(error.kind(), StorageFull | QuotaExceeded)
    };
    // Whoever met the full disk, that is what the user has to know.
    if error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(is_full)
    {
        return Exit::NoSpace;
    }
    for cause in error.chain() {
        if cause.downcast_ref::<OutOfChain>().is_some() {
            return Exit::Refused;
        }
        if let Some(LockError::Busy { .. }) = cause.downcast_ref::<LockError>() {
            return Exit::Busy;
        }
        if let Some(BundleError::Refused(_)) = cause.downcast_ref::<BundleError>() {
            return Exit::Refused;
        }
        if cause.downcast_ref::<HistoryError>().is_some() {
            return Exit::Usage;
        }
        if let Some(analysis) = cause.downcast_ref::<AnalysisError>() {
            return if matches!(analysis, AnalysisError::Empty { .. }) {
                Exit::Usage
            } else {
                Exit::Internal
            };
        }
        if let Some(query) = cause.downcast_ref::<QueryError>() {
            return match query {
                QueryError::Engine { .. } | QueryError::Table { .. } => Exit::Internal,
                _ => Exit::Usage,
            };
        }
        if cause.downcast_ref::<crate::report::RenderError>().is_some() {
            return Exit::Internal;
        }
    }
    Exit::Usage
}

/// Bundles that contradict each other: nothing is concluded from such a set by accident.
#[derive(Debug, thiserror::Error)]
#[error("{bundle}: {what}")]
pub(crate) struct OutOfChain {
    bundle: String,
    what: String,
}

/// Folder of accepted keys: as given, or below the user's configuration.
pub(crate) fn trust_folder(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder.to_owned());
    }
    let base = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let base =
        base.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    let base = base.ok_or_else(|| anyhow!("no trust folder; give one with --trust DIR"))?;
    Ok(base.join("truenas-analyzer").join("trust"))
}

/// Accepted sites, and the analyst's identity.
pub(crate) fn keys(keys: &Keys) -> anyhow::Result<(Vec<Site>, Vec<Identity>)> {
    let folder = trust_folder(keys.trust.as_deref())?;
    let sites = store::read(&folder)?;
    let path = keys.identity.as_deref().ok_or_else(|| {
        anyhow!("no identity to decrypt with; give the analyst's key with --identity FILE, or check the outer signature alone with `verify --gateway`")
    })?;
    Ok((sites, vec![identity::read(path, keys.passphrase_fd)?]))
}

/// The history to look at: a folder, or the given bundles in memory.
pub(crate) fn history(input: &Input) -> anyhow::Result<(History, Vec<Site>)> {
    opened(input, History::open)
}

/// As [`history`], with a folder opened as far as it is needed; that takes most of the time.
fn opened(
    input: &Input,
    open: impl FnOnce(&Path) -> Result<History, HistoryError>,
) -> anyhow::Result<(History, Vec<Site>)> {
    match (&input.history, input.paths.is_empty()) {
        (Some(folder), true) => {
            anyhow::ensure!(
                folder.is_dir(),
                "history `{}` does not exist; make it with `truenas-analyzer ingest`",
                folder.display()
            );
            let sites = trust_folder(input.keys.trust.as_deref())
                .and_then(|folder| Ok(store::read(&folder)?));
            let history = open(folder)?;
            Ok((history, sites.unwrap_or_default()))
        }
        (None, false) => {
            let (sites, identities) = keys(&input.keys)?;
            let mut history = History::in_memory();
            let files = bundles::find(&input.paths)?;
            let ingest = bundles::ingest(
                &mut history,
                &files,
                &sites,
                &identities,
                &Limits::default(),
                |_| {},
            )?;
            if let Some((_, error)) = ingest.refused.into_iter().next() {
                return Err(error.into());
            }
            match ingest.done.iter().find(|(_, done)| done.is_out_of_chain()) {
                Some((bundle, done)) => Err(OutOfChain {
                    bundle: bundle.clone(),
                    what: ingest::words(&done.verdict, done.n_rows),
                }
                .into()),
                None => Ok((history, sites)),
            }
        }
        _ => Err(anyhow!("give either bundles (PATH...) or --history DIR")),
    }
}

/// The domain to look at: as given, or the only one.
pub(crate) fn domain(history: &History, input: &Input) -> anyhow::Result<String> {
    let mut domains: Vec<&String> = history.streams().map(|((domain, _), _)| domain).collect();
    domains.dedup();
    match (&input.domain, domains.as_slice()) {
        (Some(domain), _) => Ok(domain.clone()),
        (None, [only]) => Ok((*only).clone()),
        (None, []) => Err(anyhow!(
            "the history is empty; add bundles with `truenas-analyzer ingest`"
        )),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|domain| domain.as_str()).collect();
            Err(anyhow!(
                "the history holds several domains; choose one with --domain: {}",
                names.join(", ")
            ))
        }
    }
}

/// What a command looks at.
pub(crate) struct Looked {
    /// The estate with the results of all checks.
    pub(crate) analysis: Analysis,
    /// Where it comes from.
    pub(crate) history: History,
    /// Trusted sites.
    pub(crate) sites: Vec<Site>,
    /// What the analyst decides.
    pub(crate) config: Config,
    /// The same for these checks.
    pub(crate) settings: Settings,
}

/// Runs the built-in checks over the input.
pub(crate) fn look(input: &Input) -> anyhow::Result<Looked> {
    look_back(input, 1)
}

/// As [`look`], where somebody asks for earlier moments, so many with the newest one.
pub(crate) fn look_back(input: &Input, n_moments: usize) -> anyhow::Result<Looked> {
    let checks = crate::checks::built_in()?;
    let config = config(input)?;
    let settings = config.settings(&checks)?;
    let (estate, history, sites) = moments(input, n_moments)?;
    Ok(Looked {
        analysis: Analysis::set(estate, checks, &settings)?,
        history,
        sites,
        config,
        settings,
    })
}

/// What the analyst decides; nothing without a file.
pub(crate) fn config(input: &Input) -> anyhow::Result<Config> {
    let path = input.config.as_deref();
    Ok(path.map(Config::read).transpose()?.unwrap_or_default())
}

/// The estate to look at, with the history it comes from and the trusted sites.
pub(crate) fn estate(input: &Input) -> anyhow::Result<(Estate, History, Vec<Site>)> {
    moments(input, 1)
}

/// The estate with a history that holds the newest moments, so many of them; an earlier one is past, and is read whole.
fn moments(input: &Input, n_moments: usize) -> anyhow::Result<(Estate, History, Vec<Site>)> {
    estate_of(input, |folder| History::open_moments(folder, n_moments))
}

/// As [`estate`], where nobody looks at the past of some tables: they are as the newest bundles show them. An earlier
/// moment is past, and is read whole.
pub(crate) fn estate_with_now_of(
    input: &Input,
    tables: &'static [&'static str],
) -> anyhow::Result<(Estate, History, Vec<Site>)> {
    estate_of(input, |folder| History::open_with_now_of(folder, tables))
}

fn estate_of(
    input: &Input,
    open: impl FnOnce(&Path) -> Result<History, HistoryError>,
) -> anyhow::Result<(Estate, History, Vec<Site>)> {
    let (history, sites) = match &input.at {
        Some(_) => history(input)?,
        None => opened(input, open)?,
    };
    let domain = domain(&history, input)?;
    let text = input.at.as_deref();
    let time = text
        .map(|text| moment(&history, &domain, text))
        .transpose()?;
    let estate = Estate::at(&history, &domain, time).map_err(AnalysisError::Estate)?;
    if estate.bundles.is_empty() {
        return Err(AnalysisError::Empty { domain }.into());
    }
    Ok((estate, history, sites))
}

/// A time, or the number of a bundle that one stream of the domain holds.
pub(crate) fn moment(history: &History, domain: &str, text: &str) -> anyhow::Result<i64> {
    let Ok(seq) = text.parse::<u64>() else {
        let time = Time::parse(text).map(Time::unix_secs);
        return time.ok_or_else(|| {
            anyhow!("`{text}` is no time such as 2026-11-23T00:00:00Z, and no number of a bundle")
        });
    };
    let held = history
        .streams()
        .filter(|((of_domain, _), _)| of_domain == domain)
        .flat_map(|(_, stream)| stream.bundles())
        .filter(|entry| entry.link.seq == seq);
    let times: Vec<i64> = held.map(|entry| entry.ended_at).collect();
    only(seq, domain, &times)
}

/// The end of the only bundle with a number; each stream counts for itself.
fn only(seq: u64, domain: &str, times: &[i64]) -> anyhow::Result<i64> {
    match times {
        [only] => Ok(*only),
        [] => Err(anyhow!(
            "the history holds no bundle {seq:06} of domain `{domain}`"
        )),
        several => {
            let words: Vec<String> = several
                .iter()
                .map(|at| Time::from_unix_secs(*at).to_string())
                .collect();
            Err(anyhow!(
                "{} streams hold a bundle {seq:06}; give one of their times: {}",
                several.len(),
                words.join(", ")
            ))
        }
    }
}

/// Missing bundles with their verb.
pub(crate) fn numbers(from: u64, to: u64) -> String {
    if from == to {
        format!("bundle {from:06} is")
    } else {
        format!("bundles {from:06}-{to:06} are")
    }
}

/// Writes a result whole, or not at all.
pub(crate) fn write_output(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    let Some(path) = path else {
        stdout::write_bytes(bytes);
        return Ok(());
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let write = || {
        // Goes by itself when anything below fails.
        let mut file = tempfile::Builder::new()
            .permissions(permissions())
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok::<(), std::io::Error>(())
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))
}

/// Those of any new file, less the user's mask.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// A count with its noun.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    Number::count_of(n, one, many).text.replace(THIN, " ")
}

/// One CSV line; cells that a spreadsheet would run as a formula are quoted as text.
pub(crate) fn csv_line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        let is_number = cell.parse::<f64>().is_ok();
        let cell = if cell.starts_with(['=', '+', '-', '@']) && !is_number {
            format!("'{cell}")
        } else {
            cell.clone()
        };
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_several_streams_hold_is_refused_with_their_times() {
        assert_eq!(only(3, "d", &[7]).unwrap(), 7);
        let message = |times: &[i64]| only(3, "d", times).unwrap_err().to_string();
        assert!(message(&[]).contains("no bundle 000003"));
        assert!(message(&[0, 60]).contains("1970-01-01T00:00:00Z, 1970-01-01T00:01:00Z"));
    }

    #[test]
    fn csv_cells_do_not_become_formulas() {
        let cells = ["=HYPERLINK(\"x\")", "-5", "a,b", "plain"].map(str::to_owned);
        assert_eq!(
            csv_line(&cells),
            "\"'=HYPERLINK(\"\"x\"\")\",-5,\"a,b\",plain\r\n"
        );
    }
}
