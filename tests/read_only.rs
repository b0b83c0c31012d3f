//! Only reads are sent: what the simulated servers recorded of whole runs, over all releases and both profiles.
//!
//! That another verb or method cannot even be written is shown by the `compile_fail` examples of the collector's
//! `Method`, `K8sList`, `K8sClient` and `Session`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::Request;
use testkit::site::{Site, serve};
use testkit::world::{Side, World};
use truenas_collector::source::{K8sList, K8sObject, Method};

/// Releases of the appliance, as the simulator knows them.
const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// What a session calls before and beside the lists.
const SESSION: [&str; 3] = ["auth.login_ex", "auth.login_with_api_key", "core.ping"];

/// Paths of an appliance that are asked for over HTTP: the offer and the two upgrades.
const WEB: [&str; 3] = ["/api/versions", "/api/current", "/websocket"];

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
            let sides: BTreeSet<bool> = requests
                .iter()
                .map(|it| it.source == Side::Truenas)
                .collect();
            assert_eq!(sides.len(), 2, "{version}: both servers were asked");
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
    let (k8s, nas) = (Side::Kubernetes, Side::Truenas);
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
        Side::Truenas if request.detail.starts_with('/') => {
            request.method == "GET" && WEB.contains(&request.detail.as_str())
        }
        Side::Truenas => {
            let method = request.method.as_str();
            SESSION.contains(&method) || Method::ALL.iter().any(|known| known.name() == method)
        }
    }
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
