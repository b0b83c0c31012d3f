//! What must hold for every format at once. Tests only.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::model::{Name, Prose};
use super::text::Color;
use super::{ReportModel, html, json, pdf, text};

const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\" onmouseover=\"x",
    "=HYPERLINK(\"x\")\u{202E}gpj",
    "#[evil] $x$ \u{1b}[31m 容量 *b* \u{0}",
];

fn hostile() -> ReportModel {
    let mut model = ReportModel::sample();
    for (at, finding) in model.findings.iter_mut().enumerate() {
        let text = HOSTILE[at % HOSTILE.len()].to_owned() + &"x".repeat(253);
        finding.subject = Name {
            kind: "dataset".to_owned(),
            token: text.clone(),
            text,
        };
        finding.title = HOSTILE[(at + 1) % HOSTILE.len()].to_owned();
        finding.why = Prose::words(HOSTILE[(at + 2) % HOSTILE.len()]).name(&finding.subject);
    }
    model.title.site = HOSTILE[0].to_owned();
    model.pools[0].pool.text = HOSTILE[1].to_owned() + HOSTILE[0];
    model.risks[0].subject.text = HOSTILE[3].to_owned();
    model.appendix.provenance.files[0].file = HOSTILE[2].to_owned();
    model
}

fn html_of(model: &ReportModel) -> String {
    html::render(model).expect("the page renders")
}

fn pdf_of(model: &ReportModel) -> Vec<u8> {
    pdf::render(model).unwrap_or_else(|error| panic!("{error}"))
}

fn n_pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type/Page/").count() + text.matches("/Type /Page\n").count()
}

#[test]
fn same_model_gives_the_same_bytes_in_every_format() {
    let (once, again) = (ReportModel::sample(), ReportModel::sample());
    assert_eq!(json::write(&once).ok(), json::write(&again).ok());
    assert_eq!(html_of(&once), html_of(&again));
    assert_eq!(pdf_of(&once), pdf_of(&again));
    assert_eq!(
        text::summary(&once, 80, Color::Plain),
        text::summary(&again, 80, Color::Plain)
    );
}

#[test]
fn a_saved_report_renders_to_the_same_bytes() {
    let model = ReportModel::sample();
    let saved = json::write(&model).expect("the sample can be written");
    let read = json::parse(&saved).expect("it reads back");
    assert_eq!(html_of(&read), html_of(&model));
}

#[test]
fn hostile_names_are_inert_on_screen() {
    let page = html_of(&hostile());
    assert!(!page.contains("<script") && !page.contains("\" onmouseover"));
    assert!(
        !page
            .chars()
            .any(|c| matches!(c, '\u{202E}' | '\u{1b}' | '\u{0}'))
    );
    assert!(page.contains("\\u{202e}"));
}

#[test]
fn hostile_names_are_inert_on_paper_and_on_the_terminal() {
    let model = hostile();
    assert!(pdf_of(&model).starts_with(b"%PDF-1."));
    let summary = text::summary(&model, 80, Color::Plain);
    assert!(summary.lines().all(|line| line.chars().count() <= 80));
    assert!(!summary.chars().any(|c| c != '\n' && c.is_control()));
}

#[test]
fn the_page_loads_nothing() {
    let page = html_of(&ReportModel::sample());
    for load in [
        "src=", "<link", "<script", "@import", "url(http", "<img", "<iframe", "<object", "style=\"",
    ] {
        assert_eq!(page.find(load), None, "{load}");
    }
    let n_addresses = page.matches("http").count();
    let n_links =
        page.matches("<a href=\"https:&#x2f;&#x2f;").count() + page.matches("http-equiv").count();
    assert_eq!(
        n_addresses,
        n_links + page.matches("a[href^=\"http\"]").count()
    );
}

#[test]
fn the_policy_allows_exactly_the_style_sheet_of_the_page() {
    let page = html_of(&ReportModel::sample());
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .expect("one style")
        .0;
    let hash = BASE64
        .encode(&Sha256::digest(style.as_bytes()))
        .replace('/', "&#x2f;");
    assert!(page.contains("default-src &#x27;none&#x27;"));
    assert!(page.contains(&format!("style-src &#x27;sha256-{hash}&#x27;")));
}

#[test]
fn every_finding_has_an_anchor_equal_to_its_fingerprint() {
    let model = ReportModel::sample();
    let page = html_of(&model);
    for finding in &model.findings {
        assert_eq!(
            page.matches(&format!(" id=\"{}\"", finding.fingerprint))
                .count(),
            1
        );
    }
    for link in page.split("<a href=\"#").skip(1) {
        let anchor = link.split('"').next().expect("a quote ends the link");
        assert!(page.contains(&format!(" id=\"{anchor}\"")), "{anchor}");
    }
}

#[test]
fn counts_are_equal_across_formats() {
    let model = ReportModel::sample();
    let n_open = model.findings.len() as i64 - model.scorecard.n_suppressed;
    assert_eq!(model.scorecard.n_open, n_open);
    let page = html_of(&model);
    assert_eq!(
        page.matches("<article class=\"card").count(),
        model.findings.len()
    );
    assert_eq!(
        page.matches(" suppressed\" id=").count() as i64,
        model.scorecard.n_suppressed
    );
    let summary = text::summary(&model, 80, Color::Plain);
    assert!(summary.contains(&format!(
        "Open {n_open}, suppressed {}.",
        model.scorecard.n_suppressed
    )));
    let saved: serde_json::Value =
        serde_json::from_str(&json::write(&model).expect("writes")).expect("is JSON");
    assert_eq!(saved["scorecard"]["n_open"], n_open);
    assert_eq!(
        saved["findings"].as_array().map(Vec::len),
        Some(model.findings.len())
    );
}

#[test]
fn the_pdf_names_both_standards_and_has_pages() {
    let pdf = pdf_of(&ReportModel::sample());
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.starts_with("%PDF-1.7"));
    assert!(text.contains("pdfaid:part") && text.contains("pdfuaid:part"));
    assert!(n_pages(&pdf) >= 4, "{}", n_pages(&pdf));
}

#[test]
fn an_empty_report_says_so_in_every_format() {
    let sample = ReportModel::sample();
    let model = ReportModel::new(sample.title, sample.trust, sample.appendix.provenance).finish();
    let page = html_of(&model);
    assert!(page.contains("this is not a pass") && page.contains("No open finding."));
    assert!(pdf_of(&model).starts_with(b"%PDF-"));
    assert!(text::summary(&model, 80, Color::Plain).contains("[--]"));
}

#[test]
fn tables_too_long_for_a_format_say_how_long_they_are() {
    let mut model = ReportModel::sample();
    let orphan = model.orphans.on_storage[0].clone();
    model.orphans.on_storage = vec![orphan; 1_200];
    assert!(html_of(&model).contains("First 1000 of 1200 rows; all are in the JSON report."));
}
