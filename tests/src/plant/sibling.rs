//! A volume made beside another one, on the appliance alone: what the cluster knows of it is said elsewhere.

use serde_json::{Value, json};

use super::remade::{EMPTY_BYTES, begin_anew, fill, mark, remake, respell};
use super::scene::Day;
use super::volume::{Share, Volume};

/// First id of shares, targets, extents and links that are made here.
const FIRST_ID: u32 = 7_000;

/// What a volume of another claim is called, made by the driver of `model` beside it.
pub(super) fn sibling(model: &Volume, uid: &str) -> Volume {
    let pv = format!("pvc-{uid}");
    let named = |text: &str| text.replace(&model.pv, &pv);
    Volume {
        dataset: named(&model.dataset),
        asset: named(&model.asset),
        claim: format!("{}-{}", model.claim, &uid[uid.len() - 4..]),
        attachment: String::new(),
        pod: String::new(),
        pv: pv.clone(),
        ..model.clone()
    }
}

/// Makes dataset and export of a volume as those of its model are; nothing is written to it yet. The number is one that no
/// other object has.
pub(super) fn make(
    day: &mut Day,
    model: &Volume,
    volume: &Volume,
    created: i64,
    number: u32,
) -> Option<()> {
    let id = FIRST_ID + number;
    let mut copy = |method: &str, field: &str, value: String| {
        let mut row = day.row(method, field, &json!(value))?.clone();
        respell(&mut row, &model.pv, &volume.pv);
        row["id"] = json!(id);
        day.rows(method).push(row);
        Some(())
    };
    let mut of_driver = Vec::new();
    match model.share {
        Share::Nfs => {
            copy(
                "sharing.nfs.query",
                "path",
                format!("/mnt/{}", model.dataset),
            )?;
            of_driver.push("freenas_nfs_share_id");
        }
        Share::Iscsi => {
            copy("iscsi.target.query", "name", model.asset.clone())?;
            copy(
                "iscsi.extent.query",
                "disk",
                format!("zvol/{}", model.dataset),
            )?;
            let link = json!({"id": id, "target": id, "extent": id, "lunid": 0});
            day.rows("iscsi.targetextent.query").push(link);
            let target = day.row("iscsi.target.query", "id", &json!(id))?;
            target["rel_tgt_id"] = json!(id);
            let extent = day.row("iscsi.extent.query", "id", &json!(id))?;
            extent["naa"] = json!(format!("0x6589cfc000000{id:019x}"));
            extent["serial"] = json!(format!("{id:015x}"));
            of_driver.extend([
                "freenas_iscsi_target_id",
                "freenas_iscsi_extent_id",
                "freenas_iscsi_targettoextent_id",
            ]);
        }
    }
    let mut dataset = day
        .row("pool.dataset.query", "name", &json!(model.dataset))?
        .clone();
    respell(&mut dataset, &model.pv, &volume.pv);
    respell(&mut dataset["comments"], &model.claim, &volume.claim);
    remake(&mut dataset, created, number);
    fill(&mut dataset, 0);
    for name in of_driver {
        mark(&mut dataset, name, &id.to_string());
    }
    day.rows("pool.dataset.query").push(dataset);
    let mut rows: Vec<Value> = day.answered("pool.snapshot.query").to_vec();
    rows.retain(|row| row["dataset"] == model.dataset.as_str());
    for row in &mut rows {
        respell(row, &model.pv, &volume.pv);
    }
    day.rows("pool.snapshot.query").extend(rows);
    begin_anew(day, &volume.dataset, created, number, EMPTY_BYTES);
    Some(())
}
