//! `cost`: what volumes, pools and waste cost under the rate card. A list with a hole gives no amount.

mod focus;
mod json;
mod period;
mod read;
mod text;
mod waste;

use anyhow::anyhow;
use truenas_common::exit::Exit;

use self::period::{Month, Period};
use self::read::Read;
use self::waste::Deferral;
use super::csv_line;
use super::volumes::Object;
use crate::analysis::{Analysis, AnalysisError};
use crate::checks;
use crate::cli::{Basis, By, Cost, CostFormat};
use crate::config::{self, RateCard};
use crate::cost::{Bill, Gap, Group, Money, Waste, bill, groups};
use crate::history::{Estate, History};

/// Tables whose past no amount rests on: waste is judged by what the newest bundles show.
const NOW_OF: [&str; 1] = ["zfs_snapshot"];

pub(crate) fn run(args: &Cost) -> anyhow::Result<Exit> {
    let asked = args.month.as_deref().map(Month::parse).transpose()?;
    let all = checks::built_in()?;
    let config = super::config(&args.input)?;
    let settings = config.settings(&all)?;
    let mut card = config.rate_card.clone().ok_or_else(|| {
        anyhow!(
            "there is no rate card, so nothing has a price; write `rate_card: {{currency: EUR, per_gib_month: 0.08}}` \
             into a file and give it with --config FILE"
        )
    })?;
    card.basis = args.basis.map_or(card.basis, config::Basis::from);
    let (estate, history) = estate(args, asked)?;
    let period = period(args, &estate, &history, asked)?;
    let mut analysis = Analysis::set(estate, waste::checks(all), &settings)?;
    super::accepted::apply(&args.accepted, &mut analysis)?;
    let read = read::read(&analysis, &history, period)?;
    let bill = bill(&card, &read.pools, &read.volumes);
    let found = waste::waste(&analysis, &read);
    let deferrals = waste::deferrals(&analysis.estate, &history, &read, &found);
    let priced = |waste: Waste| {
        let cost = waste.cost(&card, &read.pools, period.hours(None));
        (waste, cost)
    };
    let answer = Answer {
        period,
        by: args.by,
        waste: found.into_iter().map(priced).collect(),
        deferrals,
        blind: waste::blind(&analysis),
        bill,
        read: &read,
        card: &card,
        estate: &analysis.estate,
    };
    let domain_name = config.domains.get(&analysis.estate.domain);
    let bytes = match args.format {
        CostFormat::Text => text::text(&answer).into_bytes(),
        CostFormat::Json => format!("{:#}\n", json::json(&answer)).into_bytes(),
        CostFormat::Csv => csv(&answer).into_bytes(),
        CostFormat::FocusCsv => focus::csv(&answer, &history, domain_name)?.into_bytes(),
        CostFormat::FocusParquet => focus::parquet(&answer, &history, domain_name)?,
    };
    super::write_output(args.output.as_deref(), &bytes)?;
    let is_whole = read.holes.is_empty() && answer.blind.is_empty();
    Ok(if is_whole {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

impl From<Basis> for config::Basis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Provisioned => Self::Provisioned,
            Basis::Used => Self::Used,
            Basis::Blended => Self::Blended,
        }
    }
}

/// The estate as asked, or at the last bundle of a month.
fn estate(args: &Cost, month: Option<Month>) -> anyhow::Result<(Estate, History)> {
    let Some(month) = month else {
        let (estate, history, _) = super::estate_with_now_of(&args.input, &NOW_OF)?;
        return Ok((estate, history));
    };
    let (history, _) = super::history(&args.input)?;
    let domain = super::domain(&history, &args.input)?;
    let estate =
        Estate::at(&history, &domain, Some(month.end - 1)).map_err(AnalysisError::Estate)?;
    if estate.bundles.is_empty() {
        return Err(AnalysisError::Empty { domain }.into());
    }
    Ok((estate, history))
}

/// The period as asked; rows of FOCUS are of a month, that of the newest bundle when none is asked for.
fn period(
    args: &Cost,
    estate: &Estate,
    history: &History,
    asked: Option<Month>,
) -> anyhow::Result<Period> {
    let is_focus = matches!(args.format, CostFormat::FocusCsv | CostFormat::FocusParquet);
    let month = match asked {
        Some(month) => month,
        None if is_focus => Month::of(estate.now)?,
        None => return Ok(Period::Rate),
    };
    let streams = history
        .streams()
        .filter(|((domain, _), _)| *domain == estate.domain);
    let newest = streams
        .flat_map(|(_, stream)| stream.bundles())
        .map(|entry| entry.ended_at)
        .max();
    let is_over = asked.is_some() && newest.is_some_and(|newest| newest >= month.end);
    Period::of(month, estate.now, is_over)
}

/// Everything that the command says.
struct Answer<'a> {
    card: &'a RateCard,
    period: Period,
    by: Option<By>,
    read: &'a Read,
    bill: Bill,
    waste: Vec<(Waste, Result<Money, Gap>)>,
    deferrals: Vec<Deferral>,
    /// Checks that could not look.
    blind: Vec<String>,
    estate: &'a Estate,
}

/// Name of a group with the cluster or appliance that it is of, where that is needed.
type GroupKey = (Option<String>, Option<String>);

impl Answer<'_> {
    fn money(&self, money: Money) -> String {
        money.text(self.bill.n_digits)
    }

    fn owner(&self, object: &Object) -> Option<String> {
        object
            .namespace
            .as_deref()
            .and_then(|namespace| self.card.owner(namespace))
            .map(str::to_owned)
    }

    /// Groups, the dearest first.
    fn groups(&self, by: By) -> Vec<(GroupKey, Group)> {
        let is_one = self.estate.clusters.len() == 1;
        let key = |index: usize| {
            let (object, volume) = (&self.read.objects[index], &self.read.volumes[index]);
            match by {
                By::Namespace => {
                    let cluster = Some(object.cluster.clone()).filter(|_| !is_one);
                    (cluster, object.namespace.clone())
                }
                By::Class => (None, volume.class.clone()),
                By::Owner => (None, self.owner(object)),
                By::Pool => {
                    let appliance = volume.pool.map(|pool| self.read.appliances[pool].clone());
                    (
                        appliance,
                        volume.pool.map(|pool| self.read.pools[pool].name.clone()),
                    )
                }
            }
        };
        let groups = groups(&self.read.volumes, &self.bill.lines, key);
        let mut groups: Vec<(GroupKey, Group)> = groups.into_iter().collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse((group.cost, group.used_bytes)));
        groups
    }

    /// Volumes without an amount, with the reason.
    fn unpriced(&self) -> impl Iterator<Item = (usize, &Gap)> {
        let lines = self.bill.lines.iter().enumerate();
        lines.filter_map(|(index, line)| Some((index, line.as_ref().err()?)))
    }
}

/// What stands for volumes that a group has no name for.
fn nameless(by: By) -> &'static str {
    match by {
        By::Namespace => "(no claim)",
        By::Class => "(no class)",
        By::Owner => "(no owner)",
        By::Pool => "(no pool)",
    }
}

fn word(by: By) -> &'static str {
    match by {
        By::Namespace => "namespace",
        By::Class => "class",
        By::Owner => "owner",
        By::Pool => "pool",
    }
}

/// Groups, or a line for each volume and for what stays with each pool. What has no amount has an empty one.
fn csv(answer: &Answer<'_>) -> String {
    match answer.by {
        Some(by) => group_csv(answer, by),
        None => line_csv(answer),
    }
}

fn group_csv(answer: &Answer<'_>, by: By) -> String {
    let head = [
        "of",
        word(by),
        "n_volumes",
        "n_not_priced",
        "provisioned_bytes",
        "used_bytes",
        "currency",
        "cost",
    ];
    let mut text = csv_line(&head.map(str::to_owned));
    for ((of, name), group) in answer.groups(by) {
        let is_priced = group.n_unpriced < group.n_volumes;
        text += &csv_line(&[
            of.unwrap_or_default(),
            name.unwrap_or_default(),
            group.n_volumes.to_string(),
            group.n_unpriced.to_string(),
            group.provisioned_bytes.to_string(),
            group.used_bytes.to_string(),
            answer.card.currency.clone(),
            if is_priced {
                answer.money(group.cost)
            } else {
                String::new()
            },
        ]);
    }
    text
}

fn line_csv(answer: &Answer<'_>) -> String {
    let head = [
        "kind",
        "appliance",
        "pool",
        "cluster",
        "namespace",
        "claim",
        "volume",
        "class",
        "owner",
        "hours",
        "provisioned_bytes",
        "data_bytes",
        "snapshot_bytes",
        "charged_gib_months",
        "currency",
        "per_gib_month",
        "own_cost",
        "overhead_cost",
        "cost",
        "not_priced",
    ];
    let mut text = csv_line(&head.map(str::to_owned));
    let bytes = |bytes: Option<i64>| bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
    for (index, (object, volume)) in answer
        .read
        .objects
        .iter()
        .zip(&answer.read.volumes)
        .enumerate()
    {
        let mut line = vec!["volume".to_owned()];
        line.extend(place(answer, volume.pool));
        line.extend([
            object.cluster.clone(),
            object.namespace.clone().unwrap_or_default(),
            object.claim.clone().unwrap_or_default(),
            object.name.clone(),
            volume.class.clone().unwrap_or_default(),
            answer.owner(object).unwrap_or_default(),
            volume.hours.to_string(),
            bytes(volume.provisioned_bytes),
            bytes(volume.data_bytes),
            bytes(volume.snapshot_bytes),
        ]);
        match &answer.bill.lines[index] {
            Ok(charge) => line.extend([
                crate::cost::gib_months(charge.half_bytes, volume.hours),
                answer.card.currency.clone(),
                charge.price.to_string(),
                answer.money(charge.own),
                answer.money(charge.overhead),
                answer.money(charge.cost()),
                String::new(),
            ]),
            Err(gap) => {
                let mut cells = [const { String::new() }; 7];
                cells[1].clone_from(&answer.card.currency);
                cells[6] = gap.to_string();
                line.extend(cells);
            }
        }
        text += &csv_line(&line);
    }
    for (index, pool) in answer.bill.pools.iter().enumerate() {
        let mut line = vec!["overhead".to_owned()];
        line.extend(place(answer, Some(index)));
        line.extend([const { String::new() }; 6]);
        line.push(answer.read.pools[index].hours.to_string());
        line.extend([
            "".to_owned(),
            bytes(pool.overhead_bytes),
            "".to_owned(),
            "".to_owned(),
        ]);
        line.push(answer.card.currency.clone());
        line.push(
            pool.price
                .map(|price| price.to_string())
                .unwrap_or_default(),
        );
        line.extend(["".to_owned(), "".to_owned()]);
        match &pool.overhead {
            Ok(_) => line.extend([answer.money(pool.kept), String::new()]),
            Err(gap) => line.extend([String::new(), gap.to_string()]),
        }
        text += &csv_line(&line);
    }
    text
}

/// Appliance and name of a pool.
fn place(answer: &Answer<'_>, pool: Option<usize>) -> [String; 2] {
    let place = pool.map(|pool| {
        [
            answer.read.appliances[pool].clone(),
            answer.read.pools[pool].name.clone(),
        ]
    });
    place.unwrap_or_default()
}
