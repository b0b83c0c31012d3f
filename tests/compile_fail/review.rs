//! The reviews, which are no reads, outside of `preflight`.

use truenas_collector::source::k8s::{ReviewPermit, Reviews};

struct Permit;

impl ReviewPermit for Permit {}

fn main() {}
