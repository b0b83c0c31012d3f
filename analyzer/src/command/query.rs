//! `query`: one SELECT over the tables and views of the estate, and what there is to ask about.

mod print;
mod schema;

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::anyhow;
use truenas_common::exit::Exit;

use crate::analysis::{self, AnalysisError};
use crate::checks;
use crate::cli::{Query, Shape};
use crate::query::{Limits, Params, Statement};

/// Most bytes of an answer.
const MAX_BYTES: usize = 1 << 30;

pub(crate) fn run(args: &Query) -> anyhow::Result<Exit> {
    if let Some(word) = args.sql.trim().strip_prefix('.') {
        super::write_output(args.output.as_deref(), schema::answer(word)?.as_bytes())?;
        return Ok(Exit::Ok);
    }
    // A statement that is no SELECT is refused before bundles are opened.
    let read = Statement::from(args.sql.as_str()).relations()?;
    if args.format == Shape::Parquet && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(anyhow!(
            "Parquet is not for a terminal; give a file with --output FILE"
        ));
    }
    let settings = super::config(&args.input)?.settings(&checks::built_in()?)?;
    let (mut estate, _, _) = super::estate(&args.input)?;
    settings
        .declare(&mut estate)
        .map_err(AnalysisError::Estate)?;
    let session = analysis::session(&estate, read)?;
    let limits = Limits {
        rows: args.max_rows,
        bytes: MAX_BYTES,
        time: Some(Duration::from_secs(args.max_secs)),
    };
    let mut answer = session.ask(&args.sql, &Params::new(), &limits)?;
    for warning in &answer.warnings {
        eprintln!("truenas-analyzer: {warning}");
    }
    let bytes = match args.format {
        Shape::Table => print::table(&answer.frame).into_bytes(),
        Shape::Csv => print::csv(&answer.frame).into_bytes(),
        Shape::Json => print::json(&answer.frame)?.into_bytes(),
        Shape::Parquet => crate::query::export::parquet(&mut answer.frame)?,
    };
    super::write_output(args.output.as_deref(), &bytes)?;
    Ok(Exit::Ok)
}
