//! `collect`: one bundle, its path on the standard output.

use std::io::Write;

use truenas_common::bundle::PrevReason;
use truenas_common::exit::Exit;

use crate::cli::arguments::{CollectArguments, Reason};
use crate::cli::environment::{block_on, holder, source_date_epoch};
use crate::cli::stop::Stop;
use crate::config::Config;
use crate::run::{self, Options, forecast};

pub(super) fn collect(arguments: &CollectArguments, out: &mut dyn Write) -> Result<Exit, Stop> {
    let config = Config::read(&arguments.file.config)?;
    if arguments.dry_run {
        for request in forecast::requests(&config) {
            writeln!(out, "{request}")?;
        }
        return Ok(Exit::Ok);
    }
    let output = arguments.output.clone().or_else(|| config.output.clone());
    let given_time = match arguments.clock {
        Some(time) => Some(time),
        None => source_date_epoch()?,
    };
    let options = Options {
        output: output.ok_or_else(|| {
            Stop::line(
                Exit::Usage,
                "no folder for the bundle; give --output DIR, or `output` in the configuration",
            )
        })?,
        also_to_recovery: arguments.also_to.is_some(),
        new_stream: arguments.reason.map(|reason| match reason {
            Reason::OnDemand => PrevReason::OnDemand,
            Reason::OperatorReset => PrevReason::OperatorReset,
        }),
        case: arguments.case.clone(),
        is_explained: arguments.explain,
        allow_write_credential: arguments.allow_write_credential,
        is_partial_ok: arguments.partial_ok,
        given_time,
        holder: holder(),
    };
    let written = block_on(run::collect(&config, &options))??;
    writeln!(out, "{}", written.bundle.display())?;
    if let Some(dropped) = &written.dropped {
        write!(out, "\n{dropped}")?;
    }
    Ok(written.exit)
}
