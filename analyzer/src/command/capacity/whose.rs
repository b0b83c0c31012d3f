//! Pools whose change is told, with the window of each: those that CAP-006 finds, over the day that it judged, and every
//! pool over the window that was asked for.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::change::{Change, Owners, every_secs, first_moment};
use super::words::{change, day, time};
use super::{Pool, answer};
use crate::analysis::{self, Analysis};
use crate::checks::Finding;
use crate::command::volumes;
use crate::growth::COLUMNS;
use crate::history::History;

/// The check that finds abnormal growth: between the last two daily readings.
pub(super) const CHECK: &str = "CAP-006";

/// Why the change of a pool is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Abnormal(Abnormal),
    Asked,
}

/// What the check says, in bytes a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Abnormal {
    cause: String,
    last: i64,
    mean: i64,
}

/// The change of a pool since a time.
pub(super) struct Told {
    why: Why,
    from: i64,
    /// Nothing when the root of the pool was not read since.
    change: Option<Change>,
}

/// Appliance and pool, and what is to be told of it since when.
type Window = ((String, String), Why, i64);

/// What is told, by appliance and pool.
#[derive(Default)]
pub(super) struct Whose {
    told: BTreeMap<(String, String), Vec<Told>>,
    owners: Owners,
    /// Lists without which a claim may have no name.
    pub(super) gaps: Vec<String>,
}

impl Abnormal {
    fn of(finding: &Finding) -> Option<Self> {
        let value = |name: &str| {
            let (_, value) = finding.evidence.iter().find(|(column, _)| column == name)?;
            Some(value)
        };
        Some(Self {
            cause: value("cause")?.as_text()?.to_owned(),
            last: value("last_bytes_per_day")?.as_integer()?,
            mean: value("mean_bytes_per_day")?.as_integer()?,
        })
    }
}

/// What of which pools: abnormal growth by its finding, and all of them since a time when that was asked.
fn windows<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    pools: &[Pool],
    asked: Option<i64>,
) -> Vec<Window> {
    let key = |pool: &Pool| (pool.appliance.clone(), pool.name.clone());
    let abnormal = findings.filter(|finding| finding.check_id == CHECK);
    let abnormal = abnormal.filter_map(|finding| {
        let is_it = |pool: &&Pool| pool.appliance == finding.scope && pool.name == finding.subject;
        let pool = pools.iter().find(is_it)?;
        let before = pool.space.as_ref()?.before_at?;
        Some((key(pool), Why::Abnormal(Abnormal::of(finding)?), before))
    });
    let asked = asked.into_iter().flat_map(|from| {
        let pools = pools.iter();
        pools.map(move |pool| (key(pool), Why::Asked, from))
    });
    abnormal.chain(asked).collect()
}

impl Whose {
    /// Reads what is needed, where anything is to be told; a window is as long before the newest bundle as was asked.
    pub(super) fn of(
        analysis: &mut Analysis,
        history: &History,
        pools: &[Pool],
        trend_secs: Option<i64>,
    ) -> anyhow::Result<Self> {
        let asked = trend_secs.map(|secs| first_moment(analysis.estate.now, secs));
        let windows = windows(analysis.findings(), pools, asked);
        let Some(since) = windows.iter().map(|(.., from)| *from).min() else {
            return Ok(Self::default());
        };
        let views = volumes::VIEWS.map(str::to_owned).into();
        analysis::create_views(&mut analysis.session, views)?;
        let estate = &analysis.estate;
        let holes = volumes::holes(estate, history);
        let now = volumes::volumes(estate, &analysis.session, &holes)?;
        let gone = answer::gone(estate, history, &now, since)?;
        let space = history.readings(&estate.domain, "zfs_dataset_space", COLUMNS, estate.now);
        let mut whose = Self {
            told: BTreeMap::new(),
            owners: Owners::of(now.iter().chain(&gone), &estate.clusters),
            gaps: holes.into_values().collect(),
        };
        for ((appliance, pool), why, from) in windows {
            let every = every_secs(estate, history, &appliance);
            let space = space.get(&appliance);
            let change =
                space.and_then(|space| Change::of(space, &pool, from, (every, estate.now)));
            let told = Told { why, from, change };
            whose.told.entry((appliance, pool)).or_default().push(told);
        }
        Ok(whose)
    }

    /// Whether everything that was to be told can be told.
    pub(super) fn is_whole(&self) -> bool {
        let mut told = self.told.values().flatten();
        told.all(|told| told.change.is_some())
    }

    fn told(&self, pool: &Pool) -> &[Told] {
        let key = (pool.appliance.clone(), pool.name.clone());
        self.told.get(&key).map_or(&[][..], Vec::as_slice)
    }

    /// At most so many datasets of each change.
    pub(super) fn text(&self, pool: &Pool, most: usize) -> String {
        let told = self.told(pool).iter();
        told.map(|told| told.text(&pool.appliance, most, &self.owners))
            .collect()
    }

    pub(super) fn json(&self, pool: &Pool, most: usize) -> Json {
        let told = self.told(pool).iter();
        told.map(|told| told.json(&pool.appliance, most, &self.owners))
            .collect()
    }
}

impl Told {
    fn text(&self, appliance: &str, most: usize, owners: &Owners) -> String {
        let mut text = match &self.why {
            Why::Abnormal(Abnormal { cause, last, mean }) => {
                let (last, mean) = (change(*last), change(*mean));
                format!("  abnormal  {last}/day, {mean}/day before ({CHECK} {cause})\n")
            }
            Why::Asked => String::new(),
        };
        let Some(found) = &self.change else {
            let from = day(self.from);
            return text + &format!("  change    not evaluated: not read since {from}\n");
        };
        let (delta, from) = (change(found.growth.delta()), day(found.growth.first.0));
        text += &format!("  change    {delta} since {from}\n");
        text + &found.attribution_text(appliance, most, owners)
    }

    fn json(&self, appliance: &str, most: usize, owners: &Owners) -> Json {
        let abnormal = match &self.why {
            Why::Abnormal(abnormal) => json!({
                "check": CHECK, "cause": abnormal.cause,
                "last_bytes_per_day": abnormal.last, "mean_bytes_per_day": abnormal.mean,
            }),
            Why::Asked => Json::Null,
        };
        let Some(found) = &self.change else {
            return json!({
                "state": "not-evaluated", "abnormal": abnormal, "from": time(self.from),
            });
        };
        json!({
            "state": "evaluated",
            "abnormal": abnormal,
            "from": time(found.growth.first.0),
            "to": time(found.growth.last.0),
            "attribution": found.attribution_json(appliance, most, owners),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Space;
    use super::*;
    use crate::checks::{Grade, Severity};
    use crate::history::{Estate, PoolReadings};
    use crate::query::Value;
    use crate::settings::Settings;
    use crate::tables::written::frame;
    use crate::trend::trend;

    const DAY: i64 = 86_400;

    fn pool(appliance: &str, name: &str, n_readings: i64) -> Pool {
        let points: Vec<(i64, i64)> = (0..n_readings).map(|day| (day * DAY, day)).collect();
        let space = trend(&points, &[], 1.0).map(|trend| Space {
            used: 1,
            size: 2,
            read_at: points[points.len() - 1].0,
            before_at: super::super::before(&points),
            trend,
        });
        Pool {
            appliance: appliance.to_owned(),
            name: name.to_owned(),
            space,
            reclaim: None,
        }
    }

    fn finding(check: &str, appliance: &str, pool: &str) -> Finding {
        let evidence = [
            ("cause", Value::Text("faster".to_owned())),
            ("last_bytes_per_day", Value::Integer(41 << 30)),
            ("mean_bytes_per_day", Value::Integer(1 << 30)),
        ];
        Finding {
            check_id: check.to_owned(),
            scope: appliance.to_owned(),
            subject_table: "nas_pool".to_owned(),
            subject: pool.to_owned(),
            grade: Grade::Confirmed,
            severity: Severity::Medium,
            effective_severity: Severity::Medium,
            bytes: None,
            points: None,
            evidence: evidence
                .map(|(column, value)| (column.to_owned(), value))
                .to_vec(),
            fingerprint: String::new(),
        }
    }

    #[test]
    fn abnormal_growth_is_told_over_the_day_that_the_check_judged() {
        let pools = [pool("a", "tank", 30), pool("b", "tank", 30)];
        let findings = [finding(CHECK, "b", "tank"), finding("CAP-005", "a", "tank")];
        let found = windows(findings.iter(), &pools, None);
        let [((appliance, pool), Why::Abnormal(abnormal), from)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((&**appliance, &**pool, *from), ("b", "tank", 28 * DAY));
        assert_eq!((abnormal.last, abnormal.mean), (41 << 30, 1 << 30));
    }

    /// A pool that gets a GiB a day, and forty more on the last.
    fn grown() -> Estate {
        const GIB: i64 = 1 << 30;
        let bytes = |day: i64| (600 + day) * GIB + day % 2 * GIB / 8 + day / 29 * 40 * GIB;
        let pool = json!({"appliance": "a", "name": "tank", "status": "ONLINE"});
        let space = json!({
            "appliance": "a", "path": "tank", "used_bytes": bytes(29),
            "available_bytes": 1_000 * GIB - bytes(29),
        });
        let mut estate = Estate::at(&History::in_memory(), "d", None).unwrap();
        estate.now = 29 * DAY;
        estate.appliances = vec!["a".to_owned()];
        for (table, row) in [("nas_pool", pool), ("zfs_dataset_space", space)] {
            let key = (table.to_owned(), "a".to_owned());
            estate.outcomes.insert(key, "ok".to_owned());
            estate.frames.insert(table.to_owned(), frame(table, &[row]));
        }
        estate.pool_readings = vec![PoolReadings {
            appliance: "a".to_owned(),
            pool: "tank".to_owned(),
            points: (0..30).map(|day| (day * DAY, bytes(day))).collect(),
        }];
        estate
    }

    #[test]
    fn what_the_check_finds_has_all_that_is_told_of_it() {
        let mut checks = crate::checks::built_in().unwrap();
        checks.retain(|check| check.page.id == CHECK);
        let analysis = Analysis::set(grown(), checks, &Settings::default()).unwrap();
        let pools = [pool("a", "tank", 30)];
        let found = windows(analysis.findings(), &pools, None);
        let [(_, Why::Abnormal(abnormal), from)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((&*abnormal.cause, *from), ("faster", 28 * DAY));
        assert!(abnormal.last > (40 << 30) && abnormal.mean < (2 << 30));
    }

    #[test]
    fn every_pool_is_told_since_the_time_that_was_asked_and_an_abnormal_one_twice() {
        let pools = [pool("a", "tank", 30), pool("a", "slow", 0)];
        let findings = [finding(CHECK, "a", "tank")];
        let found = windows(findings.iter(), &pools, Some(5));
        let told: Vec<_> = found
            .iter()
            .map(|((_, pool), why, from)| (&**pool, *why == Why::Asked, *from))
            .collect();
        assert_eq!(
            told,
            [
                ("tank", false, 28 * DAY),
                ("tank", true, 5),
                ("slow", true, 5)
            ]
        );
        assert!(windows([].iter(), &pools, None).is_empty());
    }

    #[test]
    fn a_change_that_was_not_read_says_so_and_an_abnormal_one_says_what_is_usual() {
        let why = Abnormal::of(&finding(CHECK, "a", "tank")).map(Why::Abnormal);
        let told = Told {
            why: why.expect("evidence"),
            from: 0,
            change: None,
        };
        assert_eq!(
            told.text("a", 5, &Owners::default()),
            "  abnormal  +41.0 GiB/day, +1.00 GiB/day before (CAP-006 faster)\n  \
             change    not evaluated: not read since 1970-01-01\n"
        );
        assert_eq!(
            told.json("a", 5, &Owners::default())["state"],
            "not-evaluated"
        );
    }
}
