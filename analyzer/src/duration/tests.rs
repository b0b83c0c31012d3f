use proptest::prelude::*;

use super::*;

/// Provisioning times of the worked example, in seconds.
const EXAMPLE: [i64; 17] = [3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 11, 12, 14, 19, 31, 62, 118];

fn exact(secs: &[i64]) -> Vec<Span> {
    secs.iter().map(|secs| Span::exact(*secs)).collect()
}

#[track_caller]
fn close(found: f64, expect: f64, within: f64) {
    assert!((found - expect).abs() <= within, "{found} for {expect}");
}

#[test]
fn worked_example_has_its_figures() {
    let spans = exact(&EXAMPLE);
    for (percent, expect) in [(0, 3.0), (50, 8.0), (90, 43.4), (95, 73.2), (100, 118.0)] {
        let bounds = percentile(&spans, percent).unwrap();
        assert!(bounds.is_exact());
        close(bounds.least_secs, expect, 1e-9);
    }
    close(mean(&spans).unwrap().least_secs, 19.1, 0.05);
    assert!(spans.len() < MIN_SAMPLES);
    assert_eq!((percentile(&[], 50), mean(&[])), (None, None));
}

#[test]
fn none_of_forty_failures_is_up_to_nine_percent() {
    let (low, high) = wilson(0, 40).unwrap();
    assert_eq!(low, 0.0);
    close(high, 0.088, 0.0005);
    let (low, high) = wilson(40, 40).unwrap();
    close(low, 1.0 - 0.088, 0.0005);
    assert_eq!(high, 1.0);
    // Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I.
    for (n_failed, n_tried, expect) in [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ] {
        let (low, high) = wilson(n_failed, n_tried).unwrap();
        close(low, expect.0, 5e-5);
        close(high, expect.1, 5e-5);
    }
    assert_eq!((wilson(0, 0), wilson(2, 1)), (None, None));
}

#[test]
fn what_is_known_of_a_span_is_never_more_than_its_bounds() {
    assert_eq!(Span::exact(7).knowledge(), Knowledge::Exact);
    assert_eq!(Span::between(0, 420).knowledge(), Knowledge::Within);
    assert_eq!(Span::at_least(60).knowledge(), Knowledge::Running);
    // Clocks that disagree make no negative spans.
    assert_eq!(Span::exact(-3), Span::exact(0));
    assert_eq!(Span::between(-9, -2), Span::exact(0));
}

#[test]
fn spans_that_run_leave_percentiles_open_from_their_rank_on() {
    let spans = [
        exact(&[1, 2, 3]),
        vec![Span::at_least(0), Span::between(4, 9)],
    ]
    .concat();
    let median = percentile(&spans, 50).unwrap();
    assert_eq!((median.least_secs, median.most_secs), (2.0, Some(3.0)));
    let at_rank = percentile(&spans, 75).unwrap();
    assert_eq!((at_rank.least_secs, at_rank.most_secs), (3.0, Some(9.0)));
    let p90 = percentile(&spans, 90).unwrap();
    close(p90.least_secs, 3.6, 1e-9);
    assert_eq!(p90.most_secs, None);
    assert_eq!(mean(&spans).unwrap().most_secs, None);
}

#[test]
fn five_against_five_are_counted() {
    let comparison = compare(&exact(&[11, 12, 13, 14, 15]), &exact(&[1, 2, 3, 4, 5])).unwrap();
    assert_eq!((comparison.lead, comparison.method), (25, Method::Counted));
    // Two of the 252 ways to deal ten spans out.
    close(comparison.p, 2.0 / 252.0, 1e-12);
    assert_eq!(comparison.slower_share, 1.0);
    // The approximation of PRF-010 is more careful here.
    assert!(!comparison.is_slower(2.576));
    assert_eq!(compare(&exact(&[1]), &[]), None);
}

#[test]
fn tables_of_mann_and_whitney_come_back() {
    // P(U <= u) of their table for samples of 8 without ties; both sides here.
    for (n, m, u, expect) in [(8, 8, 13, 0.025), (5, 4, 2, 0.032), (7, 6, 8, 0.037)] {
        let lead = n * m - 2 * u;
        let scores: Vec<i64> = (0..n + m).map(|rank| 2 * rank - (n + m - 1)).collect();
        let comparison = super::compare::counted(&scores, n as usize, lead);
        close(comparison / 2.0, expect, 0.0006);
    }
}

#[test]
fn equal_windows_and_equal_values_differ_by_nothing() {
    let spans = exact(&EXAMPLE);
    let same = compare(&spans, &spans).unwrap();
    assert_eq!((same.lead, same.p, same.slower_share), (0, 1.0, 0.5));
    let flat = exact(&[10; 40]);
    let same = compare(&flat, &flat).unwrap();
    assert_eq!((same.method, same.variance), (Method::Normal, 0.0));
    close(same.p, 1.0, 1e-6);
    assert!(!same.is_slower(0.0));
}

const RULE: Rule = Rule {
    min_samples: 20,
    min_rise_percent: 50,
    min_rise_secs: 5,
    deviations: 2.576,
};

/// Windows of equal spans, so many in each.
fn flat(newer: (i64, usize), earlier: (i64, usize)) -> Result<Change, (usize, usize)> {
    let window = |(secs, n): (i64, usize)| vec![Span::exact(secs); n];
    change(&window(newer), &window(earlier), &RULE)
}

#[test]
fn change_counts_from_both_limits_of_its_rule_on() {
    assert!(flat((15, 20), (10, 20)).unwrap().is_slower);
    assert!(!flat((14, 20), (10, 20)).unwrap().is_slower, "four seconds");
    assert!(!flat((149, 20), (100, 20)).unwrap().is_slower, "49 %");
    assert!(!flat((10, 20), (15, 20)).unwrap().is_slower, "faster");
    assert_eq!(flat((15, 19), (10, 40)), Err((19, 40)));
    assert_eq!(flat((15, 40), (10, 19)), Err((40, 19)));
}

#[test]
fn change_within_bounds_counts_when_it_is_sure() {
    let earlier = vec![Span::between(0, 600); 20];
    let sure = vec![Span::between(900, 9_000); 20];
    assert!(change(&sure, &earlier, &RULE).unwrap().is_slower);
    let unsure = vec![Span::between(599, 9_000); 20];
    let found = change(&unsure, &earlier, &RULE).unwrap();
    assert_eq!((found.is_slower, found.comparison.lead), (false, 0));
}

#[test]
fn what_still_runs_is_not_compared() {
    let mut newer = vec![Span::exact(10); 20];
    newer.extend([Span::at_least(100_000); 30]);
    let found = change(&newer, &[Span::exact(10); 20], &RULE).unwrap();
    assert_eq!((found.is_slower, found.comparison.lead), (false, 0));
    assert_eq!(ended(&newer).len(), 20);
}

/// Variance and lead as PRF-010 counts them: ties grouped, wins doubled.
fn as_in_sql(newer: &[i64], earlier: &[i64]) -> (f64, f64) {
    let mut n_double_wins = 0;
    for new in newer {
        for old in earlier {
            n_double_wins += 1 + (new - old).signum();
        }
    }
    let mut all = [newer, earlier].concat();
    all.sort_unstable();
    let n_ties: f64 = all
        .chunk_by(|a, b| a == b)
        .map(|tie| (tie.len() as f64).powi(3) - tie.len() as f64)
        .sum();
    let (n_pairs, n) = ((newer.len() * earlier.len()) as f64, all.len() as f64);
    let variance = n_pairs / 3.0 * (n + 1.0 - n_ties / (n * (n - 1.0)));
    (n_double_wins as f64 - n_pairs, variance)
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (0_i64..200).prop_map(Span::exact),
        (0_i64..200, 0_i64..90).prop_map(|(least, more)| Span::between(least, least + more)),
        (0_i64..200).prop_map(Span::at_least),
    ]
}

/// Spans with one completion of each: where between its bounds it ended in truth.
fn completed() -> impl Strategy<Value = Vec<(Span, i64)>> {
    let one = (span(), 0_i64..=100).prop_map(|(span, part)| {
        let room = span.most_secs().unwrap_or(1_000) - span.least_secs();
        (span, span.least_secs() + room * part / 100)
    });
    proptest::collection::vec(one, 1..40)
}

proptest! {
    #[test]
    fn bounds_hold_the_percentile_of_every_completion(samples in completed(), percent in 0_usize..=100) {
        let spans: Vec<Span> = samples.iter().map(|(span, _)| *span).collect();
        let truth: Vec<i64> = samples.iter().map(|(_, secs)| *secs).collect();
        let bounds = percentile(&spans, percent).unwrap();
        let truth = percentile(&exact(&truth), percent).unwrap().least_secs;
        prop_assert!(bounds.least_secs <= truth + 1e-9);
        prop_assert!(bounds.most_secs.is_none_or(|most| truth <= most + 1e-9));
        let (bounds, truth) = (mean(&spans).unwrap(), samples.iter().map(|(_, secs)| *secs as f64).sum::<f64>());
        prop_assert!(bounds.least_secs <= truth / spans.len() as f64 + 1e-9);
    }

    #[test]
    fn bounds_are_reached_at_the_ends(samples in completed(), percent in 0_usize..=100) {
        let spans: Vec<Span> = samples.iter().map(|(span, _)| *span).collect();
        let least: Vec<i64> = spans.iter().map(|span| span.least_secs()).collect();
        let bounds = percentile(&spans, percent).unwrap();
        prop_assert_eq!(bounds.least_secs, percentile(&exact(&least), percent).unwrap().least_secs);
        let most: Option<Vec<i64>> = spans.iter().map(|span| span.most_secs()).collect();
        if let Some(most) = most {
            let reached = percentile(&exact(&most), percent).unwrap().least_secs;
            prop_assert_eq!(bounds.most_secs, Some(reached));
        }
    }

    #[test]
    fn percentiles_grow_with_their_share(samples in completed(), percent in 0_usize..100) {
        let spans: Vec<Span> = samples.iter().map(|(span, _)| *span).collect();
        let (low, high) = (percentile(&spans, percent).unwrap(), percentile(&spans, percent + 1).unwrap());
        prop_assert!(low.least_secs <= high.least_secs);
        prop_assert!(low.most_secs.unwrap_or(f64::INFINITY) <= high.most_secs.unwrap_or(f64::INFINITY));
    }

    #[test]
    fn interval_of_a_share_holds_it_and_narrows(n_failed in 0_u64..200, more in 0_u64..2_000) {
        let n_tried = n_failed + more;
        prop_assume!(n_tried > 0);
        let (low, high) = wilson(n_failed, n_tried).unwrap();
        let share = n_failed as f64 / n_tried as f64;
        prop_assert!((0.0..=share).contains(&low) && (share..=1.0).contains(&high));
        let (tighter, narrower) = wilson(n_failed * 10, n_tried * 10).unwrap();
        prop_assert!(narrower - tighter < high - low);
    }

    #[test]
    fn exact_spans_are_compared_as_in_the_sql_of_the_check(
        newer in proptest::collection::vec(0_i64..30, 1..60),
        earlier in proptest::collection::vec(0_i64..30, 1..60),
    ) {
        let comparison = compare(&exact(&newer), &exact(&earlier)).unwrap();
        let (lead, variance) = as_in_sql(&newer, &earlier);
        prop_assert_eq!(comparison.lead as f64, lead);
        prop_assert!((comparison.variance - variance).abs() <= 1e-6 * variance.max(1.0));
        prop_assert!((0.0..=1.0).contains(&comparison.p));
    }

    #[test]
    fn windows_can_be_swapped(samples in completed(), others in completed()) {
        let spans = |samples: &[(Span, i64)]| -> Vec<Span> { samples.iter().map(|(span, _)| *span).collect() };
        let there = compare(&spans(&samples), &spans(&others)).unwrap();
        let back = compare(&spans(&others), &spans(&samples)).unwrap();
        prop_assert_eq!(there.lead, -back.lead);
        prop_assert!((there.p - back.p).abs() < 1e-9);
        prop_assert!((there.slower_share + back.slower_share - 1.0).abs() < 1e-9);
    }

    #[test]
    fn bounds_that_widen_never_make_a_stronger_claim(secs in proptest::collection::vec(0_i64..50, 4..30), wide in 0_i64..60) {
        let half = secs.len() / 2;
        let widen = |secs: &[i64]| -> Vec<Span> { secs.iter().map(|secs| Span::between(secs - wide, secs + wide)).collect() };
        // Pairs that are surely longer stay fewer; their lead alone may move either way.
        let n_sure = |newer: &[Span], earlier: &[Span]| {
            newer.iter().flat_map(|a| earlier.iter().map(move |b| (a, b)))
                .filter(|(a, b)| b.most_secs().is_some_and(|most| most < a.least_secs())).count()
        };
        let (newer, earlier) = secs.split_at(half);
        prop_assert!(n_sure(&widen(newer), &widen(earlier)) <= n_sure(&exact(newer), &exact(earlier)));
    }
}
