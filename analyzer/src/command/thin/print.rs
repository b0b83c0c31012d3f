//! The answer of `thin` for people, 80 columns wide.

use truenas_common::time::Time;

use super::{Answer, Blocks, Claim, Pool, Reserved, Unlimited, Volume};
use crate::report::escape::visible;
use crate::report::number::{Number, Round, THIN};
use crate::thin::{self, Ratio, overview};

/// A block that costs more than this much of its length is worth a line, in percent.
const MIN_INFLATION_PERCENT: i128 = 105;

pub(super) fn text(answer: &Answer, top: usize) -> String {
    let n_bundles = crate::command::counted(answer.n_bundles, "bundle", "bundles");
    let day = Time::from_unix_secs(answer.at).day();
    let mut text = format!("Rests on {n_bundles}, the newest of {day}.\n");
    for hole in &answer.holes {
        let of = match hole.appliance.as_str() {
            "" => String::new(),
            appliance => format!(" of {}", visible(appliance)),
        };
        let outcome = visible(&hole.outcome);
        text += &format!("Not evaluated: {}{of}: {outcome}\n", hole.table);
    }
    if answer.pools.is_empty() {
        if answer.holes.is_empty() {
            text += "There are no pools.\n";
        }
        return text;
    }
    text += &side_by_side(answer);
    text += &format!(
        "\n{:>11} {:>10} {:>10} {:>11} {:>10} {:>11}\n",
        "promised", "allocated", "reduction", "unbacked", "of free", "shortfall"
    );
    for pool in &answer.pools {
        text += &pool_lines(pool);
    }
    text += &volumes(answer, top);
    text += &reserved(&answer.reserved, top);
    text += &blocks(&answer.blocks, top);
    text += &unlimited(&answer.unlimited, top);
    text += &unmeasured(answer);
    text + NOTE
}

const NOTE: &str = "
Unbacked is what volumes may still write in their worst case, beyond live data
and their own reservation. Above 1.00:1 of what is free, writes fail before all
of them are full. Allocated, reduction (logical to charged bytes) and total are
not to be multiplied. `>=` stands before what would be more had all been read.
Snapshots to come are in no figure. `copies` is not collected and counts as 1.
";

/// What several pools have in common: nothing is added, as space cannot move between them.
fn side_by_side(answer: &Answer) -> String {
    let read = |pool: &&Pool| pool.figures.is_ok();
    let pools: Vec<&Pool> = answer.pools.iter().filter(read).collect();
    let figures = pools.iter().flat_map(|pool| pool.figures.as_ref().ok());
    let figures: Vec<thin::Pool> = figures.copied().collect();
    let Some(overview) = overview(&figures).filter(|_| figures.len() > 1) else {
        return String::new();
    };
    let named = |index: usize| visible(&pools[index].name);
    format!(
        "Of {} pools, short of space: {}. They are not added: space cannot move.\n\
         Most unbacked: {}, {} of what is free\n\
         Fullest: {}, {}; all of them together {}\n",
        figures.len(),
        overview.n_short,
        named(overview.riskiest),
        of_free(&figures[overview.riskiest]),
        named(overview.fullest),
        share(figures[overview.fullest].space.fill()),
        share(overview.fill_of_all),
    )
}

fn pool_lines(pool: &Pool) -> String {
    let title = format!("{} of {}\n", visible(&pool.name), visible(&pool.appliance));
    let figures = match &pool.figures {
        Ok(figures) => figures,
        Err(reason) => return title + &format!("    not evaluated: {}\n", visible(reason)),
    };
    let (space, sums) = (figures.space, &figures.sums);
    let least = if sums.n_unread > 0 { ">=" } else { "" };
    let shortfall = match figures.shortfall_bytes() {
        0 => "none".to_owned(),
        bytes => format!("{least}{}", up(bytes)),
    };
    let allocated = if sums.n_volumes == 0 {
        "none".to_owned()
    } else {
        format!("{least}{}", share(sums.allocation()))
    };
    let mut text = title
        + &format!(
            "{:>11} {allocated:>10} {:>10} {:>11} {:>10} {shortfall:>11}\n",
            up(sums.promised_bytes),
            sums.reduction().map_or_else(untold, down_ratio),
            format!("{least}{}", up(sums.unbacked_bytes)),
            format!("{least}{}", of_free(figures)),
        );
    let mut line = |words: String| text += &format!("    {words}\n");
    line(format!(
        "size {}, used {} ({}), free {}",
        down(space.size_bytes()),
        up(space.used_bytes),
        share(space.fill()),
        down(space.available_bytes)
    ));
    for layout in &pool.layout {
        line(format!("layout: {}", visible(layout)));
    }
    line(format!(
        "overcommit {}; worst case {}, with snapshots {}, thin {}",
        up_ratio(figures.overcommit()),
        up_ratio(figures.worst_overcommit()),
        up_ratio(figures.snapshot_overcommit()),
        up_ratio(figures.thin_overcommit())
    ));
    if let Some(total) = sums.total() {
        let saved = down(sums.saved.bytes());
        line(format!("total {}; saved {saved}", down_ratio(total)));
    }
    if let Some(parts) = parts(sums.saved) {
        line(format!("of that {parts}"));
    }
    if pool.held_twice_bytes > 0 {
        let twice = up(pool.held_twice_bytes);
        line(format!("reservations hold {twice} twice, beside snapshots"));
    }
    if pool.overhead_bytes > 0 {
        let overhead = up(pool.overhead_bytes);
        line(format!("parity of small blocks takes up to {overhead}"));
    }
    if pool.n_measured > 0 {
        line(format!(
            "trim debt {} in {}; a trim frees {} now",
            up(pool.debt.charged_bytes),
            crate::command::counted(pool.n_measured, "measured zvol", "measured zvols"),
            down(pool.debt.freed_bytes)
        ));
    }
    let counted = crate::command::counted;
    if pool.n_unlimited > 0 {
        let n = counted(pool.n_unlimited, "volume has", "volumes have");
        line(format!("{n} no limit: in no figure here"));
    }
    if sums.n_unread > 0 {
        let n = counted(sums.n_unread, "volume", "volumes");
        line(format!("counters of {n} were not read"));
    }
    if sums.n_unknown_layouts > 0 {
        let n = counted(sums.n_unknown_layouts, "zvol", "zvols");
        line(format!(
            "{n} on a layout of unknown overhead: worst case too small"
        ));
    }
    if pool.n_torn > 0 {
        let n = counted(pool.n_torn, "volume was", "volumes were");
        line(format!("{n} read while changing: marked"));
    }
    text
}

/// What keeps the saved bytes away, where the version tells that of some of them.
fn parts(saved: thin::Saved) -> Option<String> {
    let parts = [
        (saved.unwritten_bytes, "unwritten"),
        (saved.reduced_bytes, "reduced"),
        (saved.unsplit_bytes, "not told apart"),
    ];
    let is_told = saved.bytes() > saved.unsplit_bytes;
    let parts = parts.iter().filter(|(bytes, _)| *bytes > 0 && is_told);
    let parts: Vec<String> = parts
        .map(|(bytes, word)| format!("{} {word}", down(*bytes)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn volumes(answer: &Answer, top: usize) -> String {
    if answer.volumes.is_empty() {
        return String::new();
    }
    let mut text = title("Volumes by unbacked promise", answer.volumes.len(), top);
    text += &format!(
        "{:>11} {:>10} {:>10} {:>11} {:>11} {:>11}\n",
        "promised", "allocated", "reduction", "unbacked", "saved", "trim debt"
    );
    for volume in answer.volumes.iter().take(top) {
        text += &volume_lines(volume);
    }
    text
}

fn volume_lines(volume: &Volume) -> String {
    let figures = &volume.figures;
    let unread = || "not read".to_owned();
    let debt = volume.debt.map(|debt| debt.charged_bytes);
    let mut text = format!(
        "{}\n{:>11} {:>10} {:>10} {:>11} {:>11} {:>11}\n",
        visible(&volume.path),
        up(figures.promised_bytes),
        figures.allocation().map_or_else(unread, share),
        figures.reduction().map_or_else(untold, down_ratio),
        figures.unbacked_bytes().map_or_else(unread, none_or_up),
        figures
            .saved()
            .map_or_else(unread, |saved| down(saved.bytes())),
        debt.map_or_else(|| "unmeasured".to_owned(), none_or_up),
    );
    let mut line = |words: String| text += &format!("    {words}\n");
    line(format!("{}{}", kind(volume), claims(&volume.claims)));
    if let (Some(charge), Some(block)) = (volume.charge, volume.block_bytes)
        && is_inflated(charge.inflation())
    {
        let factor = up_ratio(charge.inflation());
        line(format!("a block of {} is charged {factor}", up(block)));
    }
    if let Some(debt) = volume
        .debt
        .filter(|debt| debt.freed_bytes < debt.charged_bytes)
    {
        let freed = down(debt.freed_bytes);
        line(format!(
            "a trim frees {freed} now, the rest when snapshots go"
        ));
    }
    if !figures.is_layout_known {
        line("layout of unknown overhead: worst case too small".to_owned());
    }
    if volume.is_torn {
        line("marked: parts of `used` are not its sum; read while changing".to_owned());
    }
    text
}

fn kind(volume: &Volume) -> &'static str {
    let figures = &volume.figures;
    let is_whole = figures.reservation_bytes >= figures.promised_bytes;
    match (volume.is_zvol, figures.reservation_bytes > 0, is_whole) {
        (true, false, _) => "thin zvol",
        (true, true, true) => "thick zvol",
        (true, true, false) => "partly reserved zvol",
        (false, false, _) => "limited file system",
        (false, true, true) => "reserved file system",
        (false, true, false) => "partly reserved file system",
    }
}

fn claims(claims: &[Claim]) -> String {
    let Some(first) = claims.first() else {
        return ", no volume of a read cluster leads to it".to_owned();
    };
    let name = match &first.claim {
        Some((namespace, name)) => format!(", claim {}/{}", visible(namespace), visible(name)),
        None => format!(", volume {}", visible(&first.pv)),
    };
    match claims.len() - 1 {
        0 => name,
        n => format!("{name} and {n} more"),
    }
}

fn reserved(reserved: &[Reserved], top: usize) -> String {
    if reserved.is_empty() {
        return String::new();
    }
    let mut text = title("Reservations beside snapshots", reserved.len(), top);
    text += &format!(
        "{:>11} {:>11} {:>11} {:>15}\n",
        "reserved", "live", "held twice", "next snapshot"
    );
    for row in reserved.iter().take(top) {
        let next = row.next_snapshot_bytes;
        text += &format!(
            "{}\n{:>11} {:>11} {:>11} {:>15}\n",
            visible(&row.path),
            up(row.reservation_bytes),
            up(row.live_bytes),
            up(row.held_twice_bytes),
            next.map_or_else(
                || "not known".to_owned(),
                |bytes| format!("takes {}", up(bytes))
            )
        );
    }
    text
}

fn blocks(blocks: &[Blocks], top: usize) -> String {
    let inflated: Vec<&Blocks> = blocks
        .iter()
        .filter(|blocks| is_inflated(blocks.charge.inflation()))
        .collect();
    if inflated.is_empty() {
        return String::new();
    }
    let mut text = title("Small blocks on parity", inflated.len(), top);
    text += &format!(
        "{:>11} {:>10} {:>7} {:>11} {:>11}\n",
        "block", "charged", "zvols", "referenced", "overhead"
    );
    for blocks in inflated.iter().take(top) {
        text += &format!(
            "{}\n{:>11} {:>10} {:>7} {:>11} {:>11}\n",
            visible(&blocks.parent),
            up(blocks.block_bytes),
            up_ratio(blocks.charge.inflation()),
            blocks.n_zvols,
            up(blocks.referenced_bytes),
            up(blocks.overhead_bytes())
        );
    }
    text
}

fn unlimited(unlimited: &[Unlimited], top: usize) -> String {
    if unlimited.is_empty() {
        return String::new();
    }
    let mut text = title("Volumes without a limit", unlimited.len(), top);
    for volume in unlimited.iter().take(top) {
        let live = volume.live_bytes.map_or_else(|| "not read".to_owned(), up);
        let claims = claims(&volume.claims);
        text += &format!("{}\n    live {live}{claims}\n", visible(&volume.path));
    }
    text
}

fn unmeasured(answer: &Answer) -> String {
    let mut text = String::new();
    for unmeasured in &answer.unmeasured {
        let state = if unmeasured.is_hole {
            "not evaluated"
        } else {
            "unmeasured"
        };
        text += &format!(
            "\nTrim debt of cluster {}: {state}\n    {}\n",
            visible(&unmeasured.cluster),
            visible(&unmeasured.reason)
        );
    }
    text
}

fn title(words: &str, n: usize, top: usize) -> String {
    if n > top {
        format!("\n{words}, {top} of {n}\n")
    } else {
        format!("\n{words}, {n}\n")
    }
}

fn is_inflated(inflation: Ratio) -> bool {
    i128::from(inflation.part) * 100 > i128::from(inflation.whole) * MIN_INFLATION_PERCENT
}

fn of_free(pool: &thin::Pool) -> String {
    let ratio = pool.unbacked_ratio();
    match (ratio.part, ratio.whole) {
        (0, _) => "0.00:1".to_owned(),
        (_, 0) => "none free".to_owned(),
        _ => up_ratio(ratio),
    }
}

fn untold() -> String {
    "not told".to_owned()
}

fn none_or_up(bytes: i64) -> String {
    match bytes {
        0 => "none".to_owned(),
        bytes => up(bytes),
    }
}

fn up(bytes: i64) -> String {
    plain(&Number::bytes(bytes, Round::Up))
}

fn down(bytes: i64) -> String {
    plain(&Number::bytes(bytes, Round::Down))
}

fn share(ratio: Ratio) -> String {
    match ratio.whole {
        0 => "of none".to_owned(),
        _ => plain(&Number::share(ratio.part, ratio.whole, Round::Up)),
    }
}

fn up_ratio(ratio: Ratio) -> String {
    rounded(ratio, Round::Up)
}

fn down_ratio(ratio: Ratio) -> String {
    rounded(ratio, Round::Down)
}

fn rounded(ratio: Ratio, round: Round) -> String {
    match ratio.whole {
        0 => "of none".to_owned(),
        _ => plain(&Number::ratio(ratio.part, ratio.whole, round)),
    }
}

fn plain(number: &Number) -> String {
    number.text.replace(THIN, " ")
}
