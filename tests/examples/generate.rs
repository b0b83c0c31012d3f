//! Writes the documents that are generated from the gatherers.

fn main() -> std::io::Result<()> {
    use truenas_collector::gather::{document, rbac};
    std::fs::write("collector/GATHERED.md", document::gathered())?;
    std::fs::write(
        "collector/deploy/openshift/20-clusterrole.yaml",
        rbac::cluster_role(true),
    )
}
