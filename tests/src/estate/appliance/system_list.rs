//! What is left of the appliance: system, services, tasks, alerts and the shared iSCSI settings.

use std::io;

use serde_json::{Value, json};

use super::{ADDRESS, IQN_BASE};
use crate::estate::calendar::{DAY, HOUR, run_name};
use crate::estate::innocent::REPLICAS;
use crate::estate::names;
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::Protocol;
use crate::estate::write::Folder;

/// Writes the lists.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    folder.json("truenas/system.info.json", &system(estate, day))?;
    folder.json(
        "truenas/service.query.json",
        &json!([
            {"id": 4, "service": "cifs", "enable": false, "state": "STOPPED", "pids": []},
            {"id": 6, "service": "iscsitarget", "enable": true, "state": "RUNNING", "pids": []},
            {"id": 9, "service": "nfs", "enable": true, "state": "RUNNING", "pids": []},
        ]),
    )?;
    folder.json("truenas/iscsi.global.config.json", &json!({
        "id": 1, "basename": IQN_BASE, "isns_servers": [], "listen_port": 3260, "pool_avail_threshold": 15,
        "alua": false, "iser": false,
    }))?;
    folder.json(
        "truenas/iscsi.initiator.query.json",
        &json!([{"id": 1, "initiators": initiators(estate), "comment": "k8s"}]),
    )?;
    folder.json("truenas/nfs.config.json", &json!({
        "id": 1, "servers": null, "allow_nonroot": false, "protocols": ["NFSV3", "NFSV4"], "v4_krb": false,
        "v4_domain": "", "bindip": [ADDRESS], "mountd_port": null, "rpcstatd_port": null, "rpclockd_port": null,
        "mountd_log": true, "statd_lockd_log": false, "v4_krb_enabled": false, "userd_manage_gids": false,
        "keytab_has_nfs_spn": false, "managed_nfsd": true, "rdma": false,
    }))?;
    let tasks: Vec<Value> = Protocol::ALL
        .into_iter()
        .filter_map(|protocol| snapshot_task(estate, day, protocol))
        .collect();
    folder.json("truenas/pool.snapshottask.query.json", &Value::Array(tasks))?;
    folder.json("truenas/replication.query.json", &replication(estate, day))?;
    folder.json("truenas/alert.list.json", &alerts(estate, day))
}

/// The nodes, and nobody else.
fn initiators(estate: &Estate) -> Vec<String> {
    (0..estate.n_workers()).map(names::initiator).collect()
}

fn system(estate: &Estate, day: usize) -> Value {
    let now = estate.calendar.now(day);
    let booted = estate.calendar.now(0) - 40 * DAY;
    let uptime = now - booted;
    json!({
        "version": "25.10.5", "buildtime": {"$date": 1_764_950_400_000u64}, "hostname": estate.options.appliance,
        "physmem": 274_877_906_944u64, "model": "AMD EPYC 7302P 16-Core Processor", "cores": 32, "physical_cores": 16,
        "loadavg": [0.52, 0.61, 0.58], "uptime": format!("{} days, 0:00:00", uptime / DAY),
        "uptime_seconds": uptime as f64, "system_serial": "TEST-0001", "system_product": "X11",
        "system_product_version": "1.0", "license": null, "boottime": {"$date": booted * 1_000},
        "datetime": {"$date": now * 1_000}, "timezone": "Etc/UTC", "system_manufacturer": "Supermicro", "ecc_memory": true,
    })
}

fn schedule() -> Value {
    json!({"minute": "0", "hour": "0", "dom": "*", "month": "*", "dow": "*", "begin": "00:00", "end": "23:59"})
}

/// The recursive task on a parent of CSI volumes; one day of lifetime for each snapshot that is kept.
fn snapshot_task(estate: &Estate, day: usize, protocol: Protocol) -> Option<Value> {
    let keep = estate.schedule.keep(protocol);
    let last = estate.schedule.last_run(estate.calendar, day);
    (keep > 0).then(|| {
        json!({
            "id": protocol as u32 + 1, "dataset": protocol.parent(), "recursive": true, "lifetime_value": keep,
            "lifetime_unit": "DAY", "enabled": true, "exclude": [], "naming_schema": "auto-%Y-%m-%d_%H-%M",
            "allow_empty": true, "schedule": schedule(), "vmware_sync": false,
            "state": {"state": "FINISHED", "datetime": {"$date": (last + 60) * 1_000}},
        })
    })
}

/// A snapshot task as a replication task repeats it.
fn nested(mut task: Value) -> Value {
    if let Some(members) = task.as_object_mut() {
        members.remove("vmware_sync");
    }
    task["state"] = json!("{}");
    task
}

/// Members of a replication task that local replication leaves empty.
const EMPTY_MEMBERS: [&str; 19] = [
    "ssh_credentials",
    "netcat_active_side",
    "netcat_active_side_listen_address",
    "netcat_active_side_port_min",
    "netcat_active_side_port_max",
    "netcat_passive_side_connect_address",
    "encryption_inherit",
    "encryption_key",
    "encryption_key_format",
    "encryption_key_location",
    "name_regex",
    "schedule",
    "restrict_schedule",
    "lifetime_value",
    "lifetime_unit",
    "compression",
    "speed_limit",
    "logging_level",
    "job",
];

/// Local replication of single volumes to the other pool, and of all volumes to another site.
fn replication(estate: &Estate, day: usize) -> Value {
    let replicated = estate.volumes.iter().filter(|volume| volume.is_replicated);
    let local = replicated.zip(1u32..).map(|(volume, id)| {
        let target = format!("{REPLICAS}/{}", volume.handle(estate.seed));
        let mut task = replication_task(estate, day, volume.protocol, &volume.dataset(estate.seed));
        task["id"] = json!(id);
        task["name"] = json!(format!("{} to fast", volume.protocol.word()));
        task["target_dataset"] = json!(target);
        task
    });
    let off_site = Protocol::ALL
        .into_iter()
        .filter(|protocol| estate.schedule.keep(*protocol) > 0)
        .map(|protocol| {
            let mut task = replication_task(estate, day, protocol, &protocol.parent());
            task["id"] = json!(100 + protocol as u32);
            task["name"] = json!(format!("{} off site", protocol.word()));
            task["target_dataset"] = json!(format!("backup/{}", protocol.word()));
            task["transport"] = json!("SSH");
            task["ssh_credentials"] = json!({
                "id": 3, "name": "off site", "type": "SSH_CREDENTIALS",
                "attributes": {
                    "host": "backup.example.net", "port": 22, "username": "replication", "private_key": 2,
                    "remote_host_key": "", "connect_timeout": 10,
                },
            });
            task["recursive"] = json!(true);
            task
        });
    Value::Array(local.chain(off_site).collect())
}

/// A task that sends what the periodic task of a protocol makes.
fn replication_task(estate: &Estate, day: usize, protocol: Protocol, dataset: &str) -> Value {
    let last = estate.schedule.last_run(estate.calendar, day);
    let mut task = json!({
        "direction": "PUSH", "transport": "LOCAL",
        "sudo": false, "source_datasets": [dataset], "recursive": false, "exclude": [],
        "properties": true, "properties_exclude": [], "properties_override": {}, "replicate": false,
        "encryption": false, "naming_schema": [], "also_include_naming_schema": [], "auto": true,
        "periodic_snapshot_tasks": Vec::from_iter(snapshot_task(estate, day, protocol).map(nested)),
        "only_matching_schedule": false, "allow_from_scratch": false, "readonly": "SET",
        "hold_pending_snapshots": false, "retention_policy": "SOURCE", "lifetimes": [], "large_block": true,
        "embed": false, "compressed": true, "retries": 5, "enabled": true, "has_encrypted_dataset_keys": false,
    });
    task["state"] = json!({
        "state": "FINISHED", "datetime": {"$date": (last + 300) * 1_000}, "warnings": [],
        "last_snapshot": format!("{dataset}@{}", run_name(last)),
    });
    for member in EMPTY_MEMBERS {
        task[member] = Value::Null;
    }
    task
}

fn alerts(estate: &Estate, day: usize) -> Value {
    let Some(from) = estate.full_pool_from.filter(|&from| from <= day) else {
        return json!([]);
    };
    let uuid = estate.seed.uuid(Use::Platform, 900, 0);
    json!([{
        "uuid": uuid, "source": "ZpoolCapacity", "klass": "ZpoolCapacityWarning",
        "args": {"volume": "fast", "capacity": 92}, "node": "Controller A", "key": "[\"fast\"]",
        "datetime": {"$date": (estate.calendar.onset(from) + HOUR) * 1_000},
        "last_occurrence": {"$date": (estate.calendar.now(day) - HOUR) * 1_000}, "dismissed": false, "mail": null,
        "text": "Space usage for pool '%(volume)s' is %(capacity)d%%.",
        "id": uuid, "level": "WARNING",
        "formatted": "Space usage for pool 'fast' is 92%.",
        "one_shot": false,
    }])
}
