//! Every answer of the simulated appliance against the published schemas of its release, over the recorded appliance
//! and over a day of a generated estate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use testkit::estate::{EstateOptions, Fault, estate};
use testkit::simulate::{Options, start};
use testkit::world::World;

use crate::client::{Api, schemas, truenas_world};
use crate::release_26::scram_login;

/// Releases with published schemas; where two files know a method, the first is right.
const RELEASES: [(&str, &[&str]); 3] = [
    ("25.04", &["v25_04_2", "v25_04_live_get_methods"]),
    ("25.10", &["v25_10_5"]),
    ("26", &["v26_0_0"]),
];

/// Methods that answer with an object, and without a file with an empty list, which no object is.
const NEEDS_FILE: [&str; 14] = [
    "api_key.my_keys",
    "core.get_jobs",
    "disk.temperatures",
    "pool.dataset.details",
    "reporting.config",
    "reporting.get_data",
    "reporting.graphs",
    "reporting.netdata_get_data",
    "system.global.id",
    "system.host_id",
    "system.info",
    "update.check_available",
    "update.get_trains",
    "update.status",
];

/// Schemas of no method that is called with a session.
const NO_CALL: [&str; 4] = [
    "auth.login_ex",
    "auth.login_with_api_key",
    "core.get_methods",
    "reporting.realtime(event)",
];

/// Methods that no run calls: the roles of an estate need not cover them, those of the recorded appliance do.
const NOT_READ: [&str; 4] = [
    "interface.query",
    "iscsi.auth.query",
    "system.info",
    "systemdataset.config",
];

/// What a method's answer must be.
enum Schema {
    /// Each row of a list, or the one set of values.
    Row(Value),
    /// The whole answer.
    Whole(Value),
}

#[test]
fn every_answer_over_the_recorded_appliance_fits_the_published_schema() {
    for (release, files) in RELEASES {
        let (_folder, world) = truenas_world(release, "READONLY_ADMIN");
        let n_rows = check_world(&world, release, files);
        assert!(n_rows > 40, "{release}: {n_rows}");
    }
}

#[test]
fn every_answer_over_a_generated_estate_fits_the_published_schema() {
    for (release, files) in RELEASES {
        let folder = tempfile::tempdir().unwrap();
        let world = folder.path().join("world");
        write_estate(&world, release);
        let n_rows = check_world(&world, release, files);
        assert!(n_rows > 150, "{release}: {n_rows}");
    }
}

#[test]
fn an_answer_that_does_not_fit_is_found_in_both_forms_of_schema() {
    let known = known(&["v25_04_2", "v25_04_live_get_methods"]);
    for (method, answer) in [
        ("iscsi.targetextent.query", json!([{"id": "1"}])),
        ("pool.query", json!([{"id": 1, "name": 7}])),
        ("system.version", json!(25)),
    ] {
        assert!(!complaints(&known[method], &answer).is_empty(), "{method}");
    }
}

/// Asks for everything that has a schema; gives the number of rows seen.
fn check_world(world: &Path, release: &str, files: &[&str]) -> usize {
    let simulation = start(world, &Options::default()).unwrap();
    let appliance = World::read(world).unwrap().appliances.remove(0);
    let is_minimal = !appliance.roles.iter().any(|role| role == "READONLY_ADMIN");
    let key = fs::read_to_string(simulation.api_key_file(None)).unwrap();
    let mut api = Api::open(&simulation, "/api/current");
    match release {
        "26" => scram_login(&mut api, &appliance.user, key.trim()),
        _ => assert_eq!(
            api.result("auth.login_with_api_key", json!([key.trim()])),
            true
        ),
    }
    let mut n_rows = 0;
    let mut unfit = Vec::new();
    for (method, schema) in &known(files) {
        let has_file = world.join(format!("truenas/{method}.json")).exists();
        let is_answered = has_file || !NEEDS_FILE.contains(&method.as_str());
        let is_left_out = |methods: &[&str]| methods.contains(&method.as_str());
        if is_left_out(&NO_CALL) || !is_answered {
            continue;
        }
        let answer = api.call(method, params(method));
        let is_private = answer["error"]["data"]["errname"] == "EACCES";
        let is_own = matches!(method.as_str(), "api_key.my_keys" | "privilege.query");
        if is_private && (is_own || is_minimal && is_left_out(&NOT_READ)) {
            continue;
        }
        let Some(result) = answer.get("result") else {
            unfit.push(format!("{method}: {answer}"));
            continue;
        };
        n_rows += result.as_array().map_or(0, Vec::len);
        let complaints = complaints(schema, result);
        unfit.extend(complaints.into_iter().map(|it| format!("{method}: {it}")));
    }
    assert!(unfit.is_empty(), "{release}:\n{}", unfit.join("\n"));
    n_rows
}

fn params(method: &str) -> Value {
    let properties = [
        "used",
        "available",
        "volsize",
        "origin",
        "creation",
        "dedup",
        "encryption",
        "quota",
        "recordsize",
        "special_small_blocks",
        "checksum",
        "mountpoint",
    ];
    match method {
        "zfs.resource.query" => {
            json!([{"properties": properties, "get_user_properties": true, "get_children": true}])
        }
        "zfs.resource.snapshot.query" => json!([{
            "paths": [], "recursive": true, "properties": ["used", "creation", "guid"],
            "get_user_properties": true, "get_holds": true,
        }]),
        "zfs.resource.snapshot.count" => json!([{"paths": [], "recursive": true}]),
        "disk.query" => json!([[], {"extra": {"pools": true}}]),
        "zpool.query" => json!([{"properties": ["size", "allocated", "free", "capacity"]}]),
        _ => json!([]),
    }
}

fn write_estate(world: &Path, release: &str) {
    let options = EstateOptions {
        volumes: 12,
        snapshots: 60,
        days: 1,
        faults: Fault::demo(),
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, world).unwrap();
    let path = world.join("world.yaml");
    let settings = fs::read_to_string(&path).unwrap();
    let settings = settings.replace("version: \"25.10\"", &format!("version: \"{release}\""));
    fs::write(path, settings).unwrap();
}

/// Schemas of results, by method.
fn known(files: &[&str]) -> BTreeMap<String, Schema> {
    let mut known = BTreeMap::new();
    for file in files {
        for (method, schema) in schemas(file).as_object().unwrap() {
            if !method.starts_with('_') {
                known.entry(method.clone()).or_insert_with(|| read(schema));
            }
        }
    }
    known
}

/// Reads a schema of either form: made from the models, or listed by a live server.
fn read(schema: &Value) -> Schema {
    let whole = |result: Value| json!({"properties": {"result": result}});
    match (
        schema.get("kind").and_then(Value::as_str),
        schema.get("item"),
    ) {
        (Some("item"), _) => Schema::Row(schema["result"].clone()),
        (Some(_), _) => Schema::Whole(schema["result"].clone()),
        (None, Some(Value::Object(item))) => Schema::Row(listed(&json!(item))),
        (None, _) => Schema::Whole(whole(listed(&json!({"anyOf": schema["returns"]})))),
    }
}

/// A schema as the server lists it, in the words of JSON Schema: `float` is a number, required fields say so
/// themselves, and the items of a list are one of several.
fn listed(schema: &Value) -> Value {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Array(schemas) => schemas.iter().map(listed).collect(),
            other => other.clone(),
        };
    };
    let is_nullable = fields.get("nullable") == Some(&json!(true));
    if is_nullable {
        let mut whole = fields.clone();
        whole.remove("nullable");
        return json!({"anyOf": [listed(&Value::Object(whole)), {"type": "null"}]});
    }
    let mut read = Map::new();
    for (name, field) in fields {
        match (name.as_str(), field) {
            ("_required_" | "default" | "description" | "title", _) => {}
            ("type", field) => {
                let text = field.to_string().replace("\"float\"", "\"number\"");
                // The list does not say which objects may be absent; servers give null for a disk in no enclosure.
                let text = match text.as_str() {
                    "\"object\"" => "[\"object\", \"null\"]",
                    text => text,
                };
                read.insert(name.clone(), serde_json::from_str(text).unwrap());
            }
            ("items", Value::Array(schemas)) if schemas.is_empty() => {}
            ("items", Value::Array(_)) => {
                read.insert(name.clone(), json!({"anyOf": listed(field)}));
            }
            ("properties", Value::Object(properties)) => {
                let required = properties
                    .iter()
                    .filter(|(_, schema)| schema["_required_"] == true);
                let required: BTreeSet<&String> = required.map(|(name, _)| name).collect();
                read.insert("required".to_owned(), json!(required));
                let properties = properties.iter();
                let properties: Map<String, Value> = properties
                    .map(|(name, schema)| (name.clone(), listed(schema)))
                    .collect();
                read.insert(name.clone(), Value::Object(properties));
            }
            ("enum" | "required", _) => {
                read.insert(name.clone(), field.clone());
            }
            _ => {
                read.insert(name.clone(), listed(field));
            }
        }
    }
    Value::Object(read)
}

/// What does not fit.
fn complaints(schema: &Schema, answer: &Value) -> Vec<String> {
    let answer = without_ejson(answer);
    let (schema, instances) = match (schema, answer) {
        (Schema::Row(schema), Value::Array(rows)) => (schema, rows),
        (Schema::Row(schema), answer) => (schema, vec![answer]),
        (Schema::Whole(schema), answer) => (schema, vec![json!({"result": answer})]),
    };
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors = instances.iter().flat_map(|instance| {
        let errors = validator.iter_errors(instance);
        errors.map(|error| format!("{error} at {}", error.instance_path()))
    });
    let distinct: BTreeSet<String> = errors.collect();
    distinct.into_iter().collect()
}

/// Dates and sets in the form that the schemas describe.
fn without_ejson(value: &Value) -> Value {
    match value {
        Value::Object(fields) => match (fields.get("$date"), fields.get("$set")) {
            (Some(_), _) => json!("2026-11-23T20:19:00Z"),
            (_, Some(members)) => members.clone(),
            _ => {
                let fields = fields.iter();
                Value::Object(
                    fields
                        .map(|(name, field)| (name.clone(), without_ejson(field)))
                        .collect(),
                )
            }
        },
        Value::Array(members) => members.iter().map(without_ejson).collect(),
        other => other.clone(),
    }
}
