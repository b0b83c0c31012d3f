//! The answer of `cost` for machines: amounts as text with the decimals of the currency, nothing for what is not priced.

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use super::{Answer, GroupKey, Period};
use crate::cli::By;
use crate::cost::{Group, gib_months, sums};

pub(super) fn json(answer: &Answer<'_>) -> Json {
    let time = |at: i64| Time::from_unix_secs(at).to_string();
    let card = answer.card;
    let (start, end) = match answer.period {
        Period::Rate => (None, None),
        Period::Until(month, end) => (Some(time(month.start)), Some(time(end))),
    };
    let by = |by: By| {
        answer
            .groups(by)
            .into_iter()
            .map(|group| group_json(answer, group))
            .collect::<Vec<_>>()
    };
    let sums = sums(answer.waste.iter().map(|(waste, cost)| (waste, cost)));
    let sums = sums.into_iter().map(|((grade, kind), sum)| {
        let is_priced = sum.n_unpriced < sum.n;
        json!({
            "grade": grade.word(), "kind": kind.words(), "n": sum.n, "n_not_priced": sum.n_unpriced,
            "bytes": sum.bytes, "is_least": sum.is_least,
            "cost": is_priced.then(|| answer.money(sum.cost)),
        })
    });
    json!({
        "at": time(answer.estate.now),
        "currency": card.currency,
        "hours": answer.period.hours(None),
        "start": start,
        "end": end,
        "basis": card.basis.word(),
        "snapshots": card.snapshots.word(),
        "overhead_percent": card.overhead_percent,
        "target_percent": card.target_percent,
        "pools": pools(answer),
        "namespaces": by(By::Namespace),
        "classes": by(By::Class),
        "owners": by(By::Owner),
        "volumes": volumes(answer),
        "n_not_priced": answer.unpriced().count(),
        "waste": waste(answer),
        "waste_sums": sums.collect::<Vec<_>>(),
        "deferrals": deferrals(answer),
        "not_evaluated": answer.read.holes.iter().chain(&answer.blind).collect::<Vec<_>>(),
    })
}

fn pools(answer: &Answer<'_>) -> Vec<Json> {
    let pools = answer.bill.pools.iter().enumerate();
    let pool = |(index, pool): (usize, &crate::cost::PoolBill)| {
        let is_any = pool.n_priced > 0 || pool.overhead.is_ok();
        json!({
            "appliance": answer.read.appliances[index],
            "pool": answer.read.pools[index].name,
            "per_gib_month": pool.price.map(|price| price.to_string()),
            "n_priced": pool.n_priced,
            "n_not_priced": pool.n_unpriced,
            "volumes": (pool.n_priced > 0).then(|| answer.money(pool.volumes)),
            "overhead_bytes": pool.overhead_bytes,
            "overhead": pool.overhead.as_ref().ok().map(|overhead| answer.money(*overhead)),
            "overhead_kept": pool.overhead.is_ok().then(|| answer.money(pool.kept)),
            "overhead_not_priced": pool.overhead.as_ref().err().map(ToString::to_string),
            "cost": is_any.then(|| answer.money(pool.cost)),
            "is_whole": pool.is_whole(),
            "idle": pool.idle.map(|idle| answer.money(idle)),
        })
    };
    pools.map(pool).collect()
}

fn group_json(answer: &Answer<'_>, ((of, name), group): (GroupKey, Group)) -> Json {
    let is_priced = group.n_unpriced < group.n_volumes;
    json!({
        "of": of,
        "name": name,
        "n_volumes": group.n_volumes,
        "n_not_priced": group.n_unpriced,
        "provisioned_bytes": group.provisioned_bytes,
        "used_bytes": group.used_bytes,
        "cost": is_priced.then(|| answer.money(group.cost)),
    })
}

fn volumes(answer: &Answer<'_>) -> Vec<Json> {
    let volume = |index: usize| {
        let (object, volume) = (&answer.read.objects[index], &answer.read.volumes[index]);
        let line = &answer.bill.lines[index];
        let charge = line.as_ref().ok();
        json!({
            "cluster": object.cluster,
            "volume": object.name,
            "namespace": object.namespace,
            "claim": object.claim,
            "class": volume.class,
            "owner": answer.owner(object),
            "appliance": volume.pool.map(|pool| &answer.read.appliances[pool]),
            "pool": volume.pool.map(|pool| &answer.read.pools[pool].name),
            "hours": volume.hours,
            "provisioned_bytes": volume.provisioned_bytes,
            "data_bytes": volume.data_bytes,
            "snapshot_bytes": volume.snapshot_bytes,
            "per_gib_month": charge.map(|charge| charge.price.to_string()),
            "charged_gib_months": charge.map(|charge| gib_months(charge.half_bytes, volume.hours)),
            "own_cost": charge.map(|charge| answer.money(charge.own)),
            "overhead_cost": charge.map(|charge| answer.money(charge.overhead)),
            "cost": charge.map(|charge| answer.money(charge.cost())),
            "not_priced": line.as_ref().err().map(ToString::to_string),
        })
    };
    (0..answer.read.volumes.len()).map(volume).collect()
}

fn waste(answer: &Answer<'_>) -> Vec<Json> {
    let waste = answer.waste.iter().map(|(waste, cost)| {
        json!({
            "kind": waste.kind.words(),
            "grade": waste.grade.word(),
            "check": waste.check,
            "subject": waste.subject,
            "appliance": waste.pool.map(|pool| &answer.read.appliances[pool]),
            "pool": waste.pool.map(|pool| &answer.read.pools[pool].name),
            "dataset": waste.dataset,
            "class": waste.class,
            "bytes": waste.bytes,
            "is_least": waste.is_least,
            "cost": cost.as_ref().ok().map(|cost| answer.money(*cost)),
            "not_priced": cost.as_ref().err().map(ToString::to_string),
        })
    });
    waste.collect()
}

fn deferrals(answer: &Answer<'_>) -> Vec<Json> {
    let deferral = answer.deferrals.iter().map(|deferral| {
        let days = deferral.days.as_ref().ok();
        json!({
            "appliance": answer.read.appliances[deferral.pool],
            "pool": answer.read.pools[deferral.pool].name,
            "grade": deferral.grade.word(),
            "bytes": deferral.bytes,
            "growth_bytes_per_day": days.map(|(growth, _)| growth.round()),
            "days": days.map(|(_, days)| (days * 10.0).round() / 10.0),
            "reason": deferral.days.as_ref().err(),
        })
    });
    deferral.collect()
}
