//! What page one says, and what limits it.

use super::*;

#[test]
fn page_one_says_what_is_confirmed_and_what_could_not_be_judged() {
    let model = made(&typical(), &[]);
    assert_eq!(model.key_numbers[0].number.raw, Some(3 * GIB));
    assert_eq!(model.key_numbers[1].number.raw, Some(900));
    assert_eq!(model.key_numbers[2].number.raw, Some(1));
    assert_eq!(model.risks.len(), 2);
    assert_eq!(model.risks[0].subject.token, "pool-a/v");
    assert!(
        model
            .verdict
            .plain()
            .contains("Problem of ORP-001: pool-a/v (high, confirmed)")
    );
    assert!(
        model
            .verdict
            .plain()
            .ends_with("1 result could not be judged.")
    );
    assert_eq!(model.title.scope.clusters[0].token, "cl-a");
    assert_eq!(model.trust.keys[0].holder, "site north-1");
    assert_eq!(model.trust.marks[0].option, "clock-given");
}

#[test]
fn a_failed_list_is_a_limit_with_the_name_of_its_cluster() {
    let quality = made(&typical(), &[]).quality;
    assert_eq!(
        (
            quality.n_complete,
            quality.n_partial,
            quality.n_missing,
            quality.n_not_evaluated
        ),
        (1, 1, 1, 1)
    );
    assert!(quality.limits.iter().any(|limit| {
        limit
            .plain()
            .contains("k8s_pvc of cl-a ended with denied: SNP-001")
    }));
    assert!(
        quality
            .limits
            .iter()
            .all(|limit| !limit.plain().contains(UID))
    );
    assert!(quality.clocks[0].is_limiting);
}

#[test]
fn no_name_is_in_plain_text_of_the_matrix() {
    let coverage = made(&typical(), &[]).appendix.coverage;
    let snp = coverage
        .rows
        .iter()
        .find(|row| row.check == "SNP-001")
        .expect("a row");
    assert_eq!(snp.outcomes[0].state, CheckState::NotEvaluated);
    assert_eq!(snp.outcomes[0].reason.as_deref(), Some("k8s_pvc: denied"));
    assert_eq!(snp.outcomes[1].state, CheckState::NotApplicable);
}

#[test]
fn a_category_without_a_judged_check_has_no_score() {
    let tiles = made(&typical(), &[]).tiles;
    let tile = |category| {
        tiles
            .iter()
            .find(|tile| tile.category == category)
            .expect("a tile")
    };
    assert_eq!(
        tile(Category::Hygiene)
            .score
            .as_ref()
            .and_then(|score| score.raw),
        Some(80)
    );
    assert_eq!(tile(Category::Hygiene).state, TileState::Act);
    assert_eq!(tile(Category::Protection).score, None);
    assert_eq!(tile(Category::Protection).state, TileState::NoChecks);
    assert_eq!(tile(Category::Capacity).coverage.text, "no checks");
}

#[test]
fn without_checks_nothing_is_called_healthy() {
    let model = made(&analysis(NOW, &["pool-a"], Vec::new()), &[]);
    assert!(
        model
            .verdict
            .plain()
            .starts_with("No check could be judged")
    );
    assert!(
        model
            .tiles
            .iter()
            .all(|tile| tile.state == TileState::NoChecks)
    );
    assert_eq!(model.orphans.confirmed, None);
    assert_eq!(model.key_numbers[0].number.raw, None);
}

#[test]
fn the_lowest_score_is_that_of_the_worst_tile() {
    let analysis = typical();
    let tiles = made(&analysis, &[]).tiles;
    let scores = tiles.iter().filter_map(|tile| {
        let score = tile.score.as_ref()?.raw?;
        Some((tile.category, score))
    });
    let worst = scores.min_by_key(|(_, score)| *score);
    assert!(worst.is_some_and(|(_, score)| score < 100));
    assert_eq!(lowest(&analysis), worst);
    assert_eq!(lowest(&super::analysis(NOW, &[], Vec::new())), None);
}
