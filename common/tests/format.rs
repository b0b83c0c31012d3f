//! Bundles of earlier format versions stay readable: one of each version, as a collector of that version sealed it.
//!
//! The files are never made anew. The keys beside them are public test keys that guard nothing.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail it like the test itself"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use truenas_common::bundle::{Identity, Limits, Opened, SealedBundle, SitePublicKey, TrustedKey};
use truenas_common::tables::{parse_line, table};

/// Rows by table of the bundle of version 1.
const ROWS: &[(&str, usize)] = &[
    ("collect_field", 125),
    ("collect_scope", 4),
    ("collect_status", 133),
    ("collect_trace", 82),
    ("k8s_again", 30),
    ("k8s_cluster", 1),
    ("k8s_cluster_operator", 2),
    ("k8s_cluster_version", 1),
    ("k8s_csi_container", 12),
    ("k8s_csi_driver", 2),
    ("k8s_csi_node_driver", 6),
    ("k8s_infrastructure", 1),
    ("k8s_kubelet_volume", 18),
    ("k8s_namespace", 11),
    ("k8s_node", 6),
    ("k8s_node_address", 12),
    ("k8s_operation_duration", 2),
    ("k8s_pod", 28),
    ("k8s_pod_volume", 18),
    ("k8s_pv", 21),
    ("k8s_pv_mount_option", 22),
    ("k8s_pv_portal", 9),
    ("k8s_pvc", 19),
    ("k8s_storage_class", 4),
    ("k8s_storage_class_mount_option", 4),
    ("k8s_volume_attachment", 17),
    ("k8s_volume_snapshot", 9),
    ("k8s_volume_snapshot_class", 3),
    ("k8s_volume_snapshot_content", 9),
    ("k8s_workload", 39),
    ("k8s_workload_claim", 2),
    ("k8s_workload_volume", 16),
    ("nas_address", 1),
    ("nas_alert", 1),
    ("nas_disk", 8),
    ("nas_failover", 1),
    ("nas_iscsi_extent", 14),
    ("nas_iscsi_global", 1),
    ("nas_iscsi_initiator", 1),
    ("nas_iscsi_initiator_name", 3),
    ("nas_iscsi_portal", 1),
    ("nas_iscsi_portal_address", 1),
    ("nas_iscsi_session", 7),
    ("nas_iscsi_target", 14),
    ("nas_iscsi_target_extent", 13),
    ("nas_iscsi_target_group", 14),
    ("nas_nfs_share", 10),
    ("nas_nfs_share_network", 10),
    ("nas_nvmet_global", 1),
    ("nas_pool", 2),
    ("nas_replication_dataset", 4),
    ("nas_replication_task", 4),
    ("nas_scrub_task", 2),
    ("nas_service", 3),
    ("nas_snapshot_task", 2),
    ("nas_system", 1),
    ("nas_update", 1),
    ("nas_vdev", 10),
    ("zfs_dataset", 46),
    ("zfs_dataset_space", 46),
    ("zfs_snapshot", 77),
];

/// Two of its rows, as they were written.
const LINES: &[(&str, &str)] = &[
    (
        "k8s_csi_container",
        r#"{"workload_uid":"a3a0d241-147c-4654-b9aa-78cf93ebf06a","role":"attacher","namespace":"ns-tdvdseelvk3rit3i","driver":"org.democratic-csi.iscsi","version":"4.4.0","has_floating_tag":false,"timeout_secs":90,"n_worker_threads":10,"is_prefix_changed":false}"#,
    ),
    (
        "nas_iscsi_session",
        r#"{"appliance":"appliance-ax3gtx5e7jyka7qi","iqn_base":"iqn.2005-10.org.freenas.ctl","iqn_suffix":"asset-a65hegyyp2emjsum","initiator_base":"iqnbase-v2mukolx2nbhkuf3","initiator_suffix":"asset-hgy3aavkleknnqyi","host":"ip4-q22aexaxdsd4wi5k","n_sessions":1}"#,
    ),
];

/// What a bundle holds: lines by table.
type Lines = BTreeMap<String, Vec<String>>;

#[test]
fn bundle_of_version_1_is_opened_and_each_row_is_understood() {
    let (opened, lines) = open("format-1");
    assert_eq!(opened.info.schema, "tsm.bundle/1");
    assert_eq!((opened.info.seq, opened.info.site.as_str()), (1, "sample1"));
    for (name, lines) in &lines {
        let table = table(name).unwrap_or_else(|| panic!("{name} is not known any more"));
        for line in lines {
            let parsed = parse_line(table, line);
            let is_known = parsed.as_ref().is_ok_and(|row| row.n_unknown == 0);
            assert!(is_known, "{name}: {parsed:?}: {line}");
        }
    }
    let n_rows: Vec<(&str, usize)> = lines
        .iter()
        .map(|(name, lines)| (name.as_str(), lines.len()))
        .collect();
    assert_eq!(n_rows, ROWS);
    for (name, line) in LINES {
        assert!(
            lines[*name].iter().any(|found| found == line),
            "{name}: {line}"
        );
    }
}

/// Opens the one bundle of a folder with the keys beside it.
fn open(folder: &str) -> (Opened, Lines) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let bundles: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "age"))
        .collect();
    let [bundle] = bundles.as_slice() else {
        panic!("{bundles:?}")
    };
    let name = bundle.file_name().unwrap().to_str().unwrap();
    let signature = fs::read(folder.join(format!("{name}.minisig"))).unwrap();
    let limits = Limits::default();
    let sealed = SealedBundle::new(name, fs::read(bundle).unwrap(), &signature, &limits).unwrap();
    let trusted = TrustedKey {
        site: sealed.name().site.clone(),
        key: SitePublicKey::parse(&text("site.pub")).unwrap(),
        last_good_seq: None,
    };
    let identity = Identity::parse(&text("analyst.key")).unwrap();
    let mut lines = Lines::new();
    let opened = sealed.open(&[trusted], &[identity], &limits, &mut |part| {
        if let Some(table) = part.table {
            let text = std::str::from_utf8(part.bytes).unwrap();
            let of_table = lines.entry(table.to_owned()).or_default();
            of_table.extend(text.lines().map(str::to_owned));
        }
    });
    (opened.unwrap(), lines)
}
