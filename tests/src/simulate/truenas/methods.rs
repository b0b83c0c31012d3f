//! Answers of the read methods, once the caller may call them.

use serde_json::{Value, json};

use super::appliance::Appliance;
use super::datasets::pool_dataset_query;
use super::failure::Failure;
use super::fields;
use super::query::{self, SelectTime};
use super::query_options::{Query, expect_at_most};
use super::resources::zfs_resource_query;
use super::rows::Table;
use super::settings;
use super::snapshots::{
    Walked, pool_snapshot_query, snapshot_count, zfs_resource_snapshot_count,
    zfs_resource_snapshot_query,
};
use super::zpools::zpool_query;

/// Methods that take query-filters and query-options without being called `query`.
const FILTERABLE: [&str; 3] = [
    "iscsi.global.sessions",
    "nvmet.global.sessions",
    "reporting.graphs",
];

/// Fields that the models hide from everybody but administrators, per method.
const SECRETS: [(&str, &[&str]); 5] = [
    ("iscsi.auth.query", &["secret", "peersecret"]),
    ("nvmet.host.query", &["dhchap_key", "dhchap_ctrl_key"]),
    (
        "nvmet.host_subsys.query",
        &["dhchap_key", "dhchap_ctrl_key"],
    ),
    ("disk.query", &["passwd"]),
    ("replication.query", &["attributes"]),
];

/// Calls a method.
pub(super) fn call(
    appliance: &Appliance,
    method: &str,
    params: &[Value],
) -> Result<Walked, Failure> {
    match method {
        "pool.dataset.query" => pool_dataset_query(appliance, params).map(unwalked),
        "zfs.resource.query" => zfs_resource_query(appliance, params).map(unwalked),
        "pool.snapshot.query" | "zfs.snapshot.query" => pool_snapshot_query(appliance, params),
        "zfs.resource.snapshot.query" => zfs_resource_snapshot_query(appliance, params),
        "zfs.resource.snapshot.count" => zfs_resource_snapshot_count(appliance, params),
        "pool.dataset.snapshot_count" => snapshot_count(appliance, params),
        "zpool.query" => zpool_query(appliance, params).map(unwalked),
        _ => plain(appliance, method, params).map(unwalked),
    }
}

fn unwalked(value: Value) -> Walked {
    (value, 0)
}

fn plain(appliance: &Appliance, method: &str, params: &[Value]) -> Result<Value, Failure> {
    if let Some(answer) = built_in(appliance, method, params)? {
        return Ok(answer);
    }
    if method.ends_with(".query") || FILTERABLE.contains(&method) {
        let query = Query::parse(params, appliance.release())?;
        return query::filter_list(
            rows(appliance, method, &query),
            &query,
            SelectTime::BeforeOrder,
        );
    }
    let untouched = settings::untouched(method);
    if untouched.is_some() {
        expect_at_most(params, 0)?;
    }
    let fitted = |mut value: Value| {
        fields::fit(method, &mut value, appliance.release());
        value
    };
    match appliance.table(method) {
        None => Ok(fitted(untouched.unwrap_or_else(|| json!([])))),
        Some(Table::Rows(rows)) => Ok(Value::Array(rows.iter().map(|row| parse(row)).collect())),
        Some(Table::One(text)) => Ok(fitted(adjusted(appliance, method, params, parse(text)))),
    }
}

/// Answers that need no file.
fn built_in(
    appliance: &Appliance,
    method: &str,
    params: &[Value],
) -> Result<Option<Value>, Failure> {
    let answer = match method {
        "core.ping" => json!("pong"),
        "auth.me" => me(appliance)?,
        "auth.logout" => json!(true),
        "auth.mechanism_choices" if appliance.release().has_scram => {
            json!([
                "PASSWORD_PLAIN",
                "TOKEN_PLAIN",
                "API_KEY_PLAIN",
                "OTP_TOKEN",
                "SCRAM"
            ])
        }
        "auth.mechanism_choices" => json!([
            "PASSWORD_PLAIN",
            "TOKEN_PLAIN",
            "API_KEY_PLAIN",
            "OTP_TOKEN"
        ]),
        "core.get_methods" => {
            expect_at_most(params, 2)?;
            let service = params.first().and_then(Value::as_str);
            return Ok(Some(appliance.methods.describe(&appliance.grant, service)));
        }
        "system.version" if appliance.table(method).is_none() => {
            json!(appliance.release().full_name)
        }
        "system.version_short" if appliance.table(method).is_none() => {
            json!(
                appliance
                    .release()
                    .full_name
                    .trim_start_matches("TrueNAS-")
                    .trim_start_matches("SCALE-")
            )
        }
        _ => return Ok(None),
    };
    expect_at_most(params, 0)?;
    Ok(Some(answer))
}

/// What `auth.me` and a login with `user_info` say about the account; up to 24.10 a key has none.
pub(super) fn me(appliance: &Appliance) -> Result<Value, Failure> {
    let privilege = appliance
        .grant
        .privilege(&appliance.methods, appliance.has_web_shell)
        .ok_or_else(|| Failure::call(14, "EFAULT", "You are logged in using API_KEY"))?;
    Ok(json!({
        "pw_name": appliance.user, "pw_uid": 3001, "pw_gid": 3001, "pw_gecos": "", "pw_dir": "/var/empty",
        "pw_shell": "/usr/sbin/nologin", "grouplist": null, "sid": null, "source": "LOCAL", "local": true, "attributes": {},
        "two_factor_config": {},
        "privilege": privilege,
        "account_attributes": ["LOCAL", "API_KEY"],
    }))
}

fn rows(appliance: &Appliance, method: &str, query: &Query) -> Vec<Value> {
    let Some(table) = appliance.table(method) else {
        return Vec::new();
    };
    let mut rows: Vec<Value> = match table {
        Table::Rows(rows) => rows.iter().map(|row| parse(row)).collect(),
        Table::One(row) => vec![parse(row)],
    };
    if let Some((_, secrets)) = SECRETS.iter().find(|(known, _)| *known == method)
        && !appliance.grant.sees_secrets()
    {
        rows.iter_mut().for_each(|row| hide(row, secrets));
    }
    rows.iter_mut()
        .for_each(|row| fields::fit(method, row, appliance.release()));
    if method == "disk.query" {
        for (field, option) in [("pool", "pools"), ("passwd", "passwords")] {
            let is_wanted = query.options.extra_flag(option, false);
            rows.iter_mut()
                .filter(|_| !is_wanted)
                .filter_map(Value::as_object_mut)
                .for_each(|fields| drop(fields.remove(field)));
        }
    }
    rows
}

fn hide(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if secrets.contains(&name.as_str()) {
                    *field = json!("********");
                } else {
                    hide(field, secrets);
                }
            }
        }
        Value::Array(members) => members.iter_mut().for_each(|member| hide(member, secrets)),
        _ => {}
    }
}

fn adjusted(appliance: &Appliance, method: &str, params: &[Value], mut answer: Value) -> Value {
    match method {
        "system.info" if answer.get("datetime").is_some() => {
            answer["datetime"] = json!({"$date": appliance.now.as_millisecond()});
        }
        "disk.temperatures" => {
            let names = params
                .first()
                .and_then(Value::as_array)
                .filter(|names| !names.is_empty());
            if let (Some(names), Some(fields)) = (names, answer.as_object_mut()) {
                fields.retain(|name, _| names.iter().any(|wanted| wanted == name));
            }
        }
        _ => {}
    }
    answer
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
