//! The published vectors, and the properties that joins rest on.

use proptest::prelude::*;

use super::*;
use crate::redact::Model;
use crate::schema::{Cell, Field as _};

fn redactor() -> Redactor {
    Redactor::new(
        &PseudonymKey::from_bytes(std::array::from_fn(|index| index as u8)),
        Profile::Standard,
    )
}

#[test]
fn published_vectors_hold() {
    let redactor = redactor();
    assert_eq!(
        redactor.name::<marker::NamespaceKind>("prod").as_str(),
        "ns-svdkxb63hs5rel7d"
    );
    assert_eq!(
        redactor.name::<marker::NodeKind>("prod").as_str(),
        "node-lmkv36uy2ccv4lcb"
    );
    assert_eq!(redactor.path("tank").as_str(), "jhey7oqjnv64kbz3");
    assert_eq!(
        redactor.path("tank/k8s").as_str(),
        "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru"
    );
    assert_eq!(
        redactor.path("tank/k8s/vols").as_str(),
        "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/kmeyg6nwkiqgzfry"
    );
    assert_eq!(
        redactor.path("tank/vols").as_str(),
        "jhey7oqjnv64kbz3/nuuc33its7vstoze"
    );
    assert_eq!(
        redactor.host("worker-3.ocp.example.com").as_str(),
        "5fgqg2ifw3stmdhh.wallz3yqs7ql47k6.yto7xd6ziljom3wc.zztn7db4cdv7xsol"
    );
    assert!(redactor.key_check().starts_with("252029fe"));
    assert_eq!(redactor.key_check().len(), 32);
    assert_eq!(
        redactor.name::<marker::NamespaceKind>("\u{e9}"),
        redactor.name("e\u{301}")
    );
}

#[test]
fn what_leaves_is_the_text_of_the_pseudonym() {
    #[track_caller]
    fn check(cell: Option<Cell<'_>>, expected: &str) {
        assert_eq!(cell, Some(Cell::Text(expected.into())));
    }
    let redactor = redactor();
    let (leaf, field) = (redactor.leaf("acme"), redactor.field("spec.acme"));
    check(leaf.cell(), leaf.as_str());
    check(field.cell(), field.as_str());
    check(Model::parse("ST4000NM0035").unwrap().cell(), "ST4000NM0035");
    check(redactor.uid("acme").cell(), redactor.uid("acme").as_str());
    assert!(leaf.as_str().len() > 16 && field.as_str().starts_with("spec."));
}

#[test]
fn key_is_never_printed() {
    let key = PseudonymKey::from_bytes([7; 32]);
    assert_eq!(format!("{key:?}"), "[secret]");
}

#[test]
fn every_spelling_of_one_network_gives_one_token_and_everybody_stays_readable() {
    let redactor = redactor();
    let (token, bits) = redactor.network("10.10.0.0/22").unwrap();
    assert!(token.as_str().starts_with("net-") && bits == 22);
    assert_eq!(
        redactor.network("10.10.3.7/255.255.252.0"),
        Some((token.clone(), 22))
    );
    assert_ne!(redactor.network("10.10.0.0/23").unwrap().0, token);
    assert_eq!(
        redactor.network("0.0.0.0/0").unwrap().0.as_str(),
        "0.0.0.0/0"
    );
    assert_eq!(redactor.network("nas.example"), None);
    assert_eq!(
        redactor.token_of("net", "10.10.0.0/22").as_deref(),
        Some(token.as_str())
    );
}

#[test]
fn path_does_not_depend_on_the_paths_before_it() {
    let one = redactor();
    for dataset in [
        "/x",
        "tank/k8s/a",
        "tank/k8s/b",
        "tank/k8s",
        "k8s/b",
        "tank/k8s/b/c",
        "tank",
        "",
        "/x/y",
        "tank/k8s/b/",
        "tank/k8s/b/c",
    ] {
        assert_eq!(one.path(dataset), redactor().path(dataset), "{dataset}");
    }
}

#[test]
fn record_holds_the_parents_of_paths_that_came_before_it() {
    let redactor = redactor();
    redactor.path("secret-project/a");
    let redactor = redactor.recording(None);
    redactor.path("secret-project/b");
    let mut hashes = Vec::new();
    redactor
        .components()
        .unwrap()
        .each("secret-project", |hash| hashes.push(hash));
    assert_eq!(hashes.len(), 1);
    assert!(redactor.must_not_leave(hashes[0]));
}

#[test]
fn every_spelling_of_one_volume_gives_one_path() {
    let redactor = redactor();
    let path = redactor.path("tank/k8s/a b");
    assert_eq!(redactor.mount_path("/mnt/tank//k8s/a b/"), path);
    assert_eq!(
        redactor.device_path("zvol/tank/k8s/a+b"),
        Some(path.clone())
    );
    assert_eq!(redactor.device_path("/dev/zvol/tank/k8s/a+b"), Some(path));
    assert_eq!(redactor.device_path("/mnt/tank/file"), None);
}

#[test]
fn a_path_outside_mnt_never_equals_a_dataset() {
    let redactor = redactor();
    let outside = redactor.mount_path("/srv/a");
    assert!(outside.as_str().starts_with('/'));
    assert_ne!(outside, redactor.path("srv/a"));
}

#[test]
fn iqn_is_cut_at_the_first_colon_without_regard_to_case() {
    let redactor = redactor();
    let (base, suffix) = redactor.iqn("iqn.2005-10.org.freenas.ctl:CSI-a:b");
    assert_eq!(base.as_str(), VENDOR_IQN_BASE);
    assert_eq!(suffix, Some(redactor.asset("csi-A:B")));
    assert_eq!(redactor.iqn("iqn.2011-08.com.example").1, None);
}

use super::pattern::VENDOR_IQN_BASE;

#[test]
fn addresses_have_one_form_and_wildcards_stay_readable() {
    let redactor = redactor();
    assert_eq!(
        redactor.host("::ffff:192.0.2.5"),
        redactor.host("192.0.2.5")
    );
    assert_eq!(
        redactor.host("[2001:DB8::1]"),
        redactor.host("2001:db8:0::1")
    );
    assert_eq!(redactor.host("fe80::1%eth0"), redactor.host("fe80::1"));
    assert_eq!(redactor.host("0.0.0.0").as_str(), "0.0.0.0");
    assert_eq!(redactor.host("::1").as_str(), "::1");
    assert!(redactor.host("192.0.2.5").as_str().starts_with("ip4-"));
    assert_eq!(
        redactor.host("NAS.Example.com."),
        redactor.host("nas.example.com")
    );
}

#[test]
fn snapshot_names_keep_their_fixed_words_and_join_with_leaves() {
    let redactor = redactor();
    let schemas = [NamingSchema::parse("auto-%Y-%m-%d_%H-%M").unwrap()];
    assert_eq!(
        redactor
            .snapshot("auto-2026-11-20_03-00", &schemas)
            .as_str(),
        "auto-2026-11-20_03-00"
    );
    assert!(
        redactor
            .snapshot("auto-2026-11-20_03-00", &[])
            .as_str()
            .starts_with("leaf-")
    );
    let source = redactor.snapshot("volume-source-for-volume-shop-media", &schemas);
    let expected = format!(
        "volume-source-for-volume-{}",
        redactor.leaf("shop-media").as_str()
    );
    assert_eq!(source.as_str(), expected);
    assert_eq!(
        redactor.snapshot("nightly", &schemas),
        redactor.leaf("nightly")
    );
}

#[test]
fn names_that_look_like_output_are_hashed_like_any_other() {
    let redactor = redactor();
    for name in [
        "jhey7oqjnv64kbz3",
        "leaf-abcdefghijklmnop",
        "pvc-abcdefghijklmnop",
    ] {
        assert_ne!(redactor.leaf(name).as_str(), name);
        assert_ne!(redactor.path(name).as_str(), name);
    }
}

#[test]
fn share_context_ignores_the_provisioner_and_the_type_of_lun() {
    let redactor = redactor();
    let parse = |text: &str| serde_json::from_str::<serde_json::Map<String, Value>>(text).unwrap();
    let attributes = parse(
        r#"{"lun":"0","iqn":"x","provisioner_driver":"y","storage.kubernetes.io/csiProvisionerIdentity":"z"}"#,
    );
    assert_eq!(
        redactor.context(&attributes),
        redactor.context(&parse(r#"{"iqn":"x","lun":0}"#))
    );
    assert_ne!(
        redactor.context(&attributes),
        redactor.context(&parse(r#"{"iqn":"x","lun":1}"#))
    );
}

fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,3}",
        "[A-Za-z0-9_.:+ -]{1,12}",
        Just("pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5".to_owned())
    ]
}

proptest! {
    #[test]
    fn ancestry_survives_both_ways(a in prop::collection::vec(component(), 1..5), b in prop::collection::vec(component(), 1..5)) {
        let redactor = redactor();
        let is_ancestor = |ancestor: &str, path: &str| path == ancestor || path.starts_with(&format!("{ancestor}/"));
        let (a, b) = (a.join("/"), b.join("/"));
        let (token_a, token_b) = (redactor.path(&a), redactor.path(&b));
        prop_assert_eq!(is_ancestor(&a, &b), is_ancestor(token_a.as_str(), token_b.as_str()));
        prop_assert_eq!(a == b, token_a == token_b);
    }

    #[test]
    fn no_run_of_six_characters_of_a_name_survives(name in "[A-Z][A-Za-z]{7,20}") {
        // Shorter runs stand in a token by chance now and then.
        let redactor = redactor();
        let token = redactor.leaf(&name);
        let windows = name.as_bytes().windows(6);
        let leaked = windows.filter(|window| token.as_str().contains(std::str::from_utf8(window).unwrap())).count();
        prop_assert_eq!(leaked, 0);
    }

    #[test]
    fn tokens_do_not_move_between_boundaries(a in "[a-z|]{1,4}", b in "[a-z|]{1,4}", c in "[a-z|]{1,4}") {
        let redactor = redactor();
        let left = redactor.path(&format!("{a}{b}/{c}"));
        let right = redactor.path(&format!("{a}/{b}{c}"));
        prop_assert_ne!(left, right);
    }
}

#[test]
fn a_hundred_thousand_names_give_as_many_tokens() {
    let redactor = redactor();
    let tokens: std::collections::HashSet<_> = (0..100_000)
        .map(|number| redactor.leaf(&format!("n{number}")))
        .collect();
    assert_eq!(tokens.len(), 100_000);
}

#[test]
fn every_pair_of_the_map_can_be_made_anew_and_readable_names_are_released() {
    let redactor = redactor().recording(Some(Mapped::default()));
    let schema = NamingSchema::parse("auto-%Y-%m-%d_%H-%M").unwrap();
    let uuid = "pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";
    redactor.path(&format!("tank/k8s/{uuid}/deep"));
    redactor.path("tank/k8s");
    redactor.host("nas.example.com");
    redactor.host("192.0.2.50");
    redactor.name::<marker::NamespaceKind>("prod");
    redactor.name::<marker::HandleKind>("tank@auto-2026-11-20_03-00");
    redactor.snapshot("auto-2026-11-20_03-00", &[schema]);
    let pairs = redactor.take_pairs().unwrap().unwrap();
    let text = std::str::from_utf8(&pairs.lines).unwrap();
    let mut names = Vec::new();
    for line in text.lines() {
        let pair: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| pair[name].as_str().unwrap();
        assert_eq!(
            redactor.token_of(field("k"), field("v")).as_deref(),
            Some(field("t"))
        );
        names.push(field("v").to_owned());
    }
    names.sort();
    let deep = format!("tank/k8s/{uuid}/deep");
    assert_eq!(
        names,
        [
            "192.0.2.50",
            "com",
            "example.com",
            "nas.example.com",
            "prod",
            "tank",
            "tank/k8s",
            deep.as_str(),
            "tank@auto-2026-11-20_03-00",
        ]
    );
    let components = redactor.components().unwrap();
    let leaks = |exported: &str| {
        let mut is_found = false;
        components.each(exported, |hash| is_found |= redactor.must_not_leave(hash));
        is_found
    };
    assert!(leaks("x/tank") && leaks("prod") && leaks("example"));
    assert!(!leaks("auto-2026-11-20_03-00") && !leaks(uuid));
}

#[test]
fn pseudonym_is_recalled_and_a_name_is_not() {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    let id: ApplianceId = redactor.name("nas01");
    assert_eq!(redactor.recall(id.as_str()), Some(id.clone()));
    let other: ClusterName = redactor.name("nas01");
    for text in ["nas01", "", "appliance-", "appliance-nas01", other.as_str()] {
        assert_eq!(
            redactor.recall::<marker::ApplianceKind>(text),
            None,
            "{text}"
        );
    }
    let open = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
    let name: Option<ApplianceId> = open.recall("nas01");
    assert_eq!(name.unwrap().as_str(), "nas01");
    assert_eq!(open.recall::<marker::ApplianceKind>("nas\n01"), None);
}

#[test]
fn uid_is_recalled_in_both_of_its_forms() {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    for uid in [
        "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5",
        "a-uid-of-another-form",
    ] {
        let uid = redactor.uid(uid);
        assert_eq!(redactor.recall_uid(uid.as_str()), Some(uid.clone()));
    }
    assert_eq!(redactor.recall_uid("a-uid-of-another-form"), None);
}

#[test]
fn profiles_go_by_the_words_of_bundles() {
    let words = [Profile::Standard, Profile::Open].map(Profile::word);
    assert_eq!(words, ["standard", "open"]);
}

#[test]
fn the_uuid_of_a_sidecar_is_a_uid_in_lower_case_and_another_name_has_none() {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    let uuid = "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";
    let name = format!("pvc-{}", uuid.to_uppercase());
    assert_eq!(redactor.sidecar_uid(&name), Some(redactor.uid(uuid)));
    assert_eq!(redactor.sidecar_uid("pvc-data"), None);
}

#[test]
fn names_of_the_platform_stay_readable_in_their_own_kind_alone() {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    let (namespace, driver) = ("kube-system", "org.democratic-csi.iscsi");
    let namespaces = |name: &str| redactor.name::<marker::NamespaceKind>(name).as_str() == name;
    let drivers = |name: &str| redactor.name::<marker::DriverKind>(name).as_str() == name;
    let claims = |name: &str| redactor.name::<marker::ClaimKind>(name).as_str() == name;
    assert_eq!([namespace, driver].map(namespaces), [true, false]);
    assert_eq!([namespace, driver].map(drivers), [false, true]);
    assert_eq!([namespace, driver].map(claims), [false, false]);
}
