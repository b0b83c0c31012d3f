//! Fields of rows that only some releases have: a world holds the newest form, older releases answer in their own.

use serde_json::{Map, Value};

use super::release::Release;

/// Brings a row of a superset answer into the form of a release.
pub(super) fn fit(method: &str, row: &mut Value, release: &Release) {
    let Value::Object(fields) = row else { return };
    let is_before = |line: &str| order(release.name) < order(line);
    if !is_before("26") {
        add_newest(method, fields);
    }
    match method {
        // Discovery became a setting of the whole service.
        "iscsi.portal.query" if !is_before("25.04") => {
            fields.remove("discovery_authmethod");
            fields.remove("discovery_authgroup");
        }
        "iscsi.extent.query" if is_before("25.10") => {
            fields.remove("product_id");
        }
        // S.M.A.R.T. left the disks in 25.10; the pool is asked for with an option.
        "disk.query" if is_before("25.10") => {
            for field in ["critical", "difference", "informational", "pool"] {
                fields.entry(field).or_insert(Value::Null);
            }
            fields.entry("smartoptions").or_insert_with(|| "".into());
            fields.entry("togglesmart").or_insert(true.into());
        }
        // Flat before 25.10, with a shorter name for what is read-only.
        "sharing.smb.query" if is_before("25.10") => {
            if let Some(is_readonly) = fields.remove("readonly") {
                fields.insert("ro".to_owned(), is_readonly);
            }
            if let Some(Value::Object(options)) = fields.remove("options") {
                fields.extend(options);
            }
        }
        "pool.query" => {
            let newer = [
                ("expand", "24.10"),
                ("dedup_table_size", "24.10"),
                ("dedup_table_quota", "25.04"),
                ("all_sed", "26"),
            ];
            for (field, _) in newer.iter().filter(|(_, since)| is_before(since)) {
                fields.remove(*field);
            }
        }
        _ => {}
    }
}

/// Adds what rows have from 26 on, where the world does not say it.
fn add_newest(method: &str, fields: &mut Map<String, Value>) {
    let path = fields.get("path").and_then(Value::as_str);
    let dataset = path.and_then(|path| path.strip_prefix("/mnt/"));
    let dataset = dataset.map_or(Value::Null, Value::from);
    let newest = match method {
        "disk.query" => vec![("sed", false.into())],
        // Only extents that are files have a dataset that they lie in.
        "iscsi.extent.query" => vec![("dataset", Value::Null), ("relative_path", Value::Null)],
        "iscsi.global.config" => vec![("direct_config", Value::Null), ("mode", 0.into())],
        "pool.query" => vec![("all_sed", false.into())],
        "sharing.nfs.query" => vec![("dataset", dataset), ("relative_path", "".into())],
        _ => Vec::new(),
    };
    for (field, value) in newest {
        fields.entry(field).or_insert(value);
    }
}

/// Releases in the order in which they came out.
fn order(name: &str) -> Option<usize> {
    let releases = ["24.04", "24.10", "25.04", "25.10", "26"];
    releases.iter().position(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(version: &str, method: &str, mut row: Value, expected: Value) {
        let release = Version::parse(version).unwrap().release();
        fit(method, &mut row, release);
        assert_eq!(row, expected, "{method} on {version}");
    }

    #[test]
    fn share_is_flat_before_25_10() {
        let row = json!({"id": 1, "readonly": true, "options": {"hostsallow": []}});
        check(
            "25.04",
            "sharing.smb.query",
            row.clone(),
            json!({"id": 1, "ro": true, "hostsallow": []}),
        );
        check("26", "sharing.smb.query", row.clone(), row);
    }

    #[test]
    fn discovery_left_the_portal_in_25_04() {
        let row = json!({"id": 1, "discovery_authmethod": "CHAP", "discovery_authgroup": 1});
        check("24.10", "iscsi.portal.query", row.clone(), row.clone());
        check("25.04", "iscsi.portal.query", row, json!({"id": 1}));
    }

    #[test]
    fn pool_has_what_its_release_knows() {
        let row =
            json!({"id": 1, "expand": null, "dedup_table_size": 0, "dedup_table_quota": "auto"});
        check("24.04", "pool.query", row.clone(), json!({"id": 1}));
        check("25.10", "pool.query", row.clone(), row);
    }
}
