//! What crosses the border and what stays, over a generated estate and the simulated servers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, Simulation, start};
use truenas_common::bundle::{
    Identity, Limits, MapHead, MapPair, SealedMap, SitePublicKey, open_map,
};
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::time::Time;

use super::*;

struct Site {
    folder: tempfile::TempDir,
    simulation: Simulation,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = EstateOptions {
            seed: 7,
            volumes: 20,
            snapshots: 60,
            days: 1,
            ..EstateOptions::default()
        };
        let cluster = options.cluster.clone();
        let world = folder.path().join("world");
        std::fs::create_dir(&world).unwrap();
        estate(&options).write_day(0, &world).unwrap();
        let simulation = start(&world, &Options::default()).unwrap();
        let site = Self { folder, simulation };
        let keys = site.text("keys");
        let analyst = Identity::generate().recipient();
        let made = call(&[
            "keygen",
            "site",
            "--site",
            "k3f9",
            "--recipient",
            analyst.as_str(),
            "--out",
            &keys,
        ]);
        assert_eq!(made.0, Exit::Ok);
        let recovery = std::fs::read_to_string(site.path("keys/recovery.pub")).unwrap();
        let simulation = &site.simulation;
        let config = format!(
            "site: k3f9\nrecipients: [{}]\nrecovery_recipient: {}\n\
             keys: {{site: {keys}/site.key, pseudonym: {keys}/pseudonym.key}}\n\
             kubernetes: {{name: {cluster}, kubeconfig: {}}}\n\
             truenas:\n- name: nas01\n  url: {}\n  user: svc-collector\n  api_key_file: {}\n  ca_file: {}\n",
            analyst.as_str(),
            recovery.trim(),
            simulation.kubeconfig(None).display(),
            simulation.truenas_url(None),
            simulation.api_key_file(None).display(),
            simulation.ca_file().display(),
        );
        std::fs::write(site.path("config.yaml"), config).unwrap();
        std::fs::create_dir(site.path("out")).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn collect(&self, more: &[&str]) -> (Exit, String) {
        self.collect_after(0, more)
    }

    fn collect_after(&self, secs: i64, more: &[&str]) -> (Exit, String) {
        let (config, output) = (self.text("config.yaml"), self.text("out"));
        let now = Time::parse(&self.simulation.now()).unwrap().unix_secs();
        let now = Time::from_unix_secs(now + secs).to_string();
        let fixed = [
            "collect", "--config", &config, "--output", &output, "--clock", &now,
        ];
        call(&[&fixed, more].concat())
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Opens every map of the only stream.
    fn maps(&self) -> Vec<(MapHead, Vec<MapPair>)> {
        let stream = self
            .files("out/reid")
            .into_iter()
            .find(|name| name.len() == 16);
        let folder = format!("out/reid/{}", stream.unwrap());
        let read = |name: &str| std::fs::read_to_string(self.path(name)).unwrap();
        let key = SitePublicKey::parse(&read("keys/site.pub")).unwrap();
        let identity = Identity::parse(&read("keys/recovery.key")).unwrap();
        let names = self.files(&folder).into_iter();
        names
            .filter(|name| name.ends_with(".age"))
            .map(|file_name| {
                let path = self.path(&folder).join(&file_name);
                let sealed = SealedMap {
                    signature: read(&format!("{folder}/{file_name}.minisig")),
                    bytes: std::fs::read(path).unwrap(),
                    file_name,
                };
                let keys = std::slice::from_ref(&key);
                open_map(&sealed, keys, &identity, &Limits::default()).unwrap()
            })
            .collect()
    }
}

fn call(arguments: &[&str]) -> (Exit, String) {
    let mut out = Vec::new();
    let arguments = ["truenas-collector", "--quiet"].iter().chain(arguments);
    let exit = run_to(arguments.map(OsString::from), &mut out);
    (exit, String::from_utf8(out).unwrap())
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn estate_passes_the_scan_and_names_stay_in_maps_of_the_recovery_key() {
    let site = Site::new();
    let (exit, text) = site.collect(&["--also-to", "recovery", "--explain"]);
    assert_eq!(exit, Exit::Ok);
    let bundle = text.lines().next().unwrap();
    assert!(
        text.contains("k8s/pv") && text.contains("(not on the allowlist)"),
        "{text}"
    );

    let status = json(&site.path("out/status.json"));
    assert_eq!(status["exit"], 0);
    assert_eq!(status["prev_reason"], "first");
    assert!(
        status["n_scanned_bytes"].as_u64().unwrap() > 10_000,
        "{status}"
    );
    let n_new = status["n_new_names"].as_u64().unwrap();
    assert!(n_new > 50, "{status}");

    let maps = site.maps();
    assert_eq!(maps.len(), 1);
    let (head, pairs) = &maps[0];
    assert_eq!((head.seq, pairs.len() as u64), (1, n_new));
    let key = std::fs::read_to_string(site.path("keys/pseudonym.key")).unwrap();
    let redactor = Redactor::new(&PseudonymKey::parse(&key).unwrap(), Profile::Standard);
    assert_eq!(head.key_check, redactor.key_check());
    let mut names = BTreeSet::new();
    for pair in pairs {
        let again = redactor.token_of(&pair.kind, &pair.name);
        assert_eq!(again.as_deref(), Some(pair.token.as_str()));
        names.insert((pair.kind.as_str(), pair.name.as_str()));
    }
    for name in [("ds", "tank"), ("ds", "tank/k8s"), ("dns", "example.net")] {
        assert!(names.contains(&name), "{names:?}");
    }

    let identity = site.text("keys/recovery.key");
    let site_key = site.text("keys/site.pub");
    let inspect = |more: &[&str]| {
        let fixed = [
            "inspect",
            bundle,
            "--identity",
            &identity,
            "--site-key",
            &site_key,
        ];
        call(&[&fixed, more].concat())
    };
    let (exit, shown) = inspect(&[]);
    assert_eq!(exit, Exit::Ok);
    assert!(
        shown.contains("approval    none") && shown.contains("    {\"name\""),
        "{shown}"
    );
    let (exit, plain) = inspect(&["--plain"]);
    assert_eq!(exit, Exit::Ok);
    assert!(plain.contains("== data/zfs_dataset/000000.jsonl\n{"));
    for name in ["\"tank", "nas01", "192.0.2", "svc-collector"] {
        assert!(!plain.contains(name), "`{name}` left the site");
    }
}

#[test]
fn second_run_maps_nothing_anew_and_a_case_stands_in_its_own_stream() {
    let site = Site::new();
    assert_eq!(site.collect(&[]).0, Exit::Ok);
    assert_eq!(site.collect(&[]).0, Exit::Ok);
    assert_eq!(site.maps().len(), 1);
    let status = json(&site.path("out/status.json"));
    assert_eq!(
        (&status["seq"], &status["n_new_names"]),
        (&2.into(), &serde_json::Value::Null)
    );
    let metrics = std::fs::read_to_string(site.path("out/status.prom")).unwrap();
    assert!(
        metrics.contains("truenas_collector_last_bundle_sequence 2\n"),
        "{metrics}"
    );
    for name in ["nas01", "tank"] {
        assert!(!metrics.contains(name) && !status.to_string().contains(name));
    }

    let case = ["--stream", "new", "--reason", "on-demand", "--case", "4711"];
    let also = ["--also-to", "recovery"];
    let before = json(&site.path("out/chain.json"));
    let (exit, text) = site.collect_after(3_600, &[case.as_slice(), &also].concat());
    assert_eq!(exit, Exit::Ok);
    assert_eq!(json(&site.path("out/chain.json")), before);
    let identity = site.text("keys/recovery.key");
    let (_, shown) = call(&["inspect", text.trim(), "--identity", &identity]);
    assert!(
        shown.contains("case        4711") && shown.contains("(on-demand)"),
        "{shown}"
    );
}

#[test]
fn bundle_is_never_there_without_the_map_of_its_names() {
    let site = Site::new();
    assert_eq!(site.collect(&[]).0, Exit::Ok);
    let stream = json(&site.path("out/chain.json"))["stream"].clone();
    let map = format!(
        "out/reid/{}/reid-k3f9-000002.jsonl.age",
        stream.as_str().unwrap()
    );
    let signature = site.path(&format!("{map}.minisig"));
    let forget = || std::fs::remove_file(site.path("out/reid/mapped-1.bin")).unwrap();
    // A map that cannot have its name.
    forget();
    std::fs::create_dir(&signature).unwrap();
    assert_ne!(site.collect(&[]).0, Exit::Ok);
    let bundles = || {
        let names = site.files("out").into_iter();
        names.filter(|name| name.ends_with(".age")).count()
    };
    assert_eq!(bundles(), 1);
    // A map of a run that was killed before its bundle had a name.
    std::fs::remove_dir(&signature).unwrap();
    std::fs::write(site.path(&map), "older").unwrap();
    std::fs::write(&signature, "older").unwrap();
    assert_eq!(site.collect(&[]).0, Exit::Ok);
    assert_eq!(bundles(), 2);
    let maps = site.maps();
    assert_eq!(maps.len(), 2);
    assert_eq!(maps[0].1, maps[1].1);
}

/// The marks of the newest bundle, as `inspect` shows them to the site.
fn marks(site: &Site) -> String {
    let bundle = site
        .files("out")
        .into_iter()
        .rfind(|name| name.ends_with(".age"));
    let bundle = site.text(&format!("out/{}", bundle.unwrap()));
    let identity = site.text("keys/recovery.key");
    let (exit, plain) = call(&["inspect", &bundle, "--identity", &identity, "--plain"]);
    assert_eq!(exit, Exit::Ok);
    let info = plain.split("== bundle.json\n").nth(1).unwrap();
    let mut values = serde_json::Deserializer::from_str(info).into_iter::<serde_json::Value>();
    values.next().unwrap().unwrap()["marks"].to_string()
}

#[test]
fn unsafe_options_and_a_clock_that_went_back_mark_the_bundle() {
    let site = Site::new();
    let also = ["--also-to", "recovery"];
    assert_eq!(site.collect(&also).0, Exit::Ok);
    assert_eq!(marks(&site), "null");
    let more = ["--also-to", "recovery", "--allow-write-credential"];
    assert_eq!(site.collect_after(-3_600, &more).0, Exit::Ok);
    // The name of a bundle holds its number before its time: the newest is the last one.
    assert_eq!(
        marks(&site),
        r#"["allow-write-credential","clock-before-last"]"#
    );

    let config = std::fs::read_to_string(site.path("config.yaml")).unwrap();
    let config = format!("{config}  min_tls: \"1.2\"\n  auth: api-key\n");
    std::fs::write(site.path("config.yaml"), config).unwrap();
    assert_eq!(site.collect_after(3_600, &also).0, Exit::Ok);
    assert_eq!(marks(&site), r#"["api-key-plain-on-scram","min-tls-1.2"]"#);
}

#[test]
fn declared_drivers_unread_fields_and_requests_are_rows_without_names() {
    let site = Site::new();
    let config = std::fs::read_to_string(site.path("config.yaml")).unwrap();
    let driver = "org.democratic-csi.nfs: {http: true, volumes_parent: tank/k8s/nfs/v}";
    std::fs::write(
        site.path("config.yaml"),
        format!("{config}drivers:\n  {driver}\n"),
    )
    .unwrap();
    let (exit, text) = site.collect(&["--also-to", "recovery"]);
    assert_eq!(exit, Exit::Ok);
    let identity = site.text("keys/recovery.key");
    let (_, plain) = call(&["inspect", text.trim(), "--identity", &identity, "--plain"]);
    let table = |name: &str| -> Vec<serde_json::Value> {
        let part = plain
            .split(&format!("== data/{name}/000000.jsonl\n"))
            .nth(1);
        let lines = part
            .unwrap()
            .lines()
            .take_while(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let declared = &table("collect_driver")[0];
    assert_eq!(declared["driver"], "org.democratic-csi.nfs");
    assert_eq!(
        (&declared["is_http"], &declared["is_insecure_allowed"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let parent = declared["volumes_parent"].as_str().unwrap();
    assert!(
        parent.split('/').count() == 4 && !parent.contains("tank"),
        "{parent}"
    );

    let fields = table("collect_field");
    let is_there = |list: &str, field: &str| {
        fields
            .iter()
            .any(|row| row["list"] == list && row["field"] == field)
    };
    assert!(
        is_there("/api/v1/nodes", "metadata.resourceVersion"),
        "{fields:?}"
    );
    assert!(
        fields.iter().any(|row| row["source"] == "truenas"),
        "{fields:?}"
    );
    let trace = table("collect_trace");
    assert!(
        trace.len() > 40
            && trace
                .iter()
                .all(|row| row["elapsed_ms"] == 0 && row["offset_ms"] == 0)
    );
    let status = json(&site.path("out/status.json"));
    assert!(status["n_rows"].as_u64().unwrap() > 100);
}

#[test]
fn secret_in_the_payload_ends_the_run_and_leaves_nothing() {
    let site = Site::new();
    // The one text of the payload that a command line can set has the form of a cloud key.
    let case = "AKIAIOSFODNN7EXAMPLE";
    let more = ["--stream", "new", "--reason", "on-demand", "--case", case];
    let (exit, text) = site.collect(&more);
    assert_eq!((exit, text.as_str()), (Exit::Residual, ""));
    let left = site.files("out");
    assert_eq!(left, [".lock", "status.json", "status.prom"]);
    let status = json(&site.path("out/status.json"));
    assert_eq!(status["exit"], 20);
    assert!(!status.to_string().contains(case));
    assert!(site.simulation.requests().is_empty());
}
