//! Arguments about durations.

use clap::{Args, ValueEnum};

use super::{Input, Print};
use crate::command::amount;

#[derive(Debug, Args)]
pub(crate) struct Performance {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Length of the newest window, such as 7d or 36h; the window before it keeps its proportion of PRF-010, four times as
    /// long unless the configuration says otherwise
    #[arg(long, value_name = "AGE", value_parser = amount::age)]
    pub(crate) window: Option<i64>,
    /// Look at this operation only
    #[arg(long, value_enum)]
    pub(crate) operation: Option<Operation>,
    /// Put operations together by this; without it by class, and by driver where a driver does the same for every class
    #[arg(long, value_enum)]
    pub(crate) by: Option<PerformanceBy>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Operation {
    /// From the claim, or from the choice of a node, to the volume
    Provision,
    /// From the attachment to its last change of status
    Attach,
    /// From placing a pod to its first container
    Mount,
    /// From the VolumeSnapshot to the moment that it shows
    Snapshot,
    /// From the request to the capacity, as the bundles show them
    Resize,
    /// From release or deletion timestamp to the first bundle without the object
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PerformanceBy {
    Class,
    Driver,
    Node,
}
