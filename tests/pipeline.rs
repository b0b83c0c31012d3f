//! World to bundles to history to findings, in process, with the stock tools as a second reader.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{self, Simulation};
use truenas_common::bundle::SitePublicKey;
use truenas_common::exit::Exit;

const SITE: &str = "test1";

struct Stage {
    folder: tempfile::TempDir,
    simulation: Simulation,
    clusters: String,
}

fn args(program: &str, args: &[&str]) -> Vec<OsString> {
    std::iter::once(program)
        .chain(args.iter().copied())
        .map(OsString::from)
        .collect()
}

fn collector(list: &[&str]) -> Exit {
    truenas_collector::cli::run(args("truenas-collector", list))
}

fn analyzer(list: &[&str]) -> Exit {
    truenas_analyzer::cli::run(args("truenas-analyzer", list))
}

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().display().to_string()
}

impl Stage {
    fn new(days: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let worlds = folder.path().join("worlds");
        let options = EstateOptions {
            seed: 7,
            volumes: 20,
            snapshots: 60,
            days,
            ..EstateOptions::default()
        };
        let clusters = options.cluster.clone();
        estate(&options).write_series(&worlds).unwrap();
        let options = simulate::Options {
            k8s_port: 0,
            truenas_port: 0,
            control_port: None,
            log: None,
        };
        let simulation = simulate::start(&worlds, &options).unwrap();
        let stage = Self {
            folder,
            simulation,
            clusters,
        };
        stage.make_keys();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn make_keys(&self) {
        let analyst = text(self.path("analyst"));
        assert_eq!(
            analyzer(&["keygen", "analyst", "--unprotected-key", "--out", &analyst]),
            Exit::Ok
        );
        let recipient = fs::read_to_string(self.path("analyst/analyst.pub"))
            .unwrap()
            .trim()
            .to_owned();
        let site = text(self.path("site"));
        assert_eq!(
            collector(&[
                "keygen",
                "site",
                "--site",
                SITE,
                "--recipient",
                &recipient,
                "--out",
                &site
            ]),
            Exit::Ok
        );
        let key =
            SitePublicKey::parse(&fs::read_to_string(self.path("site/site.pub")).unwrap()).unwrap();
        let (fingerprint, public) = (
            key.fingerprint().to_string(),
            text(self.path("site/site.pub")),
        );
        let trust = text(self.path("trust"));
        let add = [
            "trust",
            "add",
            &public,
            "--site",
            SITE,
            "--fingerprint",
            &fingerprint,
            "--trust",
            &trust,
        ];
        assert_eq!(analyzer(&add), Exit::Ok);
        self.write_config("config.yaml", &recipient, "");
    }

    fn write_config(&self, name: &str, recipient: &str, more: &str) {
        let world = fs::read_to_string(self.path("worlds/000/world.yaml")).unwrap();
        let world: serde_json::Value = serde_saphyr::from_str(&world).unwrap();
        let user = world
            .pointer("/appliances/0/user")
            .and_then(serde_json::Value::as_str)
            .unwrap_or("collector");
        let config = format!(
            "site: {SITE}\nrecipients: [{recipient}]\nkeys: {{site: {}, pseudonym: {}}}\n\
             kubernetes: {{name: {}, kubeconfig: {}}}\ntruenas:\n- name: nas01\n  url: {}\n  user: {user}\n  \
             api_key_file: {}\n  ca_file: {}\n{more}",
            text(self.path("site/site.key")),
            text(self.path("site/pseudonym.key")),
            self.clusters,
            text(self.simulation.kubeconfig(None)),
            self.simulation.truenas_url(None),
            text(self.simulation.api_key_file(None)),
            text(self.simulation.ca_file()),
        );
        fs::write(self.path(name), config).unwrap();
    }

    fn collect(&self, output: &str, clock: &str) -> Exit {
        let output = self.path(output);
        fs::create_dir_all(&output).unwrap();
        let config = text(self.path("config.yaml"));
        collector(&[
            "collect",
            "--config",
            &config,
            "--output",
            &text(output),
            "--clock",
            clock,
        ])
    }

    fn ingest(&self, bundles: &[PathBuf], history: &str) -> Exit {
        let (trust, identity) = (
            text(self.path("trust")),
            text(self.path("analyst/analyst.key")),
        );
        let history = text(self.path(history));
        let bundles: Vec<String> = bundles.iter().map(text).collect();
        let mut list = vec![
            "--quiet",
            "ingest",
            "--history",
            &history,
            "--trust",
            &trust,
            "--identity",
            &identity,
        ];
        list.extend(bundles.iter().map(String::as_str));
        analyzer(&list)
    }

    fn bundles(&self, output: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path(output))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with(".tar.zst.age"))
            .collect();
        files.sort();
        files
    }
}

/// Content of every file below a folder, by relative path.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(
                    text(path.strip_prefix(folder).unwrap()),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}

fn unpacked(stage: &Stage, bundle: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    let out = stage.path(name);
    fs::create_dir_all(&out).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/verify.sh");
    let output = Command::new("sh")
        .arg(script)
        .arg(bundle)
        .arg(stage.path("site/site.pub"))
        .arg(stage.path("analyst/analyst.key"))
        .arg(&out)
        .output()
        .expect("sh runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && stdout.starts_with("OK "),
        "{stdout}{stderr}"
    );
    tree(&fs::read_dir(out).unwrap().next().unwrap().unwrap().path())
}

#[test]
fn stock_tools_accept_the_bundle_and_an_unchanged_world_gives_the_same_payload() {
    let stage = Stage::new(1);
    let clock = stage.simulation.now();
    assert_eq!(stage.collect("first", &clock), Exit::Ok);
    assert_eq!(stage.collect("second", &clock), Exit::Ok);
    let first = unpacked(&stage, &stage.bundles("first")[0], "first-plain");
    let second = unpacked(&stage, &stage.bundles("second")[0], "second-plain");
    let payload = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        let is_payload = |name: &str| name.starts_with("data/") && !name.contains("collect_status");
        files
            .iter()
            .filter(|(name, _)| is_payload(name))
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect()
    };
    assert!(payload(&first).len() > 15, "{:?}", first.keys());
    assert!(
        payload(&first) == payload(&second),
        "payload differs between two runs over one world"
    );
    let all: Vec<u8> = first.values().flatten().copied().collect();
    for name in ["tank", "nas01", "192.0.2"] {
        let is_there = all
            .windows(name.len())
            .any(|window| window == name.as_bytes());
        assert!(!is_there, "`{name}` left the site");
    }
}

#[test]
fn any_order_of_ingest_gives_the_same_history_and_requests_are_reads() {
    let stage = Stage::new(6);
    for day in 0..6 {
        assert_eq!(stage.collect("out", &stage.simulation.now()), Exit::Ok);
        assert_eq!(stage.simulation.next(), day < 5);
    }
    let bundles = stage.bundles("out");
    assert_eq!(bundles.len(), 6);
    assert_eq!(stage.ingest(&bundles, "all"), Exit::Ok);
    for order in [[5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3], [3, 5, 0, 4, 2, 1]] {
        let name = format!("{order:?}").replace([' ', ',', '[', ']'], "");
        for index in order {
            assert_eq!(stage.ingest(&bundles[index..=index], &name), Exit::Ok);
        }
        assert!(
            tree(&stage.path("all")) == tree(&stage.path(&name)),
            "order {name} gives another history"
        );
    }
    let before = tree(&stage.path("all"));
    assert_eq!(stage.ingest(&bundles, "all"), Exit::Ok);
    assert!(
        tree(&stage.path("all")) == before,
        "ingesting twice changes the history"
    );

    let methods: Vec<&str> = truenas_collector::source::truenas::Method::ALL
        .iter()
        .map(|method| method.name())
        .collect();
    for request in stage.simulation.requests() {
        assert!(
            request.method == "GET"
                || request.method == "auth.login_ex"
                || methods.contains(&request.method.as_str()),
            "{}",
            request.method
        );
    }
}

#[test]
fn bad_input_gets_its_exit_code_and_leaves_nothing() {
    let stage = Stage::new(1);
    let recipient = fs::read_to_string(stage.path("analyst/analyst.pub"))
        .unwrap()
        .trim()
        .to_owned();
    let run = |config: &str| {
        let output = stage.path("bad-out");
        fs::create_dir_all(&output).unwrap();
        let exit = collector(&[
            "collect",
            "--config",
            &text(stage.path(config)),
            "--output",
            &text(&output),
        ]);
        let left: Vec<String> = tree(&output)
            .into_keys()
            .filter(|name| name.contains(".age"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
        exit
    };
    stage.write_config("unknown.yaml", &recipient, "page_sise: 1\n");
    assert_eq!(run("unknown.yaml"), Exit::Usage);
    let good = fs::read_to_string(stage.path("config.yaml")).unwrap();
    fs::write(stage.path("plain.yaml"), good.replace("wss://", "ws://")).unwrap();
    assert_eq!(run("plain.yaml"), Exit::Usage);
    fs::write(
        stage.path("nokey.yaml"),
        good.replace("site.key", "none.key"),
    )
    .unwrap();
    assert_eq!(run("nokey.yaml"), Exit::Usage);

    assert_eq!(stage.collect("out", &stage.simulation.now()), Exit::Ok);
    let bundle = &stage.bundles("out")[0];
    let bytes = fs::read(bundle).unwrap();
    fs::write(bundle, &bytes[..bytes.len() - 100]).unwrap();
    assert_eq!(
        stage.ingest(std::slice::from_ref(bundle), "cut"),
        Exit::Refused
    );
    fs::write(bundle, &bytes).unwrap();
    fs::remove_dir_all(stage.path("trust")).unwrap();
    assert_eq!(
        stage.ingest(std::slice::from_ref(bundle), "untrusted"),
        Exit::Refused
    );
    for history in ["cut", "untrusted"] {
        assert!(!stage.path(history).exists() || tree(&stage.path(history)).is_empty());
    }
}
