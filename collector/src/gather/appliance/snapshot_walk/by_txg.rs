//! Up to 25.10: by transaction groups over all datasets, as every call walks over all snapshots.

use serde_json::{Value, json};

use super::super::count::compare;
use super::super::{Stop, ask};
use super::listing::Listing;
use super::parts::{Part, Parts};
use super::window::Window;
use super::{ROWS, fewer};
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::snapshot::{PROPERTIES, PoolSnapshot, Snapshot};
use crate::source::truenas::{Version, ask_before};
use crate::source::{Method, Session, SourceError};

/// Transaction groups of one answer, 30 bytes each; newer releases allow no more.
const BARE_ROWS: usize = 10_000;

pub(super) async fn walk(
    session: &mut Session,
    method: &'static Method,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let total = count(session, method).await.ok();
    let listing = Listing {
        method,
        params: bare_params,
        is_limited: true,
    };
    let mut rows = ROWS;
    let mut window = Window::new(total, BARE_ROWS);
    loop {
        let txgs = listing.read(session, window).await?;
        let mut parts = Parts::new(&txgs, rows);
        match read(session, method, &mut parts, tally, write).await? {
            None => break,
            // Very many came meanwhile.
            Some(lower) => window = Window::new(None, BARE_ROWS).from(lower.into()),
        }
        rows = parts.rows();
    }
    let n_found = tally.n_items;
    Ok(compare(tally, n_found, total, count(session, method)).await?)
}

async fn count(session: &mut Session, method: &'static Method) -> Result<i64, SourceError> {
    ask(session, method, &json!([[], {"count": true}])).await
}

/// Reads all parts; the transaction group to list once more from, when the last part was more than one answer holds.
async fn read(
    session: &mut Session,
    method: &'static Method,
    parts: &mut Parts<'_>,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<Option<i32>, Stop> {
    let version = session.version();
    while let Some((part, after)) = parts.next() {
        if part.is_one_group() && part.len() > parts.rows() {
            one_txg(session, method, part, parts.rows(), tally, write).await?;
            continue;
        }
        let limit = parts.rows().max(part.len()) + 1;
        let params = |part| params(part, None, limit);
        let after: Vec<Value> = after.into_iter().map(params).collect();
        match ask_before::<Vec<PoolSnapshot>>(session, method, &params(part), &after).await {
            Ok(page) if part.is_last && page.len() >= limit => return Ok(Some(part.lower())),
            Ok(page) => hand_over(page, version, tally, write)?,
            Err(error) if error.is_too_much() => {
                if error.is_cut() {
                    parts.limit(fewer(parts.rows()));
                }
                if !parts.halve(part) {
                    one_txg(session, method, part, fewer(part.len()), tally, write).await?;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// A recursive snapshot of many datasets is one transaction group: it is read on from the last name.
async fn one_txg(
    session: &mut Session,
    method: &'static Method,
    part: Part<'_>,
    rows: usize,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let mut last = String::new();
    let mut limit = rows;
    loop {
        let params = params(part, Some(&last), limit);
        let page = match ask::<Vec<PoolSnapshot>>(session, method, &params).await {
            Err(error) if error.is_too_much() && fewer(limit) < limit => {
                limit = fewer(limit);
                continue;
            }
            page => page?,
        };
        let is_last = page.len() < limit;
        let newest = page
            .iter()
            .map(PoolSnapshot::name)
            .max()
            .unwrap_or_default();
        if !is_last && newest <= last.as_str() {
            let what = method.name();
            return Err(SourceError::Malformed { what }.into());
        }
        newest.clone_into(&mut last);
        hand_over(page, version, tally, write)?;
        if is_last {
            return Ok(());
        }
    }
}

fn hand_over(
    page: Vec<PoolSnapshot>,
    version: Version,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), SinkError> {
    tally.arrived(page.len());
    let page: Vec<Snapshot> = page
        .into_iter()
        .map(|found| Snapshot::from_pool(found, version))
        .collect();
    write(&page, tally)
}

fn params(part: Part<'_>, after: Option<&str>, limit: usize) -> Value {
    let (lower, upper) = (part.lower(), part.upper());
    let extra = json!({"properties": PROPERTIES, "min_txg": lower, "max_txg": upper});
    let select = ["name", "createtxg", "properties"];
    match after {
        None => json!([[], {"select": select, "limit": limit, "extra": extra}]),
        Some(last) => json!([
            [["name", ">", last]],
            {"select": select, "order_by": ["name"], "limit": limit, "extra": extra},
        ]),
    }
}

/// The server reads no property for these two.
fn bare_params(window: Window) -> Value {
    let properties = ["name", "createtxg"];
    let extra =
        json!({"properties": properties, "min_txg": window.lower, "max_txg": window.upper()});
    let mut options = json!({"select": ["createtxg"], "extra": extra});
    if let Some(limit) = window.limit() {
        options["limit"] = json!(limit);
    }
    json!([[], options])
}
