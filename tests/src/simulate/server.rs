//! Starts, moves and ends a simulation: one thread, one port per cluster and appliance.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::watch;

use super::accept::serve_all;
use super::faults::FaultBook;
use super::files::{Beside, kubeconfig, write_public, write_secret};
use super::place::{Doors, Place};
use super::request_log::{Request, RequestLog};
use super::secret::random_text;
use super::tls::Tls;
use super::{SimulateError, k8s, thanos, truenas};
use crate::world::{Side, World, WorldError};

/// How a simulation is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of the first cluster; the others follow. 0 takes any.
    pub k8s_port: u16,
    /// Port of the first appliance; the others follow. 0 takes any.
    pub truenas_port: u16,
    /// Serve the appliances without TLS too, on ports of the system's choice. A key that is sent there is revoked.
    pub has_plain: bool,
    /// Port of `GET /next`, `/now` and `/requests`; plain HTTP.
    pub control_port: Option<u16>,
    /// File for one JSON line per request; `-` is the standard error stream.
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends when this is dropped.
///
/// For a world (or series) folder `W` it writes into the folder that holds `W`: `W.ca.pem`; `W.kubeconfig` and `W.api-key`
/// of the first cluster and appliance; and, where there are several, `W.NAME.kubeconfig` and `W.NAME.api-key` of each. The
/// token for the metrics of a cluster is in `W.thanos-token`; they are served on any port.
pub struct Simulation {
    shared: Arc<Shared>,
    places: Vec<Place>,
    ca_file: PathBuf,
    control_port: Option<u16>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// The world as it is now.
pub(super) struct Moment {
    /// Time of the world.
    pub(super) now: Timestamp,
    /// What goes wrong.
    pub(super) faults: FaultBook,
    /// Clusters by name.
    pub(super) clusters: HashMap<String, Arc<k8s::Cluster>>,
    /// Metrics by the name of their cluster.
    pub(super) metrics: HashMap<String, Arc<thanos::Metrics>>,
    /// Appliances by name.
    pub(super) appliances: HashMap<String, Arc<truenas::Appliance>>,
}

/// What every connection shares.
pub(super) struct Shared {
    /// Certificates.
    pub(super) tls: Tls,
    /// Requests seen.
    pub(super) log: RequestLog,
    folders: Vec<PathBuf>,
    position: Mutex<usize>,
    moment: RwLock<Arc<Moment>>,
}

/// Starts serving a world, or the first world of a series.
pub fn start(world_or_series: &Path, options: &Options) -> Result<Simulation, SimulateError> {
    let folders =
        World::folders(world_or_series).map_err(|source| world_error(world_or_series, source))?;
    let worlds = folders
        .iter()
        .map(|folder| World::read(folder).map_err(|source| world_error(folder, source)))
        .collect::<Result<Vec<World>, SimulateError>>()?;
    let first = worlds.first().ok_or_else(|| SimulateError::World {
        path: world_or_series.to_path_buf(),
        source: WorldError::NoWorld {
            path: world_or_series.to_path_buf(),
        },
    })?;
    let tls = Tls::new()?;
    let beside = Beside::new(world_or_series)?;
    let (places, doors) = places(&worlds, options, &beside, &tls.ca_pem)?;
    let ca_file = beside.path(None, "ca.pem");
    write_public(&ca_file, &tls.ca_pem)?;
    let control = options.control_port.map(listen).transpose()?;
    let control_port = control
        .as_ref()
        .and_then(|listener| listener.local_addr().ok())
        .map(|address| address.port());
    let shared = Arc::new(Shared {
        tls,
        log: RequestLog::open(options.log.as_ref())?,
        moment: RwLock::new(Arc::new(Moment::read(first, 0)?)),
        folders,
        position: Mutex::new(0),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| SimulateError::System { what: "event loop" })?;
    let (stop, stopped) = watch::channel(false);
    let served = Arc::clone(&shared);
    let named: Vec<(Place, Doors)> = places.iter().cloned().zip(doors).collect();
    let thread = std::thread::Builder::new()
        .name("simulation".to_owned())
        .spawn(move || {
            runtime.block_on(serve_all(served, named, control, stopped));
            runtime.shutdown_background();
        })
        .map_err(|_| SimulateError::System { what: "thread" })?;
    Ok(Simulation {
        shared,
        places,
        ca_file,
        control_port,
        stop,
        thread: Some(thread),
    })
}

impl Simulation {
    /// Kubeconfig of a cluster, or of the first one: server, CA and token.
    #[must_use]
    pub fn kubeconfig(&self, cluster: Option<&str>) -> &Path {
        self.place(Side::Kubernetes, cluster)
            .map_or(Path::new(""), |place| &place.file)
    }

    /// The authority's certificate, PEM.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// File with the API key of an appliance, or of the first one.
    #[must_use]
    pub fn api_key_file(&self, appliance: Option<&str>) -> &Path {
        self.place(Side::Truenas, appliance)
            .map_or(Path::new(""), |place| &place.file)
    }

    /// `wss://127.0.0.1:PORT/api/current` of an appliance, or of the first one.
    #[must_use]
    pub fn truenas_url(&self, appliance: Option<&str>) -> String {
        let port = self
            .place(Side::Truenas, appliance)
            .map_or(0, |place| place.port);
        format!("wss://127.0.0.1:{port}/api/current")
    }

    /// `ws://127.0.0.1:PORT/api/current` of an appliance, or of the first one; see [`Options::has_plain`].
    #[must_use]
    pub fn truenas_plain_url(&self, appliance: Option<&str>) -> Option<String> {
        let port = self.place(Side::Truenas, appliance)?.plain_port?;
        Some(format!("ws://127.0.0.1:{port}/api/current"))
    }

    /// `https://127.0.0.1:PORT` of a cluster, or of the first one.
    #[must_use]
    pub fn k8s_url(&self, cluster: Option<&str>) -> String {
        let port = self
            .place(Side::Kubernetes, cluster)
            .map_or(0, |place| place.port);
        format!("https://127.0.0.1:{port}")
    }

    /// `https://127.0.0.1:PORT` of the metrics of a cluster, or of the first one that has any.
    #[must_use]
    pub fn thanos_url(&self, cluster: Option<&str>) -> Option<String> {
        let place = self.place(Side::Thanos, cluster)?;
        Some(format!("https://127.0.0.1:{}", place.port))
    }

    /// File with the token for the metrics of a cluster, or of the first one that has any.
    #[must_use]
    pub fn thanos_token_file(&self, cluster: Option<&str>) -> Option<&Path> {
        let place = self.place(Side::Thanos, cluster)?;
        Some(&place.file)
    }

    /// Port of the control server, when there is one.
    #[must_use]
    pub fn control_port(&self) -> Option<u16> {
        self.control_port
    }

    /// Pin of the servers' public key, `sha256/BASE64`.
    #[must_use]
    pub fn spki_pin(&self) -> String {
        self.shared.tls.spki_pin.clone()
    }

    /// Names of the clusters, in the order of their ports.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        self.names(Side::Kubernetes)
    }

    /// Names of the appliances, in the order of their ports.
    pub fn appliances(&self) -> impl Iterator<Item = &str> {
        self.names(Side::Truenas)
    }

    /// Every request seen so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.all()
    }

    /// Moves to the next world of a series; false at the end, or when that world cannot be read.
    #[must_use]
    pub fn next(&self) -> bool {
        self.shared.next().unwrap_or(false)
    }

    /// Time of the world, RFC 3339.
    #[must_use]
    pub fn now(&self) -> String {
        self.shared.moment().now.to_string()
    }

    fn place(&self, side: Side, name: Option<&str>) -> Option<&Place> {
        let mut places = self.places.iter().filter(|place| place.side == side);
        match name {
            None => places.next(),
            Some(name) => places.find(|place| place.name == name),
        }
    }

    fn names(&self, side: Side) -> impl Iterator<Item = &str> {
        self.places
            .iter()
            .filter(move |place| place.side == side)
            .map(|place| place.name.as_str())
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // The receiver is gone only when the thread has ended by itself.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Moment {
    fn read(world: &World, position: usize) -> Result<Self, SimulateError> {
        let mut clusters = HashMap::new();
        for cluster in &world.clusters {
            let store = Arc::new(k8s::Store::read(&cluster.folder, position)?);
            let (denied, granted) = (cluster.denied.clone(), cluster.granted.clone());
            clusters.insert(
                cluster.name.clone(),
                Arc::new(k8s::Cluster {
                    store,
                    denied,
                    granted,
                }),
            );
        }
        let mut metrics = HashMap::new();
        for thanos in &world.thanos {
            let read = thanos::Metrics::read(&thanos.folder, thanos.is_denied)?;
            metrics.insert(thanos.cluster.clone(), Arc::new(read));
        }
        let mut appliances = HashMap::new();
        for appliance in &world.appliances {
            let read = truenas::Appliance::read(appliance, world.now)?;
            appliances.insert(appliance.name.clone(), Arc::new(read));
        }
        Ok(Self {
            now: world.now,
            faults: FaultBook::new(&world.faults),
            clusters,
            metrics,
            appliances,
        })
    }
}

impl Shared {
    /// The world as it is now.
    pub(crate) fn moment(&self) -> Arc<Moment> {
        Arc::clone(&self.moment.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Moves to the next world; false at the end.
    pub(super) fn next(&self) -> Result<bool, SimulateError> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(folder) = self.folders.get(*position + 1) else {
            return Ok(false);
        };
        let world = World::read(folder).map_err(|source| world_error(folder, source))?;
        let moment = Arc::new(Moment::read(&world, *position + 1)?);
        *self.moment.write().unwrap_or_else(PoisonError::into_inner) = moment;
        *position += 1;
        Ok(true)
    }
}

fn world_error(path: &Path, source: WorldError) -> SimulateError {
    SimulateError::World {
        path: path.to_path_buf(),
        source,
    }
}

/// Binds a port for every cluster and appliance of any world, and writes the files that lead there.
fn places(
    worlds: &[World],
    options: &Options,
    beside: &Beside,
    ca_pem: &str,
) -> Result<(Vec<Place>, Vec<Doors>), SimulateError> {
    let mut places: Vec<Place> = Vec::new();
    let mut doors = Vec::new();
    let clusters = worlds
        .iter()
        .flat_map(|world| &world.clusters)
        .map(|cluster| (Side::Kubernetes, &cluster.name, None));
    let metrics = worlds
        .iter()
        .flat_map(|world| &world.thanos)
        .map(|thanos| (Side::Thanos, &thanos.cluster, None));
    let appliances = worlds.iter().flat_map(|world| &world.appliances);
    let appliances =
        appliances.map(|appliance| (Side::Truenas, &appliance.name, appliance.api_key.clone()));
    for (side, name, secret) in clusters.chain(metrics).chain(appliances) {
        if places
            .iter()
            .any(|place| place.side == side && place.name == *name)
        {
            continue;
        }
        let index = places.iter().filter(|place| place.side == side).count();
        let base = match side {
            Side::Kubernetes => options.k8s_port,
            Side::Thanos => 0,
            Side::Truenas => options.truenas_port,
        };
        let offset = u16::try_from(index).unwrap_or(u16::MAX);
        let secure = listen(if base == 0 {
            0
        } else {
            base.saturating_add(offset)
        })?;
        let has_plain = options.has_plain && side == Side::Truenas;
        let plain = has_plain.then(|| listen(0)).transpose()?;
        let port = port_of(&secure)?;
        let plain_port = plain.as_ref().map(port_of).transpose()?;
        let secret = match secret {
            Some(secret) => secret,
            None if side == Side::Truenas => format!("{}-{}", index + 1, random_text(64)?),
            None => random_text(48)?,
        };
        let (ending, text) = match side {
            Side::Kubernetes => ("kubeconfig", kubeconfig(name, port, ca_pem, &secret)),
            Side::Thanos => ("thanos-token", format!("{secret}\n")),
            Side::Truenas => ("api-key", format!("{secret}\n")),
        };
        let has_others = worlds.iter().any(|world| match side {
            Side::Kubernetes => world.clusters.iter().any(|cluster| cluster.name != *name),
            Side::Thanos => world.thanos.iter().any(|thanos| thanos.cluster != *name),
            Side::Truenas => world
                .appliances
                .iter()
                .any(|appliance| appliance.name != *name),
        });
        let file = beside.path(has_others.then_some(name.as_str()), ending);
        write_secret(&file, &text)?;
        if index == 0 && has_others {
            write_secret(&beside.path(None, ending), &text)?;
        }
        places.push(Place {
            side,
            name: name.clone(),
            port,
            plain_port,
            secret,
            file,
        });
        doors.push(Doors { secure, plain });
    }
    Ok((places, doors))
}

fn port_of(listener: &TcpListener) -> Result<u16, SimulateError> {
    let address = listener.local_addr();
    let address = address.map_err(|source| SimulateError::Listen { port: 0, source })?;
    Ok(address.port())
}

fn listen(port: u16) -> Result<TcpListener, SimulateError> {
    let listen_error = |source| SimulateError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen_error)?;
    listener.set_nonblocking(true).map_err(listen_error)?;
    Ok(listener)
}
