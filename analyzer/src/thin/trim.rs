//! Trim debt: what a zvol holds and the file system on it has deleted.

/// What a zvol holds beyond what its guest uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// Before compression.
    pub logical_bytes: i64,
    /// As it is charged.
    pub charged_bytes: i64,
    /// What a trim frees now: no more than was written since the newest snapshot, as older blocks stay with the snapshots.
    pub freed_bytes: i64,
}

impl Debt {
    /// The debt of two zvols.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            logical_bytes: self.logical_bytes.saturating_add(other.logical_bytes),
            charged_bytes: self.charged_bytes.saturating_add(other.charged_bytes),
            freed_bytes: self.freed_bytes.saturating_add(other.freed_bytes),
        }
    }
}

/// Logical bytes of the live data, from the `logicalused` of all that a dataset holds: live data and the rest are taken to
/// compress alike. Nothing where something was not read, or nothing is held.
pub fn live_logical_bytes(
    logical_used_bytes: Option<i64>,
    live_bytes: Option<i64>,
    other_bytes: i64,
) -> Option<i64> {
    let live = live_bytes?;
    let all = live.saturating_add(other_bytes);
    (all > 0)
        .then(|| scaled(logical_used_bytes?, live, all))
        .flatten()
}

/// The debt of a zvol. `written_bytes` is what was written since the newest snapshot, where the version tells it.
pub fn debt(
    logical_bytes: i64,
    live_bytes: i64,
    guest_bytes: i64,
    written_bytes: Option<i64>,
) -> Debt {
    let logical = logical_bytes.saturating_sub(guest_bytes).max(0);
    let charged = scaled(logical, live_bytes, logical_bytes).unwrap_or_default();
    Debt {
        logical_bytes: logical,
        charged_bytes: charged,
        freed_bytes: written_bytes.map_or(charged, |written| written.min(charged)),
    }
}

/// `value * part / whole`, rounded down.
fn scaled(value: i64, part: i64, whole: i64) -> Option<i64> {
    let product = i128::from(value) * i128::from(part);
    i64::try_from(product.checked_div_euclid(i128::from(whole))?).ok()
}
