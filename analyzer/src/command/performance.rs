//! `performance`: how long storage operations last, how often they fail, and whether they became slower; a list with a hole
//! gives no figure.

mod rates;
mod read;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod words;

use truenas_common::exit::Exit;

use super::stdout::{out, outln};
use crate::checks;
use crate::cli::{Operation, Performance, PerformanceBy, Print};
use crate::duration::{
    Bounds, Change, Knowledge, MIN_SAMPLES, Rule, Span, change, percentile, wilson,
};

/// Percentiles that a group has.
const PERCENTS: [usize; 3] = [50, 90, 95];

pub(crate) fn run(args: &Performance) -> anyhow::Result<Exit> {
    let settings = super::config(&args.input)?.settings(&checks::built_in()?)?;
    let (mut estate, _, _) = super::estate(&args.input)?;
    settings
        .declare(&mut estate)
        .map_err(crate::analysis::AnalysisError::Estate)?;
    let answer = read::answer(&estate, &settings, args)?;
    match args.format {
        Print::Text => out!("{}", text::text(&answer)),
        Print::Csv => out!("{}", table::csv(&answer)),
        Print::Json => outln!("{:#}", table::json(&answer)),
    }
    Ok(if answer.holes.is_empty() {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

/// Everything that the command says.
struct Answer {
    /// Newest of the bundles, Unix seconds.
    at: i64,
    n_bundles: usize,
    /// Length of the newest window and of the one before it.
    window_secs: i64,
    baseline_secs: i64,
    by: Option<PerformanceBy>,
    rule: Rule,
    /// In the order of operation, cluster and name.
    groups: Vec<Group>,
    rates: Vec<Rate>,
    /// Clusters without metrics, and so without rates.
    unmeasured: Vec<String>,
    holes: Vec<Hole>,
}

/// An operation of a cluster without figures, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hole {
    /// Absent for the rates of all operations.
    operation: Option<Operation>,
    cluster: String,
    table: String,
    outcome: String,
}

/// Operations that are compared with each other alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: Operation,
    cluster: String,
    /// Class, driver or node; absent where the operation has none.
    name: Option<String>,
    driver: Option<String>,
    /// What a volume is made from, or what kind of object goes.
    source: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Group {
    key: Key,
    /// Operations of the newest window with those that still run, the shortest first.
    newest: Vec<Span>,
    before: Vec<Span>,
}

/// Failures of one step of a driver over the last day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rate {
    cluster: String,
    driver: String,
    step: String,
    n_failed: u64,
    n_tried: u64,
}

/// What can be said of the windows of a group.
enum Compared {
    /// Both have enough.
    Change(Change),
    /// One has too few, with the number in each.
    TooFew(usize, usize),
    /// Full copies last as long as their data is large.
    Copies,
}

impl Group {
    fn count(&self, knowledge: Knowledge) -> usize {
        let is_ours = |span: &&Span| span.knowledge() == knowledge;
        self.newest.iter().filter(is_ours).count()
    }

    /// Percentiles, when there are enough operations for them.
    fn percentiles(&self) -> Option<[Bounds; 3]> {
        if self.newest.len() < MIN_SAMPLES {
            return None;
        }
        let [p50, p90, p95] = PERCENTS.map(|percent| percentile(&self.newest, percent));
        Some([p50?, p90?, p95?])
    }

    fn longest(&self) -> Option<Bounds> {
        percentile(&self.newest, 100)
    }

    fn compared(&self, rule: &Rule) -> Compared {
        if self.key.source == "copy" {
            return Compared::Copies;
        }
        match change(&self.newest, &self.before, rule) {
            Ok(change) => Compared::Change(change),
            Err((newest, before)) => Compared::TooFew(newest, before),
        }
    }
}

impl Rate {
    /// Interval of 95 % of the share that fails.
    fn interval(&self) -> Option<(f64, f64)> {
        wilson(self.n_failed, self.n_tried)
    }
}

fn word(operation: Operation) -> &'static str {
    match operation {
        Operation::Provision => "provision",
        Operation::Attach => "attach",
        Operation::Mount => "mount",
        Operation::Snapshot => "snapshot",
        Operation::Resize => "resize",
        Operation::Delete => "delete",
    }
}

/// What groups have a name of.
fn kind(operation: Operation, by: Option<PerformanceBy>) -> &'static str {
    match (by, operation) {
        (Some(PerformanceBy::Class), _) => "class",
        (Some(PerformanceBy::Driver), _) => "driver",
        (Some(PerformanceBy::Node), _) => "node",
        (None, Operation::Attach | Operation::Mount | Operation::Delete) => "driver",
        (None, _) => "class",
    }
}

fn name_of(key: &Key, by: Option<PerformanceBy>) -> String {
    match &key.name {
        Some(name) => crate::report::escape::visible(name),
        None => format!("(no {})", kind(key.operation, by)),
    }
}
