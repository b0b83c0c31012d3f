//! The simulated API server against the recorded one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use testkit::simulate::{Options, start};

use crate::client::{exchanges, http, token, world};

fn k8s_world() -> (tempfile::TempDir, PathBuf) {
    let (folder, world) = world(
        "now: 2026-11-23T20:40:00Z\n\
         clusters:\n\
         - {name: reader, denied: [/secrets, /configmaps, velero.io/backups]}\n\
         - {name: nobody, denied: ['*/*']}\n\
         - {name: partial, denied: [/persistentvolumeclaims]}\n\
         - {name: compacted}\n\
         faults: [{at: 'k8s@compacted:/api/v1/persistentvolumes', kind: 410, nth: 2}]\n",
    );
    let objects = world.join("kubernetes");
    fs::create_dir(&objects).unwrap();
    let lists = exchanges("kubernetes-1.36.jsonl");
    let mut n_files = 0;
    let mut add = |value: Value| {
        n_files += 1;
        fs::write(objects.join(format!("{n_files}.json")), value.to_string()).unwrap();
    };
    for exchange in &lists {
        let path = exchange["get"].as_str().unwrap();
        let whole = [
            "limit=0",
            "volumesnapshotclasses?limit=2",
            "storageclasses?limit=500",
            "namespaces/kube-system",
            "volumegroupsnapshots",
        ];
        if whole.iter().any(|part| path.ends_with(part)) {
            add(exchange["body"].clone());
        }
    }
    // The recorded page left one class unseen.
    add(
        json!({"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": {"name": "truenas-nfs-snap"}}),
    );
    add(json!({"apiVersion": "config.openshift.io/v1", "kind": "ClusterVersionList", "items": []}));
    add(
        json!({"apiVersion": "security.openshift.io/v1", "kind": "SecurityContextConstraintsList", "items": []}),
    );
    (folder, world)
}

#[test]
fn every_recorded_kubernetes_exchange_is_repeated() {
    let (_folder, world) = k8s_world();
    let simulation = start(&world, &Options::default()).unwrap();
    let mut tokens: BTreeMap<String, String> = BTreeMap::new();
    let mut cluster = "reader";
    for exchange in exchanges("kubernetes-1.36.jsonl") {
        let path = exchange["get"].as_str().unwrap();
        let reader = exchange["as"].as_str().unwrap();
        if reader == "partial" && path.contains("/namespaces/") {
            continue;
        }
        if exchange["note"] == "page one before compaction" {
            cluster = "compacted";
        }
        let place = if matches!(reader, "nobody" | "partial") {
            reader
        } else {
            cluster
        };
        let bearer = if reader == "bad-token" {
            "wrong".to_owned()
        } else {
            token(&simulation, place)
        };
        let path = tokens.iter().fold(path.to_owned(), |path, (theirs, ours)| {
            path.replace(theirs, ours)
        });
        let headers = format!(
            "Authorization: Bearer {bearer}\r\nAccept: {}\r\n",
            exchange["accept"].as_str().unwrap()
        );
        let (status, head, body) = http(
            &simulation,
            &simulation.k8s_url(Some(place)),
            "GET",
            &path,
            &headers,
        );
        assert_eq!(
            u64::from(status),
            exchange["status"].as_u64().unwrap(),
            "{path}"
        );
        let content_type = exchange["headers"]["Content-Type"].as_str().unwrap();
        assert!(
            head.contains(&format!("content-type: {content_type}")),
            "{path}: {head}"
        );
        assert!(
            head.contains("date: mon, 23 nov 2026 20:40:00 gmt"),
            "{head}"
        );
        let ours: Value =
            serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
        let theirs = &exchange["body"];
        if let (Some(theirs), Some(ours)) = (continue_of(theirs), continue_of(&ours)) {
            tokens.insert(theirs, ours);
        }
        assert_eq!(k8s_shape(&ours), k8s_shape(theirs), "{path}");
    }
}

fn continue_of(body: &Value) -> Option<String> {
    body["metadata"]["continue"]
        .as_str()
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
}

/// A body without what is opaque or belongs to one run of one server.
fn k8s_shape(body: &Value) -> Value {
    let mut body = body.clone();
    match body["kind"].as_str().unwrap_or_default() {
        "APIVersions" => body["serverAddressByClientCIDRs"] = json!([]),
        "APIGroupList" => {
            let groups = body["groups"].as_array().unwrap();
            let groups: BTreeMap<&str, &Value> = groups
                .iter()
                .map(|group| (group["name"].as_str().unwrap(), group))
                .collect();
            return json!(groups);
        }
        "APIResourceList" => {
            let resources = body["resources"].as_array().unwrap().iter();
            let top =
                resources.filter(|resource| !resource["name"].as_str().unwrap().contains('/'));
            let shapes: BTreeMap<&str, Value> = top
                .map(|resource| {
                    let verbs: BTreeSet<&str> = resource["verbs"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter_map(Value::as_str)
                        .collect();
                    let shape = json!([
                        resource["singularName"],
                        resource["namespaced"],
                        resource["kind"],
                        verbs
                    ]);
                    (resource["name"].as_str().unwrap(), shape)
                })
                .collect();
            body["resources"] = json!(shapes);
        }
        "Status" => {
            let message = body["message"].as_str().unwrap();
            let parts: Vec<&str> = message.split('"').collect();
            if let Some(user) = message
                .contains("User \"")
                .then(|| parts.iter().position(|part| part.ends_with("User ")))
                .flatten()
            {
                body["message"] = json!(message.replace(parts[user + 1], "USER"));
            }
        }
        _ => {}
    }
    if let Some(major) = body.get("gitVersion").and(body.get("major")) {
        let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
        return json!([major, keys]);
    }
    if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        if metadata.contains_key("name") {
            return body;
        }
        for opaque in ["resourceVersion", "continue"] {
            if let Some(field) = metadata.get_mut(opaque) {
                *field = json!(field != "");
            }
        }
    }
    // An empty token and none at all mean the same.
    if body["metadata"]["continue"] == false {
        body["metadata"].as_object_mut().unwrap().remove("continue");
    }
    body
}

#[test]
fn anything_but_get_is_forbidden_and_logged() {
    let (_folder, world) = k8s_world();
    let simulation = start(&world, &Options::default()).unwrap();
    let headers = format!(
        "Authorization: Bearer {}\r\nContent-Length: 0\r\n",
        token(&simulation, "reader")
    );
    let path = "/api/v1/namespaces/shop/persistentvolumeclaims";
    let (status, _, body) = http(
        &simulation,
        &simulation.k8s_url(Some("reader")),
        "POST",
        path,
        &headers,
    );
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, body["reason"].as_str()), (403, Some("Forbidden")));
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("cannot create resource \"persistentvolumeclaims\"")
    );
    let request = simulation.requests().pop().unwrap();
    assert_eq!((request.method.as_str(), request.status), ("POST", 403));
}
