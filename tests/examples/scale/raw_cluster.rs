//! Raw reads of a cluster or of its metrics: as many connections as requests at a time, each kept open.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};
use testkit::simulate::{Request, Simulation};

use crate::raw::{IN_FLIGHT, Tls, connect};

/// A cluster and the connections to it.
pub(crate) struct Cluster {
    connections: Vec<BufReader<Tls>>,
    host: String,
    token: String,
}

impl Cluster {
    pub(crate) fn connect(simulation: &Simulation) -> anyhow::Result<Self> {
        let kubeconfig = fs::read_to_string(simulation.kubeconfig(None))?;
        let mut lines = kubeconfig.lines().map(str::trim);
        let token = lines.find_map(|line| line.strip_prefix("token: "));
        let token = token.context("no token in the kubeconfig")?;
        Self::with_token(simulation, &simulation.k8s_url(None), token)
    }

    /// The metrics of the first cluster.
    pub(crate) fn metrics(simulation: &Simulation) -> anyhow::Result<Self> {
        let url = simulation.thanos_url(None).context("no metrics")?;
        let file = simulation.thanos_token_file(None).context("no metrics")?;
        Self::with_token(simulation, &url, fs::read_to_string(file)?.trim())
    }

    fn with_token(simulation: &Simulation, url: &str, token: &str) -> anyhow::Result<Self> {
        let connections = (0..IN_FLIGHT).map(|_| Ok(BufReader::new(connect(simulation, url)?)));
        let host = url.split('/').nth(2).context("no host in the URL")?;
        Ok(Self {
            host: host.to_owned(),
            connections: connections.collect::<anyhow::Result<_>>()?,
            token: token.to_owned(),
        })
    }

    pub(crate) fn read(&mut self, requests: &[Request]) -> anyhow::Result<()> {
        let next = AtomicUsize::new(0);
        let (next, host, token) = (&next, self.host.as_str(), self.token.as_str());
        std::thread::scope(|scope| {
            let workers: Vec<_> = self
                .connections
                .iter_mut()
                .map(|connection| {
                    scope.spawn(move || {
                        while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed))
                        {
                            get(connection, request, (host, token))?;
                        }
                        anyhow::Ok(())
                    })
                })
                .collect();
            workers.into_iter().try_for_each(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })
    }
}

/// Sends one request and drops what comes back, which must be as long as what the collector got.
fn get(
    connection: &mut BufReader<Tls>,
    request: &Request,
    (host, token): (&str, &str),
) -> anyhow::Result<()> {
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nAuthorization: Bearer {token}\r\n\r\n",
        request.detail
    );
    connection.get_mut().write_all(head.as_bytes())?;
    let mut n_bytes = None;
    loop {
        let mut line = String::new();
        ensure!(
            connection.read_line(&mut line)? > 0,
            "the simulated cluster hung up"
        );
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(length) = line.strip_prefix("content-length:") {
            n_bytes = length.trim().parse().ok();
        }
    }
    let n_bytes: u64 = n_bytes.context("an answer without a length")?;
    ensure!(
        n_bytes == request.n_bytes as u64,
        "{} gives {n_bytes} bytes and gave the collector {}",
        request.detail,
        request.n_bytes
    );
    io::copy(&mut connection.take(n_bytes), &mut io::sink())?;
    Ok(())
}
