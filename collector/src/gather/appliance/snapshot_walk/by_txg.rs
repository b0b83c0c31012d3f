//! Up to 25.10: by windows of transaction groups over all datasets, as every call walks over all snapshots.

use serde_json::{Value, json};

use super::super::count::compare;
use super::super::{Stop, ask};
use super::fewer;
use super::window::Window;
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::snapshot::{PROPERTIES, PoolSnapshot, Snapshot};
use crate::source::truenas::Version;
use crate::source::{Method, Session, SourceError};

pub(super) async fn walk(
    session: &mut Session,
    method: &'static Method,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let total = count(session, method).await.ok();
    let mut window = Window::new(total);
    loop {
        let params = params(window.lower, window.upper(), None, window.rows);
        let page = match ask::<Vec<PoolSnapshot>>(session, method, &params).await {
            Ok(page) if page.len() < window.rows => page,
            Ok(_) if window.width > 1 => {
                window = window.too_wide();
                continue;
            }
            Err(error) if error.is_too_much() && window.width > 1 => {
                window = match error.is_cut() {
                    true => window.cut_off(),
                    false => window.too_wide(),
                };
                continue;
            }
            Ok(_) => {
                let n_rows = one_txg(session, method, window, tally, write).await?;
                window = window.after_one(n_rows);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let n_rows = page.len();
        hand_over(page, version, tally, write)?;
        if window.is_last() {
            break;
        }
        window = window.after(n_rows);
    }
    let n_found = tally.n_items;
    Ok(compare(tally, n_found, total, count(session, method)).await?)
}

async fn count(session: &mut Session, method: &'static Method) -> Result<i64, SourceError> {
    ask(session, method, &json!([[], {"count": true}])).await
}

/// A recursive snapshot of many datasets is one transaction group: it is read on from the last name.
async fn one_txg(
    session: &mut Session,
    method: &'static Method,
    window: Window,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<usize, Stop> {
    let version = session.version();
    let mut last = String::new();
    let mut limit = window.rows;
    let mut n_rows = 0;
    loop {
        let params = params(window.lower, window.lower, Some(&last), limit);
        let page = match ask::<Vec<PoolSnapshot>>(session, method, &params).await {
            Err(error) if error.is_too_much() && fewer(limit) < limit => {
                limit = fewer(limit);
                continue;
            }
            page => page?,
        };
        n_rows += page.len();
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
            return Ok(n_rows);
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

fn params(lower: i64, upper: i64, after: Option<&str>, limit: usize) -> Value {
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
