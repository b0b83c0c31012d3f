//! `chain`: how the bundles of each site follow each other, and which new chains are accepted.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{anyhow, ensure};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use super::stdout::{out, outln};
use crate::cli::{Chain, ChainAccept, ChainList, Print};
use crate::history::{ChainState, History, chains};
use crate::trust;

pub(crate) fn run(args: &Chain) -> anyhow::Result<Exit> {
    match args {
        Chain::List(args) => list(args),
        Chain::Accept(args) => accept(args),
    }
}

fn list(args: &ChainList) -> anyhow::Result<Exit> {
    ensure!(
        args.history.is_dir(),
        "history `{}` does not exist; make it with `truenas-analyzer ingest`",
        args.history.display()
    );
    let history = History::open_tail(&args.history)?;
    let sites = trust::read(&super::trust_folder(args.trust.as_deref())?)?;
    let mut domains: Vec<&String> = history.streams().map(|((domain, _), _)| domain).collect();
    domains.dedup();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_secs().cast_signed());
    let states = domains
        .into_iter()
        .flat_map(|domain| chains(&history, domain, i64::MAX));
    let rows = states.map(|chain| {
        let site = sites.iter().find(|site| site.name.as_str() == chain.site);
        let accepted = site.and_then(|site| site.chains.get(&chain.stream));
        let remarks = remarks(&chain, accepted.map(String::as_str), now);
        (chain, remarks)
    });
    print(&rows.collect::<Vec<_>>(), args.format);
    Ok(Exit::Ok)
}

/// What is to be said of a chain, worst first.
fn remarks(chain: &ChainState, accepted: Option<&str>, now: i64) -> Vec<String> {
    let mut remarks = order(chain, accepted);
    if chain.is_silent(now) && !chain.is_on_demand() {
        let days = (now - chain.newest_at) / 86_400;
        remarks.push(format!("silent: nothing newer for {days} d"));
    }
    remarks
}

/// What is to be said of how the bundles of a chain follow each other, worst first.
pub(crate) fn order(chain: &ChainState, accepted: Option<&str>) -> Vec<String> {
    let mut remarks = Vec::new();
    for seq in &chain.forks {
        remarks.push(format!(
            "two bundles carry number {seq:06}; neither is used"
        ));
    }
    for seq in &chain.broken {
        remarks.push(format!("{seq:06} does not link to the bundle before it"));
    }
    if let Some(reason) = chain.restart {
        let word = reason.word();
        remarks.push(match accepted {
            Some(accepted) => format!("new chain ({word}), accepted: {accepted}"),
            None => format!("new chain ({word}), not accepted"),
        });
    }
    for (from, to) in &chain.gaps {
        let (from, to) = (from.unsigned_abs(), to.unsigned_abs());
        remarks.push(format!("{} missing", super::numbers(from, to)));
    }
    for seq in &chain.clock_back {
        remarks.push(format!("clock went back before {seq:06}"));
    }
    remarks
}

fn print(rows: &[(ChainState, Vec<String>)], format: Print) {
    let newest = |chain: &ChainState| Time::from_unix_secs(chain.newest_at).to_string();
    match format {
        Print::Text => {
            for (chain, remarks) in rows {
                outln!(
                    "{}  {}  {:06}-{:06}  {} bundles, newest {}",
                    chain.site,
                    chain.stream,
                    chain.first_seq,
                    chain.last_seq,
                    chain.n_bundles,
                    newest(chain)
                );
                remarks.iter().for_each(|remark| outln!("    {remark}"));
            }
        }
        Print::Csv => {
            let header = [
                "site", "stream", "first", "last", "bundles", "newest", "remarks",
            ];
            out!("{}", super::csv_line(&header.map(str::to_owned)));
            for (chain, remarks) in rows {
                let cells = [
                    chain.site.clone(),
                    chain.stream.clone(),
                    chain.first_seq.to_string(),
                    chain.last_seq.to_string(),
                    chain.n_bundles.to_string(),
                    newest(chain),
                    remarks.join("; "),
                ];
                out!("{}", super::csv_line(&cells));
            }
        }
        Print::Json => {
            let rows = rows.iter().map(|(chain, remarks)| {
                serde_json::json!({
                    "site": chain.site, "stream": chain.stream, "first": chain.first_seq, "last": chain.last_seq,
                    "bundles": chain.n_bundles, "newest": newest(chain), "remarks": remarks,
                })
            });
            outln!("{:#}", serde_json::Value::from_iter(rows));
        }
    }
}

fn accept(args: &ChainAccept) -> anyhow::Result<Exit> {
    let is_stream =
        args.stream.len() == 16 && args.stream.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_stream {
        return Err(anyhow!(
            "--stream wants the 16 digits that `truenas-analyzer chain list` prints, not `{}`",
            args.stream
        ));
    }
    ensure!(
        !args.reason.trim().is_empty(),
        "--reason wants a sentence that somebody can check in a year"
    );
    let folder = super::trust_folder(args.trust.as_deref())?;
    let stream = args.stream.to_ascii_lowercase();
    trust::accept_chain(&folder, &args.site, &stream, args.reason.trim())?;
    outln!("Accepted chain {stream} of {}.", args.site);
    Ok(Exit::Ok)
}
