//! Writes `samples/` anew: test keys, a configuration, three small bundles, and the report over them.
//!
//! The keys are public test keys: they guard nothing. Needs `pdftoppm` for the picture.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use testkit::configuration::{Site, configuration};
use testkit::estate::{EstateOptions, Fault, estate};
use testkit::simulate;
use testkit::world::World;
use truenas_common::bundle::SitePublicKey;
use truenas_common::exit::Exit;

const DAYS: usize = 3;
const SITE: &str = "sample1";

fn main() -> ExitCode {
    match samples(Path::new("samples")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("samples failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn samples(samples: &Path) -> anyhow::Result<()> {
    for folder in ["bundles", "keys", "trust"] {
        let folder = samples.join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    let recipient = make_keys(samples)?;
    write_config(samples, &recipient)?;

    let work = PathBuf::from("target/samples");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let worlds = work.canonicalize()?.join("worlds");
    estate(&EstateOptions {
        seed: 11,
        volumes: 24,
        snapshots: 60,
        days: DAYS,
        faults: Fault::demo(),
        ..EstateOptions::default()
    })
    .write_series(&worlds)?;
    let simulation = simulate::start(&worlds, &simulate::Options::default())?;
    let site = Site {
        name: SITE,
        recipient: &recipient,
        keys: &samples.join("keys").canonicalize()?,
        cluster: None,
    };
    let world = World::read(&worlds.join("000"))?;
    let config = work.join("config.yaml");
    fs::write(&config, configuration(&simulation, &world, site))?;
    let bundles = samples.join("bundles");
    fs::create_dir_all(&bundles)?;
    for _ in 0..DAYS {
        let now = simulation.now();
        let exit = collector(&[
            "collect",
            "--config",
            &path(&config),
            "--output",
            &path(&bundles),
            "--clock",
            &now,
        ]);
        ensure!(
            matches!(exit, Exit::Ok | Exit::Incomplete),
            "collect ended with {exit:?}"
        );
        let _ = simulation.next();
    }
    keep_bundles(&bundles)?;

    for format in ["html", "pdf"] {
        let report = samples.join(format!("report.{format}"));
        let exit = analyzer(&[
            "report",
            &path(&bundles),
            "--format",
            format,
            "--output",
            &path(&report),
            "--trust",
            &path(&samples.join("trust")),
            "--identity",
            &path(&samples.join("keys/analyst.key")),
        ]);
        ensure!(exit == Exit::Ok, "report ended with {exit:?}");
    }
    let picture = Command::new("pdftoppm")
        .args(["-png", "-r", "80", "-f", "1", "-l", "1", "-singlefile"])
        .args([samples.join("report.pdf"), samples.join("report")])
        .status()
        .context("cannot run `pdftoppm`; `tests/setup` installs it")?;
    ensure!(picture.success(), "pdftoppm failed");
    eprintln!("samples are written; `git diff --stat samples` says what changed");
    Ok(())
}

/// State of a run is not part of a sample.
fn keep_bundles(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_kept = path
            .extension()
            .is_some_and(|extension| extension == "age" || extension == "minisig");
        if is_kept {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn make_keys(samples: &Path) -> anyhow::Result<String> {
    let keys = path(&samples.join("keys"));
    let exit = analyzer(&["keygen", "analyst", "--unprotected-key", "--out", &keys]);
    ensure!(exit == Exit::Ok, "keygen analyst failed");
    let recipient = fs::read_to_string(samples.join("keys/analyst.pub"))?
        .trim()
        .to_owned();
    let exit = collector(&[
        "keygen",
        "site",
        "--site",
        SITE,
        "--recipient",
        &recipient,
        "--out",
        &keys,
    ]);
    ensure!(exit == Exit::Ok, "keygen site failed");
    // The manifest repeats the keys beside it.
    fs::remove_file(samples.join("keys/secret.yaml"))?;
    let public = samples.join("keys/site.pub");
    let key = SitePublicKey::parse(&fs::read_to_string(&public)?)?;
    let exit = analyzer(&[
        "trust",
        "add",
        &path(&public),
        "--site",
        SITE,
        "--label",
        "Sample site",
        "--fingerprint",
        &key.fingerprint().to_string(),
        "--trust",
        &path(&samples.join("trust")),
    ]);
    ensure!(exit == Exit::Ok, "trust add failed");
    Ok(recipient)
}

/// A configuration for hosts that do not exist, accepted by the collector.
fn write_config(samples: &Path, recipient: &str) -> anyhow::Result<()> {
    let config = samples.join("config.yaml");
    fs::write(
        &config,
        format!(
            "# One cluster and one appliance. Unknown keys are errors; secrets are named by file.\n\
             site: {SITE}\n\
             recipients: [{recipient}]   # who can open the bundles\n\
             profile: standard            # names become pseudonyms; `open` keeps them\n\
             expected_every: 24h          # the analyzer reports a bundle that does not come\n\
             keys: {{site: /run/keys/site.key, pseudonym: /run/keys/pseudonym.key}}\n\
             kubernetes: {{name: prod, in_cluster: true}}\n\
             truenas:\n\
             - name: nas1\n  \
               url: wss://nas1.example.com/api/current\n  \
               user: truenas-collector    # a user with read roles; `rbac` and `preflight` name them\n  \
               api_key_file: /run/keys/truenas-api-key\n  \
               pin: [sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=]   # from `truenas-collector pin`\n\
             scope:                       # who provisions below a parent; without it an orphan stays a candidate\n  \
               parents:\n  \
               - {{dataset: tank/k8s/iscsi, clusters: [prod], complete: true}}\n"
        ),
    )?;
    let exit = collector(&["plan", "--config", &path(&config)]);
    ensure!(exit == Exit::Ok, "the sample configuration is not accepted");
    Ok(())
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

fn collector(args: &[&str]) -> Exit {
    let program = ["truenas-collector", "--quiet"];
    let args = program.iter().chain(args).map(OsString::from);
    truenas_collector::cli::run_to(args, &mut std::io::sink())
}

fn analyzer(args: &[&str]) -> Exit {
    let args = std::iter::once(&"truenas-analyzer").chain(args);
    truenas_analyzer::cli::run(args.map(OsString::from))
}
