//! `zfs.resource.query`, from 25.10.

use serde_json::{Map, Value, json};

use super::appliance::Appliance;
use super::datasets::is_internal;
use super::failure::Failure;
use super::properties::{
    OWN_USER_PROPERTIES, PLAIN_FIELDS, made_up_id, plain_text, take, to_resource, zfs_name,
};
use super::query_options::expect_at_most;
use super::rows::{DatasetRow, Datasets, Shape};

const METHOD: &str = "zfs.resource.query";
const SPACE_PROPERTIES: [&str; 7] = [
    "available",
    "used",
    "usedbysnapshots",
    "usedbydataset",
    "usedbychildren",
    "usedbyrefreservation",
    "written",
];
const CRYPTO_PROPERTIES: [&str; 5] = [
    "encryption",
    "encryptionroot",
    "keyformat",
    "keylocation",
    "keystatus",
];
const ENOENT: i32 = 2;

/// The single argument of the `zfs.resource` methods.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// Datasets or snapshots asked for.
    pub(super) paths: Vec<String>,
    /// Properties asked for; `None` is none at all.
    pub(super) properties: Option<Vec<String>>,
    /// Every flag that was given.
    flags: Map<String, Value>,
}

impl Arguments {
    /// Reads the argument; `flags` names the booleans and integers that the method knows.
    pub(super) fn parse(params: &[Value], flags: &[&str]) -> Result<Self, Failure> {
        expect_at_most(params, 1)?;
        let mut arguments = Self {
            properties: Some(Vec::new()),
            ..Self::default()
        };
        let fields = match params.first() {
            None => return Ok(arguments),
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                return Err(Failure::invalid_argument(
                    "data",
                    "Input should be a valid dictionary",
                ));
            }
        };
        for (name, value) in fields {
            let attribute = format!("data.{name}");
            let list = || -> Result<Vec<String>, Failure> {
                let texts = value.as_array().map(|members| {
                    members
                        .iter()
                        .map(|member| member.as_str().map(str::to_owned))
                });
                let texts = texts.and_then(Iterator::collect::<Option<Vec<String>>>);
                texts.ok_or_else(|| {
                    Failure::invalid_argument(&attribute, "Input should be a valid list")
                })
            };
            match name.as_str() {
                "paths" => arguments.paths = list()?,
                "properties" if value.is_null() => arguments.properties = None,
                "properties" => arguments.properties = Some(list()?),
                known if flags.contains(&known) => {
                    drop(arguments.flags.insert(name.clone(), value.clone()))
                }
                _ => {
                    return Err(Failure::invalid_argument(
                        &attribute,
                        "Extra inputs are not permitted",
                    ));
                }
            }
        }
        Ok(arguments)
    }

    /// A flag.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.flags
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(default)
    }

    /// A number, 0 when absent.
    pub(super) fn number(&self, name: &str) -> u64 {
        self.flags
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// True when no path is internal, so that internal datasets stay hidden.
    pub(super) fn hides_internal(&self) -> bool {
        !self.paths.iter().any(|path| is_internal(path))
    }
}

/// Answers `zfs.resource.query`.
pub(super) fn zfs_resource_query(
    appliance: &Appliance,
    params: &[Value],
) -> Result<Value, Failure> {
    let arguments = Arguments::parse(
        params,
        &[
            "get_user_properties",
            "get_children",
            "nest_results",
            "get_source",
        ],
    )?;
    let with_children = arguments.flag("get_children", false);
    refuse_paths(&arguments, with_children)?;
    let Some(datasets) = appliance.datasets(Shape::Resource) else {
        return match arguments.paths.first() {
            Some(path) => Err(not_found(path)),
            None => Ok(json!([])),
        };
    };
    let mut chosen = Vec::new();
    if arguments.paths.is_empty() {
        let all = 0..u32::try_from(datasets.rows.len()).unwrap_or(u32::MAX);
        let is_wanted =
            |row: &u32| with_children || !datasets.rows[*row as usize].name.contains('/');
        chosen.extend(all.filter(is_wanted));
    }
    for path in &arguments.paths {
        let row = datasets.find(path).ok_or_else(|| not_found(path))?;
        if with_children {
            chosen.extend(datasets.subtree(row))
        } else {
            chosen.push(row)
        }
    }
    let hides_internal = arguments.hides_internal();
    let rows = chosen.into_iter().map(|row| &datasets.rows[row as usize]);
    let visible = rows.filter(|row| !(hides_internal && is_internal(&row.name)));
    let entries: Vec<Value> = visible
        .map(|row| entry(appliance, datasets, row, &arguments))
        .collect();
    Ok(Value::Array(if arguments.flag("nest_results", false) {
        nest(entries)
    } else {
        entries
    }))
}

fn refuse_paths(arguments: &Arguments, with_children: bool) -> Result<(), Failure> {
    let refuse = |text| {
        Err(Failure::refused(
            METHOD,
            text,
            super::failure::EINVAL,
            "EINVAL",
        ))
    };
    let paths = &arguments.paths;
    if paths.iter().any(|path| path.contains('@')) {
        return refuse("Querying snapshot information is unsupported at this time.");
    }
    let is_below = |path: &String, other: &String| {
        path.strip_prefix(other.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    };
    if with_children
        && paths
            .iter()
            .any(|path| paths.iter().any(|other| is_below(path, other)))
    {
        return refuse(
            "Paths must be non-overlapping - no path can be relative to another when get_children is set to True.",
        );
    }
    Ok(())
}

fn not_found(path: &str) -> Failure {
    Failure::refused(METHOD, &format!("'{path}': not found"), ENOENT, "ENOENT")
}

fn entry(
    appliance: &Appliance,
    datasets: &Datasets,
    row: &DatasetRow,
    arguments: &Arguments,
) -> Value {
    let mut value = row.value();
    if datasets.shape == Shape::Pool {
        value = from_pool(row, value);
    }
    let Value::Object(fields) = &mut value else {
        return value;
    };
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.retain(|name, _| is_wanted(name, arguments.properties.as_deref()));
        if !arguments.flag("get_source", true) {
            properties
                .values_mut()
                .for_each(|property| property["source"] = Value::Null);
        }
    }
    if !arguments.flag("get_user_properties", false) {
        fields.insert("user_properties".to_owned(), Value::Null);
    }
    fields.insert("children".to_owned(), json!([]));
    if appliance.release().has_scram {
        fields.entry("tier").or_insert(Value::Null);
    } else {
        fields.remove("tier");
    }
    value
}

fn is_wanted(name: &str, properties: Option<&[String]>) -> bool {
    match properties {
        None => false,
        Some([]) => SPACE_PROPERTIES.contains(&name),
        Some(wanted) => {
            let asks_crypto = wanted
                .iter()
                .any(|wanted| CRYPTO_PROPERTIES.contains(&wanted.to_lowercase().as_str()));
            wanted.iter().any(|wanted| wanted.to_lowercase() == name)
                || (asks_crypto && CRYPTO_PROPERTIES.contains(&name))
        }
    }
}

/// Makes a row of `zfs.resource.query` from one of `pool.dataset.query`.
fn from_pool(row: &DatasetRow, value: Value) -> Value {
    let Value::Object(mut fields) = value else {
        return value;
    };
    let mut user = Map::new();
    for (name, property) in take(&mut fields, "user_properties")
        .as_object()
        .into_iter()
        .flatten()
    {
        user.insert(name.clone(), json!(plain_text(property)));
    }
    for (_, own) in OWN_USER_PROPERTIES {
        let property = take(&mut fields, own);
        if matches!(
            property["source"].as_str(),
            Some("LOCAL" | "RECEIVED" | "INHERITED")
        ) {
            user.insert(own.to_owned(), json!(plain_text(&property)));
        }
    }
    let mut properties = Map::new();
    if let Some(mountpoint) = fields.get("mountpoint").and_then(Value::as_str) {
        let property = json!({"raw": mountpoint, "value": mountpoint, "source": {"type": "DEFAULT", "value": null}});
        properties.insert("mountpoint".to_owned(), property);
    }
    if fields.get("encrypted") == Some(&json!(true)) {
        let none = json!({"type": "NONE", "value": null});
        let root = fields
            .get("encryption_root")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let status = if fields.get("key_loaded") == Some(&json!(true)) {
            "available"
        } else {
            "unavailable"
        };
        properties.insert(
            "encryptionroot".to_owned(),
            json!({"raw": root, "value": root, "source": none}),
        );
        properties.insert(
            "keystatus".to_owned(),
            json!({"raw": status, "value": status, "source": none}),
        );
    }
    for (field, property) in &fields {
        if !PLAIN_FIELDS.contains(&field.as_str()) && property.is_object() {
            let name = zfs_name(field);
            properties.insert(name.to_owned(), to_resource(name, property));
        }
    }
    let number = |name: &str| {
        properties
            .get(name)
            .and_then(|property| property["value"].as_u64())
    };
    let guid = number("guid").unwrap_or_else(|| made_up_id(&row.name));
    let createtxg = number("createtxg").unwrap_or(1);
    let mut resource = Map::new();
    resource.insert("createtxg".to_owned(), json!(createtxg));
    resource.insert("guid".to_owned(), json!(guid));
    resource.insert("name".to_owned(), json!(row.name));
    resource.insert("pool".to_owned(), json!(row.pool()));
    resource.insert(
        "type".to_owned(),
        json!(if row.is_volume {
            "VOLUME"
        } else {
            "FILESYSTEM"
        }),
    );
    resource.insert("user_properties".to_owned(), Value::Object(user));
    resource.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(resource)
}

/// Hangs every entry below its nearest ancestor among the entries.
fn nest(entries: Vec<Value>) -> Vec<Value> {
    let names: Vec<String> = entries
        .iter()
        .map(|entry| plain_text(&entry["name"]))
        .collect();
    let parent_of = |name: &str| {
        let mut rest = name;
        while let Some((parent, _)) = rest.rsplit_once('/') {
            if let Some(index) = names.iter().position(|known| known == parent) {
                return Some(index);
            }
            rest = parent;
        }
        None
    };
    let parents: Vec<Option<usize>> = names.iter().map(|name| parent_of(name)).collect();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(names[*index].matches('/').count()));
    let mut entries: Vec<Option<Value>> = entries.into_iter().map(Some).collect();
    for index in order {
        let Some(parent) = parents[index] else {
            continue;
        };
        if let Some(child) = entries[index].take()
            && let Some(Value::Array(children)) = entries[parent]
                .as_mut()
                .and_then(|entry| entry.get_mut("children"))
        {
            children.insert(0, child);
        }
    }
    entries.into_iter().flatten().collect()
}
