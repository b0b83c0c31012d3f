//! The whole scan over whole files: what is found where, and what passes.

use truenas_common::redact::{PseudonymKey, Redactor};

use super::*;

const PART: &str = "data/k8s_pv/000000.jsonl";

fn screen(profile: Profile) -> BorderScreen {
    let mut secrets = LiveSecrets::default();
    secrets.add("7-0123456789abcdefXYZ\n");
    BorderScreen::new(secrets, profile, None).0
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[(&str, usize, &str)]) {
    let hits = screen(Profile::Standard).scan(path, text.as_bytes());
    let found: Vec<(&str, usize, &str)> = hits
        .iter()
        .map(|hit| (hit.rule.id(), hit.line, hit.pointer.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn every_rule_is_named_with_file_line_and_column() {
    let key = format!("7-{}", "aB3x".repeat(16));
    let hex = "be0453aa91c27d6e8f30415263748596";
    let row = |value: &str| {
        format!("{{\"name\":\"leaf-jhey7oqjnv64kbz3\"}}\n{{\"lun\":1,\"handle\":\"{value}\"}}\n")
    };
    check(PART, &row("0123456789abcdefXYZ"), &[("S14", 2, "/handle")]);
    check(PART, &row(&key), &[("S05", 2, "/handle")]);
    check(PART, &row("xoxb-1234567890-abc"), &[("S08", 2, "/handle")]);
    check(PART, &row("ops@example.com"), &[("S11", 2, "/handle")]);
    check(PART, &row("192.0.2.50"), &[("S12", 2, "/handle")]);
    check(PART, &row(hex), &[("S13", 2, "/handle")]);
    check(PART, "{\"chapSecret\":\"x\"}\n", &[("S10", 1, "/*")]);
    check(PART, "not a row: 192.0.2.50\n", &[("S12", 1, "/*")]);
}

#[test]
fn rows_of_pseudonyms_words_versions_and_times_pass() {
    let rows = concat!(
        "{\"name\":\"pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5\",\"created_at\":\"2026-11-23T18:40:00Z\",",
        "\"phase\":\"Bound\",\"handle_path\":\"jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/kmeyg6nwkiqgzfry/pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5\",",
        "\"iqn_base\":\"iqn.2005-10.org.freenas.ctl\",\"server_host\":\"5fgqg2ifw3stmdhh.wallz3yqs7ql47k6.yto7xd6ziljom3wc\"}\n"
    );
    check(PART, rows, &[]);
    check(
        "data/nas_system/000000.jsonl",
        "{\"appliance\":\"appliance-jhey7oqjnv64kbz3\",\"version\":\"24.04.2.5\"}\n",
        &[],
    );
    check(
        "data/nas_address/000000.jsonl",
        "{\"host\":\"127.0.0.1\"}\n{\"host\":\"::\"}\n",
        &[],
    );
}

#[test]
fn files_beside_the_tables_are_looked_at_and_digests_pass() {
    let hex = "be0453aa91c27d6e8f30415263748596be0453aa91c27d6e8f30415263748596";
    check(
        "manifest-sha256.txt",
        &format!("{hex}  data/k8s_pv/000000.jsonl\n"),
        &[],
    );
    check(
        "bag-info.txt",
        "Payload-Oxum: 91337.24\nBagging-Date: 2026-11-23\n",
        &[],
    );
    check(
        "bag-info.txt",
        "Contact: ops@example.com\n",
        &[("S11", 1, "")],
    );
    let json = |key: &str, value: &str| format!("{{\"{key}\":\"{value}\"}}\n");
    check("bundle.json", &json("prev", hex), &[]);
    check("bundle.json", &json("site_key_sha256", hex), &[]);
    check(
        "bundle.json",
        "{\"recipients\":[\"age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9\"]}",
        &[],
    );
    check("bundle.json", &json("site", hex), &[("S13", 1, "/site")]);
    check("bundle.json", &json("api_key", "x"), &[("S10", 1, "/*")]);
    check(
        "bundle.json",
        "{\"plan\":[{\"list\":\"192.0.2.1\"}]}",
        &[("S12", 1, "/plan/0/list")],
    );
}

#[test]
fn open_names_may_look_like_anything_but_a_secret() {
    let scan = |value: &str| {
        let row = format!("{{\"handle\":\"{value}\"}}\n");
        screen(Profile::Open).scan(PART, row.as_bytes()).len()
    };
    assert_eq!(scan("192.0.2.50"), 0);
    assert_eq!(scan("be0453aa91c27d6e8f30415263748596"), 0);
    assert_eq!(scan("0123456789abcdefXYZ"), 1);
    assert_eq!(scan("xoxb-1234567890-abc"), 1);
}

#[test]
fn secret_across_two_files_is_found_once() {
    let mut screen = screen(Profile::Standard);
    assert!(screen.look("bag-info.txt", b"0123456789").is_ok());
    let error = screen.look("bagit.txt", b"abcdefXYZ\n").unwrap_err();
    assert!(
        error.to_string().contains("S14 at bagit.txt line 1"),
        "{error}"
    );
    assert!(screen.look("bagit.txt", b"nothing\n").is_ok());
}

#[test]
fn refusal_never_holds_the_text() {
    let row = "{\"handle\":\"0123456789abcdefXYZ\",\"secretName\":\"ops@example.com\"}\n";
    let error = screen(Profile::Standard)
        .look(PART, row.as_bytes())
        .unwrap_err();
    let text = format!("{error} {error:?}");
    for word in ["0123", "ops", "secretName"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[test]
fn look_counts_bytes_words_and_names() {
    let redactor =
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard).recording(None);
    let names = Names::new(&redactor);
    let (mut screen, look) = BorderScreen::new(LiveSecrets::default(), Profile::Standard, names);
    let row = b"{\"phase\":\"other\",\"handle\":\"billing\"}\n";
    screen.look(PART, row).unwrap();
    redactor.path("billing");
    let look = look.take();
    assert_eq!(look.n_bytes, row.len() as u64);
    assert_eq!(look.other_words[&("k8s_pv", "phase")], 1);
    let error = look.names.as_ref().unwrap().check(&redactor).unwrap_err();
    assert!(error.to_string().contains("`handle` of table `k8s_pv`"));
}
