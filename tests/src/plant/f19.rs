//! F19: replicas. Nothing is wrong here, whatever they look like.

use serde_json::{Value, json};

use super::leaving::{leave_cluster, lose_dataset, lose_export};
use super::property::text;
use super::remade::{remake, respell};
use super::scene::{Day, Scene};
use super::{Share, Volume};

const BACKUP: &str = "fast/backup";

/// Replicas that another system pushed to the second pool, with the driver's properties received: of volumes that live, and
/// of volumes that were deleted since.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volumes =
        [Share::Nfs, Share::Iscsi, Share::Nfs, Share::Iscsi].map(|share| scene.volume(share));
    let volumes: Vec<Volume> = volumes.into_iter().collect::<Option<_>>()?;
    let numbers: Vec<u32> = (0..5).map(|_| scene.number()).collect();
    let received = scene.days().next()?.now - 40 * 86_400;
    let mut replicas = Vec::new();
    for day in scene.days() {
        let mut parent = day
            .row("pool.dataset.query", "name", &json!("fast/replica"))?
            .clone();
        respell(&mut parent, "fast/replica", BACKUP);
        remake(&mut parent, received, numbers[4]);
        day.rows("pool.dataset.query").push(parent);
        if replicas.is_empty() {
            replicas = volumes
                .iter()
                .zip(&numbers)
                .map(|(volume, number)| replica(day, volume, received + 60, *number))
                .collect::<Option<Vec<_>>>()?;
        }
        for (row, snapshots) in &replicas {
            day.rows("pool.dataset.query").push(row.clone());
            day.rows("pool.snapshot.query")
                .extend(snapshots.iter().cloned());
        }
    }
    for day in scene.sick_days() {
        for deleted in &volumes[2..] {
            leave_cluster(day, deleted)?;
            lose_dataset(day, deleted);
            lose_export(day, deleted);
        }
    }
    Some(())
}

/// The dataset and its snapshots as they were received on the first day.
fn replica(
    day: &mut Day,
    volume: &Volume,
    received: i64,
    number: u32,
) -> Option<(Value, Vec<Value>)> {
    let path = format!("{BACKUP}/{}", volume.pv);
    let mut row = day
        .row("pool.dataset.query", "name", &json!(volume.dataset))?
        .clone();
    respell(&mut row, &volume.dataset, &path);
    remake(&mut row, received, number);
    row["pool"] = json!("fast");
    row["readonly"] = text("on", "LOCAL");
    row["readonly"]["value"] = json!("ON");
    row["readonly"]["parsed"] = json!(true);
    for mark in row["user_properties"].as_object_mut()?.values_mut() {
        mark["source"] = json!("RECEIVED");
    }
    let snapshots = day.answered("pool.snapshot.query").iter();
    let mut snapshots: Vec<Value> = snapshots
        .filter(|one| one["dataset"] == volume.dataset.as_str())
        .cloned()
        .collect();
    for snapshot in &mut snapshots {
        respell(snapshot, &volume.dataset, &path);
        snapshot["pool"] = json!("fast");
    }
    Some((row, snapshots))
}
