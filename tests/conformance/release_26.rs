//! The newest release: SCRAM logins and the methods under `zfs.resource`.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha512};
use testkit::simulate::{Options, start};

use crate::client::{API_KEY, Api, truenas_world};

#[test]
fn release_26_logs_in_by_scram_and_answers_in_its_own_forms() {
    let (_folder, world) = truenas_world("26", "READONLY_ADMIN");
    let simulation = start(&world, &Options::default()).unwrap();
    let mut api = Api::open(&simulation, "/api/current");
    scram_login(&mut api, "collector", API_KEY);
    let snapshots = json!([{"paths": ["alpha"], "recursive": true, "properties": ["used", "creation", "guid"], "get_user_properties": true}]);
    let rows = api.result("zfs.resource.snapshot.query", snapshots);
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert!(rows[0]["user_properties"]["democratic-csi:csi_snapshot_name"].is_string());
    let count = api.result(
        "zfs.resource.snapshot.count",
        json!([{"paths": ["alpha"], "recursive": true}]),
    );
    assert_eq!(count.as_object().unwrap().len(), 2);
    let layer = api.result(
        "pool.snapshot.query",
        json!([[], {"extra": {"properties": ["creation"]}}]),
    );
    assert!(
        layer[0]["properties"]["creation"]["parsed"].is_u64(),
        "{layer}"
    );
    let error = api.call("pool.dataset.query", json!([[], {"limit": 10_001}]));
    assert!(error["error"]["data"]["trace"].get("frames").is_none());
}

/// What the first message of a login is answered with.
pub(crate) fn login_answer(api: &mut Api) -> serde_json::Value {
    let text = "p=tls-server-end-point,,n=collector:1,r=clientnonce";
    let message =
        json!({"mechanism": "SCRAM", "scram_type": "CLIENT_FIRST_MESSAGE", "rfc_str": text});
    api.result("auth.login_ex", json!([message]))
}

/// Logs in with a key `ID-KEY`.
pub(crate) fn scram_login(api: &mut Api, user: &str, api_key: &str) {
    let sign = |key: &[u8], message: &[u8]| -> [u8; 64] {
        let mut mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().into()
    };
    let message = |kind: &str, text: &str| json!([{"mechanism": "SCRAM", "scram_type": kind, "rfc_str": text}]);
    let header = "p=tls-server-end-point,,";
    let (id, password) = api_key.split_once('-').unwrap();
    let (password, bare) = (password.as_bytes(), format!("n={user}:{id},r=clientnonce"));
    let first = api.result(
        "auth.login_ex",
        message("CLIENT_FIRST_MESSAGE", &format!("{header}{bare}")),
    );
    let first = first["rfc_str"].as_str().unwrap().to_owned();
    let part = |name: &str| {
        first
            .split(',')
            .find_map(|part| part.strip_prefix(name))
            .unwrap()
    };
    let salt = BASE64.decode(part("s=").as_bytes()).unwrap();
    let mut block = sign(password, &[&salt[..], &[0, 0, 0, 1]].concat());
    let mut salted = block;
    for _ in 1..part("i=").parse::<u32>().unwrap() {
        block = sign(password, &block);
        salted
            .iter_mut()
            .zip(block)
            .for_each(|(salted, block)| *salted ^= block);
    }
    let binding = BASE64.encode(&[header.as_bytes(), &api.end_point].concat());
    let without_proof = format!("c={binding},r={}", part("r="));
    let auth_message = format!("{bare},{first},{without_proof}");
    let client_key = sign(&salted, b"Client Key");
    let signature = sign(&Sha512::digest(client_key), auth_message.as_bytes());
    let proof: Vec<u8> = client_key
        .iter()
        .zip(signature)
        .map(|(key, signature)| key ^ signature)
        .collect();
    let last = message(
        "CLIENT_FINAL_MESSAGE",
        &format!("{without_proof},p={}", BASE64.encode(&proof)),
    );
    let last = api.result("auth.login_ex", last);
    let expected = BASE64.encode(&sign(
        &sign(&salted, b"Server Key"),
        auth_message.as_bytes(),
    ));
    assert_eq!(last["rfc_str"], format!("v={expected}"), "{last}");
}
