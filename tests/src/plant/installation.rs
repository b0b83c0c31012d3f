//! A second installation of a CSI driver, made like one that is there.

use serde_json::{Value, json};

use super::remade::respell;
use super::scene::Day;
use super::volume::Share;

/// Lists that hold the objects of an installation.
const LISTS: [&str; 7] = [
    "csidrivers",
    "storageclasses",
    "volumesnapshotclasses",
    "deployments",
    "replicasets",
    "daemonsets",
    "pods",
];

/// What an installation is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Installation {
    /// Driver that is there already.
    pub like: Share,
    /// Name of the CSI driver.
    pub driver: &'static str,
    /// Name of the release of the chart.
    pub release: &'static str,
    /// Name of its storage class.
    pub class: &'static str,
}

/// Installs a driver: its registration, classes, controller and node plugin. Nothing is done when it is there.
pub(super) fn install(day: &mut Day, to: Installation, number: u32) {
    if day.object("csidrivers", to.driver).is_some() {
        return;
    }
    let old_driver = to.like.driver();
    let old_release = format!("zfs-{}", old_driver.rsplit('.').next().unwrap_or_default());
    for list in LISTS {
        let is_of = |object: &&Value| {
            let text = object.to_string();
            text.contains(old_driver) || text.contains(&format!("\"{old_release}"))
        };
        let objects: Vec<Value> = day.seen(list).iter().filter(is_of).cloned().collect();
        for mut object in objects {
            respell(&mut object, old_driver, to.driver);
            respell(&mut object, to.like.class(), to.class);
            respell(&mut object, &old_release, to.release);
            // What other modes made of this driver has a name of its own, and is there once.
            let key = |object: &Value| {
                let metadata = &object["metadata"];
                (metadata["namespace"].clone(), metadata["name"].clone())
            };
            if day
                .seen(list)
                .iter()
                .any(|known| key(known) == key(&object))
            {
                continue;
            }
            renumber(&mut object, &format!("{:08x}", 0x5ce7_0000 + number));
            day.objects(list).push(object);
        }
    }
    for node in day.objects("csinodes") {
        let Some(drivers) = node["spec"]["drivers"].as_array_mut() else {
            continue;
        };
        let mut own: Vec<Value> = drivers.clone();
        own.retain(|driver| driver["name"] == old_driver);
        for mut driver in own {
            driver["name"] = json!(to.driver);
            drivers.push(driver);
        }
    }
}

/// Gives every uid of an object, and those that it refers to, another beginning.
fn renumber(value: &mut Value, prefix: &str) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|one| renumber(one, prefix)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "uid" => {
                        text.replace_range(..prefix.len(), prefix)
                    }
                    _ => renumber(member, prefix),
                }
            }
        }
        _ => {}
    }
}
