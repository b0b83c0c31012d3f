use super::*;
use crate::command::snapshots::section::{Total, merge};

const COLUMNS: [Column; 5] = [
    Column::title("scope"),
    Column::title("name"),
    Column::figure("n", "count", 6),
    Column::below("why", "because"),
    Column::machine("at"),
];

fn gap(scope: &str, reason: &str, is_hole: bool) -> Gap {
    Gap {
        scope: scope.to_owned(),
        reason: reason.to_owned(),
        is_hole,
    }
}

fn section(gaps: Vec<Gap>, rows: Vec<Vec<Cell>>) -> Section {
    Section {
        show: Show::Coverage,
        gaps,
        totals: vec![
            Total::count("n_claims", "bound claims", 1_234),
            Total::count("n_none", "without any", 2),
        ],
        columns: &COLUMNS,
        rows,
        note: "A note.",
    }
}

fn row(why: Cell) -> Vec<Cell> {
    vec![
        Cell::text("c-1"),
        Cell::text("=shop"),
        Cell::Count(7),
        why,
        Cell::At(60),
    ]
}

#[test]
fn a_summary_is_its_totals_and_what_stands_in_the_way() {
    let whole = section(Vec::new(), vec![row(Cell::None)]);
    assert_eq!(
        summary(&whole),
        "Coverage: 1 234 bound claims, 2 without any\n"
    );
    let part = section(
        vec![gap("c-2", "k8s_pvc of c-2: denied", true)],
        vec![row(Cell::None)],
    );
    let text = summary(&part);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("Coverage: 1 234 bound claims, 2 without any")
    );
    let hole = "Coverage of c-2: not evaluated: k8s_pvc of c-2: denied";
    assert_eq!((lines.next(), lines.next()), (Some(hole), None));
    assert!(!part.is_whole() && !part.is_blind());
}

#[test]
fn without_a_row_and_with_a_gap_there_is_no_number() {
    let blind = section(vec![gap("", "not collected: k8s_pvc", false)], Vec::new());
    let text = text(&blind);
    assert_eq!(text, "Coverage: not applicable: not collected: k8s_pvc\n");
    assert!(blind.is_whole(), "nobody planned to read it");
    assert!(json(&blind)["totals"].is_null());
    assert_eq!(json(&blind)["not_evaluated"][0]["is_planned"], false);
    let empty = section(Vec::new(), Vec::new());
    assert!(summary(&empty).contains("1 234 bound claims"));
    assert_eq!(json(&empty)["totals"]["n_none"], 2);
}

#[test]
fn names_stand_above_figures_and_reasons_below_where_there_are_some() {
    let reasons = Cell::Words(vec!["one".to_owned(), "two\u{202E}".to_owned()]);
    let text = text(&section(Vec::new(), vec![row(reasons), row(Cell::None)]));
    let (_, table) = text.split_once("\n\n").expect("a table behind the summary");
    let expect = "  count\nc-1 =shop\n      7\n    because: one, two\\u{202e}\nc-1 =shop\n      7\n\nA note.\n";
    assert_eq!(table, expect);
}

#[test]
fn a_table_has_a_line_a_row_and_none_of_them_is_a_formula() {
    let gaps = vec![gap("c-2", "k8s_pvc of c-2: denied", true)];
    let rows = vec![
        row(Cell::Least(5)),
        row(Cell::Series(vec![(0, 3), (60, 4)])),
    ];
    let text = csv(&section(gaps, rows));
    let expect = [
        "scope,name,n,why,at,note",
        "c-2,,,,,not evaluated: k8s_pvc of c-2: denied",
        "c-1,'=shop,7,,1970-01-01T00:01:00Z,",
        "c-1,'=shop,7,1970-01-01T00:00:00Z=3; 1970-01-01T00:01:00Z=4,1970-01-01T00:01:00Z,",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expect);
}

#[test]
fn machines_get_exact_values_and_null_for_what_is_not_known() {
    let of = |cell: Cell| json(&section(Vec::new(), vec![row(cell)]))["rows"][0]["why"].clone();
    assert_eq!(of(Cell::None), Json::Null);
    assert_eq!(of(Cell::Least(5)), Json::Null);
    assert_eq!(of(Cell::Bytes(1 << 40)), 1_i64 << 40);
    assert_eq!(of(Cell::PerMille(284)), 284);
    assert_eq!(of(Cell::Truth(false)), false);
    assert_eq!(of(Cell::Series(vec![(60, 4)]))[0]["n"], 4);
    assert_eq!(of(Cell::Words(vec!["a".to_owned()])), json!(["a"]));
}

#[test]
fn long_sentences_are_broken_and_long_words_stay_whole() {
    let word = "w".repeat(90);
    let text = wrapped(
        &format!("    found: {} {word} end", "ab ".repeat(30)),
        "      ",
    );
    for line in text.lines() {
        assert!(
            line.chars().count() <= WIDTH || line.trim() == word,
            "{line}"
        );
    }
    assert!(text.starts_with("    found: ab"), "{text}");
    assert_eq!(text.split_whitespace().count(), 33);
}

#[test]
fn of_one_scope_a_hole_says_more_than_what_nobody_planned() {
    let mut gaps = vec![
        gap("a", "not collected: x", false),
        gap("b", "x of b: failed", true),
    ];
    let holes = ["a", "b", "c"].map(|scope| gap(scope, "y: denied", true));
    merge(&mut gaps, &holes);
    let expect = [
        gap("a", "y: denied", true),
        gap("b", "x of b: failed", true),
        gap("c", "y: denied", true),
    ];
    assert_eq!(gaps, expect);
}
