//! A run that is killed leaves nothing that looks like a bundle and is none.

use std::thread::sleep;
use std::time::{Duration, Instant};

use testkit::site::{serve, signature_of};
use testkit::world::World;

use crate::stage::Stage;

/// Runs that are killed. More find more; each takes as long as a run.
const N_KILLS: u32 = 60;

#[test]
fn a_run_that_is_killed_leaves_no_half_bundle_and_the_next_one_goes_on() {
    let stage = Stage::new();
    let world = stage.world("killed", "");
    let simulation = serve(&world);
    let config = stage
        .site
        .config(&simulation, &World::read(&world).unwrap());
    let begun = Instant::now();
    assert_eq!(
        stage.site.collect(&config, "out", &["--quiet"]).exit,
        Some(0)
    );
    let whole = begun.elapsed();
    let (mut n_killed, mut n_whole) = (0, 1);
    for number in 0..N_KILLS {
        let mut child = stage.site.start(&config, "out", &["--quiet"]);
        sleep(moment(number, whole));
        child.kill().unwrap();
        n_killed += usize::from(child.wait().unwrap().code().is_none());
        let bundles = stage.site.bundles("out");
        for bundle in bundles
            .iter()
            .filter(|bundle| signature_of(bundle).exists())
        {
            stage
                .site
                .open(bundle)
                .unwrap_or_else(|error| panic!("after kill {number}: {error}"));
        }
        assert!(
            bundles.len() >= n_whole,
            "a bundle is gone after kill {number}"
        );
        n_whole = bundles.len();
    }
    assert!(
        n_killed > N_KILLS as usize / 4,
        "{n_killed} runs were killed in time"
    );
    assert_eq!(
        stage.site.collect(&config, "out", &["--quiet"]).exit,
        Some(0)
    );
    for bundle in stage.site.bundles("out") {
        assert!(
            signature_of(&bundle).exists(),
            "a bundle without signature stays for good"
        );
    }
    let left = std::fs::read_dir(stage.site.path("out")).unwrap();
    let partial = left
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".partial"));
    assert_eq!(
        partial.count(),
        0,
        "the next run removes what a killed one left"
    );
}

/// When to kill: half of the runs anywhere, half near the end, where files get their names.
fn moment(number: u32, whole: Duration) -> Duration {
    // Steps of the golden ratio fill an interval evenly, however many there are.
    let part = (f64::from(number) * 0.618_034).fract();
    match number % 2 {
        0 => whole.mul_f64(part),
        _ => whole.mul_f64(0.7 + 0.4 * part),
    }
}
