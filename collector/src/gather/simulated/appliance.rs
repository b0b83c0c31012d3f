//! An appliance that has one of everything.

use testkit::simulate::{Options, start};
use truenas_common::redact::Profile;

use super::{collect_appliance, counts, redactor};
use crate::gather::sink::Kept;

/// Files of an appliance that has one of everything; every field that may not leave says CANARY.
const ONE_OF_EVERYTHING: &[(&str, &str)] = &[
    (
        "pool.query",
        r#"[{"id": 1, "name": "tank", "guid": "11", "status": "ONLINE", "healthy": true, "size": 200, "allocated": 50,
            "free": 150, "freeing": 0, "fragmentation": "7", "autotrim": {"parsed": "off", "rawvalue": "off"},
            "scan": {"function": "SCRUB", "state": "SCANNING", "start_time": {"$date": 1772400000000}, "end_time": null,
              "percentage": 12.5, "errors": 0, "pause": null},
            "topology": {"data": [{"type": "MIRROR", "guid": "20", "status": "DEGRADED", "stats": {}, "children": [
              {"type": "DISK", "guid": "21", "status": "ONLINE", "disk": "sda", "path": "/CANARY", "stats": {"checksum_errors": 3}},
              {"type": "DISK", "guid": "22", "status": "UNAVAIL", "unavail_disk": {"serial": "CANARY"}}]}]}}]"#,
    ),
    (
        "disk.query",
        r#"[{"identifier": "{serial}A1", "name": "sda", "serial": "A1", "size": 100, "model": "HDD-TEST", "type": "HDD",
            "rotationrate": 7200, "bus": "SCSI", "zfs_guid": "21", "pool": "tank", "description": "CANARY", "passwd": "CANARY"}]"#,
    ),
    (
        "pool.scrub.query",
        r#"[{"id": 1, "pool": 1, "pool_name": "tank", "threshold": 35, "description": "CANARY", "enabled": true,
            "schedule": {"minute": "00", "hour": "00", "dom": "*", "month": "*", "dow": "7"}}]"#,
    ),
    (
        "alert.list",
        r#"[{"uuid": "b5c2c1d4-1111-4a4a-9b9b-000000000001", "klass": "VolumeStatus", "level": "CRITICAL",
            "args": {"volume": "tank", "state": "DEGRADED", "devices": "CANARY"}, "node": "CANARY", "key": "CANARY",
            "datetime": {"$date": 1772400000000}, "last_occurrence": {"$date": 1772400000000}, "dismissed": false,
            "mail": {"to": ["CANARY"]}, "text": "CANARY", "formatted": "CANARY", "one_shot": false, "source": "CANARY"}]"#,
    ),
    (
        "iscsi.portal.query",
        r#"[{"id": 1, "tag": 1, "comment": "CANARY", "listen": [{"ip": "192.0.2.5", "port": 3260}, {"ip": "192.0.2.6", "port": 3260}],
            "discovery_authmethod": "CHAP", "discovery_authgroup": 1}]"#,
    ),
    (
        "iscsi.initiator.query",
        r#"[{"id": 1, "initiators": ["iqn.2001-01.org.example:w1"], "comment": "CANARY"}]"#,
    ),
    (
        "iscsi.auth.query",
        r#"[{"id": 1, "tag": 1, "user": "CANARY", "secret": "CANARY", "peeruser": "CANARY", "peersecret": "CANARY"}]"#,
    ),
    (
        "iscsi.target.query",
        r#"[{"id": 1, "name": "a", "alias": null, "mode": "ISCSI", "auth_networks": ["203.0.113.0/24"],
            "groups": [{"portal": 1, "initiator": 1, "authmethod": "CHAP", "auth": 1}]}]"#,
    ),
    (
        "iscsi.global.sessions",
        r#"[{"initiator": "iqn.2001-01.org.example:w1", "initiator_addr": "192.0.2.21", "initiator_alias": "CANARY",
            "target": "iqn.2005-10.org.freenas.ctl:a", "target_alias": "CANARY"}]"#,
    ),
    (
        "sharing.smb.query",
        r#"[{"id": 1, "name": "media", "path": "/mnt/tank/media", "purpose": "DEFAULT_SHARE", "enabled": true, "readonly": true,
            "locked": false, "comment": "CANARY", "options": {"hostsallow": ["CANARY"], "hostsdeny": [], "auxsmbconf": "CANARY"}}]"#,
    ),
    (
        "nvmet.subsys.query",
        r#"[{"id": 1, "name": "s", "subnqn": "nqn.2011-06.com.truenas:s", "serial": "CANARY", "allow_any_host": false}]"#,
    ),
    (
        "nvmet.namespace.query",
        r#"[{"id": 1, "nsid": 1, "subsys": {"id": 1, "serial": "CANARY"}, "device_type": "ZVOL", "device_path": "zvol/tank/v",
            "enabled": true, "locked": false}]"#,
    ),
    (
        "nvmet.port.query",
        r#"[{"id": 1, "index": 1, "addr_trtype": "TCP", "addr_traddr": "192.0.2.5", "addr_trsvcid": 4420, "enabled": true}]"#,
    ),
    (
        "nvmet.port_subsys.query",
        r#"[{"id": 1, "port": {"id": 1}, "subsys": {"id": 1}}]"#,
    ),
    (
        "nvmet.host_subsys.query",
        r#"[{"id": 1, "host": {"id": 1, "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:1", "dhchap_key": "CANARY",
            "dhchap_ctrl_key": "CANARY"}, "subsys": {"id": 1}}]"#,
    ),
    (
        "nvmet.global.sessions",
        r#"[{"host_traddr": "192.0.2.21", "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:1", "subsys_id": 1, "port_id": 1, "ctrl": 2}]"#,
    ),
    (
        "pool.snapshottask.query",
        r#"[{"id": 1, "dataset": "tank", "recursive": true, "exclude": ["tank/x"], "naming_schema": "auto-%Y-%m-%d_%H-%M",
            "lifetime_value": 2, "lifetime_unit": "WEEK", "enabled": true, "schedule": {"minute": "0", "hour": "0"},
            "state": {"state": "ERROR", "error": "CANARY"}}]"#,
    ),
    (
        "replication.query",
        r#"[{"id": 1, "name": "CANARY", "direction": "PUSH", "transport": "SSH", "source_datasets": ["tank"],
            "target_dataset": "backup/tank", "recursive": true, "exclude": ["tank/x"], "auto": true, "enabled": true,
            "readonly": "SET", "retention_policy": "SOURCE", "encryption_key": "CANARY",
            "ssh_credentials": {"attributes": {"host": "CANARY", "private_key": "CANARY"}},
            "netcat_active_side_listen_address": "CANARY", "name_regex": "CANARY",
            "state": {"state": "ERROR", "error": "CANARY", "datetime": {"$date": 1772400000000}}}]"#,
    ),
    ("failover.status", r#""MASTER""#),
    ("pool.dataset.query", "[]"),
];

#[test]
fn one_of_everything_is_read_and_nothing_hidden_leaves() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (version, n_nvmet) in [("24.10", 0), ("25.04", 0), ("25.10", 1), ("26", 1)] {
        let world = tempfile::tempdir().unwrap();
        let folder = world.path().join("truenas");
        std::fs::create_dir(&folder).unwrap();
        for (method, answer) in ONE_OF_EVERYTHING {
            std::fs::write(folder.join(format!("{method}.json")), answer).unwrap();
        }
        let description = format!(
            "now: 2026-03-03T00:00:00Z\nappliances:\n  - name: nas01\n    version: \"{version}\"\n    user: svc-collector\n"
        );
        std::fs::write(world.path().join("world.yaml"), description).unwrap();
        let simulation = start(world.path(), &Options::default()).unwrap();
        let mut kept = Kept::default();
        // Names are readable here, so that whatever leaves by mistake can be seen.
        let open = redactor(Profile::Open);
        runtime.block_on(collect_appliance(&simulation, &open, &mut kept));
        for (table, row) in &kept.0 {
            let text = row.to_string();
            assert!(!text.contains("CANARY"), "{version} {table}: {text}");
        }
        let counts = counts(&kept);
        let count = |table: &str| counts.get(table).copied().unwrap_or(0);
        for (table, expected) in [
            ("nas_vdev", 3),
            ("nas_disk", 1),
            ("nas_scrub_task", 1),
            ("nas_alert", 1),
            ("nas_failover", 1),
            ("nas_iscsi_global", 1),
            ("nas_iscsi_portal", 1),
            ("nas_iscsi_portal_address", 2),
            ("nas_iscsi_initiator", 1),
            ("nas_iscsi_initiator_name", 1),
            ("nas_iscsi_target_group", 1),
            ("nas_iscsi_session", 1),
            ("nas_smb_share", 1),
            ("nas_snapshot_task", 1),
            ("nas_snapshot_task_exclude", 1),
            ("nas_replication_task", 1),
            ("nas_replication_dataset", 2),
            ("nas_nvmet_global", n_nvmet),
            ("nas_nvmet_subsys", n_nvmet),
            ("nas_nvmet_namespace", n_nvmet),
            ("nas_nvmet_port", n_nvmet),
            ("nas_nvmet_port_subsys", n_nvmet),
            ("nas_nvmet_host_subsys", n_nvmet),
            ("nas_nvmet_session", n_nvmet),
            ("nas_update", n_nvmet),
            ("nas_pool_class", usize::from(version == "26")),
        ] {
            assert_eq!(count(table), expected, "{version} {table}");
        }
        assert_eq!(
            kept.of("nas_smb_share")[0]["is_readonly"],
            true,
            "{version}"
        );
        let discovery = kept.of("nas_iscsi_portal")[0].get("discovery_auth");
        assert_eq!(discovery.is_some(), version == "24.10", "{version}");
        assert_eq!(kept.of("nas_iscsi_target_group")[0]["auth"], "CHAP");
        assert_eq!(kept.of("nas_failover")[0]["state"], "MASTER");
    }
}
