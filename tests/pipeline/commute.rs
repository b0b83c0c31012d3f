//! Findings commute with redaction: pseudonyms rename what is found and change nothing else.

use std::fs;

use testkit::estate::Fault;
use testkit::subject::pseudonym;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::Overrides;
use truenas_analyzer::history::History;
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};

use crate::stage::{SITE, Stage};

const DAYS: usize = 4;

/// Check, grade, severity, bytes, table and, where a table has one kind of name, the pseudonym of the subject.
type Found = (String, String, String, Option<i64>, String, Option<String>);

fn found(stage: &Stage, profile: &str, name: impl Fn(&str, &str) -> Option<String>) -> Vec<Found> {
    let history = format!("history-{profile}");
    assert_eq!(stage.ingest(&stage.bundles(profile), &history), Exit::Ok);
    let history = History::open(&stage.path(&history)).unwrap();
    let analysis = Analysis::run(&history, SITE, None, &Overrides::new()).unwrap();
    let mut found: Vec<Found> = analysis
        .findings()
        .map(|finding| {
            (
                finding.check_id.clone(),
                finding.grade.word().to_owned(),
                finding.effective_severity.word().to_owned(),
                finding.bytes,
                finding.subject_table.clone(),
                name(&finding.subject_table, &finding.subject),
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn pseudonyms_rename_what_is_found_and_change_nothing_else() {
    let stage = Stage::with_faults(DAYS, Fault::demo());
    let standard = fs::read_to_string(stage.path("config.yaml")).unwrap();
    let open = standard.replace("profile: standard", "profile: open");
    assert_ne!(open, standard);
    for _ in 0..DAYS {
        for (profile, config) in [("standard", &standard), ("open", &open)] {
            fs::write(stage.path("config.yaml"), config).unwrap();
            let exit = stage.collect(profile, &stage.simulation.now());
            assert!(matches!(exit, Exit::Ok | Exit::Incomplete), "{exit:?}");
        }
        let _ = stage.simulation.next();
    }
    let key = fs::read_to_string(stage.path("site/pseudonym.key")).unwrap();
    let redactor = Redactor::new(&PseudonymKey::parse(&key).unwrap(), Profile::Standard);
    let renamed = found(&stage, "open", |table, subject| {
        pseudonym(&redactor, table, subject)
    });
    let tokens = found(&stage, "standard", |table, subject| {
        // The same tables have a name on both sides.
        pseudonym(&redactor, table, "x/y@z").map(|_| subject.to_owned())
    });
    assert!(tokens.len() > 10, "too little to compare");
    assert_eq!(tokens, renamed);
}
