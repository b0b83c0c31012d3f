//! PRF-006: deletions that take hours.

use super::Share;
use super::copy::Copy;
use super::scene::Scene;

/// Days that it takes: one on which the deletion is seen under way, and one on which it is done.
const DAYS: usize = 2;

/// How long the deletions have been under way when they are seen.
const BEGUN_SECS: i64 = 5 * 3_600;

/// A volume and a snapshot of the block driver were to be deleted five hours before one list, which still shows them, and are
/// gone from the next. Beside them, with the driver of files, a volume that went between the same two lists, which nobody saw
/// being deleted, and one whose deletion had begun minutes before the list.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    if scene.sick_days().count() < DAYS {
        return None;
    }
    let (slow, source) = (
        scene.spare_volume(Share::Iscsi)?,
        scene.volume(Share::Iscsi)?,
    );
    let (unseen, quick) = (
        scene.spare_volume(Share::Nfs)?,
        scene.spare_volume(Share::Nfs)?,
    );
    let copy = Copy::of(scene, &source)?;
    let healthy_days = scene.days().count() - scene.sick_days().count();
    for day in scene.days().take(healthy_days + 1) {
        copy.add(day)?;
    }
    let first = scene.sick_days().next()?;
    first.release(&slow, BEGUN_SECS)?;
    copy.delete(first, BEGUN_SECS)?;
    first.release(&quick, 600)?;
    for day in scene.sick_days().skip(1) {
        for volume in [&slow, &unseen, &quick] {
            day.remove_claim(volume)?;
            day.remove("persistentvolumes", &volume.pv)?;
            day.destroy(volume);
        }
    }
    let driver = Share::Iscsi.driver();
    scene.fact_later(1, "PRF-006", "k8s_csi_driver", driver, "probable");
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;
    use crate::plant::Day;

    /// Phases of the PVs of a driver that are not bound, or are gone since the day before.
    fn released(day: &Day, driver: &str) -> Vec<(String, String)> {
        let pvs = day.seen("persistentvolumes").iter();
        let mut found: Vec<_> = pvs
            .filter(|pv| {
                pv["spec"]["csi"]["driver"] == driver && pv["status"]["phase"] == "Released"
            })
            .map(|pv| {
                let text =
                    |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                (
                    text(&pv["metadata"]["name"]),
                    text(&pv["status"]["lastPhaseTransitionTime"]),
                )
            })
            .collect();
        found.sort();
        found
    }

    fn names(day: &Day) -> Vec<String> {
        let pvs = day.seen("persistentvolumes").iter();
        pvs.filter_map(|pv| Some(pv["metadata"]["name"].as_str()?.to_owned()))
            .collect()
    }

    #[test]
    fn slow_deletions_are_seen_once_and_gone_from_the_next_list() {
        let folder = series();
        let mut before = Scene::read(folder.path()).unwrap();
        let mut scene = Scene::read(folder.path()).unwrap();
        plant(&mut scene).unwrap();
        let days: Vec<(usize, usize)> = before
            .days()
            .zip(scene.days())
            .map(|(before, day)| {
                let gone = |driver: &str| {
                    let there = names(day);
                    let pvs = before.seen("persistentvolumes").iter();
                    pvs.filter(|pv| pv["spec"]["csi"]["driver"] == driver)
                        .filter(|pv| {
                            !there
                                .iter()
                                .any(|name| pv["metadata"]["name"] == name.as_str())
                        })
                        .count()
                };
                (gone(Share::Iscsi.driver()), gone(Share::Nfs.driver()))
            })
            .collect();
        assert_eq!(days, [(0, 0), (0, 0), (1, 2)]);
        let second = scene.days().nth(1).unwrap();
        let five_hours = second.ago(BEGUN_SECS);
        let slow = released(second, Share::Iscsi.driver());
        assert!(
            slow.iter().any(|(_, since)| *since == five_hours),
            "{slow:?}"
        );
        let (ten_minutes, quick) = (second.ago(600), released(second, Share::Nfs.driver()));
        assert!(
            quick.iter().any(|(_, since)| *since == ten_minutes),
            "{quick:?}"
        );
        assert!(
            quick.iter().all(|(_, since)| *since != five_hours),
            "{quick:?}"
        );
    }

    #[test]
    fn nobody_can_say_so_before_the_deletions_are_done() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        plant(&mut scene).unwrap();
        let said = |day: &Day| {
            day.facts()
                .iter()
                .filter(|fact| fact.mode == "PRF-006")
                .count()
        };
        let counts: Vec<usize> = scene.days().map(|day| said(day)).collect();
        assert_eq!(counts, [0, 0, 1]);
    }
}
