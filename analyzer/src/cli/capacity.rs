//! Arguments about space over time.

use clap::{Args, ValueEnum};

use super::{Input, Print};
use crate::command::amount;

#[derive(Debug, Args)]
pub(crate) struct Capacity {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Look at these in place of pools: what they hold, how it grows, and volumes against their own limit
    #[arg(long, value_enum, default_value_t = CapacityBy::Pool)]
    pub(crate) by: CapacityBy,
    /// List at most so many; in text 20, and 5 datasets of a change, and all of them elsewhere when absent
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Say of every pool which datasets and claims made its change in so long, such as 30d or 36h; without it, of pools
    /// that grew far more than they do (CAP-006), over the day in which they did
    #[arg(long, value_name = "AGE", value_parser = amount::age)]
    pub(crate) trend: Option<i64>,
    /// What if growth were so many percent of itself faster, or slower when negative: paces and dates are those of then
    #[arg(long, value_name = "PERCENT", default_value_t = 0, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-99..=10_000))]
    pub(crate) growth: i64,
    /// What if every pool had so much more space, such as 500GiB or 10TiB; not with another `--by`
    #[arg(long, value_name = "SIZE", value_parser = amount::bytes)]
    pub(crate) add: Option<i64>,
    /// What if the snapshots older than `--older-than` were gone: the least that this frees
    #[arg(long)]
    pub(crate) after_reclaim: bool,
    /// Age of these snapshots, such as 36h or 90m; 30d when absent
    #[arg(long, value_name = "AGE", value_parser = amount::age, requires = "after_reclaim")]
    pub(crate) older_than: Option<i64>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CapacityBy {
    Pool,
    Namespace,
    Class,
    Volume,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Look at so long before the newest bundle, such as 30d or 36h
    #[arg(long, value_name = "AGE", value_parser = amount::age)]
    pub(crate) trend: i64,
    /// List at most so many of each kind; 10 in text and all of them elsewhere when absent
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}
