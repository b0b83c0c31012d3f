//! Copies of the sample bundles for other sites and clusters: a fleet without a run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use truenas_common::bundle::{
    BundleInfo, BundleName, BundleWriter, Capture, Identity, Limits, NO_DIGEST, Opened, PrevReason,
    SealedBundle, SiteName, SitePublicKey, SiteSecretKey, TrustedKey,
};
use truenas_common::time::Time;

/// Uid of the cluster of the samples.
const CLUSTER: &str = "6c3dae2e-6d15-4352-93b0-df906257d51e";

/// A sample bundle, taken apart.
struct Sample {
    opened: Opened,
    /// Table and lines.
    parts: Vec<(String, String)>,
}

/// A chain of one site: the first sample bundles, one a day, as its collector would have written them.
pub(super) struct Twin<'a> {
    pub(super) site: &'a str,
    pub(super) domain: &'a str,
    /// Last two digits of the uid of its cluster; appliances keep their names.
    pub(super) cluster: &'a str,
    /// Numbers of the samples.
    pub(super) days: std::ops::RangeInclusive<usize>,
    /// Seconds between planned runs.
    pub(super) every: Option<u64>,
    pub(super) reason: PrevReason,
}

/// An analyst with the history of a fleet.
pub(super) struct Desk {
    folder: tempfile::TempDir,
    identity: Identity,
    samples: Vec<Sample>,
    n_chains: usize,
}

impl<'a> Twin<'a> {
    /// All three days of a site with a daily schedule.
    pub(super) fn new(site: &'a str, domain: &'a str, cluster: &'a str) -> Self {
        Self {
            site,
            domain,
            cluster,
            days: 1..=3,
            every: Some(86_400),
            reason: PrevReason::First,
        }
    }

    /// The uid of its cluster.
    pub(super) fn uid(&self) -> String {
        format!("{}{}", &CLUSTER[..CLUSTER.len() - 2], self.cluster)
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::generate();
        let file = folder.path().join("analyst.key");
        fs::write(&file, identity.to_text().as_bytes()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        Self {
            folder,
            identity,
            samples: samples(),
            n_chains: 0,
        }
    }

    /// Brings the chains of a fleet into the history.
    pub(super) fn fleet(twins: &[Twin<'_>]) -> Self {
        let mut desk = Self::new();
        twins.iter().for_each(|twin| desk.add(twin));
        desk
    }

    fn add(&mut self, twin: &Twin<'_>) {
        self.n_chains += 1;
        let key = self.key(twin);
        let folder = self.folder.path().join(format!("chain-{}", self.n_chains));
        fs::create_dir(&folder).unwrap();
        let mut prev = NO_DIGEST.to_owned();
        for (index, day) in twin.days.clone().enumerate() {
            let sample = &self.samples[day - 1];
            let info = BundleInfo {
                stream: format!("{:016x}", self.n_chains),
                seq: index as u64 + 1,
                prev: prev.clone(),
                prev_reason: match index {
                    0 => twin.reason,
                    _ => PrevReason::Normal,
                },
                ..self.info(twin, sample)
            };
            prev = self.seal(&folder, twin, sample, info, &key);
        }
        let ingested = self.run(&["--quiet", "ingest", &folder.display().to_string()]);
        assert_eq!(ingested.0, Some(0), "{}{}", ingested.1, ingested.2);
    }

    /// The key of a site, made and trusted when it has none.
    fn key(&self, twin: &Twin<'_>) -> SiteSecretKey {
        let mut seed = [0; 32];
        seed[..twin.site.len()].copy_from_slice(twin.site.as_bytes());
        let key = SiteSecretKey::new(&seed, [1; 8]);
        let public = self.folder.path().join(format!("{}.pub", twin.site));
        if !public.exists() {
            fs::write(&public, key.public().to_text()).unwrap();
            let (code, _, errors) = self.plain(&[
                "trust",
                "add",
                &public.display().to_string(),
                "--site",
                twin.site,
                "--domain",
                twin.domain,
                "--fingerprint",
                &key.public().fingerprint().to_string(),
            ]);
            assert_eq!(code, Some(0), "{errors}");
        }
        key
    }

    fn info(&self, twin: &Twin<'_>, sample: &Sample) -> BundleInfo {
        BundleInfo {
            site: twin.site.to_owned(),
            recipients: vec![self.identity.recipient().as_str().to_owned()],
            site_key_sha256: None,
            expected_every_secs: twin.every,
            ..sample.opened.info.clone()
        }
    }

    /// Writes a bundle and its signature; returns its digest.
    fn seal(
        &self,
        folder: &Path,
        twin: &Twin<'_>,
        sample: &Sample,
        info: BundleInfo,
        key: &SiteSecretKey,
    ) -> String {
        let ended_at = sample.opened.ended_at;
        let name = BundleName::new(SiteName::parse(twin.site).unwrap(), info.seq, ended_at);
        let info = BundleInfo {
            bundle: name.to_string(),
            ..info
        };
        let start = info
            .captured
            .as_ref()
            .map(|captured| Time::parse(&captured.start).unwrap());
        let started_at = start.unwrap_or(ended_at);
        let recipients = [self.identity.recipient()];
        let mut writer = BundleWriter::create(Vec::new(), info, &recipients, started_at).unwrap();
        for (table, lines) in &sample.parts {
            let lines = lines.replace(CLUSTER, &twin.uid());
            writer.add_part(table, lines.as_bytes()).unwrap();
        }
        let capture = Capture {
            started_at,
            ended_at,
        };
        let sealed = writer.finish(capture, key).unwrap();
        let signature = folder.join(format!("{}.minisig", name.file_name()));
        fs::write(folder.join(name.file_name()), &sealed.out).unwrap();
        fs::write(signature, sealed.sign(key).to_text("test")).unwrap();
        sealed.sha256
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exit code, stdout and stderr of a command over the history.
    pub(super) fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let history = self.path("history").display().to_string();
        self.plain(&[args, &["--history", &history]].concat())
    }

    /// The same of a command with all its arguments.
    pub(super) fn plain(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_truenas-analyzer"))
            .args(args)
            .env("TRUENAS_ANALYZER_TRUST_DIR", self.path("trust"))
            .env("TRUENAS_ANALYZER_IDENTITY", self.path("analyst.key"))
            .output()
            .expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}

/// The sample bundles in their order.
fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let read = |name: &str| fs::read_to_string(folder.join("keys").join(name)).unwrap();
    let identity = Identity::parse(&read("analyst.key")).unwrap();
    let entries = fs::read_dir(folder.join("bundles")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "age"));
    files.sort();
    let trusted = TrustedKey {
        site: SiteName::parse("sample1").unwrap(),
        key: SitePublicKey::parse(&read("site.pub")).unwrap(),
        last_good_seq: None,
    };
    let open = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let signature = fs::read(format!("{}.minisig", path.display())).unwrap();
        let limits = Limits::default();
        let sealed =
            SealedBundle::new(&name, fs::read(path).unwrap(), &signature, &limits).unwrap();
        let mut parts = Vec::new();
        let opened = sealed
            .open(
                std::slice::from_ref(&trusted),
                std::slice::from_ref(&identity),
                &limits,
                &mut |part| {
                    let lines = String::from_utf8(part.bytes.to_vec()).unwrap();
                    parts.extend(part.table.map(|table| (table.to_owned(), lines)));
                },
            )
            .unwrap();
        Sample { opened, parts }
    };
    files.iter().map(open).collect()
}
