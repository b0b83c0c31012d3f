//! Up to 25.10: by windows of transaction groups over all datasets, as every call walks over all snapshots.

use serde_json::{Value, json};

use super::super::Stop;
use super::super::ask;
use super::super::count::compare;
use super::ROWS;
use super::window::{Window, Windows};
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::snapshot::{PROPERTIES, PoolSnapshot, Snapshot};
use crate::source::truenas::{Ahead, Version};
use crate::source::{Method, Session, SourceError};

pub(super) async fn walk(
    session: &mut Session,
    method: &'static Method,
    tally: &mut Tally<'_>,
    write: &mut impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let version = session.version();
    let total = count(session, method).await.ok();
    let mut windows = Windows::new(total, ROWS);
    let mut ahead = Ahead::new(session, method);
    let mut page: Vec<PoolSnapshot> = Vec::new();
    loop {
        while ahead.has_room()
            && let Some(window) = windows.next()
        {
            let params = params(&window);
            ahead.ask(window, params).await;
        }
        // While rows are made, the appliance works on what follows.
        hand_over(std::mem::take(&mut page), version, tally, write)?;
        let Some((window, turn)) = ahead.next().await else {
            break;
        };
        let found = match ahead.answer::<Vec<PoolSnapshot>>(turn).await {
            Err(error) if error.is_too_much() && window.can_shrink() => {
                ahead.take_back().for_each(|later| windows.put_back(later));
                match error.is_cut() {
                    true => windows.cut_off(window),
                    false => windows.too_wide(window),
                }
                continue;
            }
            found => found?,
        };
        if found.len() < window.rows {
            windows.answered(&window, found.len());
        } else if window.after().is_none() {
            windows.full(window, found.iter().filter_map(PoolSnapshot::txg));
            continue;
        } else {
            // A recursive snapshot of many datasets is one transaction group: it is read on from the last name.
            let newest = found.iter().map(PoolSnapshot::name).max();
            if !windows.read_on(window, found.len(), newest.unwrap_or_default()) {
                let what = method.name();
                return Err(SourceError::Malformed { what }.into());
            }
        }
        page = found;
    }
    drop(ahead);
    let n_found = tally.n_items;
    Ok(compare(tally, n_found, total, count(session, method)).await?)
}

async fn count(session: &mut Session, method: &'static Method) -> Result<i64, SourceError> {
    ask(session, method, &json!([[], {"count": true}])).await
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

fn params(window: &Window) -> Value {
    let extra = json!({
        "properties": PROPERTIES, "min_txg": window.lower(), "max_txg": window.upper(),
    });
    let select = ["name", "createtxg", "properties"];
    match window.after() {
        None => json!([[], {"select": select, "limit": window.rows, "extra": extra}]),
        Some(last) => json!([
            [["name", ">", last]],
            {"select": select, "order_by": ["name"], "limit": window.rows, "extra": extra},
        ]),
    }
}
