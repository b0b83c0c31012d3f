//! The collector's configuration for a simulation, as an operator would write it.

use std::fmt::Write as _;
use std::path::Path;

use crate::simulate::Simulation;
use crate::world::World;

/// What a configuration names beside the servers.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Short name of the site.
    pub name: &'a str,
    /// Age recipient of the analyst.
    pub recipient: &'a str,
    /// Folder with `site.key` and `pseudonym.key`.
    pub keys: &'a Path,
    /// Cluster of the world that this site is; the first when absent.
    pub cluster: Option<&'a str>,
}

/// The configuration that reads one cluster, its metrics and every appliance of a simulated world, with the scope that
/// the world declares.
#[must_use]
pub fn configuration(simulation: &Simulation, world: &World, site: Site<'_>) -> String {
    let keys = site.keys.display();
    let mut yaml = format!(
        "site: {}\nrecipients: [{}]\nprofile: standard\nexpected_every: 24h\n\
         keys: {{site: {keys}/site.key, pseudonym: {keys}/pseudonym.key}}\n",
        site.name, site.recipient
    );
    let is_ours = |name: &str| site.cluster.is_none_or(|wanted| wanted == name);
    let cluster = world.clusters.iter().find(|cluster| is_ours(&cluster.name));
    if let Some(cluster) = cluster {
        let kubeconfig = simulation.kubeconfig(Some(&cluster.name)).display();
        let _ = writeln!(
            yaml,
            "kubernetes: {{name: {}, kubeconfig: {kubeconfig}}}",
            cluster.name
        );
    }
    let cluster = cluster.map(|cluster| cluster.name.as_str());
    if let (Some(url), Some(token_file)) = (
        simulation.thanos_url(cluster),
        simulation.thanos_token_file(cluster),
    ) {
        let _ = writeln!(
            yaml,
            "thanos: {{url: '{url}', ca_file: {}, token_file: {}}}",
            simulation.ca_file().display(),
            token_file.display(),
        );
    }
    yaml.push_str("truenas:\n");
    for appliance in &world.appliances {
        let name = Some(appliance.name.as_str());
        let _ = write!(
            yaml,
            "- name: {}\n  url: {}\n  user: {}\n  api_key_file: {}\n  ca_file: {}\n",
            appliance.name,
            simulation.truenas_url(name),
            appliance.user,
            simulation.api_key_file(name).display(),
            simulation.ca_file().display(),
        );
    }
    if !world.scope.parents.is_empty() {
        yaml.push_str("scope:\n  parents:\n");
        for parent in &world.scope.parents {
            let _ = writeln!(
                yaml,
                "  - {{dataset: \"{}\", clusters: [{}], complete: {}}}",
                parent.dataset,
                parent.clusters.join(", "),
                parent.complete
            );
        }
    }
    yaml
}
