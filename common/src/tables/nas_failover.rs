//! Table `nas_failover`.

use super::code::FailoverState;
use crate::redact::ApplianceId;

crate::table! {
    /// Whether the appliance is a pair of controllers, and which of them answers.
    "nas_failover" as NasFailover in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// State of the controller that was asked.
        1 state: FailoverState,
    }
}
