//! Processor time of `verify`, against the stock tools and against our own steps without the parse of rows.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::estate::Collected;
use crate::figure::{Figure, Target};
use crate::process::{Programs, cpu_secs, own_cpu_secs};
use crate::site::path;

const PART: &str = "verify";

/// Time is counted in hundredths of a second, and one run takes a few of them.
const N_RUNS: u32 = 20;

pub(crate) fn measure(collected: &Collected, programs: &Programs) -> anyhow::Result<Vec<Figure>> {
    let program = programs.find("truenas-analyzer")?;
    let bundle = collected
        .bundles()?
        .into_iter()
        .next()
        .context("no bundle")?;
    let (trust, identity) = (
        path(&collected.folder.join("trust")),
        path(&collected.identity_file()),
    );
    let ours = cpu_secs(N_RUNS, || {
        let mut command = Command::new(&program);
        command.args(["verify", "--trust", &trust, "--identity", &identity]);
        command.arg(&bundle);
        command
    })?;
    let before = own_cpu_secs()?;
    for _ in 0..N_RUNS {
        collected.open(&mut |_| {})?;
    }
    let floor = (own_cpu_secs()? - before) / f64::from(N_RUNS);
    let stock = stock_tools(collected, &bundle)?;
    let all: f64 = stock.iter().map(|(_, secs)| secs).sum();
    let mut figures = vec![
        Figure::new(PART, "`verify`, all steps and the typed parse", ours, "s"),
        Figure::new(PART, "stock tools together", all, "s"),
    ];
    figures.extend(
        stock
            .into_iter()
            .map(|(tool, secs)| Figure::new(PART, format!("  {tool}"), secs, "s")),
    );
    figures.extend([
        Figure::new(PART, "our own steps without the parse", floor, "s"),
        Figure::new(PART, "`verify` / stock tools", ours / all, "x").beside(Target::AtMost(1.0)),
        Figure::new(PART, "`verify` / own steps", ours / floor, "x").beside(Target::AtMost(2.5)),
    ]);
    Ok(figures)
}

/// Each step with the tool that anybody has; unpacking is prepared and not counted.
fn stock_tools(collected: &Collected, bundle: &Path) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let folder = collected.folder.join("stock");
    std::fs::create_dir_all(&folder)?;
    let (sealed, packed, tar) = (
        path(bundle),
        path(&folder.join("b.zst")),
        path(&folder.join("b.tar")),
    );
    let public = path(&collected.folder.join("site/site.pub"));
    let identity = path(&collected.identity_file());
    let run = |tool: &str, args: &[&str]| {
        let mut command = Command::new(tool);
        command.args(args).current_dir(&folder);
        command
    };
    let steps: [(&'static str, &'static str, Vec<&str>); 3] = [
        (
            "minisign -V",
            "minisign",
            vec!["-q", "-V", "-H", "-m", &sealed, "-p", &public],
        ),
        (
            "age -d",
            "age",
            vec!["-d", "-i", &identity, "-o", &packed, &sealed],
        ),
        (
            "zstd -d",
            "zstd",
            vec!["-q", "-f", "-d", "--memory=16MB", &packed, "-o", &tar],
        ),
    ];
    let mut costs = Vec::new();
    for (name, tool, args) in &steps {
        costs.push((*name, cpu_secs(N_RUNS, || run(tool, args))?));
    }
    cpu_secs(1, || {
        run(
            "tar",
            &["-xf", &tar, "--one-top-level=bag", "--strip-components=1"],
        )
    })?;
    let digests = cpu_secs(N_RUNS, || {
        let mut command = run("sha256sum", &["--quiet", "-c", "manifest-sha256.txt"]);
        command.current_dir(folder.join("bag"));
        command
    })?;
    costs.push(("sha256sum -c", digests));
    Ok(costs)
}
