//! The two forms of ZFS properties, and the way between them.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

/// ZFS names and the names that `pool.dataset.query` gives them.
const RENAMED: [(&str, &str); 5] = [
    ("dedup", "deduplication"),
    ("encryption", "encryption_algorithm"),
    ("encryptionroot", "encryption_root"),
    ("keyformat", "key_format"),
    ("special_small_blocks", "special_small_block_size"),
];

/// User properties of the appliance itself, shown as fields of their own.
pub(super) const OWN_USER_PROPERTIES: [(&str, &str); 6] = [
    ("org.freenas:description", "comments"),
    ("org.freenas:quota_warning", "quota_warning"),
    ("org.freenas:quota_critical", "quota_critical"),
    ("org.freenas:refquota_warning", "refquota_warning"),
    ("org.freenas:refquota_critical", "refquota_critical"),
    ("org.truenas:managedby", "managedby"),
];

/// Fields of a dataset that are no properties.
pub(super) const PLAIN_FIELDS: [&str; 12] = [
    "id",
    "name",
    "pool",
    "type",
    "encrypted",
    "encryption_root",
    "key_loaded",
    "locked",
    "children",
    "user_properties",
    "mountpoint",
    "snapshot_count",
];

const NULL_IS_ZERO: [&str; 4] = ["quota", "refquota", "reservation", "refreservation"];

/// ZFS name of a field of `pool.dataset.query`.
pub(super) fn zfs_name(field: &str) -> &str {
    RENAMED
        .iter()
        .find(|(_, renamed)| *renamed == field)
        .map_or(field, |(name, _)| name)
}

/// Field of `pool.dataset.query` for a ZFS name.
pub(super) fn field_name(property: &str) -> &str {
    RENAMED
        .iter()
        .find(|(name, _)| *name == property)
        .map_or(property, |(_, renamed)| renamed)
}

/// A number that stands for an identity the world does not give.
pub(super) fn made_up_id(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() | 1 << 62
}

/// `{parsed, rawvalue, value, source, source_info}` to `{raw, value, source: {type, value}}`.
pub(super) fn to_resource(name: &str, property: &Value) -> Value {
    let parsed = &property["parsed"];
    let raw = match (&property["rawvalue"], parsed) {
        (Value::String(raw), _) if name == "origin" && raw.is_empty() => "none".to_owned(),
        (Value::String(raw), _) => raw.clone(),
        (_, Value::String(parsed)) => parsed.clone(),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Bool(flag)) => if *flag { "on" } else { "off" }.to_owned(),
        _ if NULL_IS_ZERO.contains(&name) => "0".to_owned(),
        _ => property["value"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase(),
    };
    let value = match (name, parsed) {
        ("creation", _) => raw
            .parse::<i64>()
            .map_or_else(|_| json!(raw), |seconds| json!(seconds)),
        ("guid" | "createtxg", _) => raw
            .parse::<u64>()
            .map_or_else(|_| json!(raw), |number| json!(number)),
        (_, Value::Number(number)) => json!(number),
        (name, Value::Null) if NULL_IS_ZERO.contains(&name) => json!(0),
        _ => json!(raw),
    };
    let source = property["source"].as_str().unwrap_or("NONE");
    json!({"raw": raw, "value": value, "source": {"type": source, "value": property["source_info"]}})
}

/// `{raw, value, source: {type, value}}` to `{parsed, rawvalue, value, source, source_info}`.
pub(super) fn to_pool(name: &str, property: &Value) -> Value {
    let raw = property["raw"].as_str().unwrap_or_default();
    let value = &property["value"];
    let upper = || json!(raw.to_uppercase());
    let (parsed, shown, raw) = match name {
        "creation" => {
            let seconds = raw.parse::<i64>().unwrap_or_default();
            (json!({"$date": seconds * 1000}), json!(civil(seconds)), raw)
        }
        name if NULL_IS_ZERO.contains(&name) && raw == "0" => (Value::Null, Value::Null, raw),
        "origin" if raw == "none" => (json!(""), json!(""), ""),
        "compressratio" => (json!(raw), json!(format!("{raw}x")), raw),
        "keyformat" if raw == "none" => (json!("none"), Value::Null, raw),
        "encryption" if raw == "off" => (json!("off"), Value::Null, raw),
        "guid" | "createtxg" => (json!(raw), upper(), raw),
        _ if value.is_number() => (
            value.clone(),
            json!(human(value.as_u64().unwrap_or_default())),
            raw,
        ),
        "checksum" | "atime" | "devices" | "exec" | "setuid" | "readonly" | "canmount"
        | "xattr" => {
            let flag = match raw {
                "on" => json!(true),
                "off" => json!(false),
                _ => Value::Null,
            };
            (flag, upper(), raw)
        }
        _ => (json!(raw), upper(), raw),
    };
    let source = property["source"]["type"].as_str().unwrap_or("NONE");
    json!({
        "parsed": parsed, "rawvalue": raw, "value": shown, "source": source,
        "source_info": property["source"]["value"],
    })
}

/// A user property as `pool.dataset.query` shows it.
pub(super) fn user_property(value: &str, source: &str, source_info: &Value) -> Value {
    json!({"parsed": value, "rawvalue": value, "value": value, "source": source, "source_info": source_info})
}

/// The plain text of a property of either form, or of a plain string.
pub(super) fn plain_text(property: &Value) -> String {
    let text = [
        &property["rawvalue"],
        &property["raw"],
        &property["value"],
        property,
    ];
    text.into_iter()
        .find_map(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Takes a field out of an object, `Null` when it is not there.
pub(super) fn take(fields: &mut Map<String, Value>, name: &str) -> Value {
    fields.remove(name).unwrap_or_default()
}

fn civil(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    jiff::tz::Offset::UTC
        .to_datetime(time)
        .strftime("%a %b %e %k:%M %Y")
        .to_string()
}

fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut rest = bytes as f64;
    let mut unit = 0;
    while rest >= 1024.0 && unit + 1 < UNITS.len() {
        rest /= 1024.0;
        unit += 1;
    }
    let number = format!("{rest:.2}");
    format!(
        "{} {}",
        number.trim_end_matches('0').trim_end_matches('.'),
        UNITS[unit]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_survives_the_way_there_and_back() {
        let quota = json!({"raw": "0", "value": 0, "source": {"type": "DEFAULT", "value": null}});
        let pool = to_pool("quota", &quota);
        assert_eq!(pool["parsed"], Value::Null);
        assert_eq!(to_resource("quota", &pool), quota);
        let origin =
            json!({"raw": "none", "value": "none", "source": {"type": "NONE", "value": null}});
        assert_eq!(to_resource("origin", &to_pool("origin", &origin)), origin);
    }

    #[test]
    fn sizes_are_worded_for_people() {
        assert_eq!(human(98_304), "96 KiB");
        assert_eq!(human(4_790_206_638_763), "4.36 TiB");
    }
}
