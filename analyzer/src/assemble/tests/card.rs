//! Cards of findings, and pools.

use super::*;

#[test]
fn a_card_carries_evidence_with_its_source_and_a_plan_for_its_object() {
    let model = made(&typical(), &[]);
    let card = &model.findings[0];
    assert_eq!(
        card.subject,
        crate::report::model::Name::new("dataset", "pool-a/v")
    );
    assert_eq!(card.why.plain(), "It costs space.");
    let plain: Vec<String> = card
        .evidence
        .iter()
        .map(|row| format!("{}: {}", row.label, row.value.plain()))
        .collect();
    assert!(plain.contains(&"cluster: cl-a".to_owned()), "{plain:?}");
    assert!(
        card.evidence
            .iter()
            .all(|row| row.source.bundle == "north1-000001")
    );
    assert_eq!(card.plan.steps[0].arguments[2].plain(), "pool-a/v");
    assert_eq!(
        card.plan.expected.as_ref().and_then(|number| number.raw),
        Some(3 * GIB)
    );
    assert_eq!(
        card.threshold
            .as_ref()
            .map(|threshold| threshold.is_default),
        Some(true)
    );
    assert_eq!(card.suppression[0], "- finding: \"ORP-001:pool-a/v\"");
    assert_eq!(model.appendix.parameters.len(), 2);
}

#[test]
fn parts_of_a_pool_add_up_and_a_missing_history_says_so() {
    let pool = &made(&typical(), &[]).pools[0];
    let sum: i64 = pool
        .slices
        .iter()
        .filter_map(|slice| slice.number.raw)
        .sum();
    assert_eq!(Some(sum), pool.size.raw);
    assert_eq!(pool.slices[1].number.raw, Some(50 * GIB));
    assert!(matches!(pool.history, HistoryState::TooShort(_)));
}
