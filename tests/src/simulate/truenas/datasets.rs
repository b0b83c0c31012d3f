//! `pool.dataset.query` of both generations.

use serde_json::{Map, Value, json};

use super::appliance::Appliance;
use super::failure::Failure;
use super::filter;
use super::properties::{
    OWN_USER_PROPERTIES, PLAIN_FIELDS, field_name, take, to_pool, user_property, zfs_name,
};
use super::query::{self, SelectTime};
use super::query_options::{Query, QueryOptions};
use super::release::DatasetRules;
use super::rows::{DatasetRow, Datasets, Shape};

/// Properties that every generation returns when none are named.
const BASE_PROPERTIES: [&str; 40] = [
    "available",
    "checksum",
    "compression",
    "compressratio",
    "copies",
    "creation",
    "dedup",
    "encryption",
    "keyformat",
    "origin",
    "pbkdf2iters",
    "readonly",
    "refreservation",
    "reservation",
    "snapdev",
    "sync",
    "used",
    "usedbychildren",
    "usedbydataset",
    "usedbyrefreservation",
    "usedbysnapshots",
    "aclmode",
    "acltype",
    "atime",
    "casesensitivity",
    "exec",
    "mountpoint",
    "quota",
    "recordsize",
    "refquota",
    "snapdir",
    "special_small_blocks",
    "xattr",
    "volblocksize",
    "volsize",
    "comments",
    "quota_warning",
    "quota_critical",
    "refquota_warning",
    "refquota_critical",
];

const CRYPTO_PROPERTIES: [&str; 5] = [
    "encryption",
    "encryptionroot",
    "keyformat",
    "keylocation",
    "keystatus",
];
const CRYPTO_FIELDS: [&str; 4] = ["encrypted", "encryption_root", "key_loaded", "locked"];
const HEAD: [&str; 4] = ["id", "name", "pool", "type"];
const INTERNAL: [&str; 4] = [".system", "ix-applications", "ix-apps", ".ix-virt"];
const BOOT_POOLS: [&str; 2] = ["boot-pool", "freenas-boot"];

/// True for datasets that the server keeps to itself.
pub(super) fn is_internal(name: &str) -> bool {
    let pool = name.split(['/', '@']).next().unwrap_or_default();
    BOOT_POOLS.contains(&pool)
        || INTERNAL
            .iter()
            .any(|internal| name.contains(&format!("/{internal}")))
}

/// Answers `pool.dataset.query`.
pub(super) fn pool_dataset_query(
    appliance: &Appliance,
    params: &[Value],
) -> Result<Value, Failure> {
    let release = appliance.release();
    let query = Query::parse(params, release)?;
    let Some(datasets) = appliance.datasets(Shape::Pool) else {
        return query::filter_list(Vec::new(), &query, SelectTime::AfterOrder);
    };
    let rules = release.datasets;
    let wanted = Wanted::new(&query.options, rules);
    let shows_head = query.shows_only(&HEAD);
    let mut rows = Vec::new();
    for index in candidates(datasets, &query, &wanted, rules) {
        let row = &datasets.rows[index as usize];
        if is_internal(&row.name) || !is_possible(&query, row)? {
            continue;
        }
        if shows_head {
            rows.push(head(row));
            continue;
        }
        let mut value = wanted.row(appliance, datasets, row);
        if query.needs("children") {
            value["children"] = wanted.children(appliance, datasets, row);
        }
        if filter::holds(&query.conditions, &value)? {
            rows.push(value);
        }
    }
    let time = if rules == DatasetRules::Native {
        SelectTime::AfterOrder
    } else {
        SelectTime::BeforeOrder
    };
    query::finish(rows, &query.options, time)
}

/// Rows that the server would look at, in the order of the file.
fn candidates(
    datasets: &Datasets,
    query: &Query,
    wanted: &Wanted,
    rules: DatasetRules,
) -> Vec<u32> {
    let all = 0..u32::try_from(datasets.rows.len()).unwrap_or(u32::MAX);
    let is_root = |index: &u32| !datasets.rows[*index as usize].name.contains('/');
    match rules {
        DatasetRules::Native if !wanted.retrieve_children && query.filters.is_empty() => {
            all.filter(is_root).collect()
        }
        DatasetRules::Native if !wanted.is_flat && query.filters.is_empty() => {
            all.filter(is_root).collect()
        }
        DatasetRules::Native => all.collect(),
        DatasetRules::Mapped if wanted.retrieve_children && wanted.is_flat => all.collect(),
        DatasetRules::Mapped => match query.lone_names(&["id", "name"]) {
            Some(names) => names
                .iter()
                .filter_map(|name| datasets.find(name))
                .collect(),
            None => all.filter(is_root).collect(),
        },
    }
}

/// Tests the filters on the name alone where that is enough, so that a large estate is not read for a few rows.
fn is_possible(query: &Query, row: &DatasetRow) -> Result<bool, Failure> {
    if query.filters.is_empty() || !query.reads_only(&HEAD) {
        return Ok(true);
    }
    filter::holds(&query.conditions, &head(row))
}

/// The fields that are known without reading the row.
fn head(row: &DatasetRow) -> Value {
    let kind = if row.is_volume {
        "VOLUME"
    } else {
        "FILESYSTEM"
    };
    json!({"id": row.name, "name": row.name, "pool": row.pool(), "type": kind})
}

/// Which parts of a dataset are asked for.
struct Wanted {
    rules: DatasetRules,
    is_flat: bool,
    retrieve_children: bool,
    with_user_properties: bool,
    with_snapshot_count: bool,
    /// ZFS names; `None` is the base set.
    properties: Option<Vec<String>>,
}

impl Wanted {
    fn new(options: &QueryOptions, rules: DatasetRules) -> Self {
        Self {
            rules,
            is_flat: options.extra_flag("flat", true),
            retrieve_children: options.extra_flag("retrieve_children", true),
            with_user_properties: options.extra_flag("retrieve_user_props", true),
            with_snapshot_count: options.extra_flag("snapshots_count", false),
            properties: options.extra_names("properties"),
        }
    }

    fn children(&self, appliance: &Appliance, datasets: &Datasets, row: &DatasetRow) -> Value {
        if !self.retrieve_children {
            return json!([]);
        }
        let visible = row
            .children
            .iter()
            .map(|child| &datasets.rows[*child as usize]);
        let nested = visible
            .filter(|child| !is_internal(&child.name))
            .map(|child| {
                let mut value = self.row(appliance, datasets, child);
                value["children"] = self.children(appliance, datasets, child);
                value
            });
        Value::Array(nested.collect())
    }

    fn row(&self, appliance: &Appliance, datasets: &Datasets, row: &DatasetRow) -> Value {
        let mut value = row.value();
        if datasets.shape == Shape::Resource {
            value = from_resource(datasets, row, value);
        }
        let Value::Object(fields) = &mut value else {
            return value;
        };
        fields.retain(|name, _| self.keeps(name));
        if row.is_volume {
            fields.insert("mountpoint".to_owned(), Value::Null);
        }
        fields.insert("children".to_owned(), json!([]));
        if self.rules == DatasetRules::Native
            && let Some(Value::Object(user)) = fields.get_mut("user_properties")
        {
            for property in user.values_mut() {
                *property = user_property(
                    &super::properties::plain_text(property),
                    "LOCAL",
                    &Value::Null,
                );
            }
        }
        if self.with_snapshot_count {
            fields.insert(
                "snapshot_count".to_owned(),
                json!(appliance.snapshot_count(&row.name)),
            );
        }
        value
    }

    fn keeps(&self, field: &str) -> bool {
        let is_native = self.rules == DatasetRules::Native;
        if field == "user_properties" {
            return self.with_user_properties;
        }
        if OWN_USER_PROPERTIES.iter().any(|(_, own)| *own == field) {
            return self.with_user_properties;
        }
        if field == "mountpoint" {
            return is_native
                || self
                    .properties
                    .as_ref()
                    .is_none_or(|names| names.iter().any(|name| name == "mountpoint"));
        }
        if CRYPTO_FIELDS.contains(&field) {
            let asks = |names: &Vec<String>| {
                names
                    .iter()
                    .any(|name| CRYPTO_PROPERTIES.contains(&name.as_str()))
            };
            return !is_native || self.properties.as_ref().is_none_or(asks);
        }
        if PLAIN_FIELDS.contains(&field) {
            return true;
        }
        let name = zfs_name(field);
        match &self.properties {
            None => BASE_PROPERTIES.contains(&name),
            Some(names) => {
                names.iter().any(|wanted| wanted == name)
                    && (is_native || BASE_PROPERTIES.contains(&name))
            }
        }
    }
}

/// Makes a row of `pool.dataset.query` from one of `zfs.resource.query`.
fn from_resource(datasets: &Datasets, row: &DatasetRow, value: Value) -> Value {
    let Value::Object(mut resource) = value else {
        return value;
    };
    let name = json!(row.name);
    let mut fields = Map::new();
    let properties = take(&mut resource, "properties");
    let property_text = |name: &str| properties[name]["raw"].as_str().unwrap_or_default();
    let is_encrypted = !matches!(property_text("encryption"), "" | "off");
    let is_loaded = property_text("keystatus") == "available";
    fields.insert("id".to_owned(), name.clone());
    fields.insert("name".to_owned(), name);
    fields.insert("pool".to_owned(), json!(row.pool()));
    fields.insert(
        "type".to_owned(),
        json!(if row.is_volume {
            "VOLUME"
        } else {
            "FILESYSTEM"
        }),
    );
    fields.insert("encrypted".to_owned(), json!(is_encrypted));
    let root = Some(property_text("encryptionroot")).filter(|_| is_encrypted);
    fields.insert("encryption_root".to_owned(), json!(root));
    fields.insert("key_loaded".to_owned(), json!(is_encrypted && is_loaded));
    fields.insert("locked".to_owned(), json!(is_encrypted && !is_loaded));
    fields.insert(
        "mountpoint".to_owned(),
        properties["mountpoint"]["raw"].clone(),
    );
    for (name, property) in properties.as_object().into_iter().flatten() {
        if !matches!(
            name.as_str(),
            "mountpoint" | "encryptionroot" | "keystatus" | "keylocation" | "type"
        ) {
            fields.insert(field_name(name).to_owned(), to_pool(name, property));
        }
    }
    let parent = row
        .name
        .rsplit_once('/')
        .and_then(|(parent, _)| datasets.find(parent));
    let parent_value = parent
        .map(|parent| datasets.rows[parent as usize].value())
        .unwrap_or_default();
    let mut user = Map::new();
    for (name, text) in resource
        .get("user_properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let is_inherited = parent_value["user_properties"].get(name) == Some(text);
        let (source, info) = match row.name.rsplit_once('/') {
            Some((parent, _)) if is_inherited => ("INHERITED", json!(parent)),
            _ => ("LOCAL", Value::Null),
        };
        let property = user_property(text.as_str().unwrap_or_default(), source, &info);
        let is_own = OWN_USER_PROPERTIES.iter().any(|(_, own)| own == name);
        if is_own {
            fields.insert(name.clone(), property);
        } else {
            user.insert(name.clone(), property);
        }
    }
    fields.insert("user_properties".to_owned(), Value::Object(user));
    Value::Object(fields)
}
