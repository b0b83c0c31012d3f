//! `report` and `render`: one model, several formats.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use truenas_common::exit::Exit;

use super::Looked;
use super::accepted::{self, Judged};
use crate::analysis::{Analysis, AnalysisError};
use crate::assemble;
use crate::cli::{Format, Render, Report};
use crate::history::Estate;
use crate::lifecycle::Lifecycle;
use crate::report::{ReportModel, html, json, pdf, text};

pub(crate) fn run(args: &Report) -> anyhow::Result<Exit> {
    let mut looked = super::look_back(&args.input, args.look_back.max(2))?;
    let suppressions = accepted::apply(&args.accepted, &mut looked.analysis)?;
    let model = model(&looked, &suppressions, args)?;
    write(&model, args.format, args.output.as_deref())?;
    Ok(Exit::Ok)
}

pub(crate) fn render(args: &Render) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(&args.model)
        .with_context(|| format!("cannot read `{}`", args.model.display()))?;
    let model = json::parse(&text)
        .with_context(|| format!("`{}` is not a saved report", args.model.display()))?;
    write(&model, args.format, args.output.as_deref())?;
    Ok(Exit::Ok)
}

fn model(looked: &Looked, suppressions: &Judged, args: &Report) -> anyhow::Result<ReportModel> {
    let Looked {
        analysis,
        history,
        sites,
        config,
        settings,
    } = looked;
    let earlier = analysis
        .estate
        .bundles
        .iter()
        .map(|row| row.entry.ended_at)
        .filter(|at| *at < analysis.estate.now)
        .max();
    let previous = earlier
        .map(|at| {
            let estate = Estate::at(history, &analysis.estate.domain, Some(at));
            let estate = estate.map_err(AnalysisError::Estate)?;
            let mut previous = Analysis::set(estate, analysis.checks.clone(), settings)?;
            accepted::apply(&args.accepted, &mut previous)?;
            anyhow::Ok(previous)
        })
        .transpose()?;
    let lifecycle = Lifecycle::look_back(
        history,
        analysis,
        previous.as_ref(),
        settings,
        args.look_back,
    )?;
    let site = sites
        .iter()
        .find(|site| site.domain == analysis.estate.domain);
    let label = site.map(|site| site.label.clone().unwrap_or_else(|| site.name.to_string()));
    let label = config
        .domains
        .get(&analysis.estate.domain)
        .cloned()
        .or(label);
    let holders: Vec<(String, String)> = sites
        .iter()
        .flat_map(|site| {
            site.keys
                .iter()
                .map(|key| (key.key.fingerprint().to_string(), site.name.to_string()))
        })
        .collect();
    let accepted: BTreeSet<String> = sites
        .iter()
        .flat_map(|site| site.chains.keys().cloned())
        .collect();
    let source = match &args.input.history {
        Some(folder) => vec!["--history".to_owned(), folder.display().to_string()],
        None => args
            .input
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
    };
    let command = |words: &[&str], tail: &[String]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .chain(tail.iter().cloned())
            .collect::<Vec<_>>()
    };
    let options = assemble::Options {
        site_label: label.unwrap_or_else(|| analysis.estate.domain.clone()),
        key_holders: &holders,
        accepted_chains: &accepted,
        previous: previous.as_ref(),
        lifecycle: &lifecycle,
        settings,
        suppressions,
        reproduce: vec![command(
            &["truenas-analyzer", "report", "--format", "json"],
            &source,
        )],
    };
    Ok(assemble::report(analysis, history, &options)?)
}

fn write(model: &ReportModel, format: Format, path: Option<&Path>) -> anyhow::Result<()> {
    let bytes = match format {
        Format::Html => html::render(model)?.into_bytes(),
        Format::Pdf => pdf::render(model)?,
        Format::Json => json::write(model)?.into_bytes(),
        Format::Text => text::summary(model, 80, text::Color::Plain).into_bytes(),
    };
    super::write_output(path, &bytes)
}
