use std::path::Path;

use truenas_common::bundle::{BundleName, SiteSecretKey, announce};

use super::written::{key, site, time};
use super::*;

const ID: [u8; 8] = [0x5f, 0x1c, 0x9a, 0x03, 0xb7, 0xd2, 0xe4, 0x68];
const STREAM: &str = "5f1c9a03b7d2e468";

/// Writes a real bundle at a place, without recording it.
fn write(folder: &Path, place: &Place, key: &SiteSecretKey) -> String {
    let at = (place.stream.as_str(), place.seq, place.prev.as_str());
    written::write(folder, at, place.reason, key)
}

fn place(folder: &Path, key: &SiteSecretKey, wanted: Option<PrevReason>) -> Place {
    next(folder, &site(), &key.public(), wanted, ID).unwrap()
}

/// Writes and records the next bundle.
fn run(folder: &Path, key: &SiteSecretKey, wanted: Option<PrevReason>) -> (Place, String) {
    let place = place(folder, key, wanted);
    let sha256 = write(folder, &place, key);
    place
        .taken(folder, &key.public(), &sha256, time(place.seq))
        .unwrap();
    (place, sha256)
}

#[track_caller]
fn check(place: &Place, seq: u64, prev: &str, reason: PrevReason) {
    assert_eq!(
        (place.seq, place.prev.as_str(), place.reason),
        (seq, prev, reason)
    );
}

#[test]
fn empty_folder_begins_and_the_next_run_links() {
    let folder = tempfile::tempdir().unwrap();
    let (first, sha256) = run(folder.path(), &key(1), None);
    check(&first, 1, NO_DIGEST, PrevReason::First);
    assert_eq!(first.stream, STREAM);
    let second = place(folder.path(), &key(1), None);
    check(&second, 2, &sha256, PrevReason::Normal);
}

#[test]
fn bundle_that_was_written_but_not_recorded_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &key(1), None);
    let second = place(folder.path(), &key(1), None);
    let sha256 = write(folder.path(), &second, &key(1));
    check(
        &place(folder.path(), &key(1), None),
        3,
        &sha256,
        PrevReason::Normal,
    );
}

#[test]
fn first_bundle_without_its_record_is_a_lost_state() {
    let folder = tempfile::tempdir().unwrap();
    let first = place(folder.path(), &key(1), None);
    write(folder.path(), &first, &key(1));
    check(
        &place(folder.path(), &key(1), None),
        1,
        NO_DIGEST,
        PrevReason::StateLost,
    );
}

#[test]
fn damaged_state_is_a_lost_state() {
    let folder = tempfile::tempdir().unwrap();
    for text in [
        "",
        "{}",
        "{\"stream\":\"x\",\"seq\":0,\"last_sha256\":\"\",\"last_utc\":\"\",\"writer\":\"\"}",
    ] {
        std::fs::write(folder.path().join(NAME), text).unwrap();
        check(
            &place(folder.path(), &key(1), None),
            1,
            NO_DIGEST,
            PrevReason::StateLost,
        );
    }
}

#[test]
fn state_of_another_key_does_not_continue() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &key(1), None);
    check(
        &place(folder.path(), &key(2), None),
        1,
        NO_DIGEST,
        PrevReason::StateRestored,
    );
}

#[test]
fn state_that_is_older_than_a_signed_bundle_does_not_continue() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &key(1), None);
    let old = std::fs::read(folder.path().join(NAME)).unwrap();
    let (second, _) = run(folder.path(), &key(1), None);
    run(folder.path(), &key(1), None);
    std::fs::write(folder.path().join(NAME), old).unwrap();
    let name = BundleName::new(site(), second.seq, time(second.seq));
    std::fs::remove_file(folder.path().join(name.file_name())).unwrap();
    check(
        &place(folder.path(), &key(1), None),
        1,
        NO_DIGEST,
        PrevReason::StateRestored,
    );
}

#[test]
fn damaged_or_foreign_bundle_is_not_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let (_, sha256) = run(folder.path(), &key(1), None);
    let second = place(folder.path(), &key(1), None);
    write(folder.path(), &second, &key(2));
    check(
        &place(folder.path(), &key(1), None),
        2,
        &sha256,
        PrevReason::Normal,
    );
    write(folder.path(), &second, &key(1));
    let path = folder
        .path()
        .join(BundleName::new(site(), 2, time(2)).file_name());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.pop();
    std::fs::write(&path, bytes).unwrap();
    check(
        &place(folder.path(), &key(1), None),
        2,
        &sha256,
        PrevReason::Normal,
    );
}

#[test]
fn run_on_demand_leaves_the_chain_of_the_schedule_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (_, sha256) = run(folder.path(), &key(1), None);
    let on_demand = next(
        folder.path(),
        &site(),
        &key(1).public(),
        Some(PrevReason::OnDemand),
        [7; 8],
    )
    .unwrap();
    check(&on_demand, 1, NO_DIGEST, PrevReason::OnDemand);
    on_demand
        .taken(folder.path(), &key(1).public(), NO_DIGEST, time(1))
        .unwrap();
    check(
        &place(folder.path(), &key(1), None),
        2,
        &sha256,
        PrevReason::Normal,
    );
}

#[test]
fn operator_reset_begins_a_chain_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &key(1), None);
    let (reset, sha256) = run(folder.path(), &key(1), Some(PrevReason::OperatorReset));
    check(&reset, 1, NO_DIGEST, PrevReason::OperatorReset);
    check(
        &place(folder.path(), &key(1), None),
        2,
        &sha256,
        PrevReason::Normal,
    );
}

#[test]
fn chain_goes_on_under_a_key_that_the_old_one_names() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = run(folder.path(), &key(1), None);
    // Written by the old key in a run that ended before it was recorded.
    let unrecorded = place(folder.path(), &key(1), None);
    let sha256 = write(folder.path(), &unrecorded, &key(1));
    let new = key(2).public();
    let state = |signer: &SiteSecretKey| {
        let text = announce(&new, signer, &site(), 2, time(2));
        std::fs::write(folder.path().join("site-2026a.pub"), new.to_text()).unwrap();
        std::fs::write(folder.path().join("site-2026a.pub.minisig"), text).unwrap();
        place(folder.path(), &key(2), None)
    };
    check(&state(&key(3)), 1, NO_DIGEST, PrevReason::StateRestored);
    let third = state(&key(1));
    check(&third, 3, &sha256, PrevReason::Normal);
    assert_eq!(third.stream, first.stream);
    let sha256 = write(folder.path(), &third, &key(2));
    third.taken(folder.path(), &new, &sha256, time(3)).unwrap();
    let fourth = place(folder.path(), &key(2), None);
    check(&fourth, 4, &sha256, PrevReason::Normal);
    assert_eq!(next_seq(folder.path()).unwrap(), Some(4));
}
