//! Whether the appliance is a pair of controllers.

use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasFailover;
use truenas_common::tables::code::FailoverState;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::FAILOVER_STATUS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/failover",
    why: "Which controller of a pair answers: sessions and device names are those of this one.",
    reads: &[Read::Truenas(&FAILOVER_STATUS)],
    tables: &["nas_failover"],
};

/// The one row.
pub(in crate::gather) fn row(state: &str, appliance: &ApplianceId) -> NasFailover {
    NasFailover {
        appliance: appliance.clone(),
        state: FailoverState::parse(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn single_controller_is_a_state_too() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        for (word, state) in [
            ("SINGLE", FailoverState::Single),
            ("MASTER", FailoverState::Master),
            ("controller of bob", FailoverState::Other),
        ] {
            assert_eq!(row(word, &redactor.name("a")).state, state);
        }
    }
}
