//! `verify`: signature, order and content, one line a bundle.

use truenas_common::Chain;
use truenas_common::bundle::{Limits, Link, LinkVerdict, judge};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use super::stdout::{out, outln};
use crate::bundles::{self, BundleError};
use crate::cli::{Print, Verify};

struct Line {
    bundle: String,
    state: &'static str,
    detail: String,
}

pub(crate) fn run(args: &Verify) -> anyhow::Result<Exit> {
    let (sites, identities) = if args.gateway {
        (
            crate::trust::read(&super::trust_folder(args.keys.trust.as_deref())?)?,
            Vec::new(),
        )
    } else {
        super::keys(&args.keys)?
    };
    let trusted: Vec<_> = sites.iter().flat_map(|site| site.keys.clone()).collect();
    let limits = Limits::default();
    let mut held: Vec<Link> = Vec::new();
    let mut lines = Vec::new();
    let mut exit = Exit::Ok;
    for path in bundles::find(&args.paths)? {
        let file = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let checked = bundles::load(&path, &limits).and_then(|sealed| {
            if args.gateway {
                let outer = sealed.verify(&trusted).map_err(BundleError::Refused)?;
                return Ok((outer, String::from("outer signature only"), Vec::new()));
            }
            let (opened, seen) = bundles::inspect(&sealed, &sites, &identities, &limits)?;
            let detail = format!("{} rows", seen.n_rows);
            Ok((opened.outer, detail, seen.rejected))
        });
        match checked {
            Ok((outer, detail, rejected)) => {
                let comment = outer.comment;
                let bundle = file.trim_end_matches(".tar.zst.age").to_owned();
                let signed = Time::from_unix_secs(comment.timestamp);
                let link = Link {
                    stream: comment.stream,
                    seq: comment.seq,
                    prev: comment.prev,
                    sha256: comment.sha256,
                };
                let (state, place) = place(&judge(&held, &link), link.is_start());
                if state == "refused" {
                    exit = exit.worst(Exit::Refused);
                }
                lines.push(Line {
                    bundle: bundle.clone(),
                    state,
                    detail: format!("{detail}  signed {signed}  {place}"),
                });
                for file in rejected {
                    let detail = format!("{} is not ingested: {}", file.path, file.reason);
                    lines.push(Line {
                        bundle: bundle.clone(),
                        state: "note",
                        detail,
                    });
                }
                held.push(link);
            }
            Err(error) => {
                let (code, step) = match &error {
                    BundleError::Refused(refusal) => {
                        (Exit::Refused, format!(" (step {})", refusal.step()))
                    }
                    _ => (Exit::Usage, String::new()),
                };
                exit = exit.worst(code);
                lines.push(Line {
                    bundle: file,
                    state: "refused",
                    detail: format!("{}{step}", Chain(&error)),
                });
            }
        }
    }
    print(&lines, args.format);
    Ok(exit)
}

/// What the chain says, in the words of the manual.
fn place(verdict: &LinkVerdict, is_start: bool) -> (&'static str, String) {
    match verdict {
        LinkVerdict::Linked if is_start => ("ok", "chain start".to_owned()),
        LinkVerdict::Linked => ("ok", "linked".to_owned()),
        LinkVerdict::Duplicate => ("ok", "seen already".to_owned()),
        LinkVerdict::Gap { from, to } => {
            let missing = super::numbers(*from, *to);
            (
                "ok",
                format!("{missing} missing; ask the site, late ones can be added any time"),
            )
        }
        LinkVerdict::Fork { .. } => (
            "refused",
            "another bundle carries this number; the site key may be in use twice".to_owned(),
        ),
        LinkVerdict::Broken { seq } => (
            "refused",
            format!("does not link to bundle {seq:06}; ask the site which of the two it made"),
        ),
        _ => ("refused", "place in the chain is not known".to_owned()),
    }
}

fn print(lines: &[Line], format: Print) {
    match format {
        Print::Text => lines
            .iter()
            .for_each(|line| outln!("{}  {:<7}  {}", line.bundle, line.state, line.detail)),
        Print::Csv => {
            out!(
                "{}",
                super::csv_line(&["bundle", "state", "detail"].map(str::to_owned))
            );
            for line in lines {
                out!(
                    "{}",
                    super::csv_line(&[
                        line.bundle.clone(),
                        line.state.to_owned(),
                        line.detail.clone()
                    ])
                );
            }
        }
        Print::Json => {
            let rows: Vec<_> = lines
                .iter()
                .map(|line| serde_json::json!({"bundle": line.bundle, "state": line.state, "detail": line.detail}))
                .collect();
            outln!("{:#}", serde_json::Value::Array(rows));
        }
    }
}
