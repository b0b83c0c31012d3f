//! F11: what NVMe-oF keeps of volumes that are gone.

use serde_json::{Value, json};

use super::Share;
use super::home::make_parent;
use super::scene::{Day, Scene};

const PARENT: &str = "tank/k8s/nvme/v";
const NQN_BASE: &str = "nqn.2011-06.com.truenas:uuid:cef24057-8050-4fc7-ab87-773e19b32b0e";

/// Two volumes were destroyed by hand: of one the namespace stayed, of the other the subsystem alone. Beside them what is
/// shared by design (port and host), a namespace of a hypervisor, one in a file, and one below a dataset that is locked.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (dead, bare) = (scene.uuid(), scene.uuid());
    let number = scene.number();
    let dead = format!("pvc-{dead}");
    let bare = format!("csi-pvc-{bare}");
    for day in scene.days() {
        make_parent(day, PARENT, Share::Iscsi.parent(), 800_000 + number)?;
        serve(day);
        export(day, (1, "vm"), "ZVOL", "zvol/tank/vm/build-02", false);
        export(
            day,
            (2, "scratch"),
            "FILE",
            "/mnt/tank/media/scratch.img",
            false,
        );
        export(day, (3, "ledger"), "ZVOL", "zvol/tank/secure/ledger", true);
    }
    for day in scene.sick_days() {
        export(
            day,
            (4, &format!("csi-{dead}")),
            "ZVOL",
            &format!("zvol/{PARENT}/{dead}"),
            false,
        );
        day.rows("nvmet.subsys.query").push(subsystem(5, &bare));
    }
    scene.fact(
        "F11",
        "nas_nvmet_namespace",
        &format!("{PARENT}/{dead}"),
        "confirmed",
    );
    // No port serves it; a subsystem that somebody made by hand could be called so.
    scene.fact("F11", "nas_nvmet_subsys", &bare, "probable");
    Some(())
}

fn serve(day: &mut Day) {
    day.rows("service.query").push(
        json!({"id": 13, "service": "nvmet", "enable": true, "state": "RUNNING", "pids": []}),
    );
    let port = |id: u32, service: u32| {
        json!({
            "id": id, "index": id, "addr_trtype": "TCP", "addr_traddr": "192.0.2.10", "addr_trsvcid": service,
            "addr_adrfam": "IPV4", "inline_data_size": null, "max_queue_size": null, "pi_enable": null, "enabled": true,
        })
    };
    // Nothing uses the second one any more.
    day.rows("nvmet.port.query")
        .extend([port(1, 4420), port(2, 4421)]);
    day.rows("nvmet.host.query")
        .push(json!({"id": 1, "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555"}));
}

fn subsystem(id: u32, name: &str) -> Value {
    json!({
        "id": id, "name": name, "subnqn": format!("{NQN_BASE}:{name}"), "serial": format!("{id:020x}"),
        "allow_any_host": true, "pi_enable": null, "qid_max": null, "ieee_oui": null, "ana": null, "hosts": null,
        "namespaces": null, "ports": null,
    })
}

fn export(day: &mut Day, (id, name): (u32, &str), kind: &str, device: &str, is_locked: bool) {
    let subsystem = subsystem(id, name);
    day.rows("nvmet.namespace.query").push(json!({
        "id": id, "nsid": 1, "subsys": subsystem, "device_type": kind, "device_path": device, "filesize": null,
        "device_uuid": format!("3c2f9d6e-9a4e-4f9b-8a6b-{id:012x}"), "device_nguid": format!("3c2f9d6e9a4e4f9b8a6b{id:012x}"),
        "enabled": true, "locked": is_locked,
    }));
    day.rows("nvmet.port_subsys.query")
        .push(json!({"id": id, "port": {"id": 1}, "subsys": {"id": id}}));
    day.rows("nvmet.subsys.query").push(subsystem);
}
