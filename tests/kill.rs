//! A run that is killed at any moment leaves nothing that looks sealed and is not, and nothing that stops the next run.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::estate::{EstateOptions, estate};
use testkit::site::{Site, serve, signature_of};
use testkit::world::World;
use truenas_common::bundle::{Identity, PrevReason};

/// How many runs are killed.
const N_KILLS: u32 = 200;

/// Where the random moments come from.
const SEED: u64 = 0x5eed_0000_0000_0001;

/// Files of the output folder that a run replaces whole, and its lock.
const STATE: [&str; 5] = [
    ".lock",
    "chain.json",
    "status.json",
    "status.prom",
    "sources.json",
];

/// One site that collects a small world again and again into one folder.
struct Stage {
    site: Site,
    config: String,
    opened: BTreeSet<PathBuf>,
}

/// What the killed runs were doing.
#[derive(Debug, Default)]
struct Seen {
    n_killed: usize,
    n_ended: usize,
    n_half_written: usize,
    n_lone_signatures: usize,
}

#[test]
fn a_run_that_is_killed_leaves_no_sealed_looking_part_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let options = EstateOptions {
        volumes: 4,
        snapshots: 20,
        days: 1,
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, &world).unwrap();
    let settings = fs::read_to_string(world.join("world.yaml")).unwrap();
    // A release that does not count logins: newer ones refuse the twenty-first of a minute.
    let settings = settings.replace("version: \"25.10\"", "version: \"24.04\"");
    fs::write(world.join("world.yaml"), settings).unwrap();
    let simulation = serve(&world);
    let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
    let site = Site::new(program, folder.path());
    let recovery = Identity::generate().recipient();
    let config = format!(
        "{}recovery_recipient: {}\n",
        site.config(&simulation, &World::read(&world).unwrap()),
        recovery.as_str()
    );
    let mut stage = Stage {
        site,
        config,
        opened: BTreeSet::new(),
    };

    let whole = stage.measure();
    let mut seen = Seen::default();
    for number in 0..N_KILLS {
        let part = moment(number);
        stage.kill_after(whole.mul_f64(part), &mut seen);
        stage.check(&format!("killed after {part:.3} of {whole:?}"), &mut seen);
    }
    println!("{whole:?} a run: {seen:?}");
    assert!(
        seen.n_killed > 50 && seen.n_half_written > 20 && seen.n_ended > 0,
        "moments lie inside a run and after its end: {seen:?}"
    );

    stage.leave_lone_signature();
    let last = stage.site.collect(&stage.config, "out", &["--quiet"]);
    assert_eq!(last.exit, Some(0), "{}", last.stderr);
    let bundle = PathBuf::from(last.stdout.trim());
    let contents = stage.site.open(&bundle).unwrap();
    let reason = contents.opened.info.prev_reason;
    assert_eq!(reason, PrevReason::Normal, "no bundle is lost");
    let left = files(&stage.site.path("out"));
    let partial: Vec<&String> = left.iter().filter(|name| is_partial(name)).collect();
    assert_eq!(partial, Vec::<&String>::new(), "the next run cleans up");
    let n_signatures = left.iter().filter(|name| is_signature(name)).count();
    let n_bundles = stage.site.bundles("out").len();
    assert_eq!(n_signatures, n_bundles, "and leaves no signature alone");
}

impl Stage {
    /// How long a run takes when nobody kills it: the middle one of five.
    fn measure(&self) -> Duration {
        let runs = (0..5).map(|_| {
            self.forget();
            let begun = Instant::now();
            let run = self.site.collect(&self.config, "out", &["--quiet"]);
            assert_eq!(run.exit, Some(0), "{}", run.stderr);
            begun.elapsed()
        });
        let mut runs: Vec<Duration> = runs.collect();
        runs.sort();
        runs[2]
    }

    /// Makes all names new, so that every run has a map to write.
    fn forget(&self) {
        let _ = fs::remove_file(self.site.path("out/reid/mapped-1.bin"));
    }

    fn kill_after(&self, delay: Duration, seen: &mut Seen) {
        self.forget();
        let begun = Instant::now();
        let mut child = self.site.start(&self.config, "out", &["--quiet"]);
        std::thread::sleep(delay.saturating_sub(begun.elapsed()));
        child.kill().unwrap();
        let ended = child.wait_with_output().unwrap();
        match (ended.status.signal(), ended.status.code()) {
            (Some(9), _) => seen.n_killed += 1,
            (_, Some(0)) => seen.n_ended += 1,
            other => panic!("{other:?}: {}", String::from_utf8_lossy(&ended.stderr)),
        }
    }

    /// Makes the folder that of a run killed between the name of the signature and that of the bundle, in another second.
    fn leave_lone_signature(&self) {
        let chain = self.site.path("out/chain.json");
        let before = fs::read(&chain).unwrap();
        let run = self.site.collect(&self.config, "out", &["--quiet"]);
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
        fs::write(&chain, before).unwrap();
        let bundle = PathBuf::from(run.stdout.trim());
        let signature = signature_of(&bundle);
        fs::remove_file(&bundle).unwrap();
        let name = signature.file_name().unwrap().to_string_lossy();
        let (site_and_number, _) = name.rsplit_once('-').unwrap();
        let other = format!("{site_and_number}-20200101T000000Z.tar.zst.age.minisig");
        fs::rename(&signature, signature.with_file_name(other)).unwrap();
    }

    /// Every file of the folder is whole, or says by its name that it is not.
    fn check(&mut self, when: &str, seen: &mut Seen) {
        let folder = self.site.path("out");
        let names = files(&folder);
        let bundles = self.site.bundles("out");
        for bundle in &bundles {
            assert!(signature_of(bundle).is_file(), "{when}: {bundle:?}");
            let map = map_of(bundle);
            let has_map = names.iter().any(|name| name.ends_with(&map));
            assert!(has_map, "{when}: no {map}");
            if self.opened.insert(bundle.clone()) {
                let opened = self.site.open(bundle);
                assert!(opened.is_ok(), "{when}: {bundle:?}: {opened:?}");
            }
        }
        let is_half_written = names.iter().any(|name| is_partial(name));
        seen.n_half_written += usize::from(is_half_written);
        let mut n_signatures = 0;
        for name in &names {
            n_signatures += usize::from(is_signature(name));
            let is_known = is_signature(name)
                || name.ends_with(".tar.zst.age")
                || name.starts_with("reid/")
                || is_partial(name)
                || STATE.contains(&name.as_str());
            assert!(is_known, "{when}: {name}");
        }
        seen.n_lone_signatures += n_signatures - bundles.len();
    }
}

/// The part of a run after which a run is killed: anywhere at first, then around its end, where files get their names.
fn moment(number: u32) -> f64 {
    let from = if number < N_KILLS / 2 { 0.0 } else { 0.9 };
    from + (1.1 - from) * share(number)
}

/// A number in 0..1 that follows from the seed.
fn share(number: u32) -> f64 {
    let mut bits = SEED.wrapping_add(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    f64::from((bits >> 33) as u32) / f64::from(1_u32 << 31)
}

fn is_signature(name: &str) -> bool {
    name.ends_with(".tar.zst.age.minisig") && !is_partial(name)
}

/// Name of the map of the names that are new in a bundle.
fn map_of(bundle: &Path) -> String {
    let name = bundle.file_name().unwrap().to_string_lossy();
    let (site_and_number, _) = name.rsplit_once('-').unwrap();
    format!("/reid-{site_and_number}.jsonl.age")
}

fn is_partial(name: &str) -> bool {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    file_name.starts_with('.') && file_name.ends_with(".partial")
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}
