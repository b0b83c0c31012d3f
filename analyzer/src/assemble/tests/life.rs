//! Findings over time.

use super::*;

#[test]
fn a_finding_that_is_gone_is_fixed_removed_or_only_unseen() {
    let fail = |findings| vec![result("ORP-001", "nas-a", State::Fail, findings)];
    let names = ["pool-a/v", "pool-a/w", "pool-a/x"];
    let all = names.map(|name| finding("ORP-001", name, checks::Grade::Confirmed, GIB));
    let previous = analysis(NOW - DAY, &["pool-a"], fail(all.to_vec()));
    let now = analysis(NOW, &["pool-a", "pool-a/w"], fail(all[..1].to_vec()));
    let found = |days: i64, findings: &[checks::Finding]| {
        analysis(NOW - days * DAY, &["pool-a"], fail(findings.to_vec()))
    };
    let (none, first) = (found(11, &[]), found(10, &all[..1]));
    let earlier = [&none, &first, &previous];
    let changes = made(&now, &earlier).changes;
    let kind = |name: &str| {
        changes
            .rows
            .iter()
            .find(|row| row.subject.token == name)
            .map(|row| row.kind)
    };
    assert_eq!(kind("pool-a/v"), Some(ChangeKind::Persisting));
    assert_eq!(
        kind("pool-a/w"),
        Some(ChangeKind::Resolved(Resolution::Fixed))
    );
    assert_eq!(
        kind("pool-a/x"),
        Some(ChangeKind::Resolved(Resolution::ObjectRemoved))
    );
    assert_eq!(changes.rows[0].age.text.replace('\u{202F}', " "), "10 d");

    let blind = vec![result(
        "ORP-001",
        "nas-a",
        State::NotEvaluated("zfs_dataset of nas-a: denied".to_owned()),
        Vec::new(),
    )];
    let changes = made(&analysis(NOW, &[], blind), &earlier).changes;
    assert_eq!(changes.n_resolved(), 3);
    assert_eq!(changes.resolved[0].reason, Resolution::NotCollected);
}

#[test]
fn a_finding_that_was_away_in_between_is_back_again() {
    let fail = vec![result(
        "ORP-001",
        "nas-a",
        State::Fail,
        vec![finding(
            "ORP-001",
            "pool-a/v",
            checks::Grade::Confirmed,
            GIB,
        )],
    )];
    let pass = vec![result("ORP-001", "nas-a", State::Pass, Vec::new())];
    let first = analysis(NOW - 10 * DAY, &["pool-a/v"], fail.clone());
    let previous = analysis(NOW - DAY, &["pool-a"], pass);
    let now = analysis(NOW, &["pool-a/v"], fail);
    let state = |earlier: &[&Analysis]| made(&now, earlier).findings[0].state;
    assert_eq!(state(&[&first, &previous]), FindingState::Regressed);
    assert_eq!(state(&[&previous]), FindingState::New);
    let card = &made(&now, &[&first, &previous]).findings[0];
    assert_eq!(card.first_seen.unix_s, NOW - 10 * DAY);
}

#[test]
fn an_accepted_finding_is_out_of_scores_and_counted_as_such() {
    let mut now = typical();
    let hygiene = |model: &ReportModel| {
        let mut tiles = model.tiles.iter();
        let tile = tiles
            .find(|tile| tile.category == Category::Hygiene)
            .expect("a tile");
        tile.score.as_ref().and_then(|score| score.raw)
    };
    let open = made(&now, &[]);
    let fingerprint = "ORP-001:pool-a/v".to_owned();
    let entry = |since: i64| Entry {
        owner: Some("storage".to_owned()),
        reason: Some("kept".to_owned()),
        since: Some(since),
        until: Some(NOW + 10 * DAY),
        ..crate::suppress::Evidence::of(&now).entry(&now.results[0].findings[0])
    };
    let (new, old) = (entry(NOW), entry(NOW - 5 * DAY));
    now.accepted.insert(fingerprint.clone());
    let model = accepted(&now, &[], &[(new.clone(), Status::Active)]);
    assert!(hygiene(&model) > hygiene(&open));
    assert_eq!(
        (model.scorecard.n_open, model.scorecard.n_suppressed),
        (1, 1)
    );
    assert!(model.risks.iter().all(|risk| risk.finding != fingerprint));
    assert_eq!(model.key_numbers[0].number.raw, Some(0));
    assert_eq!(
        model.more.last().map(|section| section.id.as_str()),
        Some("suppressions")
    );

    let previous = analysis(NOW - DAY, &["pool-a", "pool-a/v"], now.results.clone());
    let kinds = |entry: &Entry| {
        let changes = accepted(&now, &[&previous], &[(entry.clone(), Status::Active)]).changes;
        let rows = changes.rows.into_iter();
        rows.filter(|row| row.finding == fingerprint)
            .map(|row| row.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&new), [ChangeKind::Resolved(Resolution::Suppressed)]);
    assert_eq!(kinds(&old), []);
}
