use super::*;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn listed(cluster: &str, name: &str, n_tasks: Value) -> [Value; 6] {
    let [namespace, none] = [text("shop"), Value::Null];
    [
        text(cluster),
        namespace,
        text(name),
        Value::Integer(5),
        n_tasks,
        none,
    ]
}

fn point(cluster: &str, kind: &str, evidence: &str, age: Value) -> [Value; 7] {
    [
        text(cluster),
        text("shop"),
        text("db"),
        text(kind),
        text(evidence),
        Value::Integer(1_000),
        age,
    ]
}

fn of(points: Vec<[Value; 7]>) -> Claim {
    let listed = vec![
        listed("c-1", "db", Value::Integer(1)),
        listed("c-2", "db", Value::Null),
    ];
    let claims = claims(listed, points);
    assert_eq!(claims.len(), 2);
    let key = |cluster: &str| (cluster.to_owned(), "shop".to_owned(), "db".to_owned());
    assert_eq!(claims[&key("c-2")].bucket(), NONE);
    claims[&key("c-1")].clone()
}

#[test]
fn the_youngest_point_counts_and_what_was_seen_goes_first() {
    let day = |n: i64| Value::Integer(n * DAY_SECS);
    let claim = of(vec![
        point("c-1", "csi-snapshot", "seen", day(9)),
        point("c-1", "replication", "told", day(2)),
        point("c-1", "task-snapshot", "seen", day(2)),
        point("c-3", "velero-backup", "seen", day(0)),
    ]);
    let newest = claim.newest().expect("three points");
    assert_eq!(newest.kind, "task-snapshot");
    assert_eq!((claim.bucket(), claim.kinds().len()), ("within-7-days", 3));
    assert!(claim.is_planned && !claim.is_in_doubt);
}

#[test]
fn buckets_end_where_they_say() {
    let bucket = |age: i64| {
        let point = point("c-1", "csi-snapshot", "seen", Value::Integer(age));
        of(vec![point]).bucket()
    };
    assert_eq!(bucket(-5), "within-1-day");
    assert_eq!(bucket(DAY_SECS), "within-1-day");
    assert_eq!(bucket(DAY_SECS + 1), "within-7-days");
    assert_eq!(bucket(30 * DAY_SECS), "within-30-days");
    assert_eq!(bucket(30 * DAY_SECS + 1), OLDER);
}

#[test]
fn a_backup_in_doubt_and_a_point_without_a_time_do_not_count() {
    let claim = of(vec![
        point("c-1", "velero-backup", "in-doubt", Value::Integer(5)),
        point("c-1", "csi-snapshot", "seen", Value::Null),
    ]);
    assert_eq!((claim.bucket(), claim.is_in_doubt), (NONE, true));
}
