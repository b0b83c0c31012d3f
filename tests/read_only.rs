//! Only reads are sent: what the simulated servers recorded of whole runs, over all releases and both profiles.
//!
//! What counts is what the gatherers declare, not what the doors could open. What cannot even be written is
//! shown beside the types of the doors, by examples that do not compile.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::Request;
use testkit::site::{Site, serve};
use testkit::world::{Side, World};
use truenas_collector::gather;
use truenas_collector::source::{K8sList, Method, PromQuery};

/// Releases of the appliance, as the simulator knows them.
const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// What a session calls before and beside the lists: login, pulse, and the two questions about its own rights.
const SESSION: [&str; 5] = [
    "auth.login_ex",
    "auth.login_with_api_key",
    "auth.me",
    "core.get_methods",
    "core.ping",
];

/// What tells which lists a cluster serves.
const DISCOVERY: [&str; 3] = ["/version", "/api", "/apis"];

const PROGRAM: &str = env!("CARGO_BIN_EXE_truenas-collector");

/// One object of each kind that the estate does not have.
const OPTIONAL: &str = include_str!("leak/optional.json");

/// Paths of an appliance that are asked for over HTTP: the offer and the two upgrades.
const WEB: [&str; 3] = ["/api/versions", "/api/current", "/websocket"];

/// The only path of the metrics, and its parameters.
const QUERY: &str = "/api/v1/query";
const QUERY_PARAMETERS: [&str; 3] = ["dedup", "partial_response", "query"];

/// Parameters of a list.
const PARAMETERS: [&str; 2] = ["continue", "limit"];

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
const READING_METHODS: [&str; 1] = ["zfs.resource.snapshot.count"];

#[test]
fn runs_send_declared_reads_and_nothing_that_a_dry_run_does_not_list() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(Path::new(PROGRAM), folder.path());
    let options = EstateOptions {
        volumes: 10,
        snapshots: 20,
        days: 1,
        ..EstateOptions::default()
    };
    let worlds = estate(&options);
    for version in VERSIONS {
        for profile in ["standard", "open"] {
            let at = format!("{version}-{profile}");
            let world = folder.path().join(&at);
            worlds.write_day(0, &world).unwrap();
            add_optional(&world);
            let settings = fs::read_to_string(world.join("world.yaml")).unwrap();
            let settings =
                settings.replace("version: \"25.10\"", &format!("version: \"{version}\""));
            fs::write(world.join("world.yaml"), settings).unwrap();
            let simulation = serve(&world);
            let config = site.config(&simulation, &World::read(&world).unwrap());
            let config = config.replace("profile: standard", &format!("profile: {profile}"));
            let file = folder.path().join(format!("{at}.yaml"));
            fs::write(&file, &config).unwrap();
            let forecast = forecast(&file);
            assert_eq!(simulation.requests().len(), 0, "a dry run asks nobody");

            let run = site.collect(&config, &format!("out-{at}"), &["--quiet"]);
            assert_eq!(run.exit, Some(0), "{at}: {}", run.stderr);
            let n_collected = check_requests(&simulation.requests(), &forecast, &at);
            assert!(n_collected > 60, "{at}: {n_collected} requests");
            let bundle = site.bundles(&format!("out-{at}")).pop().unwrap();
            let contents = site.open(&bundle).unwrap();
            let trace = contents.rows("collect_trace");
            check_trace(trace, &simulation.requests(), &at);

            let preflight = Command::new(PROGRAM)
                .args(["--quiet", "preflight", "--config"])
                .arg(&file)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&preflight.stdout);
            assert_eq!(preflight.status.code(), Some(0), "{at}: {said}");
            let n_all = check_requests(&simulation.requests(), &forecast, &at);
            assert!(n_all > n_collected + 30, "{at}: {n_all} requests");
        }
    }
}

/// Every request is a declared read and stands in the dry run; gives their number.
#[track_caller]
fn check_requests(requests: &[Request], forecast: &BTreeSet<String>, at: &str) -> usize {
    for request in requests {
        assert!(is_read(request), "{at}: {request:?}");
        let what = match request.detail.split_once('?') {
            _ if request.source == Side::Truenas && !request.detail.starts_with('/') => {
                request.method.clone()
            }
            _ if request.source == Side::Thanos => {
                format!("{QUERY}?query={}", query_name(&request.detail))
            }
            Some((path, _)) => path.to_owned(),
            None => request.detail.clone(),
        };
        assert!(forecast.contains(&what), "{at}: {what} is in no dry run");
    }
    for side in [Side::Kubernetes, Side::Thanos, Side::Truenas] {
        let mut asked = requests.iter().map(|request| request.source);
        assert!(asked.any(|source| source == side), "{at}: {side:?}");
    }
    requests.len()
}

/// The trace in the bundle is what the servers recorded, in order and in bytes.
#[track_caller]
fn check_trace(mut trace: Vec<serde_json::Value>, requests: &[Request], at: &str) {
    trace.sort_by_key(|row| row["request_ordinal"].as_i64());
    let ordinals = trace.iter().map(|row| row["request_ordinal"].as_i64());
    assert!(ordinals.eq((1..=trace.len() as i64).map(Some)), "{at}");
    for (side, source) in [
        (Side::Kubernetes, "kubernetes"),
        (Side::Thanos, "thanos"),
        (Side::Truenas, "truenas"),
    ] {
        let is_traced = |request: &&Request| {
            let is_upgrade = WEB[1..].contains(&request.detail.as_str());
            request.source == side && !is_upgrade && request.method != "core.ping"
        };
        let recorded = requests.iter().filter(is_traced).map(|request| {
            let path = request.detail.split('?').next().unwrap();
            match request.detail.starts_with('/') {
                true if side == Side::Thanos => {
                    (query_name(&request.detail).to_owned(), request.n_bytes)
                }
                true => (path.to_owned(), request.n_bytes),
                false => (request.method.clone(), request.n_bytes),
            }
        });
        let traced = trace
            .iter()
            .filter(|row| row["source"] == source)
            .map(|row| {
                let list = row["list"].as_str().unwrap().to_owned();
                (list, row["answer_bytes"].as_u64().unwrap() as usize)
            });
        let (recorded, traced): (Vec<_>, Vec<_>) = (recorded.collect(), traced.collect());
        let names = |rows: &[(String, usize)]| -> Vec<String> {
            rows.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&traced), names(&recorded), "{at} {source}");
        let n_same = traced
            .iter()
            .zip(&recorded)
            .filter(|(one, other)| one.1 == other.1)
            .count();
        assert!(
            n_same > 20 || side == Side::Thanos && n_same > 0,
            "{at} {source}: {n_same} answers have the size that was sent"
        );
    }
}

/// The declared query that a request sends, by its name.
fn query_name(detail: &str) -> &'static str {
    let sent = PromQuery::ALL.iter().find(|known| {
        let text = detail.split('&').find_map(|part| part.split_once("query="));
        text.is_some_and(|(_, text)| is_of(known, &decoded(text)))
    });
    sent.map_or("no declared query", |query| query.name())
}

/// What `collect --dry-run` lists: paths and methods.
fn forecast(config: &Path) -> BTreeSet<String> {
    let listed = Command::new(PROGRAM)
        .args(["--quiet", "collect", "--dry-run", "--config"])
        .arg(config)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let what = |line: &str| line.rsplit('\t').next().unwrap().to_owned();
    listed.lines().map(what).collect()
}

/// Adds one object of each kind that the estate does not have.
fn add_optional(world: &Path) {
    let optional: serde_json::Value = serde_json::from_str(OPTIONAL).unwrap();
    let list =
        serde_json::json!({"apiVersion": "v1", "kind": "List", "items": optional["kubernetes"]});
    fs::write(world.join("kubernetes/optional.json"), list.to_string()).unwrap();
    for (method, answer) in optional["truenas"].as_object().unwrap() {
        let path = world.join(format!("truenas/{method}.json"));
        fs::write(path, answer.to_string()).unwrap();
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
        request(k8s, "GET", "/api/v1/nodes?fieldSelector=a"),
        request(
            k8s,
            "GET",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=500",
        ),
        request(nas, "system.info", "[]"),
        request(nas, "disk.temperatures", "[]"),
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
        Side::Truenas => SESSION.contains(&request.method.as_str()) || is_gathered(&request.method),
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
    let is_path = DISCOVERY.contains(&path) || is_gathered(path);
    is_path && names.all(|name| PARAMETERS.contains(&name))
}

/// Whether a gatherer says that it reads it.
fn is_gathered(name: &str) -> bool {
    let mut reads = gather::ALL.iter().flat_map(|gatherer| gatherer.reads);
    reads.any(|read| read.name() == name)
}
