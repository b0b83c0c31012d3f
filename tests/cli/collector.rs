//! The collector as a process against the simulated servers: bad input gets one line, its exit code, and no bundle.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testkit::configuration::{self, configuration};
use testkit::estate::{EstateOptions, estate};
use testkit::golden;
use testkit::simulate::{self, Simulation};
use testkit::world::World;

/// An age recipient whose identity nobody holds.
const ANALYST: &str = "age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9";

fn collector(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truenas-collector"))
        .args(args)
        .output()
        .expect("runs")
}

struct Site {
    folder: tempfile::TempDir,
    simulation: Simulation,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let worlds = folder.path().join("worlds");
        let options = EstateOptions {
            volumes: 10,
            snapshots: 20,
            days: 1,
            ..EstateOptions::default()
        };
        estate(&options).write_series(&worlds).unwrap();
        let ports = simulate::Options::default();
        let simulation = simulate::start(&worlds, &ports).unwrap();
        let keys = folder.path().join("keys");
        let keys = keys.to_str().unwrap();
        let keygen = [
            "keygen",
            "site",
            "--site",
            "k3f9",
            "--recipient",
            ANALYST,
            "--out",
            keys,
        ];
        assert_eq!(collector(&keygen).status.code(), Some(0));
        Self { folder, simulation }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        let world = World::read(&self.path("worlds/000")).unwrap();
        let site = configuration::Site {
            name: "k3f9",
            recipient: ANALYST,
            keys: &self.path("keys"),
            cluster: None,
        };
        let mut yaml = configuration(&self.simulation, &world, site);
        // What is appended belongs to the last block, the appliance.
        yaml.truncate(yaml.find("scope:").unwrap_or(yaml.len()));
        yaml
    }

    /// The configuration without the cluster and its metrics: what fails then is the appliance alone.
    fn without_cluster(&self) -> String {
        let lines = self.config();
        let kept = lines
            .lines()
            .filter(|line| !line.starts_with("kubernetes:") && !line.starts_with("thanos:"));
        kept.map(|line| format!("{line}\n")).collect()
    }

    fn collect(&self, config: &str) -> (Option<i32>, String) {
        let (file, output) = (self.path("config.yaml"), self.path("out"));
        fs::write(&file, config).unwrap();
        fs::create_dir_all(&output).unwrap();
        let output = collector(&[
            "--quiet",
            "collect",
            "--config",
            file.to_str().unwrap(),
            "--output",
            output.to_str().unwrap(),
        ]);
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    }

    #[track_caller]
    fn refuses(&self, config: &str, exit: i32, says: &[&str]) {
        let (code, text) = self.collect(config);
        assert_eq!(code, Some(exit), "{text}");
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        for part in says {
            assert!(text.contains(part), "`{part}` is not in: {text}");
        }
        let left = bundles(&self.path("out"));
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Everything in the output folder but the state that every run leaves.
fn bundles(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| {
        let name = entry.unwrap().file_name();
        name.into_string().unwrap()
    });
    names
        .filter(|name| {
            !matches!(
                name.as_str(),
                "status.json" | "chain.json" | "sources.json" | ".lock" | "status.prom"
            )
        })
        .collect()
}

#[test]
fn a_configuration_that_is_wrong_is_refused_with_its_line() {
    let site = Site::new();
    let config = site.config();
    site.refuses(
        &format!("{config}page_sise: 1\n"),
        2,
        &["unknown key `page_sise`"],
    );
    site.refuses(&config.replace("wss://", "ws://"), 2, &["url", "wss://"]);
    site.refuses(
        &config.replace("site.key", "none.key"),
        2,
        &["none.key` is missing", "keygen"],
    );
    let kubeconfig = fs::read_to_string(site.simulation.kubeconfig(None)).unwrap();
    let plain = site.path("plain.kubeconfig");
    fs::write(&plain, kubeconfig.replace("https://", "http://")).unwrap();
    let named = site.simulation.kubeconfig(None).display().to_string();
    site.refuses(
        &config.replace(&named, plain.to_str().unwrap()),
        2,
        &["https://HOST"],
    );
    let key = site.path("keys/site.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    site.refuses(&config, 2, &["has mode 0644", "chmod 600"]);
}

#[test]
fn a_server_that_cannot_be_trusted_or_reached_has_its_own_exit_code() {
    let site = Site::new();
    let config = site.without_cluster();
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    site.refuses(
        &format!("{config}  pin: [{pin}]\n"),
        11,
        &["not the pinned one", "`pin` command"],
    );
    let url = site.simulation.truenas_url(None);
    site.refuses(
        &config.replace(&url, "wss://127.0.0.1:9"),
        12,
        &["connection was refused"],
    );
    let key = site.path("wrong.apikey");
    let text = fs::read_to_string(site.simulation.api_key_file(None)).unwrap();
    let (id, secret) = text.trim().split_once('-').unwrap();
    let reversed: String = secret.chars().rev().collect();
    fs::write(&key, format!("{id}-{reversed}\n")).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let named = site.simulation.api_key_file(None).display().to_string();
    site.refuses(
        &config.replace(&named, key.to_str().unwrap()),
        10,
        &["unknown user or API key"],
    );
}

#[test]
fn a_part_that_fails_is_data_and_the_bundle_says_so() {
    let site = Site::new();
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (code, text) = site.collect(&format!("{}  pin: [{pin}]\n", site.config()));
    assert_eq!(code, Some(3), "{text}");
    let mut left = bundles(&site.path("out"));
    left.sort();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left[0].ends_with(".tar.zst.age") && left[1].ends_with(".minisig"),
        "{left:?}"
    );
}

#[test]
fn metrics_that_cannot_be_read_are_a_gap_and_no_failure() {
    let site = Site::new();
    let url = site.simulation.thanos_url(None).unwrap();
    let config = site.config();
    assert!(config.contains(&url), "{config}");
    let (code, text) = site.collect(&config.replace(&url, "https://127.0.0.1:9"));
    assert_eq!(code, Some(3), "{text}");
    assert_eq!(bundles(&site.path("out")).len(), 2);
    let asked = site.simulation.requests();
    assert!(asked.iter().any(|request| request.method == "pool.query"));
}

#[test]
fn dry_run_and_plan_name_every_query_and_send_none() {
    let site = Site::new();
    let file = site.path("config.yaml");
    fs::write(&file, site.config()).unwrap();
    let (file, output) = (file.to_str().unwrap(), site.path("out"));
    let dry = ["collect", "--dry-run", "--config", file, "--output"];
    let dry = collector(&[&dry[..], &[output.to_str().unwrap()]].concat());
    let dry = String::from_utf8(dry.stdout).unwrap();
    let plan = String::from_utf8(collector(&["plan", "--config", file]).stdout).unwrap();
    for query in truenas_collector::source::PromQuery::ALL {
        let line = format!(
            "thanos\tprod-a\tget\t/api/v1/query?query={}\n",
            query.name()
        );
        assert!(dry.contains(&line), "{dry}");
        assert!(
            plan.contains(&format!("reads   {}\n", query.name())),
            "{plan}"
        );
    }
    assert!(plan.contains("thanos: prod-a\n"), "{plan}");
    assert!(plan.contains("not read: nfs.get_nfs4_clients\n"), "{plan}");
    assert!(site.simulation.requests().is_empty());
}

#[test]
fn usage_errors_exit_2() {
    assert_eq!(collector(&["frobnicate"]).status.code(), Some(2));
    let missing = collector(&[
        "--quiet",
        "collect",
        "--config",
        "/nonexistent",
        "--output",
        "/nonexistent",
    ]);
    assert_eq!(missing.status.code(), Some(2));
    let text = String::from_utf8(missing.stderr).unwrap();
    assert!(
        text.contains("`/nonexistent`") && text.contains("--config"),
        "{text}"
    );
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
}

#[test]
fn documents_that_are_made_of_the_gatherers_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = truenas_collector::gather::document::gathered();
    golden::check(&folder.join("GATHERED.md"), &document);
    let role = collector(&["rbac", "--openshift"]);
    let role = String::from_utf8(role.stdout).unwrap();
    golden::check(&folder.join("deploy/openshift/20-clusterrole.yaml"), &role);
    let with_metrics = collector(&["rbac", "--openshift", "--thanos"]);
    let with_metrics = String::from_utf8(with_metrics.stdout).unwrap();
    let binding = with_metrics.strip_prefix(&format!("{role}---\n")).unwrap();
    golden::check(
        &folder.join("deploy/openshift/22-clusterrolebinding-monitoring.yaml"),
        binding,
    );
}
