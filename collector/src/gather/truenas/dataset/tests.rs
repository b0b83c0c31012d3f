use super::*;
use truenas_common::redact::{Profile, PseudonymKey};
use truenas_common::tables::code::PropertySource;

const ROWS: &str = r#"[
        {"id": "tank/k8s/v/pvc-3f1c9a52-7c1e-4d0e-9a57-0d3b6d1f2a10", "type": "FILESYSTEM", "encrypted": false, "locked": false,
         "mountpoint": "/mnt/tank/k8s/v/pvc-3f1c9a52-7c1e-4d0e-9a57-0d3b6d1f2a10", "children": [],
         "managedby": {"parsed": "10.20.0.31", "rawvalue": "10.20.0.31", "source": "LOCAL"},
         "refquota": {"parsed": 53687091200, "rawvalue": "53687091200"}, "quota": {"parsed": null, "rawvalue": "0"},
         "sync": {"parsed": "standard", "rawvalue": "standard"}, "compression": {"parsed": "zstd-3", "rawvalue": "zstd-3"},
         "origin": {"parsed": "tank/k8s/v/pvc-a@auto-2026-03-05_00-00"}, "available": {"parsed": 5},
         "used": {"parsed": 3221225472, "rawvalue": "3221225472"}, "creation": {"parsed": {"$date": 1710000000000}},
         "user_properties": {
          "democratic-csi:csi_volume_name": {"rawvalue": "pvc-3f1c9a52-7c1e-4d0e-9a57-0d3b6d1f2a10", "source": "INHERITED"},
          "democratic-csi:managed_resource": {"rawvalue": "true", "source": "LOCAL"},
          "democratic-csi:provision_success": {"rawvalue": "true", "source": "LOCAL"},
          "democratic-csi:csi_volume_content_source_type": {"rawvalue": "snapshot"},
          "democratic-csi:csi_volume_content_source_id": {"rawvalue": "pvc-a@snapshot-69bef5fd-0a0b-4c0d-8e0f-101112131415"},
          "democratic-csi:freenas_nfs_share_id": {"rawvalue": "14", "parsed": "14"},
          "democratic-csi:csi_share_volume_context": {"rawvalue": "{\"node_attach_driver\":\"nfs\",\"server\":\"nas\"}"},
          "acme:owner": {"rawvalue": "hidden"}}},
        {"id": "tank", "type": "FILESYSTEM", "available": {"parsed": 9}},
        {"id": "tank/.hidden", "name": "tank/.hidden", "children": []},
        {"id": "boot-pool/ROOT", "type": "FILESYSTEM"}]"#;

fn redactor() -> Redactor {
    Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
}

fn rows_of(datasets: &[Dataset], version: Version) -> Vec<ZfsDataset> {
    let redactor = redactor();
    rows(datasets, version, &[], &redactor.name("a"), &redactor)
}

#[test]
fn markers_keep_their_sources_where_the_release_tells() {
    let datasets: Vec<Dataset> = serde_json::from_str(ROWS).unwrap();
    let old = rows_of(&datasets, Version::new(25, 4));
    assert_eq!(
        old[0].csi_volume_name_source,
        Some(PropertySource::Inherited)
    );
    assert_eq!(old[0].managed_source, Some(PropertySource::Local));
    let new = rows_of(&datasets, Version::new(25, 10));
    assert_eq!(new[0].managed_source, Some(PropertySource::Unknown));
    assert!(new[0].is_managed && new[0].is_provisioned && new[0].context.is_some());
}

#[test]
fn row_joins_its_parent_share_origin_and_source() {
    let datasets: Vec<Dataset> = serde_json::from_str(ROWS).unwrap();
    let (rows, redactor) = (rows_of(&datasets, Version::new(24, 4)), redactor());
    let row = &rows[0];
    assert_eq!(row.mount_path.as_ref(), Some(&row.path));
    assert_eq!(row.parent, Some(redactor.path("tank/k8s/v")));
    assert_eq!(row.csi_volume_name.as_ref(), Some(&row.leaf));
    assert_eq!(row.origin_path, Some(redactor.path("tank/k8s/v/pvc-a")));
    assert_eq!(row.content_source_leaf, Some(redactor.leaf("pvc-a")));
    assert!(row.content_source_snapshot.is_some() && row.leaf_uuid.is_some());
    assert_eq!(
        (row.refquota_bytes, row.quota_bytes),
        (Some(53_687_091_200), None)
    );
    assert_eq!(
        (row.sync, row.compression),
        (SyncMode::Standard, Compression::Zstd)
    );
    assert_eq!(row.nfs_share_id, Some(14));
    assert!(
        row.managed_by
            .as_ref()
            .unwrap()
            .as_str()
            .starts_with("ip4-")
    );
}

#[test]
fn name_of_assets_is_taken_apart_and_the_context_is_told_column_by_column() {
    let datasets: Vec<Dataset> = serde_json::from_str(
        r#"[{"id": "tank/v/Media", "type": "VOLUME", "user_properties": {
                  "democratic-csi:freenas_iscsi_assets_name": {"rawvalue": "csi-media-east"},
                  "democratic-csi:csi_share_volume_context": {"rawvalue":
                   "{\"node_attach_driver\":\"iscsi\",\"iqn\":\"iqn.2005-10.org.freenas.ctl:csi-media-east\",\"lun\":3}"}}},
                {"id": "tank/v/db", "type": "VOLUME", "user_properties": {
                  "democratic-csi:iscsi_assets_name": {"rawvalue": "other"},
                  "democratic-csi:freenas_nvmeof_subsystem_id": {"rawvalue": "7"}}},
                {"id": "tank/v/web", "type": "FILESYSTEM", "user_properties": {
                  "democratic-csi:csi_share_volume_context": {"rawvalue":
                   "{\"node_attach_driver\":\"nfs\",\"server\":\"10.0.0.5\",\"share\":\"/mnt/tank/v/web\"}"}}}]"#,
    )
    .unwrap();
    let (rows, redactor) = (rows_of(&datasets, Version::new(25, 4)), redactor());
    let [media, db, web] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(media.assets_has_leaf, Some(true));
    assert_eq!(media.assets_prefix, Some(redactor.asset("csi-")));
    assert_eq!(media.assets_suffix, Some(redactor.asset("-east")));
    assert_eq!(media.context_iqn_suffix, media.assets_name);
    assert_eq!(
        (media.context_lun, &media.context_share_path),
        (Some(3), &None)
    );
    assert_eq!(
        (db.assets_has_leaf, &db.assets_prefix),
        (Some(false), &None)
    );
    assert_eq!(db.nvmet_subsys_id, Some(7));
    assert_eq!(web.context_share_path.as_ref(), Some(&web.path));
    assert_eq!(web.context_server_host, Some(redactor.host("10.0.0.5")));
    assert!(web.context_share_name.is_none() && web.assets_has_leaf.is_none());
}

#[test]
fn volume_of_tns_csi_has_its_name_and_owner_in_the_same_columns() {
    let datasets: Vec<Dataset> = serde_json::from_str(
        r#"[{"id": "tank/csi/pvc-3f1c9a52-7c1e-4d0e-9a57-0d3b6d1f2a10", "type": "FILESYSTEM", "user_properties": {
                  "tns-csi:managed_by": {"rawvalue": "tns-csi", "source": "LOCAL"},
                  "tns-csi:csi_volume_name": {"rawvalue": "pvc-3f1c9a52-7c1e-4d0e-9a57-0d3b6d1f2a10", "source": "LOCAL"},
                  "tns-csi:pvc_name": {"rawvalue": "hidden"}, "tns-csi:nfs_share_id": {"rawvalue": "9"},
                  "tns-csi:cluster_id": {"rawvalue": "east"}}},
                {"id": "tank/plain", "type": "FILESYSTEM"},
                {"id": "tank/other", "type": "FILESYSTEM", "user_properties": {
                  "tns-csi:managed_by": {"rawvalue": "somebody", "source": "LOCAL"}}}]"#,
    )
    .unwrap();
    let (rows, redactor) = (rows_of(&datasets, Version::new(25, 4)), redactor());
    let [volume, plain, other] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(volume.marker_family, Some(Family::TnsCsi));
    assert_eq!(volume.csi_volume_name.as_ref(), Some(&volume.leaf));
    assert_eq!(volume.csi_volume_name_source, Some(PropertySource::Local));
    assert!(volume.is_managed && volume.managed_source == Some(PropertySource::Local));
    assert_eq!(
        (&volume.instance, volume.nfs_share_id),
        (&Some(redactor.name("east")), Some(9))
    );
    assert!(plain.marker_family.is_none() && !plain.is_managed && !other.is_managed);
}

#[test]
fn hidden_parents_and_the_boot_pool_are_no_rows_and_only_roots_have_free_space() {
    let datasets: Vec<Dataset> = serde_json::from_str(ROWS).unwrap();
    let redactor = redactor();
    let space = space_rows(&datasets, &redactor.name("a"), &redactor);
    assert_eq!(space.len(), 2);
    assert_eq!(
        (space[0].available_bytes, space[1].available_bytes),
        (None, Some(9))
    );
    assert_eq!(space[0].used_bytes, Some(3_221_225_472));
}
