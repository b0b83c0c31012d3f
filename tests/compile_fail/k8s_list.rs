//! A list that the collector does not have.

use truenas_collector::source::K8sList;

fn main() {
    let _ = K8sList {
        group: "",
        version: "v1",
        resource: "secrets",
        path: "/api/v1/secrets",
    };
}
