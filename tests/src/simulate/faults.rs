//! Decides which request is hit by which fault of the world.

use std::sync::Mutex;

use crate::world::{Fault, FaultKind, Side};

/// The faults of one world with how often each has matched.
pub(super) struct FaultBook {
    entries: Vec<(Fault, Mutex<u32>)>,
}

impl FaultBook {
    /// Takes the faults of a world; none has matched yet.
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self {
            entries: faults
                .iter()
                .map(|fault| (fault.clone(), Mutex::new(0)))
                .collect(),
        }
    }

    /// Counts one request and returns what goes wrong with it, if anything; the first fault in the world's order wins.
    pub(super) fn strike(&self, side: Side, place: &str, target: &str) -> Option<FaultKind> {
        self.strike_any(side, place, &[target])
    }

    /// The same for a request that has several names.
    pub(super) fn strike_any(
        &self,
        side: Side,
        place: &str,
        targets: &[&str],
    ) -> Option<FaultKind> {
        let mut struck = None;
        for (fault, count) in &self.entries {
            let is_hit = |target: &&str| matches_target(fault, side, place, target);
            if !targets.iter().any(is_hit) {
                continue;
            }
            let mut count = count
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            *count = count.saturating_add(1);
            let is_due =
                *count >= fault.nth && fault.times.is_none_or(|times| *count - fault.nth < times);
            if is_due && struck.is_none() {
                struck = Some(fault.kind);
            }
        }
        struck
    }

    /// True when a place refuses every connection before TLS.
    pub(super) fn is_down(&self, side: Side, place: &str) -> bool {
        self.entries.iter().any(|(fault, _)| {
            fault.kind == FaultKind::Refuse
                && fault.target == "*"
                && fault.times.is_none()
                && fault.nth == 1
                && matches_place(fault, side, place)
        })
    }
}

fn matches_place(fault: &Fault, side: Side, place: &str) -> bool {
    fault.side == side && fault.place.as_deref().is_none_or(|wanted| wanted == place)
}

fn matches_target(fault: &Fault, side: Side, place: &str, target: &str) -> bool {
    let is_hit = match fault.target.strip_suffix('*') {
        Some(prefix) => target.starts_with(prefix),
        None => fault.target == target,
    };
    is_hit && matches_place(fault, side, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(nth: u32, times: Option<u32>) -> Vec<bool> {
        let fault = Fault {
            side: Side::Truenas,
            place: None,
            target: "pool.*".to_owned(),
            kind: FaultKind::Hang,
            nth,
            times,
        };
        let book = FaultBook::new(&[fault]);
        (0..4)
            .map(|_| book.strike(Side::Truenas, "a", "pool.query").is_some())
            .collect()
    }

    #[test]
    fn a_fault_starts_at_nth_and_ends_after_times() {
        assert_eq!(strikes(2, Some(2)), [false, true, true, false]);
        assert_eq!(strikes(1, None), [true, true, true, true]);
    }

    #[test]
    fn a_request_with_two_names_counts_once() {
        let fault = |target: &str, nth| Fault {
            side: Side::Truenas,
            place: None,
            target: target.to_owned(),
            kind: FaultKind::Cut,
            nth,
            times: None,
        };
        let names = ["auth.login_ex", "auth.login_ex/CLIENT_FINAL_MESSAGE"];
        let struck = |book: &FaultBook| book.strike_any(Side::Truenas, "a", &names);
        let book = FaultBook::new(&[fault("auth*", 2)]);
        assert_eq!(struck(&book), None);
        assert_eq!(struck(&book), Some(FaultKind::Cut));
        let book = FaultBook::new(&[fault(names[1], 1)]);
        assert_eq!(book.strike(Side::Truenas, "a", names[0]), None);
        assert_eq!(struck(&book), Some(FaultKind::Cut));
    }

    #[test]
    fn a_request_elsewhere_is_not_hit() {
        let fault = Fault {
            side: Side::Kubernetes,
            place: Some("east".to_owned()),
            target: "/version".to_owned(),
            kind: FaultKind::Cut,
            nth: 1,
            times: None,
        };
        let book = FaultBook::new(&[fault]);
        assert_eq!(book.strike(Side::Kubernetes, "west", "/version"), None);
        assert_eq!(
            book.strike(Side::Kubernetes, "east", "/version"),
            Some(FaultKind::Cut)
        );
    }
}
