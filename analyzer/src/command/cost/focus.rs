//! Rows of FOCUS 1.2 of a bill, as CSV and as Parquet: one for each priced volume, and one for what stays with a pool.

use std::collections::BTreeMap;

use anyhow::anyhow;
use polars::prelude::{Column, DataFrame};
use serde_json::json;
use truenas_common::time::Time;

use super::{Answer, Period, csv_line};
use crate::cost::focus::{COLUMNS, ColumnKind, Common, Row, Service, cells};
use crate::cost::{Kind, gib_hours, gib_months};
use crate::history::History;
use crate::query::export;

type Cells = [Option<String>; COLUMNS.len()];

pub(super) fn csv(
    answer: &Answer<'_>,
    history: &History,
    account_name: Option<&String>,
) -> anyhow::Result<String> {
    let rows = rows(answer, history, account_name)?;
    let mut text = csv_line(&COLUMNS.map(|column| column.name.to_owned()));
    for row in rows {
        text += &csv_line(&row.map(Option::unwrap_or_default));
    }
    Ok(text)
}

pub(super) fn parquet(
    answer: &Answer<'_>,
    history: &History,
    account_name: Option<&String>,
) -> anyhow::Result<Vec<u8>> {
    let rows = rows(answer, history, account_name)?;
    let column = |(index, column): (usize, &crate::cost::focus::Column)| {
        let cells = rows.iter().map(|row| row[index].as_deref());
        match column.kind {
            // Precision `Double` of the specification.
            ColumnKind::Decimal => {
                let numbers = cells.map(|cell| cell.and_then(|cell| cell.parse().ok()));
                Column::new(column.name.into(), numbers.collect::<Vec<Option<f64>>>())
            }
            ColumnKind::Text | ColumnKind::Time | ColumnKind::Json => {
                Column::new(column.name.into(), cells.collect::<Vec<Option<&str>>>())
            }
        }
    };
    let columns = COLUMNS.iter().enumerate().map(column).collect();
    let mut frame = DataFrame::new(rows.len(), columns)?;
    Ok(export::parquet(&mut frame)?)
}

fn rows(
    answer: &Answer<'_>,
    history: &History,
    account_name: Option<&String>,
) -> anyhow::Result<Vec<Cells>> {
    let Period::Until(month, end) = answer.period else {
        return Err(anyhow!(
            "rows of FOCUS are of a month; give one with --month YYYY-MM"
        ));
    };
    let time = |at: i64| Time::from_unix_secs(at).to_string();
    let common = Common {
        currency: answer.card.currency.clone(),
        billing_start: time(month.start),
        billing_end: time(month.end),
        provider: answer.card.provider.clone(),
        basis: answer.card.basis.word().to_owned(),
    };
    let mut sites = Sites::new(answer, history);
    let mut rows = Vec::new();
    for index in 0..answer.read.volumes.len() {
        let hours = answer.read.volumes[index].hours;
        if let Some(mut row) = volume(answer, index).filter(|_| hours > 0) {
            row.account = sites.of("k8s_pv", &answer.read.objects[index].cluster);
            row.account_name = account_name.cloned();
            row.charge_start = time(answer.period.start(answer.read.objects[index].created_at));
            row.charge_end = time(end);
            rows.push(cells(&common, &row));
        }
    }
    for index in 0..answer.read.pools.len() {
        if let Some(mut row) = overhead(answer, index) {
            row.account = sites.of("zfs_dataset", &answer.read.appliances[index]);
            row.account_name = account_name.cloned();
            row.charge_start = time(month.start);
            row.charge_end = time(end);
            rows.push(cells(&common, &row));
        }
    }
    let n_unpriced = answer.unpriced().count();
    if rows.is_empty() && n_unpriced > 0 {
        return Err(anyhow!(
            "nothing is priced, and a row without a price would read as free; complete the rate card, or look at \
             `cost` without a format for the reasons"
        ));
    }
    if n_unpriced > 0 {
        eprintln!(
            "truenas-analyzer: {} not priced and without a row",
            crate::command::counted(n_unpriced, "volume is", "volumes are")
        );
    }
    Ok(rows)
}

/// Sites by the list that they sent.
struct Sites<'a> {
    answer: &'a Answer<'a>,
    history: &'a History,
    known: BTreeMap<(&'static str, String), String>,
}

impl<'a> Sites<'a> {
    fn new(answer: &'a Answer<'a>, history: &'a History) -> Self {
        Self {
            answer,
            history,
            known: BTreeMap::new(),
        }
    }

    fn of(&mut self, table: &'static str, scope: &str) -> String {
        let estate = self.answer.estate;
        let site = self
            .known
            .entry((table, scope.to_owned()))
            .or_insert_with(|| {
                let source = self
                    .history
                    .source_of(&estate.domain, table, scope, estate.now);
                source.map_or_else(|| estate.domain.clone(), |source| source.site.clone())
            });
        site.clone()
    }
}

/// The row of a priced volume, without account and times.
fn volume(answer: &Answer<'_>, index: usize) -> Option<Row> {
    let (object, volume) = (&answer.read.objects[index], &answer.read.volumes[index]);
    let charge = answer.bill.lines[index].as_ref().ok()?;
    let [appliance, pool] = super::place(answer, volume.pool);
    let service = match object.protocol.as_str() {
        "iscsi" | "nvmeof" => Service::Block,
        "nfs" | "smb" => Service::File,
        _ => Service::Other,
    };
    let what = match service {
        Service::Block => "block volume",
        Service::File => "file volume",
        Service::Other => "volume",
    };
    let of_class = if volume.class.is_some() {
        "of its class"
    } else {
        "without class"
    };
    let used = volume.data_bytes.zip(volume.snapshot_bytes);
    let name = object.namespace.as_ref().zip(object.claim.as_ref());
    Some(Row {
        cost: answer.money(charge.cost()),
        overhead: answer.money(charge.overhead),
        account: String::new(),
        account_name: None,
        charge_start: String::new(),
        charge_end: String::new(),
        gib_hours: gib_hours(charge.half_bytes, volume.hours),
        gib_months: gib_months(charge.half_bytes, volume.hours),
        price: Some(charge.price.to_string()),
        description: format!(
            "{what} {of_class}, {} space; showback, not billing",
            answer.card.basis.word()
        ),
        service,
        resource_id: object.uid.clone(),
        resource_name: name.map(|(namespace, claim)| format!("{namespace}/{claim}")),
        resource_type: "PersistentVolume",
        namespace: object.namespace.clone(),
        tags: Some(tags(answer, index)),
        cluster: Some(object.cluster.clone()),
        appliance,
        pool,
        class: volume.class.clone(),
        provisioned_bytes: volume.provisioned_bytes,
        used_bytes: used.map(|(data, snapshots)| data.saturating_add(snapshots)),
    })
}

/// Owner, grade as an orphan, and share of snapshots; keys with the prefix that the specification asks of a provider.
fn tags(answer: &Answer<'_>, index: usize) -> String {
    let (object, volume) = (&answer.read.objects[index], &answer.read.volumes[index]);
    let mut tags = serde_json::Map::new();
    if let Some(owner) = answer.owner(object) {
        tags.insert("tsm/owner".to_owned(), json!(owner));
    }
    let path = object.dataset.as_ref().map(|(_, path)| path);
    let orphan = answer.waste.iter().map(|(waste, _)| waste).find(|waste| {
        waste.kind == Kind::Orphan
            && waste.pool == volume.pool
            && path.is_some()
            && waste.dataset.as_ref() == path
    });
    if let Some(orphan) = orphan {
        tags.insert("tsm/orphan".to_owned(), json!(orphan.grade.word()));
    }
    if let Some((data, snapshots)) = volume.data_bytes.zip(volume.snapshot_bytes) {
        let whole = data.saturating_add(snapshots).max(1);
        let per_mille = i128::from(snapshots) * 1000 / i128::from(whole);
        tags.insert(
            "tsm/snapshot_share".to_owned(),
            json!(per_mille as f64 / 1000.0),
        );
    }
    serde_json::Value::Object(tags).to_string()
}

/// The row of the overhead that stays with a pool; nothing when none does.
fn overhead(answer: &Answer<'_>, index: usize) -> Option<Row> {
    let (pool, sum) = (&answer.read.pools[index], &answer.bill.pools[index]);
    let whole = sum.overhead.as_ref().ok().filter(|_| sum.kept.0 > 0)?;
    let half_bytes = 2 * i128::from(sum.overhead_bytes?) * sum.kept.0 / whole.0.max(1);
    let [appliance, name] = super::place(answer, Some(index));
    Some(Row {
        cost: answer.money(sum.kept),
        overhead: answer.money(sum.kept),
        account: String::new(),
        account_name: None,
        charge_start: String::new(),
        charge_end: String::new(),
        gib_hours: gib_hours(half_bytes, pool.hours),
        gib_months: gib_months(half_bytes, pool.hours),
        price: sum.price.map(|price| price.to_string()),
        description: "space of a pool that no volume holds; showback, not billing".to_owned(),
        service: Service::Other,
        resource_id: format!("{appliance}/{name}"),
        resource_name: None,
        resource_type: "Pool",
        namespace: None,
        tags: None,
        cluster: None,
        appliance,
        pool: name,
        class: None,
        provisioned_bytes: None,
        used_bytes: sum.overhead_bytes,
    })
}
