//! `pool.snapshot.query`: the superset row of every snapshot.
//!
//! A snapshot inherits all user properties of its dataset. Of these the rows hold the three that decide what a snapshot
//! is taken for (`csi_volume_name`, `managed_resource`, `provision_success`); the others would only double the file.

use std::io;

use super::marker::{self, PREFIX};
use crate::estate::calendar::{run_name, wall_text};
use crate::estate::dataset::{Dataset, Owner, snapshots};
use crate::estate::plan::Estate;
use crate::estate::row::{Row, human};
use crate::estate::snapshot::{Form, Label, Point};
use crate::estate::volume::Stage;
use crate::estate::write::Folder;

/// Writes the list.
pub(super) fn write(
    estate: &Estate,
    day: usize,
    datasets: &[Dataset],
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/pool.snapshot.query.json")?;
    let mut row = Row::default();
    let mut points = Vec::new();
    for dataset in datasets {
        snapshots(estate, dataset, day, &mut points);
        for point in &points {
            list.push(fill(estate, day, dataset, point, &mut row))?;
        }
    }
    list.finish()
}

fn fill<'a>(
    estate: &Estate,
    day: usize,
    dataset: &Dataset,
    point: &Point,
    row: &'a mut Row,
) -> &'a str {
    let name = match point.label {
        Label::Run(run) => run_name(run),
        Label::Csi(index) => estate.snapshots[index].name(estate.seed),
        Label::Manual => "manual-before-upgrade".to_owned(),
    };
    let id = format!("{}@{name}", dataset.path);
    row.open();
    row.text("pool", dataset.pool());
    row.text("name", &id);
    row.text("type", "SNAPSHOT");
    row.text("snapshot_name", &name);
    row.text("dataset", &dataset.path);
    row.text("id", &id);
    let txg = point.txg().to_string();
    row.text("createtxg", &txg);
    row.open_member("properties");
    row.snapshot_property("type", "\"snapshot\"", "snapshot", "snapshot", "NONE");
    let date = format!("{{\"$date\":{}}}", point.created * 1_000);
    row.snapshot_property(
        "creation",
        date,
        &point.created.to_string(),
        &wall_text(point.created),
        "NONE",
    );
    for (key, bytes) in [
        ("used", point.used),
        ("referenced", point.referenced),
        ("written", point.written),
    ] {
        row.snapshot_property(key, bytes, &bytes.to_string(), &human(bytes), "NONE");
    }
    row.snapshot_property("compressratio", "\"1.42\"", "1.42", "1.42x", "NONE");
    same(row, "createtxg", &txg, "NONE");
    same(row, "guid", &point.guid.to_string(), "NONE");
    same(row, "userrefs", "0", "NONE");
    same(row, "defer_destroy", "off", "NONE");
    same(row, "clones", &clones(estate, day, point), "NONE");
    user_properties(estate, dataset, point, row);
    row.close_member();
    row.json("holds", "{}");
    row.close()
}

fn same(row: &mut Row, key: &str, value: &str, source: &str) {
    row.snapshot_property(key, format_args!("\"{value}\""), value, value, source);
}

fn clones(estate: &Estate, day: usize, point: &Point) -> String {
    let Label::Csi(index) = point.label else {
        return String::new();
    };
    let Some(clone) = estate.snapshots[index].clone else {
        return String::new();
    };
    let clone = &estate.volumes[clone as usize];
    let time = estate.calendar.appliance_now(day);
    if clone.has_dataset(time) {
        clone.dataset(estate.seed)
    } else {
        String::new()
    }
}

fn user_properties(estate: &Estate, dataset: &Dataset, point: &Point, row: &mut Row) {
    let made_by_driver = match point.label {
        Label::Csi(index) if estate.snapshots[index].form == Form::Attached => {
            for (name, value) in marker::of_snapshot(estate, &estate.snapshots[index]) {
                same(row, &format!("{PREFIX}{name}"), &value, "LOCAL");
            }
            true
        }
        _ => false,
    };
    let (Owner::Volume(number) | Owner::Child(number) | Owner::Replica(number)) = dataset.owner
    else {
        return;
    };
    let volume = &estate.volumes[number as usize];
    same(
        row,
        &format!("{PREFIX}csi_volume_name"),
        &volume.handle(estate.seed),
        "INHERITED",
    );
    if !made_by_driver {
        same(
            row,
            &format!("{PREFIX}managed_resource"),
            "true",
            "INHERITED",
        );
        if volume.stage != Stage::DatasetOnly {
            same(
                row,
                &format!("{PREFIX}provision_success"),
                "true",
                "INHERITED",
            );
        }
    }
}
