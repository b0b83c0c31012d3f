//! Only reads are sent: what the simulated servers recorded of whole runs, over all releases and both profiles.
//!
//! That another verb or method cannot even be written is shown by the `compile_fail` examples of the collector's
//! `Method`, `K8sList`, `K8sClient` and `Session`.

use std::fs;
use std::path::Path;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::Request;
use testkit::site::{Site, serve};
use testkit::world::{Side, World};
use truenas_collector::source::{K8sList, K8sObject, Method, PromQuery};

/// Releases of the appliance, as the simulator knows them.
const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// What a session calls before and beside the lists.
const SESSION: [&str; 3] = ["auth.login_ex", "auth.login_with_api_key", "core.ping"];

/// Paths of an appliance that are asked for over HTTP: the offer and the two upgrades.
const WEB: [&str; 3] = ["/api/versions", "/api/current", "/websocket"];

/// The only path of the metrics, and its parameters.
const QUERY: &str = "/api/v1/query";
const QUERY_PARAMETERS: [&str; 3] = ["dedup", "partial_response", "query"];

/// Parameters of a list.
const PARAMETERS: [&str; 3] = ["continue", "fieldSelector", "limit"];

/// Last words of methods that only read, written down here and not taken from the program.
const READING: [&str; 11] = [
    "config",
    "count",
    "get_methods",
    "holds",
    "info",
    "list",
    "me",
    "query",
    "sessions",
    "status",
    "version",
];

/// The same for methods that do not follow the rule.
const READING_METHODS: [&str; 6] = [
    "disk.temperatures",
    "nfs.client_count",
    "pool.dataset.snapshot_count",
    "system.global.id",
    "system.host_id",
    "zfs.resource.snapshot.count",
];

#[test]
fn a_run_sends_declared_reads_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(
        Path::new(env!("CARGO_BIN_EXE_truenas-collector")),
        folder.path(),
    );
    let options = EstateOptions {
        volumes: 10,
        snapshots: 20,
        days: 1,
        ..EstateOptions::default()
    };
    let worlds = estate(&options);
    for version in VERSIONS {
        for profile in ["standard", "open"] {
            let world = folder.path().join(format!("{version}-{profile}"));
            worlds.write_day(0, &world).unwrap();
            let settings = fs::read_to_string(world.join("world.yaml")).unwrap();
            let settings =
                settings.replace("version: \"25.10\"", &format!("version: \"{version}\""));
            fs::write(world.join("world.yaml"), settings).unwrap();
            let simulation = serve(&world);
            let config = site.config(&simulation, &World::read(&world).unwrap());
            let config = config.replace("profile: standard", &format!("profile: {profile}"));
            let run = site.collect(&config, &format!("out-{version}-{profile}"), &["--quiet"]);
            assert_eq!(run.exit, Some(0), "{version} {profile}: {}", run.stderr);
            let requests = simulation.requests();
            assert!(
                requests.len() > 50,
                "{version}: {} requests",
                requests.len()
            );
            for request in &requests {
                assert!(is_read(request), "{version} {profile}: {request:?}");
            }
            for side in [Side::Kubernetes, Side::Thanos, Side::Truenas] {
                let mut asked = requests.iter().map(|request| request.source);
                assert!(asked.any(|source| source == side), "{version}: {side:?}");
            }
        }
    }
}

#[test]
fn a_request_that_is_no_declared_read_would_be_seen() {
    let request = |source, method: &str, detail: &str| Request {
        source,
        place: "a".to_owned(),
        method: method.to_owned(),
        detail: detail.to_owned(),
        status: 200,
        n_bytes: 0,
        n_walked: 0,
    };
    let (k8s, nas, metrics) = (Side::Kubernetes, Side::Truenas, Side::Thanos);
    let used = "max+by+%28namespace%2C+persistentvolumeclaim%29+\
                %28kubelet_volume_stats_used_bytes%7Bpersistentvolumeclaim%21%3D%22%22%7D%29";
    let query = format!("{QUERY}?query={used}&dedup=true");
    assert!(is_read(&request(metrics, "GET", &query)));
    let part = "%2Cpersistentvolumeclaim%21~%22.*%5B02468%5D.%7B0%7D%22%7D%29";
    let narrowed = query.replace("%7D%29&", &format!("{part}&"));
    assert!(is_read(&request(metrics, "GET", &narrowed)));
    assert!(is_read(&request(k8s, "GET", "/api/v1/nodes?limit=500")));
    assert!(is_read(&request(nas, "pool.query", "[]")));
    for other in [
        request(k8s, "DELETE", "/api/v1/nodes"),
        request(k8s, "POST", "/api/v1/pods"),
        request(k8s, "GET", "/api/v1/secrets?limit=500"),
        request(k8s, "GET", "/api/v1/nodes?watch=true"),
        request(k8s, "GET", "/api/v1/namespaces/db/secrets/root"),
        request(nas, "pool.create", "[]"),
        request(nas, "pool.dataset.delete", "[]"),
        request(nas, "iscsi.auth.query", "[]"),
        request(nas, "POST", "/api/versions"),
        request(nas, "GET", "/api/v2.0/pool"),
        request(metrics, "POST", &query),
        request(metrics, "GET", &query.replace("used_bytes", "health")),
        request(
            metrics,
            "GET",
            &narrowed.replace("persistentvolumeclaim%21~", "namespace%21~"),
        ),
        request(metrics, "GET", &query.replace("/query", "/series")),
        request(metrics, "GET", &query.replace("dedup", "time")),
        request(metrics, "GET", "/api/v1/query?query=up"),
        request(metrics, "GET", "/api/v1/admin/tsdb/snapshot"),
        request(k8s, "GET", "/api/v1/nodes/worker/proxy/stats/summary"),
    ] {
        assert!(!is_read(&other), "{other:?}");
    }
}

#[test]
fn every_allowlisted_method_is_a_read_by_its_own_name() {
    for method in Method::ALL {
        let last = method.name().rsplit('.').next().unwrap();
        let is_reading = READING.contains(&last) || READING_METHODS.contains(&method.name());
        assert!(is_reading, "{}", method.name());
    }
    for list in K8sList::ALL {
        assert!(list.resource() != "secrets" && list.resource() != "configmaps");
    }
}

fn is_read(request: &Request) -> bool {
    match request.source {
        Side::Kubernetes => request.method == "GET" && is_declared(&request.detail),
        Side::Thanos => request.method == "GET" && is_query(&request.detail),
        Side::Truenas if request.detail.starts_with('/') => {
            request.method == "GET" && WEB.contains(&request.detail.as_str())
        }
        Side::Truenas => {
            let method = request.method.as_str();
            SESSION.contains(&method) || Method::ALL.iter().any(|known| known.name() == method)
        }
    }
}

/// A declared query as it stands, or with matchers on the claim in its selector.
fn is_query(detail: &str) -> bool {
    let (path, parameters) = detail.split_once('?').unwrap_or((detail, ""));
    let parameters: Vec<(&str, &str)> = parameters
        .split('&')
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .collect();
    let text = parameters.iter().find(|(name, _)| *name == "query");
    let text = decoded(text.map_or("", |(_, text)| text));
    let mut names = parameters.iter().map(|(name, _)| name);
    path == QUERY
        && names.all(|name| QUERY_PARAMETERS.contains(name))
        && PromQuery::ALL.iter().any(|known| is_of(known, &text))
}

fn is_of(known: &PromQuery, text: &str) -> bool {
    let parts = known.promql().split_once('}');
    let more =
        parts.and_then(|(head, tail)| text.strip_prefix(head)?.strip_suffix(&format!("}}{tail}")));
    let Some(mut more) = more else {
        return false;
    };
    while let Some(rest) = ["=~", "!~"].iter().find_map(|operator| {
        let (_, rest) = more
            .strip_prefix(&format!(",persistentvolumeclaim{operator}\""))?
            .split_once('"')?;
        Some(rest)
    }) {
        more = rest;
    }
    more.is_empty()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&hex, 16).unwrap_or_default()
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_declared(detail: &str) -> bool {
    let (path, query) = detail.split_once('?').unwrap_or((detail, ""));
    let names = query.split('&').filter(|part| !part.is_empty());
    let mut names = names.map(|part| part.split('=').next().unwrap_or_default());
    let lists = K8sList::ALL.iter().map(|list| list.path());
    let is_path = lists
        .chain(K8sObject::ALL.iter().map(|object| object.path()))
        .any(|known| known == path);
    is_path && names.all(|name| PARAMETERS.contains(&name))
}
