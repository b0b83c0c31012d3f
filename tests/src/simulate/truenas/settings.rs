//! Answers of methods that give one set of values, for worlds that have no file for them.

use serde_json::{Value, json};

/// The values that an appliance has before anybody changes them; `None` for methods that give lists.
pub(super) fn untouched(method: &str) -> Option<Value> {
    let answer = match method {
        "failover.status" => json!("SINGLE"),
        "iscsi.global.config" => json!({
            "id": 1, "basename": "iqn.2005-10.org.freenas.ctl", "isns_servers": [], "listen_port": 3260,
            "pool_avail_threshold": null, "alua": false, "iser": false,
        }),
        "nvmet.global.config" => json!({
            "id": 1, "basenqn": "nqn.2011-06.com.truenas", "kernel": true, "ana": false, "rdma": false,
            "xport_referral": true,
        }),
        // On the pool that the appliance boots from, until there is another one.
        "systemdataset.config" => json!({
            "id": 1, "pool": "boot-pool", "pool_set": false, "uuid": "00000000000040008000000000000000",
            "basename": "boot-pool/.system", "path": "/var/db/system",
        }),
        "update.config" => json!({"id": 1, "autocheck": true, "profile": "GENERAL"}),
        _ if method.ends_with(".config") => json!({"id": 1}),
        _ => return None,
    };
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_an_object_and_lists_have_none() {
        for method in ["nfs.config", "nvmet.global.config", "update.config"] {
            assert!(untouched(method).unwrap().is_object(), "{method}");
        }
        assert_eq!(untouched("failover.status"), Some(json!("SINGLE")));
        assert_eq!(untouched("sharing.smb.query"), None);
    }
}
