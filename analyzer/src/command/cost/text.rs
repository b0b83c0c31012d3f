//! The answer of `cost` for people.

use truenas_common::time::Time;

use super::{Answer, Period, nameless, word};
use crate::cli::By;
use crate::command::counted;
use crate::config::Snapshots;
use crate::cost::{Group, PoolBill, sums};
use crate::report::escape::visible;
use crate::report::number::{Number, Round, THIN};

/// Volumes without an amount that a text prints; the other formats have all.
const MAX_NAMES: usize = 10;

/// Pools, groups, what is not priced, waste, and how long it keeps a purchase off.
pub(super) fn text(answer: &Answer<'_>) -> String {
    let mut text = head(answer);
    for hole in &answer.read.holes {
        text += &format!("Not evaluated: {}\n", visible(hole));
    }
    for (index, pool) in answer.bill.pools.iter().enumerate() {
        text += &pool_lines(answer, index, pool);
    }
    text += &group_lines(answer, answer.by.unwrap_or(By::Namespace));
    text += &unpriced(answer);
    text += &waste(answer);
    text + &deferrals(answer)
}

fn head(answer: &Answer<'_>) -> String {
    let card = answer.card;
    let bundles = counted(answer.estate.bundles.len(), "bundle", "bundles");
    let newest = Time::from_unix_secs(answer.estate.now).day();
    let mut text = format!("Rests on {bundles}, the newest of {newest}.\n");
    text += &match answer.period {
        Period::Rate => format!("Amounts are {} for a month of 730 hours.\n", card.currency),
        Period::Until(month, end) => format!(
            "Amounts are {} from {} to {}: {} hours; prices are for 730.\n",
            card.currency,
            Time::from_unix_secs(month.start).day(),
            Time::from_unix_secs(end),
            answer.period.hours(None)
        ),
    };
    let snapshots = match card.snapshots {
        Snapshots::Separate(price) => format!("snapshots {price} a GiB and month"),
        other => format!("snapshots {}", other.word()),
    };
    let overhead = card.overhead_percent;
    text + &format!(
        "Basis {}, {snapshots}, {overhead} % of the overhead shared.\n",
        card.basis.word()
    )
}

fn bytes(bytes: i64, round: Round) -> String {
    Number::bytes(bytes, round).text.replace(THIN, " ")
}

fn pool_lines(answer: &Answer<'_>, index: usize, pool: &PoolBill) -> String {
    let name = visible(&answer.read.pools[index].name);
    let mut text = format!(
        "\nPool {name} of {}\n",
        visible(&answer.read.appliances[index])
    );
    let price = pool
        .price
        .map(|price| format!("{} a GiB and month", price.text(4)));
    text += &format!("  price     {}\n", price.as_deref().unwrap_or("none"));
    text += &match (pool.n_priced, pool.n_unpriced) {
        (0, 0) => "  volumes   none\n".to_owned(),
        (0, n) => format!(
            "  volumes   {} not priced\n",
            counted(n, "volume", "volumes")
        ),
        (n, _) => {
            let volumes = counted(n, "volume", "volumes");
            format!("  volumes   {} for {volumes}\n", answer.money(pool.volumes))
        }
    };
    text += &match (&pool.overhead, pool.overhead_bytes) {
        (Ok(overhead), Some(held)) => {
            let held = bytes(held, Round::Up);
            let kept = answer.money(pool.kept);
            format!(
                "  overhead  {} for {held} that no volume holds; {kept} stays here\n",
                answer.money(*overhead)
            )
        }
        (Ok(overhead), None) => format!("  overhead  {}\n", answer.money(*overhead)),
        (Err(gap), _) => format!("  overhead  not priced: {}\n", visible(&gap.to_string())),
    };
    let rest = match pool.n_unpriced {
        _ if pool.is_whole() => String::new(),
        0 => ", without the overhead".to_owned(),
        n => format!(", without {} not priced", counted(n, "volume", "volumes")),
    };
    let is_any = pool.n_priced > 0 || pool.overhead.is_ok();
    let cost = if is_any {
        answer.money(pool.cost)
    } else {
        "not priced".to_owned()
    };
    text += &format!("  cost      {cost}{rest}\n");
    if let Some(idle) = pool.idle {
        let target = answer.card.target_percent;
        text += &format!(
            "  idle      {} beside, for what is free up to {target} %\n",
            answer.money(idle)
        );
    }
    text
}

fn group_lines(answer: &Answer<'_>, by: By) -> String {
    let groups = answer.groups(by);
    if groups.is_empty() {
        return "\nThere are no volumes.\n".to_owned();
    }
    let mut text = format!(
        "\n{:>7} {:>11} {:>11} {:>14}  {}\n",
        "volumes",
        "provisioned",
        "used",
        "cost",
        word(by)
    );
    for ((of, name), group) in groups {
        let name = name
            .as_deref()
            .map_or_else(|| nameless(by).to_owned(), visible);
        let of = of
            .map(|of| format!(" of {}", visible(&of)))
            .unwrap_or_default();
        text += &format!("{}  {name}{of}\n", figures(answer, &group));
    }
    text
}

fn figures(answer: &Answer<'_>, group: &Group) -> String {
    let cost = if group.n_unpriced == group.n_volumes {
        "not priced".to_owned()
    } else if group.n_unpriced > 0 {
        // Not all of it: a mark, and the volumes are named below.
        format!("{} +{}", answer.money(group.cost), group.n_unpriced)
    } else {
        answer.money(group.cost)
    };
    let provisioned = bytes(group.provisioned_bytes, Round::Up);
    let used = bytes(group.used_bytes, Round::Up);
    format!(
        "{:>7} {provisioned:>11} {used:>11} {cost:>14}",
        group.n_volumes
    )
}

fn unpriced(answer: &Answer<'_>) -> String {
    let mut all: Vec<_> = answer.unpriced().collect();
    if all.is_empty() {
        return String::new();
    }
    let n = counted(all.len(), "volume", "volumes");
    let mut text =
        format!("\nNot priced, which is not free: {n} (`+1` above stands for one of them)\n");
    let size = |index: usize| {
        answer.read.volumes[index]
            .provisioned_bytes
            .unwrap_or_default()
    };
    all.sort_by_key(|(index, _)| std::cmp::Reverse(size(*index)));
    for (index, gap) in all.iter().take(MAX_NAMES) {
        let object = &answer.read.objects[*index];
        let of = object
            .namespace
            .as_ref()
            .map(|namespace| format!(" of {}", visible(namespace)));
        let (name, of) = (visible(&object.name), of.unwrap_or_default());
        text += &format!("  {name}{of}\n    {}\n", visible(&gap.to_string()));
    }
    if all.len() > MAX_NAMES {
        text += &format!(
            "  and {} more; `--format csv` has all\n",
            all.len() - MAX_NAMES
        );
    }
    text
}

fn waste(answer: &Answer<'_>) -> String {
    let sums = sums(answer.waste.iter().map(|(waste, cost)| (waste, cost)));
    let mut text =
        "\nWaste; grades are not added up, and money comes back only with the space\n".to_owned();
    if sums.is_empty() {
        text += "  none found\n";
    }
    for ((grade, kind), sum) in sums {
        let least = if sum.is_least { ">=" } else { "" };
        let space = format!("{least}{}", bytes(sum.bytes, Round::Down));
        let cost = if sum.n_unpriced == sum.n {
            "not priced".to_owned()
        } else {
            format!("{least}{}", answer.money(sum.cost))
        };
        let rest = match sum.n_unpriced {
            n if n > 0 && n < sum.n => format!("  ({n} not priced)"),
            _ => String::new(),
        };
        let (grade, kind) = (grade.word(), kind.words());
        text += &format!(
            "  {grade:<10} {kind:<15} {:>5} {space:>11} {cost:>14}{rest}\n",
            sum.n
        );
    }
    for reason in &answer.blind {
        text += &format!("  not evaluated: {}\n", visible(reason));
    }
    text
}

fn deferrals(answer: &Answer<'_>) -> String {
    if answer.deferrals.is_empty() {
        return String::new();
    }
    let mut text = "\nA purchase can wait, once this is given back\n".to_owned();
    for deferral in &answer.deferrals {
        let pool = visible(&answer.read.pools[deferral.pool].name);
        let (grade, space) = (deferral.grade.word(), bytes(deferral.bytes, Round::Down));
        let days = match &deferral.days {
            Ok((growth, days)) => {
                let growth = bytes(*growth as i64, Round::Up);
                format!(
                    "{:.1} days of growth by {growth}/day",
                    (days * 10.0).floor() / 10.0
                )
            }
            Err(reason) => format!("no days: {reason}"),
        };
        text += &format!("  {grade:<10} {space:>11}  {days}\n             in {pool}\n");
    }
    text
}
