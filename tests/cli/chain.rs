//! Bundles that are in the wrong place, for somebody else, or from a key that is no longer believed: one line says what,
//! why and what next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::sealed::{Place, Sealer};
use truenas_common::bundle::{Identity, PrevReason, SiteSecretKey};

const SITE: &str = "k3f9";
const CHAIN: &str = "5f1c9a03b7d2e468";
const OTHER_CHAIN: &str = "00000000000000aa";

struct Desk {
    folder: tempfile::TempDir,
    sealer: Sealer,
}

struct Run {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let key = SiteSecretKey::new(&seed, [1; 8]);
        let identity = Identity::generate();
        let identity_file = folder.path().join("analyst.key");
        fs::write(&identity_file, identity.to_text().as_bytes()).unwrap();
        set_mode(&identity_file, 0o600);
        let public = key.public();
        fs::write(folder.path().join("site.pub"), public.to_text()).unwrap();
        let sealer = Sealer::new(
            &folder.path().join("bundles"),
            SITE,
            key,
            identity.recipient(),
        );
        let desk = Self { folder, sealer };
        let added = desk.run(&[
            "trust",
            "add",
            &desk.path("site.pub"),
            "--site",
            SITE,
            "--fingerprint",
            &public.fingerprint().to_string(),
        ]);
        assert_eq!(added.exit, Some(0), "{}", added.stderr);
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_truenas-analyzer"))
            .args(args)
            .env("TRUENAS_ANALYZER_TRUST_DIR", self.path("trust"))
            .env("TRUENAS_ANALYZER_IDENTITY", self.path("analyst.key"))
            .output()
            .expect("runs");
        Run {
            exit: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn ingest(&self, bundles: &[&PathBuf]) -> Run {
        let history = self.path("history");
        let paths: Vec<String> = bundles
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let mut args = vec!["ingest", "--history", &history];
        args.extend(paths.iter().map(String::as_str));
        self.run(&args)
    }

    /// Bundles 1 to `n` of the chain; paths and digests.
    fn chain(&self, n: u64) -> Vec<(PathBuf, String)> {
        let mut made: Vec<(PathBuf, String)> = Vec::new();
        for seq in 1..=n {
            let prev = made.last().map(|(_, digest)| digest.clone());
            made.push(self.sealer.write(&Place::new(CHAIN, seq, prev.as_deref())));
        }
        made
    }
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, permissions).unwrap();
}

#[track_caller]
fn check(run: &Run, exit: i32, said: &str) {
    assert_eq!(run.exit, Some(exit), "{}{}", run.stdout, run.stderr);
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains(said), "wanted `{said}` in: {all}");
    assert!(
        all.lines().filter(|line| line.contains(said)).count() == 1,
        "said more than once: {all}"
    );
}

#[test]
fn a_gap_is_named_and_may_be_filled_later() {
    let desk = Desk::new();
    let made = desk.chain(4);
    let [one, two, three, four] = [0, 1, 2, 3].map(|index| &made[index].0);
    let run = desk.ingest(&[one, four]);
    check(
        &run,
        0,
        "bundles 000002-000003 are missing; ask the site, late ones can be added any time",
    );
    check(
        &desk.run(&["chain", "list", "--history", &desk.path("history")]),
        0,
        "bundles 000002-000003 are missing",
    );
    assert_eq!(desk.ingest(&[three, two]).exit, Some(0));
    let run = desk.run(&["chain", "list", "--history", &desk.path("history")]);
    assert!(!run.stdout.contains("missing"), "{}", run.stdout);
}

#[test]
fn a_fork_and_a_broken_link_are_refused_everywhere() {
    let desk = Desk::new();
    let made = desk.chain(2);
    let mut twin = Place::new(CHAIN, 2, Some(made[0].1.as_str()));
    twin.delay_secs = 60;
    let (twin, _) = desk.sealer.write(&twin);
    let said = "two different bundles carry this number; both kept, neither used; the site key may be in use twice";
    check(&desk.ingest(&[&made[0].0, &made[1].0, &twin]), 4, said);
    let paths = [&made[0].0, &made[1].0, &twin].map(|path| path.display().to_string());
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for command in ["check", "orphans", "report"] {
        check(&desk.run(&[&[command], &paths[..]].concat()), 4, said);
    }
    let odd = desk
        .sealer
        .write(&Place::new(CHAIN, 3, Some(&"ab".repeat(32))))
        .0;
    let third = desk.ingest(&[&odd]);
    assert_eq!(
        third.exit,
        Some(0),
        "its neighbour is out of use: {}",
        third.stdout
    );
    let other = Desk::new();
    let made = other.chain(2);
    let odd = other
        .sealer
        .write(&Place::new(CHAIN, 3, Some(&"ab".repeat(32))))
        .0;
    let run = other.ingest(&[&made[0].0, &made[1].0, &odd]);
    check(
        &run,
        4,
        "does not link to bundle 000002, though both are signed",
    );
}

#[test]
fn a_new_chain_is_never_silent_until_somebody_accepts_it() {
    let desk = Desk::new();
    let made = desk.chain(2);
    let mut start = Place::new(OTHER_CHAIN, 1, None);
    start.reason = PrevReason::StateLost;
    start.delay_secs = 3 * 86_400;
    let (new, _) = desk.sealer.write(&start);
    let said = "k3f9 began a new chain (reason given: state-lost)";
    check(&desk.ingest(&[&made[0].0, &made[1].0, &new]), 0, said);
    check(&desk.ingest(&[&new]), 0, said);
    let history = desk.path("history");
    check(
        &desk.run(&["chain", "list", "--history", &history]),
        0,
        "new chain (state-lost), not accepted",
    );
    let accept = [
        "chain",
        "accept",
        SITE,
        "--stream",
        OTHER_CHAIN,
        "--reason",
        "disk was replaced",
    ];
    check(
        &desk.run(&accept),
        0,
        "Accepted chain 00000000000000aa of k3f9",
    );
    assert!(!desk.ingest(&[&new]).stderr.contains("new chain"));
    check(
        &desk.run(&["chain", "list", "--history", &history]),
        0,
        "accepted: disk was replaced",
    );
    let unknown = [
        "chain",
        "accept",
        "nobody",
        "--stream",
        OTHER_CHAIN,
        "--reason",
        "x",
    ];
    check(
        &desk.run(&unknown),
        2,
        "site `nobody` is not in the trust store",
    );
}

#[test]
fn a_clock_that_went_back_is_a_warning() {
    let desk = Desk::new();
    let made = desk.chain(1);
    let mut early = Place::new(CHAIN, 2, Some(made[0].1.as_str()));
    early.delay_secs = -2 * 86_400;
    let (early, _) = desk.sealer.write(&early);
    let run = desk.ingest(&[&made[0].0, &early]);
    check(
        &run,
        0,
        "bundle 000002 began before the one before it had ended: the collector's clock went back",
    );
}

#[test]
fn a_bundle_for_somebody_else_and_a_revoked_key_leave_no_history() {
    let desk = Desk::new();
    let made = desk.chain(2);
    let stranger = Identity::generate();
    fs::write(desk.path("analyst.key"), stranger.to_text().as_bytes()).unwrap();
    check(
        &desk.ingest(&[&made[0].0]),
        4,
        "is intact and from k3f9, but not encrypted to your key; ask the site to add your recipient",
    );
    assert!(!Path::new(&desk.path("history")).exists());
    set_mode(Path::new(&desk.path("analyst.key")), 0o644);
    check(
        &desk.ingest(&[&made[0].0]),
        2,
        "may be read by others; run: chmod 600",
    );

    let desk = Desk::new();
    let made = desk.chain(2);
    let folder = PathBuf::from(desk.path("trust")).join(SITE);
    let key = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "pub"));
    fs::write(key.unwrap().with_extension("yaml"), "last_good_seq: 1\n").unwrap();
    let run = desk.ingest(&[&made[0].0, &made[1].0]);
    check(
        &run,
        4,
        "is signed by a key that was revoked after number 000001; do not trust it again",
    );
    assert!(run.stdout.contains("k3f9-000001"), "{}", run.stdout);
}
