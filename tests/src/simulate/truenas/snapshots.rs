//! Snapshot queries of every generation, with the number of snapshots that the server walks for each.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::appliance::Appliance;
use super::datasets::is_internal;
use super::failure::Failure;
use super::filter;
use super::properties::{made_up_id, plain_text, take, to_resource};
use super::query::{self, SelectTime};
use super::query_options::{Query, QueryOptions, expect_at_most};
use super::release::SnapshotRules;
use super::resources::Arguments;
use super::rows::{Shape, SnapshotRow, Snapshots};

const ENOENT: i32 = 2;

/// Properties that a 26 snapshot does not have.
const GONE_IN_26: [&str; 4] = ["clones", "userrefs", "defer_destroy", "unique"];

/// An answer and what it cost.
pub(super) type Walked = (Value, usize);

/// Answers `zfs.snapshot.query` and `pool.snapshot.query`.
pub(super) fn pool_snapshot_query(
    appliance: &Appliance,
    params: &[Value],
) -> Result<Walked, Failure> {
    let release = appliance.release();
    let query = Query::parse(params, release)?;
    let Some(snapshots) = appliance.snapshots() else {
        return Ok((
            query::finish(Vec::new(), &query.options, SelectTime::TopLevelLast)?,
            0,
        ));
    };
    let options = &query.options;
    let (min_txg, max_txg) = (options.extra_u64("min_txg"), options.extra_u64("max_txg"));
    if options.extra_flag("retention", false)
        && options.limit == 0
        && !filter::paths(&query.conditions).contains(&"id")
    {
        let text = "`id` or `limit` is required if `retention` is requested";
        return Err(Failure::call(super::failure::EINVAL, "EINVAL", text));
    }
    let (indexes, n_walked) = candidates(snapshots, &query, release.snapshots, min_txg, max_txg);
    let is_resource_layer = release.snapshots == SnapshotRules::Resource;
    if is_resource_layer && options.extra.get("properties").is_some_and(Value::is_null) {
        return Err(Failure::exception(
            "TypeError",
            "'NoneType' object is not iterable",
        ));
    }
    let wanted = options.extra_names("properties").unwrap_or_default();
    let reads_head = query.reads_only(&["id", "name", "pool", "dataset", "snapshot_name"]);
    let most = first_rows(options);
    let mut rows = Vec::new();
    for index in indexes {
        if most.is_some_and(|most| rows.len() >= most) {
            break;
        }
        let row = &snapshots.rows[index as usize];
        if is_resource_layer && is_internal(&row.name) {
            continue;
        }
        if !query.conditions.is_empty()
            && reads_head
            && !filter::holds(&query.conditions, &head(row))?
        {
            continue;
        }
        if options.count && reads_head {
            rows.push(Value::Null);
            continue;
        }
        let value = entry(snapshots.shape, row, &wanted, &query, is_resource_layer);
        if reads_head || filter::holds(&query.conditions, &value)? {
            rows.push(value);
        }
    }
    Ok((
        query::finish(rows, options, SelectTime::TopLevelLast)?,
        n_walked,
    ))
}

/// Rows that the answer can hold when they are neither sorted nor counted: no more are read.
fn first_rows(options: &QueryOptions) -> Option<usize> {
    let is_plain = options.order_by.is_empty() && !options.count && !options.get;
    let wanted = is_plain && options.offset >= 0 && options.limit > 0;
    wanted.then(|| usize::try_from(options.offset.saturating_add(options.limit)).ok())?
}

/// Rows to look at and how many the server walks to find them.
fn candidates(
    snapshots: &Snapshots,
    query: &Query,
    rules: SnapshotRules,
    min_txg: u64,
    max_txg: u64,
) -> (Vec<u32>, usize) {
    let within = |row: &u32| {
        let txg = snapshots.rows[*row as usize].txg;
        txg >= min_txg && (max_txg == 0 || txg <= max_txg)
    };
    let of_names = |names: &[String]| -> Vec<u32> {
        let members = names.iter().flat_map(|name| {
            let dataset = name.split('@').next().unwrap_or_default();
            snapshots
                .of_dataset(dataset)
                .iter()
                .copied()
                .filter(|row| *snapshots.rows[*row as usize].name == **name)
        });
        members.filter(within).collect()
    };
    let of_datasets = |names: &[String]| -> Vec<u32> {
        names
            .iter()
            .flat_map(|name| snapshots.of_dataset(name).iter().copied())
            .filter(within)
            .collect()
    };
    if let Some(names) = query.lone_names(&["id", "name"])
        && (names.len() == 1 || rules == SnapshotRules::Resource)
    {
        let rows = of_names(&names);
        return (rows, names.len());
    }
    let lists_names = query.options.count
        || (query.options.select.len() == 1 && query.options.select[0].path == "name");
    if let Some(names) = query.lone_names(&["dataset"])
        && (lists_names || rules == SnapshotRules::Resource)
    {
        let n_walked = names
            .iter()
            .map(|name| snapshots.of_dataset(name).len())
            .sum();
        return (of_datasets(&names), n_walked);
    }
    (snapshots.window(min_txg, max_txg), snapshots.rows.len())
}

fn head(row: &SnapshotRow) -> Value {
    json!({
        "id": row.name, "name": row.name, "pool": row.pool(), "dataset": row.dataset(), "snapshot_name": row.snapshot_name(),
    })
}

fn entry(
    shape: Shape,
    row: &SnapshotRow,
    wanted: &[String],
    query: &Query,
    is_resource_layer: bool,
) -> Value {
    let mut value = head(row);
    value["type"] = json!("SNAPSHOT");
    value["createtxg"] = json!(row.txg.to_string());
    let Value::Object(fields) = &mut value else {
        return value;
    };
    let is_simple = !wanted.is_empty()
        && wanted
            .iter()
            .all(|name| name == "name" || name == "createtxg");
    let with_holds = query.options.extra_flag("holds", false);
    if is_simple && !with_holds && !is_resource_layer {
        return value;
    }
    let Value::Object(mut stored) = row.value() else {
        return value;
    };
    let holds = hold_tags(&take(&mut stored, "holds"));
    if is_resource_layer {
        let has_own = holds.iter().any(|tag| tag == "truenas") && with_holds;
        fields.insert(
            "holds".to_owned(),
            if has_own {
                json!({"truenas": 1})
            } else {
                json!({})
            },
        );
    } else if with_holds {
        fields.insert(
            "holds".to_owned(),
            holds
                .into_iter()
                .map(|tag| (tag, json!(1)))
                .collect::<Map<_, _>>()
                .into(),
        );
    }
    if query.options.extra_flag("retention", false) {
        fields.insert("retention".to_owned(), take(&mut stored, "retention"));
    }
    let properties = match shape {
        Shape::Pool => take(&mut stored, "properties"),
        Shape::Resource => pool_properties(&mut stored),
    };
    let Value::Object(mut properties) = properties else {
        return value;
    };
    properties.retain(|name, _| {
        let is_named = wanted.iter().any(|wanted| wanted == name);
        if is_resource_layer {
            is_named && !name.contains(':')
        } else {
            wanted.is_empty() || is_named || name.contains(':')
        }
    });
    if is_resource_layer {
        properties.retain(|name, _| !GONE_IN_26.contains(&name.as_str()));
        for (name, property) in &mut properties {
            let native = to_resource(name, property);
            let shown = native["value"]
                .as_str()
                .map_or_else(|| native["value"].to_string(), str::to_owned);
            *property = json!({"value": shown, "rawvalue": native["raw"], "source": "NONE", "parsed": native["value"]});
        }
    }
    fields.insert("properties".to_owned(), Value::Object(properties));
    value
}

/// Properties of a 26 row as older releases show them, user properties among them.
fn pool_properties(stored: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for (name, property) in take(stored, "properties").as_object().into_iter().flatten() {
        let mut pool = super::properties::to_pool(name, property);
        if let Value::Object(fields) = &mut pool {
            fields.remove("source_info");
            if fields.get("value").is_none_or(Value::is_null) {
                fields.insert("value".to_owned(), json!(""));
            }
        }
        properties.insert(name.clone(), pool);
    }
    for (name, text) in take(stored, "user_properties")
        .as_object()
        .into_iter()
        .flatten()
    {
        let property = json!({"value": text, "rawvalue": text, "source": "LOCAL", "parsed": text});
        properties.insert(name.clone(), property);
    }
    Value::Object(properties)
}

fn hold_tags(holds: &Value) -> Vec<String> {
    match holds {
        Value::Object(tags) => tags.keys().cloned().collect(),
        Value::Array(tags) => tags
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Answers `zfs.resource.snapshot.query`.
pub(super) fn zfs_resource_snapshot_query(
    appliance: &Appliance,
    params: &[Value],
) -> Result<Walked, Failure> {
    let flags = [
        "recursive",
        "get_user_properties",
        "get_source",
        "get_holds",
        "min_txg",
        "max_txg",
    ];
    let arguments = Arguments::parse(params, &flags)?;
    let (indexes, n_walked) = resource_rows(appliance, &arguments)?;
    let Some(snapshots) = appliance.snapshots() else {
        return Ok((json!([]), 0));
    };
    let hides_internal = arguments.hides_internal();
    let (min_txg, max_txg) = (arguments.number("min_txg"), arguments.number("max_txg"));
    let rows = indexes
        .into_iter()
        .map(|row| &snapshots.rows[row as usize])
        .filter(|row| {
            let is_within = row.txg >= min_txg && (max_txg == 0 || row.txg <= max_txg);
            is_within && !(hides_internal && is_internal(&row.name))
        });
    let entries = rows
        .map(|row| resource_entry(snapshots.shape, row, &arguments))
        .collect();
    Ok((Value::Array(entries), n_walked))
}

/// Answers `zfs.resource.snapshot.count`.
pub(super) fn zfs_resource_snapshot_count(
    appliance: &Appliance,
    params: &[Value],
) -> Result<Walked, Failure> {
    let arguments = Arguments::parse(params, &["recursive"])?;
    let (indexes, n_walked) = resource_rows(appliance, &arguments)?;
    let Some(snapshots) = appliance.snapshots() else {
        return Ok((json!({}), 0));
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in indexes.into_iter().map(|row| &snapshots.rows[row as usize]) {
        *counts.entry(row.dataset()).or_default() += 1;
    }
    Ok((json!(counts), n_walked))
}

/// Answers `pool.dataset.snapshot_count`.
pub(super) fn snapshot_count(appliance: &Appliance, params: &[Value]) -> Result<Walked, Failure> {
    expect_at_most(params, 1)?;
    let dataset = params.first().and_then(Value::as_str);
    let dataset = dataset
        .ok_or_else(|| Failure::invalid_argument("dataset", "Input should be a valid string"))?;
    let n_snapshots = appliance.snapshot_count(dataset);
    Ok((json!(n_snapshots), n_snapshots))
}

/// Snapshots of the paths (of the pools' roots when there are none), in the order of the file.
fn resource_rows(
    appliance: &Appliance,
    arguments: &Arguments,
) -> Result<(Vec<u32>, usize), Failure> {
    let Some(snapshots) = appliance.snapshots() else {
        return Ok((Vec::new(), 0));
    };
    let is_recursive = arguments.flag("recursive", false);
    if arguments.paths.is_empty() {
        let all = 0..u32::try_from(snapshots.rows.len()).unwrap_or(u32::MAX);
        let is_wanted =
            |row: &u32| is_recursive || !snapshots.rows[*row as usize].dataset().contains('/');
        let rows: Vec<u32> = all.filter(is_wanted).collect();
        let n_walked = rows.len();
        return Ok((rows, n_walked));
    }
    let mut rows = Vec::new();
    for path in &arguments.paths {
        rows.extend(rows_of_path(appliance, snapshots, path, is_recursive)?);
    }
    let n_walked = rows.len();
    Ok((rows, n_walked))
}

fn rows_of_path(
    appliance: &Appliance,
    snapshots: &Snapshots,
    path: &str,
    is_recursive: bool,
) -> Result<Vec<u32>, Failure> {
    let missing = || {
        let text = format!("'{path}': not found");
        Failure::refused("zfs.resource.snapshot.query", &text, ENOENT, "ENOENT")
    };
    let dataset = path.split('@').next().unwrap_or_default();
    let own = snapshots.of_dataset(dataset);
    if path.contains('@') {
        let row = own
            .iter()
            .find(|row| &*snapshots.rows[**row as usize].name == path);
        return row.map(|row| vec![*row]).ok_or_else(missing);
    }
    let known = appliance
        .any_datasets()
        .and_then(|datasets| datasets.find(dataset).map(|row| (datasets, row)));
    match known {
        Some((datasets, row)) if is_recursive => {
            let names = datasets
                .subtree(row)
                .into_iter()
                .map(|row| &datasets.rows[row as usize].name);
            Ok(names
                .flat_map(|name| snapshots.of_dataset(name).iter().copied())
                .collect())
        }
        None if own.is_empty() && appliance.any_datasets().is_some() => Err(missing()),
        None if is_recursive => {
            let prefix = format!("{dataset}/");
            let all = 0..u32::try_from(snapshots.rows.len()).unwrap_or(u32::MAX);
            let is_below = |name: &str| name == dataset || name.starts_with(&prefix);
            Ok(all
                .filter(|row| is_below(snapshots.rows[*row as usize].dataset()))
                .collect())
        }
        _ => Ok(own.to_vec()),
    }
}

fn resource_entry(shape: Shape, row: &SnapshotRow, arguments: &Arguments) -> Value {
    let mut stored = match row.value() {
        Value::Object(stored) => stored,
        _ => Map::new(),
    };
    let mut properties = Map::new();
    let mut user = Map::new();
    let given = take(&mut stored, "properties");
    for (name, property) in given.as_object().into_iter().flatten() {
        match shape {
            Shape::Pool if name.contains(':') => {
                drop(user.insert(name.clone(), json!(plain_text(property))))
            }
            Shape::Pool => drop(properties.insert(name.clone(), to_resource(name, property))),
            Shape::Resource => drop(properties.insert(name.clone(), property.clone())),
        }
    }
    if let Value::Object(given) = take(&mut stored, "user_properties") {
        user.extend(given);
    }
    let guid = stored.get("guid").and_then(Value::as_u64);
    let guid = guid.or_else(|| {
        properties
            .get("guid")
            .and_then(|property| property["value"].as_u64())
    });
    let tags = hold_tags(&take(&mut stored, "holds"));
    let wanted = arguments.properties.as_deref().unwrap_or_default();
    properties.retain(|name, _| {
        let is_named = wanted.iter().any(|wanted| wanted.to_lowercase() == *name);
        is_named && !GONE_IN_26.contains(&name.as_str())
    });
    if !arguments.flag("get_source", false) {
        properties
            .values_mut()
            .for_each(|property| property["source"] = Value::Null);
    }
    let holds = Some(tags).filter(|tags| arguments.flag("get_holds", false) && !tags.is_empty());
    let user = arguments.flag("get_user_properties", false).then_some(user);
    json!({
        "createtxg": row.txg, "guid": guid.unwrap_or_else(|| made_up_id(&row.name)), "name": row.name, "pool": row.pool(),
        "dataset": row.dataset(), "snapshot_name": row.snapshot_name(), "type": "SNAPSHOT", "holds": holds,
        "properties": (!wanted.is_empty()).then_some(properties), "user_properties": user,
    })
}
