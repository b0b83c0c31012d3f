//! What answers about space begin and end with.

use serde_json::{Value as Json, json};

use super::words::{bytes, day, plain};
use crate::cli::Capacity;
use crate::command::counted;
use crate::command::snapshots::Reclaim;
use crate::history::Estate;
use crate::report::escape::visible;
use crate::report::number::{Number, Round};
use crate::trend::Trend;

/// What stands in place of pools when there are none.
pub(crate) const NO_POOL: &str = "\nNo pool was read.\n";

/// What an answer rests on.
pub(crate) fn head(estate: &Estate) -> String {
    let bundles = counted(estate.bundles.len(), "bundle", "bundles");
    format!("Rests on {bundles}, the newest of {}.\n", day(estate.now))
}

/// What is not as it is, but asked about.
pub(super) fn what_if(args: &Capacity) -> String {
    let mut text = String::new();
    if args.growth != 0 {
        text += &format!("What if: growth {:+} %.\n", args.growth);
    }
    if let Some(add) = args.add {
        let add = bytes(add as f64, Round::Down);
        text += &format!("What if: {add} more in every pool.\n");
    }
    if args.after_reclaim {
        let age = plain(&Number::duration(super::reclaim_age(args), Round::Down));
        text += &format!("What if: snapshots older than {age} were gone.\n");
    }
    text
}

/// The same for machines.
pub(super) fn what_if_json(args: &Capacity) -> Json {
    let mut what_if = json!({"growth_percent": args.growth, "add_bytes": args.add});
    if args.after_reclaim {
        what_if["reclaim_older_than_secs"] = super::reclaim_age(args).into();
    }
    what_if
}

/// What a reclaim frees, and what is then; or why nobody can tell.
pub(super) fn reclaim(
    reclaim: &Result<Reclaim, String>,
    without: &str,
    then: impl FnOnce(i64) -> String,
) -> String {
    let reclaim = match reclaim {
        Ok(reclaim) => reclaim,
        Err(reason) => {
            let reason = visible(reason);
            return format!("  reclaim   not evaluated: {reason}{without}\n");
        }
    };
    let freed = bytes(reclaim.least_bytes as f64, Round::Down);
    let then = then(reclaim.least_bytes);
    let mut text = format!("  reclaim   at least {freed}, then {then}\n");
    if reclaim.n_marked > 0 {
        let n = counted(reclaim.n_marked, "dataset", "datasets");
        text += &format!("            without {n} that were read while they changed\n");
    }
    if reclaim.may_be_less && reclaim.least_bytes > 0 {
        text += "            less where blocks are deduplicated or cloned\n";
    }
    text
}

/// The same for machines.
pub(super) fn reclaim_json(reclaim: &Result<Reclaim, String>) -> Json {
    match reclaim {
        Ok(reclaim) => json!({
            "least_bytes": reclaim.least_bytes,
            "n_not_computed": reclaim.n_marked,
            "may_be_less": reclaim.may_be_less,
        }),
        Err(reason) => json!({"not_evaluated": reason}),
    }
}

/// The name of a pool, above what is said of it.
pub(crate) fn pool(name: &str, appliance: &str) -> String {
    format!("\n{} of {}\n", visible(name), visible(appliance))
}

/// When the level changed, where it did.
pub(super) fn since(trend: &Trend) -> String {
    if !trend.is_after_step {
        return String::new();
    }
    let since = day(trend.since);
    format!("  since     {since}: the level changed before\n")
}

/// What could not be looked at.
pub(crate) fn gaps(gaps: &[String]) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let lines = gaps.iter().map(|gap| format!("  {}\n", visible(gap)));
    let title = "\nNot evaluated, or from an earlier bundle:\n".to_owned();
    std::iter::once(title).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;

    #[test]
    fn an_answer_says_what_it_rests_on_and_what_it_does_not_know() {
        let estate = Estate::at(&History::in_memory(), "d", Some(0)).unwrap();
        assert_eq!(
            head(&estate),
            "Rests on 0 bundles, the newest of 1970-01-01.\n"
        );
        assert_eq!(gaps(&[]), "");
        assert_eq!(
            gaps(&["nas_pool of nas: failed".to_owned()]),
            "\nNot evaluated, or from an earlier bundle:\n  nas_pool of nas: failed\n"
        );
    }
}
