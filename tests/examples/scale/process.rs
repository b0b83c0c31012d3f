//! The two programs as processes: where they are, and what a run of one costs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// How often the memory of a process is looked at.
const POLL: Duration = Duration::from_millis(3);

/// Ticks of `/proc/PID/stat` in a second; the same on every Linux.
const TICKS: f64 = 100.0;

/// The folder of the programs.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The given folder, or the one that this example stands in a sub-folder of.
    pub(crate) fn new(given: Option<PathBuf>) -> anyhow::Result<Self> {
        let folder = match given {
            Some(folder) => folder,
            None => {
                let this = std::env::current_exe()?;
                let examples = this.parent().and_then(Path::parent);
                examples.map(Path::to_path_buf).context("no folder")?
            }
        };
        Ok(Self { folder })
    }

    /// A program that is there.
    pub(crate) fn find(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        ensure!(
            path.is_file(),
            "`{}` is missing; make it with `cargo build --release -p {name}`",
            path.display()
        );
        Ok(path)
    }
}

/// What one run of a program cost.
pub(crate) struct Cost {
    pub(crate) status: ExitStatus,
    pub(crate) wall_secs: f64,
    pub(crate) cpu_secs: f64,
    /// Largest resident memory.
    pub(crate) peak_bytes: u64,
}

/// Runs a program to its end and looks at its memory meanwhile.
pub(crate) fn watch(command: &mut Command) -> anyhow::Result<Cost> {
    let before = children_cpu_secs()?;
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let mut peak_bytes = 0;
    let status = loop {
        peak_bytes = peak_bytes.max(high_water_bytes(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(POLL);
    };
    let wall_secs = started.elapsed().as_secs_f64();
    Ok(Cost {
        status,
        wall_secs,
        cpu_secs: children_cpu_secs()? - before,
        peak_bytes,
    })
}

/// Processor time of one run of a program that must succeed, over `n_runs` of them.
pub(crate) fn cpu_secs(n_runs: u32, mut command: impl FnMut() -> Command) -> anyhow::Result<f64> {
    let before = children_cpu_secs()?;
    for _ in 0..n_runs {
        let mut command = command();
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let name = command.get_program().to_string_lossy().into_owned();
        let status = status.with_context(|| format!("cannot run `{name}`; tests/setup gets it"))?;
        ensure!(status.success(), "`{name}` ended with {status}");
    }
    Ok((children_cpu_secs()? - before) / f64::from(n_runs))
}

/// Processor time of this process so far.
pub(crate) fn own_cpu_secs() -> anyhow::Result<f64> {
    ticks(11)
}

/// Processor time of all children that have ended.
fn children_cpu_secs() -> anyhow::Result<f64> {
    ticks(13)
}

/// Two neighbouring fields of `/proc/self/stat`, counted after the name: user and system time.
fn ticks(first: usize) -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = text.rsplit_once(") ").context("no such form")?;
    let both = fields.split(' ').skip(first).take(2);
    let ticks: Vec<f64> = both.filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

/// Largest resident memory of a process so far; nothing of one that has ended.
fn high_water_bytes(id: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or_default() << 10
}
