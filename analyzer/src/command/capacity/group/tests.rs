//! Groups over several appliances, with volumes that come, go and share a dataset.

use super::*;
use crate::history::Run;

const DAY: i64 = 86_400;

fn object(name: &str, namespace: &str, path: Option<&str>) -> Object {
    Object {
        cluster: "c".to_owned(),
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
        class: Some("fast".to_owned()),
        dataset: path.map(|path| ("nas".to_owned(), path.to_owned())),
        ..Object::default()
    }
}

/// Data of datasets over readings that are a day apart; below zero is not told.
fn space(n_days: i64, datasets: &[(&str, (usize, usize), i64)]) -> Space {
    let mut space = Space {
        times: (0..n_days).map(|day| day * DAY).collect(),
        ..Space::default()
    };
    for (path, (from, to), data) in datasets {
        let data = Some(*data).filter(|data| *data >= 0);
        let run = Run {
            from: *from,
            to: *to,
            values: [data, data, Some(0), Some(0), data],
        };
        let runs = space.objects.entry((*path).to_owned()).or_default();
        runs.push(run);
    }
    space
}

fn made(by: CapacityBy, now: &[Object], gone: &[Object], spaces: &[(&str, Space)]) -> Vec<Line> {
    made_with(None, by, (now, gone), spaces)
}

fn made_with(
    reclaims: Option<&Reclaims>,
    by: CapacityBy,
    (now, gone): (&[Object], &[Object]),
    spaces: &[(&str, Space)],
) -> Vec<Line> {
    let space: Readings<5> = spaces
        .iter()
        .map(|(appliance, space)| ((*appliance).to_owned(), space.clone()))
        .collect();
    let input = Input {
        by,
        is_one: true,
        now,
        gone,
        space: &space,
        since: 0,
        pace: 1.0,
        reclaims,
    };
    lines(&input, None, usize::MAX)
}

#[test]
fn a_namespace_that_replaces_its_volumes_does_not_grow() {
    let spaces = [(
        "nas",
        space(
            4,
            &[
                ("tank", (0, 4), 900),
                ("tank/old", (0, 2), 100),
                ("tank/new", (2, 4), 100),
            ],
        ),
    )];
    let now = [object("new", "shop", Some("tank/new"))];
    let gone = [object("old", "shop", Some("tank/old"))];
    let found = made(CapacityBy::Namespace, &now, &gone, &spaces);
    let [line] = found.as_slice() else {
        panic!("one namespace")
    };
    assert_eq!((line.n_volumes, line.n_gone, line.used_bytes), (1, 1, 100));
    assert_eq!(line.growth.as_ref().unwrap().delta(), 0);
    assert_eq!(line.points.len(), 4);
    let without = made(CapacityBy::Namespace, &now, &[], &spaces);
    assert_eq!(without[0].growth.as_ref().unwrap().delta(), 100);
    let volumes = made(CapacityBy::Volume, &now, &gone, &spaces);
    assert_eq!(volumes.len(), 1, "what is gone is no line");
}

#[test]
fn what_a_volume_leaves_behind_is_not_its_namespaces_any_more() {
    let spaces = [(
        "nas",
        space(4, &[("tank", (0, 4), 900), ("tank/old", (0, 4), 100)]),
    )];
    let mut old = object("old", "shop", Some("tank/old"));
    old.until = Some(DAY);
    let found = made(CapacityBy::Namespace, &[], &[old], &spaces);
    let points: Vec<i64> = found[0].points.iter().map(|(_, bytes)| *bytes).collect();
    assert_eq!(points, [100, 100, 0, 0]);
    assert_eq!((found[0].n_volumes, found[0].used_bytes), (0, 0));
}

#[test]
fn the_growth_of_a_group_is_a_part_of_that_of_its_pool() {
    let spaces = [(
        "nas",
        space(
            2,
            &[
                ("tank", (0, 1), 1_000),
                ("tank", (1, 2), 1_500),
                ("tank/a", (0, 1), 100),
                ("tank/a", (1, 2), 400),
                ("tank/b", (0, 2), 50),
            ],
        ),
    )];
    let now = [
        object("a", "shop", Some("tank/a")),
        object("b", "till", Some("tank/b")),
    ];
    let found = made(CapacityBy::Namespace, &now, &[], &spaces);
    let shares: Vec<_> = found
        .iter()
        .map(|line| {
            (
                line.key.1.as_deref().unwrap(),
                line.change(),
                line.pools_change,
            )
        })
        .collect();
    assert_eq!(shares, [("shop", 300, Some(500)), ("till", 0, Some(500))]);
    let class = made(CapacityBy::Class, &now, &[], &spaces);
    assert_eq!((class.len(), class[0].change()), (1, 300));
}

#[test]
fn volumes_that_share_a_dataset_add_up_to_it() {
    let spaces = [(
        "nas",
        space(1, &[("tank", (0, 1), 9), ("tank/a", (0, 1), 7)]),
    )];
    let now = ["x", "y"].map(|name| object(name, name, Some("tank/a")));
    let found = made(CapacityBy::Namespace, &now, &[], &spaces);
    let used: Vec<i64> = found.iter().map(|line| line.used_bytes).collect();
    assert_eq!(used, [4, 3]);
}

#[test]
fn what_was_not_read_is_counted_and_never_zero() {
    let spaces = [(
        "nas",
        space(
            2,
            &[
                ("tank", (0, 2), 9),
                ("tank/a", (0, 1), 7),
                ("tank/a", (1, 2), -1),
            ],
        ),
    )];
    let now = [
        object("a", "shop", Some("tank/a")),
        object("lost", "shop", None),
        object("none", "shop", Some("tank/none")),
    ];
    let found = made(CapacityBy::Namespace, &now, &[], &spaces);
    assert_eq!((found[0].n_volumes, found[0].n_unread), (3, 3));
    // The second reading does not tell the data of one volume, so it tells no sum.
    assert_eq!(found[0].points, [(0, 7)]);
    let other = [object("b", "shop", Some("tank/a"))];
    let other = made(CapacityBy::Namespace, &other, &[], &[]);
    assert_eq!((other[0].n_unread, other[0].growth.is_none()), (1, true));
}

#[test]
fn a_group_on_two_appliances_has_a_sum_when_both_were_read() {
    let a = space(3, &[("tank", (0, 3), 9), ("tank/a", (0, 3), 7)]);
    let mut b = space(2, &[("pool", (0, 2), 9), ("pool/b", (0, 2), 5)]);
    b.times = vec![DAY + 60, 2 * DAY + 60];
    let mut far = object("b", "shop", Some("pool/b"));
    far.dataset = Some(("nas2".to_owned(), "pool/b".to_owned()));
    let now = [object("a", "shop", Some("tank/a")), far];
    let found = made(CapacityBy::Namespace, &now, &[], &[("nas", a), ("nas2", b)]);
    assert_eq!(found[0].points, [(DAY + 60, 12), (2 * DAY + 60, 12)]);
    assert_eq!(found[0].pools_change, Some(0));
}

#[test]
fn a_reclaim_frees_of_each_group_what_its_datasets_are_credited() {
    let spaces = [(
        "nas",
        space(
            1,
            &[
                ("tank", (0, 1), 99),
                ("tank/a", (0, 1), 40),
                ("tank/b", (0, 1), 9),
            ],
        ),
    )];
    let freed = |least_bytes, n_marked| Reclaim {
        least_bytes,
        n_marked,
        may_be_less: false,
    };
    let of = |path: &str, freed: Reclaim| (("nas".to_owned(), path.to_owned()), freed);
    let mut reclaims = Reclaims {
        datasets: BTreeMap::from([
            of("tank/a", freed(31, 0)),
            of("tank/b", freed(0, 1)),
            of("tank/old", freed(500, 0)),
        ]),
        ..Reclaims::default()
    };
    let now = [
        object("a", "shop", Some("tank/a")),
        object("twin", "till", Some("tank/a")),
        object("b", "shop", Some("tank/b")),
        object("lost", "none", None),
    ];
    let gone = [object("old", "shop", Some("tank/old"))];
    let found = |reclaims: &Reclaims, by| {
        let lines = made_with(Some(reclaims), by, (&now, &gone), &spaces);
        let line = |line: Line| (line.key.1.unwrap(), line.reclaim.unwrap());
        lines.into_iter().map(line).collect::<BTreeMap<_, _>>()
    };
    // The odd byte goes to the first of both.
    let lines = found(&reclaims, CapacityBy::Namespace);
    assert_eq!(lines["shop"], Ok(freed(16, 1)));
    assert_eq!(lines["till"], Ok(freed(15, 0)));
    assert_eq!(lines["none"], Ok(Reclaim::default()));
    let class = found(&reclaims, CapacityBy::Class);
    assert_eq!(class["fast"], Ok(freed(31, 1)));
    let hole = "zfs_snapshot: failed".to_owned();
    reclaims.holes.insert("nas".to_owned(), hole);
    let lines = found(&reclaims, CapacityBy::Namespace);
    assert_eq!(lines["shop"], Err("nas: zfs_snapshot: failed".to_owned()));
    assert_eq!(lines["none"], Ok(Reclaim::default()));
    assert!(
        made(CapacityBy::Class, &now, &gone, &spaces)[0]
            .reclaim
            .is_none()
    );
}
