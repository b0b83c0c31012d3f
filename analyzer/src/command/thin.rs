//! `thin`: what pools and volumes promise, hold and save, and what nothing stands behind; a list with a hole gives no number.

mod geometry;
mod names;
mod print;
mod read;
mod table;
#[cfg(test)]
mod tests;

use anyhow::anyhow;
use truenas_common::exit::Exit;

use super::stdout::{out, outln};
use crate::analysis::AnalysisError;
use crate::checks;
use crate::cli::{Print, Thin};
use crate::history::Estate;
use crate::settings::Settings;
use crate::thin::{self, Charge, Debt};

/// Volumes that a text lists when no other number is asked for.
const TOP: usize = 20;

pub(crate) fn run(args: &Thin) -> anyhow::Result<Exit> {
    let settings = super::config(&args.input)?.settings(&checks::built_in()?)?;
    let (estate, _, _) = super::estate(&args.input)?;
    let mut answer = answer(estate, &settings)?;
    if let Some(name) = &args.pool {
        answer.keep_pool(name)?;
    }
    match args.format {
        Print::Text => out!("{}", print::text(&answer, args.top.unwrap_or(TOP))),
        Print::Csv => out!("{}", table::csv(&answer, args.top.unwrap_or(usize::MAX))),
        Print::Json => outln!("{:#}", table::json(&answer, args.top.unwrap_or(usize::MAX))),
    }
    Ok(if answer.is_whole() {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

/// Everything about an estate, with what a site declares.
fn answer(mut estate: Estate, settings: &Settings) -> Result<Answer, AnalysisError> {
    settings
        .declare(&mut estate)
        .map_err(AnalysisError::Estate)?;
    let names = names::names(&estate, settings)?;
    Ok(read::answer(&estate, names))
}

/// Everything that the command says.
struct Answer {
    domain: String,
    /// Newest of the bundles, Unix seconds.
    at: i64,
    n_bundles: usize,
    pools: Vec<Pool>,
    /// Volumes with a promise, those with the largest unbacked one first.
    volumes: Vec<Volume>,
    /// Volumes of a driver without any limit: no number is large enough for their promise.
    unlimited: Vec<Unlimited>,
    /// Datasets whose reservation counts data twice, the largest amount first.
    reserved: Vec<Reserved>,
    /// Blocks of zvols on parity, the largest overhead first.
    blocks: Vec<Blocks>,
    /// Clusters whose guests say nothing, and why.
    unmeasured: Vec<Unmeasured>,
    holes: Vec<Hole>,
}

/// A list without which an appliance gives no number.
struct Hole {
    appliance: String,
    table: &'static str,
    outcome: String,
}

/// A cluster of which no usage inside of volumes is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unmeasured {
    cluster: String,
    reason: String,
    /// Whether it was to be known: then the answer has a hole.
    is_hole: bool,
}

struct Pool {
    appliance: String,
    name: String,
    /// Data vdevs in words, one for each kind and width.
    layout: Vec<String>,
    /// Figures, or why there are none.
    figures: Result<thin::Pool, String>,
    n_unlimited: usize,
    /// Volumes that were read while they changed.
    n_torn: usize,
    held_twice_bytes: i64,
    overhead_bytes: i64,
    /// Zvols whose guest is measured.
    n_measured: usize,
    debt: Debt,
}

/// A zvol or a limited file system.
struct Volume {
    appliance: String,
    pool: String,
    path: String,
    is_zvol: bool,
    block_bytes: Option<i64>,
    figures: thin::Volume,
    /// What a block of it is charged; nothing for file systems and layouts that are not known.
    charge: Option<Charge>,
    /// What the file system on a thin zvol uses, where it was measured.
    guest_bytes: Option<i64>,
    debt: Option<Debt>,
    claims: Vec<Claim>,
    /// Whether its counters do not add up: it was read while it changed.
    is_torn: bool,
}

/// A claim or volume that leads to a dataset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    cluster: String,
    pv: String,
    /// Namespace and name; absent for a volume that is not bound.
    claim: Option<(String, String)>,
}

struct Unlimited {
    appliance: String,
    pool: String,
    path: String,
    live_bytes: Option<i64>,
    claims: Vec<Claim>,
}

/// A reservation beside data that snapshots share.
struct Reserved {
    appliance: String,
    pool: String,
    path: String,
    reservation_bytes: i64,
    live_bytes: i64,
    held_twice_bytes: i64,
    next_snapshot_bytes: Option<i64>,
}

/// Zvols with one block size below one parent.
struct Blocks {
    appliance: String,
    pool: String,
    parent: String,
    block_bytes: i64,
    charge: Charge,
    n_zvols: usize,
    referenced_bytes: i64,
}

impl Blocks {
    fn overhead_bytes(&self) -> i64 {
        self.charge.overhead_bytes(self.referenced_bytes)
    }
}

impl Answer {
    /// Leaves one pool, which several appliances may have.
    fn keep_pool(&mut self, name: &str) -> anyhow::Result<()> {
        // On an appliance that could not be read, any name may be right.
        if self.holes.is_empty() && !self.pools.iter().any(|pool| pool.name == name) {
            let mut names: Vec<&str> = self.pools.iter().map(|pool| pool.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let names = names.join(", ");
            return Err(anyhow!("there is no pool `{name}`; the pools are: {names}"));
        }
        self.pools.retain(|pool| pool.name == name);
        self.volumes.retain(|volume| volume.pool == name);
        self.unlimited.retain(|volume| volume.pool == name);
        self.reserved.retain(|reserved| reserved.pool == name);
        self.blocks.retain(|blocks| blocks.pool == name);
        Ok(())
    }

    /// Whether nothing that was to be read is missing.
    fn is_whole(&self) -> bool {
        self.holes.is_empty()
            && self.pools.iter().all(|pool| pool.figures.is_ok())
            && !self.unmeasured.iter().any(|unmeasured| unmeasured.is_hole)
    }
}
