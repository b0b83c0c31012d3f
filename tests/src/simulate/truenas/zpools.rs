//! `zpool.query`, from 26: pools with the properties that are asked for.

use serde_json::{Map, Value, json};

use super::appliance::Appliance;
use super::failure::Failure;
use super::query_options::expect_at_most;
use super::rows::Table;

const METHOD: &str = "zpool.query";

/// Answers `zpool.query`, from its own file or from that of `pool.query`.
pub(super) fn zpool_query(appliance: &Appliance, params: &[Value]) -> Result<Value, Failure> {
    expect_at_most(params, 1)?;
    let none = Map::new();
    let fields = match params.first() {
        None => &none,
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(invalid("data", "Input should be a valid dictionary")),
    };
    let known = [
        "pool_names",
        "properties",
        "topology",
        "scan",
        "expand",
        "features",
    ];
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        let attribute = format!("data.{unknown}");
        return Err(invalid(&attribute, "Extra inputs are not permitted"));
    }
    let names = list(fields, "pool_names")?;
    let properties = list(fields, "properties")?;
    let own = table(appliance, METHOD);
    let is_own = !own.is_empty();
    let rows = if is_own {
        own
    } else {
        table(appliance, "pool.query")
    };
    let answer = rows
        .into_iter()
        .map(|row| if is_own { row } else { derived(&row) })
        .filter(|row| {
            let name = row["name"].as_str().unwrap_or_default();
            names.as_ref().map_or(name != "boot-pool", |names| {
                names.iter().any(|wanted| wanted == name)
            })
        })
        .map(|row| projected(row, fields, properties.as_deref()))
        .collect();
    Ok(Value::Array(answer))
}

fn table(appliance: &Appliance, method: &str) -> Vec<Value> {
    match appliance.table(method) {
        Some(Table::Rows(rows)) => rows
            .iter()
            .map(|row| serde_json::from_str(row).unwrap_or_default())
            .collect(),
        _ => Vec::new(),
    }
}

/// What is told of a pool; `properties` is null unless some are named.
fn projected(mut row: Value, fields: &Map<String, Value>, properties: Option<&[String]>) -> Value {
    let all = row["properties"].take();
    row["properties"] = match properties {
        None => Value::Null,
        Some(names) => {
            let known = names
                .iter()
                .filter_map(|name| Some((name.clone(), all.get(name)?.clone())));
            Value::Object(known.collect())
        }
    };
    for part in ["topology", "scan", "expand", "features"] {
        let is_wanted = fields.get(part).and_then(Value::as_bool).unwrap_or(false);
        if !is_wanted {
            row[part] = Value::Null;
        }
    }
    row
}

/// A pool of `pool.query` in the newer form: the guid is a number, figures are properties.
fn derived(pool: &Value) -> Value {
    let mut properties = Map::new();
    for name in ["size", "allocated", "free", "freeing"] {
        if let Some(bytes) = pool[name].as_u64() {
            properties.insert(name.to_owned(), property(bytes));
        }
    }
    if let (Some(size), Some(allocated)) = (pool["size"].as_u64(), pool["allocated"].as_u64())
        && size > 0
    {
        let percent = u128::from(allocated) * 100 / u128::from(size);
        let percent = u64::try_from(percent).unwrap_or(100);
        properties.insert("capacity".to_owned(), property(percent));
    }
    properties.insert("leaked".to_owned(), property(0));
    let guid: Option<u64> = pool["guid"].as_str().and_then(|guid| guid.parse().ok());
    json!({
        "id": pool["id"], "name": pool["name"], "guid": guid, "status": pool["status"], "healthy": pool["healthy"],
        "warning": pool["warning"], "status_code": pool["status_code"], "status_detail": pool["status_detail"],
        "is_upgraded": true, "all_sed": false, "properties": properties, "topology": pool["topology"],
        "scan": pool["scan"], "expand": pool["expand"], "features": null,
    })
}

fn property(number: u64) -> Value {
    json!({"raw": number.to_string(), "source": null, "value": number})
}

fn list(fields: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let value = fields.get(name).unwrap_or(&Value::Null);
    if value.is_null() {
        return Ok(None);
    }
    let members = value.as_array().and_then(|members| {
        let texts = members
            .iter()
            .map(|member| member.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    });
    members
        .map(Some)
        .ok_or_else(|| invalid(&format!("data.{name}"), "Input should be a valid list"))
}

fn invalid(attribute: &str, text: &str) -> Failure {
    Failure::invalid_argument(attribute, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_those_that_were_named() {
        let pool = json!({"id": 1, "name": "tank", "guid": "8443409799014097611", "size": 200, "allocated": 50});
        let row = projected(
            derived(&pool),
            &Map::new(),
            Some(&["capacity".to_owned(), "acme".to_owned()]),
        );
        assert_eq!(row["guid"], 8_443_409_799_014_097_611_u64);
        assert_eq!(row["properties"], json!({"capacity": property(25)}));
        assert!(projected(derived(&pool), &Map::new(), None)["properties"].is_null());
    }
}
