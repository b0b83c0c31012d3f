//! Serves a world folder, or a series of them, as Kubernetes API servers and TrueNAS appliances on loopback.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use serde_json::json;
use testkit::simulate::{Options, start};

/// Serve a world folder, or a series of them, until ended
#[derive(Parser)]
struct Arguments {
    /// World folder, or series folder with 000/, 001/, …
    world: PathBuf,
    /// Port of the first cluster; 0 takes any
    #[arg(long, default_value_t = 0)]
    k8s_port: u16,
    /// Port of the first appliance; 0 takes any
    #[arg(long, default_value_t = 0)]
    truenas_port: u16,
    /// Serve the appliances without TLS too; a key that is sent there is revoked
    #[arg(long)]
    truenas_plain: bool,
    /// Port of the control server: GET /next, /now, /requests
    #[arg(long)]
    control_port: Option<u16>,
    /// File for one JSON line per request; `-` is the standard error stream
    #[arg(long, default_value = "-")]
    log: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        k8s_port: arguments.k8s_port,
        truenas_port: arguments.truenas_port,
        has_plain: arguments.truenas_plain,
        control_port: arguments.control_port,
        log: Some(arguments.log),
    };
    let simulation = start(&arguments.world, &options).context("cannot start the simulation")?;
    let clusters: Vec<_> = simulation
        .clusters()
        .map(|name| {
            let kubeconfig = simulation.kubeconfig(Some(name));
            json!({"name": name, "url": simulation.k8s_url(Some(name)), "kubeconfig": kubeconfig})
        })
        .collect();
    let thanos: Vec<_> = simulation
        .clusters()
        .filter_map(|name| {
            let url = simulation.thanos_url(Some(name))?;
            let token_file = simulation.thanos_token_file(Some(name))?;
            Some(json!({"cluster": name, "url": url, "token_file": token_file}))
        })
        .collect();
    let appliances: Vec<_> = simulation
        .appliances()
        .map(|name| {
            let api_key_file = simulation.api_key_file(Some(name));
            json!({
                "name": name, "url": simulation.truenas_url(Some(name)), "api_key_file": api_key_file,
                "plain_url": simulation.truenas_plain_url(Some(name)),
            })
        })
        .collect();
    let ready = json!({
        "now": simulation.now(), "ca_file": simulation.ca_file(), "spki_pin": simulation.spki_pin(),
        "clusters": clusters, "thanos": thanos, "appliances": appliances, "control_port": simulation.control_port(),
    });
    writeln!(std::io::stdout(), "{ready}")?;
    loop {
        std::thread::park();
    }
}
