//! One digest over everything that decides what the checks say.

use sha2::{Digest as _, Sha256};

use crate::checks::{Check, built_in_views};

/// Over the pages and statements of the given checks, and the views they may read.
pub fn ruleset_sha256(checks: &[Check]) -> String {
    let checks = checks.iter().flat_map(|check| {
        let page = &check.page;
        let thresholds = page
            .thresholds
            .iter()
            .map(|(name, threshold)| format!("{name}: {threshold:?}"));
        [
            check.directory.clone(),
            page.id.clone(),
            page.title.clone(),
            format!("{:?} {:?}", page.severity, page.scope),
            page.needs.join(","),
            page.population.clone().unwrap_or_default(),
            page.since.clone(),
            page.what.clone(),
            page.why.clone(),
            page.fix.clone(),
            page.traps.clone().unwrap_or_default(),
            format!("{:?}", page.when),
            check.sql.to_string(),
        ]
        .into_iter()
        .chain(thresholds)
    });
    let views = built_in_views()
        .iter()
        .flat_map(|view| [view.name.to_string(), view.sql.to_string()]);
    digest(checks.chain(views))
}

/// Each part with its length before it, so that text cannot move between parts unseen.
pub(crate) fn digest(parts: impl Iterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{}:", part.len()));
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
