//! `pool.dataset.query`: the superset row of every dataset, flat.

use std::io;

use super::marker::{self, PREFIX};
use crate::estate::calendar::{txg, wall_text};
use crate::estate::dataset::{Dataset, Owner};
use crate::estate::names;
use crate::estate::plan::Estate;
use crate::estate::row::{Row, Source};
use crate::estate::write::Folder;

/// Address of the cluster's node from which the driver's controller calls.
const CONTROLLER_ADDRESS: &str = "198.51.100.21";

/// Properties nobody changed, of file systems and zvols alike.
const COMMON: &str = concat!(
    r#""deduplication":{"parsed":"off","rawvalue":"off","value":"OFF","source":"DEFAULT","source_info":null},"#,
    r#""checksum":{"parsed":true,"rawvalue":"on","value":"ON","source":"DEFAULT","source_info":null},"#,
    r#""sync":{"parsed":"standard","rawvalue":"standard","value":"STANDARD","source":"DEFAULT","source_info":null},"#,
    r#""compressratio":{"parsed":"1.42","rawvalue":"1.42","value":"1.42x","source":"NONE","source_info":null},"#,
    r#""refcompressratio":{"parsed":"1.42","rawvalue":"1.42","value":"1.42x","source":"NONE","source_info":null},"#,
    r#""reservation":{"parsed":null,"rawvalue":"0","value":null,"source":"DEFAULT","source_info":null},"#,
    r#""copies":{"parsed":1,"rawvalue":"1","value":"1","source":"DEFAULT","source_info":null},"#,
    r#""special_small_block_size":{"parsed":"0","rawvalue":"0","value":"0","source":"DEFAULT","source_info":null},"#,
    r#""pbkdf2iters":{"parsed":"0","rawvalue":"0","value":"0","source":"DEFAULT","source_info":null},"#,
    r#""snapdev":{"parsed":"hidden","rawvalue":"hidden","value":"HIDDEN","source":"DEFAULT","source_info":null}"#,
);

/// Properties nobody changed, of file systems only.
const FILESYSTEM: &str = concat!(
    r#""aclmode":{"parsed":"discard","rawvalue":"discard","value":"DISCARD","source":"LOCAL","source_info":null},"#,
    r#""acltype":{"parsed":"posix","rawvalue":"posix","value":"POSIX","source":"LOCAL","source_info":null},"#,
    r#""xattr":{"parsed":"sa","rawvalue":"sa","value":"SA","source":"LOCAL","source_info":null},"#,
    r#""atime":{"parsed":false,"rawvalue":"off","value":"OFF","source":"LOCAL","source_info":null},"#,
    r#""casesensitivity":{"parsed":"sensitive","rawvalue":"sensitive","value":"SENSITIVE","source":"NONE","source_info":null},"#,
    r#""exec":{"parsed":true,"rawvalue":"on","value":"ON","source":"DEFAULT","source_info":null},"#,
    r#""quota":{"parsed":null,"rawvalue":"0","value":null,"source":"DEFAULT","source_info":null},"#,
    r#""snapdir":{"parsed":"hidden","rawvalue":"hidden","value":"HIDDEN","source":"DEFAULT","source_info":null},"#,
    r#""recordsize":{"parsed":131072,"rawvalue":"131072","value":"128K","source":"DEFAULT","source_info":null}"#,
);

/// Writes the list.
pub(super) fn write(estate: &Estate, datasets: &[Dataset], folder: &Folder) -> io::Result<()> {
    let mut list = folder.array("truenas/pool.dataset.query.json")?;
    let mut row = Row::default();
    for dataset in datasets {
        list.push(fill(estate, dataset, &mut row))?;
    }
    list.finish()
}

fn fill<'a>(estate: &Estate, dataset: &Dataset, row: &'a mut Row) -> &'a str {
    let is_volume = dataset.volsize.is_some();
    row.open();
    row.text("id", &dataset.path);
    row.text("type", if is_volume { "VOLUME" } else { "FILESYSTEM" });
    row.text("name", &dataset.path);
    row.text("pool", dataset.pool());
    encryption(dataset, row);
    row.json("children", "[]");
    match is_volume {
        true => row.json("mountpoint", "null"),
        false => row.text("mountpoint", &format!("/mnt/{}", dataset.path)),
    }
    row.members(COMMON);
    match dataset.volsize {
        Some(volsize) => {
            row.bytes("volsize", volsize, &Source::Local);
            row.property("volblocksize", 16_384, "16384", "16K", &Source::None);
        }
        None => {
            row.members(FILESYSTEM);
            let source = if dataset.refquota.is_some() {
                Source::Local
            } else {
                Source::Default
            };
            row.optional_bytes("refquota", dataset.refquota, &source);
        }
    }
    inherited(estate, dataset, row);
    space(dataset, row);
    identity(dataset, row);
    user_properties(estate, dataset, row);
    row.close()
}

fn encryption(dataset: &Dataset, row: &mut Row) {
    row.json("encrypted", dataset.is_locked);
    match dataset.is_locked {
        true => row.text("encryption_root", &dataset.path),
        false => row.json("encryption_root", "null"),
    }
    row.json("key_loaded", false);
    row.json("locked", dataset.is_locked);
    if dataset.is_locked {
        row.property(
            "encryption_algorithm",
            "\"aes-256-gcm\"",
            "aes-256-gcm",
            "AES-256-GCM",
            &Source::None,
        );
        row.property(
            "key_format",
            "\"passphrase\"",
            "passphrase",
            "PASSPHRASE",
            &Source::Local,
        );
    } else {
        row.property(
            "encryption_algorithm",
            "\"off\"",
            "off",
            "OFF",
            &Source::Default,
        );
        row.property("key_format", "\"none\"", "none", "NONE", &Source::Default);
    }
}

fn inherited(estate: &Estate, dataset: &Dataset, row: &mut Row) {
    let compression = match dataset.parent {
        Some(_) => Source::Inherited(dataset.pool().to_owned()),
        None => Source::Local,
    };
    row.property("compression", "\"lz4\"", "lz4", "LZ4", &compression);
    match matches!(dataset.owner, Owner::Replica(_)) {
        true => row.property("readonly", true, "on", "ON", &Source::Local),
        false => row.property("readonly", false, "off", "OFF", &Source::Default),
    }
    let origin = match dataset.owner {
        Owner::Volume(number) => origin(estate, number),
        _ => None,
    };
    row.same("origin", &origin.unwrap_or_default(), &Source::None);
}

fn origin(estate: &Estate, number: u32) -> Option<String> {
    let snapshot = &estate.snapshots[estate.volumes[number as usize].origin? as usize];
    let source = estate.volumes[snapshot.volume as usize].dataset(estate.seed);
    Some(format!("{source}@{}", snapshot.name(estate.seed)))
}

fn space(dataset: &Dataset, row: &mut Row) {
    let logical = |bytes: u64| bytes / 100 * 142;
    match dataset.refreservation {
        0 => row.optional_bytes("refreservation", None, &Source::Default),
        bytes => row.bytes("refreservation", bytes, &Source::Local),
    }
    for (key, bytes) in [
        ("used", dataset.used()),
        ("usedbychildren", dataset.used_by_children),
        ("usedbydataset", dataset.used_by_dataset),
        ("usedbyrefreservation", dataset.used_by_refreservation),
        ("usedbysnapshots", dataset.used_by_snapshots),
        ("available", dataset.available),
        ("referenced", dataset.referenced),
        ("written", dataset.written),
        (
            "logicalused",
            logical(dataset.used() - dataset.used_by_refreservation),
        ),
        ("logicalreferenced", logical(dataset.referenced)),
    ] {
        row.bytes(key, bytes, &Source::None);
    }
}

fn identity(dataset: &Dataset, row: &mut Row) {
    let date = format!("{{\"$date\":{}}}", dataset.created * 1_000);
    row.property(
        "creation",
        date,
        &dataset.created.to_string(),
        &wall_text(dataset.created),
        &Source::None,
    );
    for (key, number) in [("guid", dataset.guid), ("createtxg", txg(dataset.created))] {
        let text = number.to_string();
        row.property(key, number, &text, &text, &Source::None);
    }
}

fn user_properties(estate: &Estate, dataset: &Dataset, row: &mut Row) {
    let (markers, source) = match dataset.owner {
        Owner::Site => (Vec::new(), Source::Local),
        Owner::Volume(number) => {
            let volume = &estate.volumes[number as usize];
            row.same(
                "comments",
                &names::claim_path(estate, volume),
                &Source::Local,
            );
            row.same("managedby", CONTROLLER_ADDRESS, &Source::Local);
            (marker::of_volume(estate, volume), Source::Local)
        }
        Owner::Child(number) => {
            let volume = &estate.volumes[number as usize];
            (
                marker::of_volume(estate, volume),
                Source::Inherited(volume.dataset(estate.seed)),
            )
        }
        Owner::Replica(number) => (
            marker::of_volume(estate, &estate.volumes[number as usize]),
            Source::Received,
        ),
        Owner::Detached(number) => (
            marker::of_snapshot(estate, &estate.snapshots[number as usize]),
            Source::Local,
        ),
    };
    row.open_member("user_properties");
    for (name, value) in markers {
        row.same(&format!("{PREFIX}{name}"), &value, &source);
    }
    row.close_member();
}
