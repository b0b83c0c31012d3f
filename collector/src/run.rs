//! One collection: lock, chain, cluster, appliances, cluster again, sealed bundle, state.
//!
//! What cannot be read is data in the bundle. Only when nothing can be read, or when a credential can write, the run
//! ends without one.

mod access;
mod behind;
mod credential;
mod driver;
mod dropped;
mod error;
mod field;
pub(crate) mod forecast;
mod info;
mod lists;
mod marks;
mod name_map;
mod parts;
mod schedule;
mod scope;
mod trace;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use truenas_common::bundle::{
    BundleName, BundleWriter, Capture, PrevReason, Recipient, SitePublicKey, SiteSecretKey,
};
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::time::Time;

use crate::config::Config;
use crate::gather::{self, ApplianceFacts, Clock, ClusterFacts};
use crate::guard::{BorderScreen, LiveSecrets, Names};
use crate::keys::{self, Holder};
use crate::lock::Lock;
use crate::output::status::Status;
use crate::output::{Draft, is_no_space, lone, retention, space};
use crate::source::{K8sClient, OnIgnored, ThanosClient, TruenasAccess};
use crate::state::{self, Sources};

pub(crate) use access::{appliance_access, cluster_access, metrics_access};
use behind::Behind;
pub(crate) use credential::{Credential, ask as ask_credential};
pub(crate) use dropped::Dropped;
use dropped::DroppedFields;
pub(crate) use error::RunError;
use lists::Lists;
use name_map::{NewMap, Tokens};
use parts::Parts;
use schedule::Schedule;
use trace::Trace;

/// How to run, beside the configuration.
#[derive(Debug)]
pub(crate) struct Options {
    /// Folder of the bundle.
    pub(crate) output: PathBuf,
    /// Encrypt to the site's own key too.
    pub(crate) also_to_recovery: bool,
    /// Begin a new chain for this reason.
    pub(crate) new_stream: Option<PrevReason>,
    /// Support case that the run is made for.
    pub(crate) case: Option<String>,
    /// Count what the gatherers drop.
    pub(crate) is_explained: bool,
    /// Go on when a TrueNAS credential can write.
    pub(crate) allow_write_credential: bool,
    /// Take a bundle with gaps for a success.
    pub(crate) is_partial_ok: bool,
    /// Time of names, rows and signatures, when it is given.
    pub(crate) given_time: Option<Time>,
    /// How key files are mounted.
    pub(crate) holder: Holder,
}

/// A bundle that was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The encrypted file; its signature is beside it.
    pub(crate) bundle: PathBuf,
    /// How the run ends.
    pub(crate) exit: Exit,
    /// What was dropped, when it was asked for.
    pub(crate) dropped: Option<Dropped>,
}

/// Everything that is checked before the first request.
struct Prepared<'a> {
    config: &'a Config,
    options: &'a Options,
    key: SiteSecretKey,
    redactor: Redactor,
    /// For the site's own files: what it replaces is in no bundle and in no map of names.
    labels: Redactor,
    pseudonym: PseudonymKey,
    cluster: Option<(&'a str, K8sClient)>,
    metrics: Option<ThanosClient>,
    appliances: Vec<(&'a crate::config::Appliance, TruenasAccess)>,
    clock: Clock,
    secrets: LiveSecrets,
    fields: Arc<DroppedFields>,
    trace: Trace,
}

/// Collects one bundle.
pub(crate) async fn collect(config: &Config, options: &Options) -> Result<Written, RunError> {
    let mut prepared = Prepared::new(config, options)?;
    let _lock = Lock::take(&options.output).map_err(RunError::Lock)?;
    prepared.record_names();
    let started_at = prepared.clock.now();
    let mut status = Status::new(&config.site, config.expected_every_secs);
    let outcome = prepared.run(&mut status).await;
    let exit = match &outcome {
        Ok(written) => written.exit,
        Err(error) => error.exit(),
    };
    if let Err(error) = status.write(&options.output, started_at, prepared.clock.now(), exit) {
        tracing::warn!(
            is_no_space = is_no_space(&error),
            "cannot write status.json"
        );
    }
    outcome
}

/// The system's clock, or the given moment.
pub(crate) fn clock(given: Option<Time>) -> Clock {
    Clock(Arc::new(move || {
        given.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            Time::from_unix_secs(since.map_or(0, |since| since.as_secs().cast_signed()))
        })
    }))
}

impl<'a> Prepared<'a> {
    fn new(config: &'a Config, options: &'a Options) -> Result<Self, RunError> {
        let holder = options.holder;
        let key = keys::load_site_key(&config.keys.site, holder).map_err(RunError::Keys)?;
        let pseudonym =
            keys::load_pseudonym_key(&config.keys.pseudonym, holder).map_err(RunError::Keys)?;
        if options.also_to_recovery && config.recovery_recipient.is_none() {
            return Err(RunError::NoRecovery);
        }
        let mut secrets = LiveSecrets::default();
        secrets.add(&key.to_text());
        secrets.add(&pseudonym.to_text());
        let fields = DroppedFields::new(options.is_explained);
        let trace = Trace::new();
        let cluster = config.kubernetes.as_ref().map(|cluster| {
            let mut access = cluster_access(cluster, config.timeouts)?;
            if let Ok(Some(token)) = access.live_token() {
                secrets.add_whole(token.expose());
            }
            access.on_ignored = Some(Arc::clone(&fields) as OnIgnored);
            access.on_end = Some(trace.listener());
            let client = K8sClient::new(access).map_err(|source| RunError::Access {
                what: format!("cluster `{}`", cluster.name),
                source,
            })?;
            Ok((cluster.name.as_str(), client))
        });
        let cluster = cluster.transpose()?;
        let metrics = config.thanos.as_ref().map(|thanos| {
            let mut access = metrics_access(thanos, config.timeouts)?;
            if let Ok(token) = access.live_token() {
                secrets.add_whole(token.expose());
            }
            access.on_ignored = Some(Arc::clone(&fields) as OnIgnored);
            access.on_end = Some(trace.listener());
            ThanosClient::new(access).map_err(|source| RunError::Access {
                what: format!("metrics of cluster `{}`", thanos.cluster),
                source,
            })
        });
        let metrics = metrics.transpose()?;
        let appliances = config
            .truenas
            .iter()
            .map(|appliance| {
                let mut access = appliance_access(appliance, holder, config.timeouts)?;
                access.on_ignored = Some(Arc::clone(&fields) as OnIgnored);
                access.on_end = Some(trace.listener());
                Ok((appliance, access))
            })
            .collect::<Result<Vec<_>, RunError>>()?;
        for appliance in &config.truenas {
            let api_key =
                keys::load_api_key(&appliance.api_key_file, holder).map_err(RunError::Keys)?;
            secrets.add(api_key.expose());
        }
        Ok(Self {
            config,
            options,
            key,
            redactor: Redactor::new(&pseudonym, config.profile),
            labels: Redactor::new(&pseudonym, config.profile),
            pseudonym,
            cluster,
            metrics,
            appliances,
            clock: clock(options.given_time),
            secrets,
            fields,
            trace,
        })
    }

    /// Has the redactor remember what it replaces; where names leave readable there is nothing to remember.
    fn record_names(&mut self) {
        let config = self.config;
        if config.profile == Profile::Open {
            return;
        }
        let earlier = config
            .has_reid_map
            .then(|| name_map::earlier(&self.options.output, config.epoch));
        let redactor = Redactor::new(&self.pseudonym, config.profile);
        self.redactor = redactor.recording(earlier);
    }

    async fn run(&self, status: &mut Status) -> Result<Written, RunError> {
        let config = self.config;
        let schedule = Schedule::new(config.budgets, Instant::now(), self.cluster.is_some());
        let folder: &Path = &self.options.output;
        let public = self.key.public();
        let id = keys::random_bytes().map_err(RunError::Keys)?;
        let site = &self.config.site;
        let place = state::next(folder, site, &public, self.options.new_stream, id)
            .map_err(RunError::State)?;
        let started_at = self.clock.now();
        let name = BundleName::new(site.clone(), place.seq, started_at);
        let recipients = self.recipients();
        let info = info::bundle_info(
            &info::Context {
                config: self.config,
                options: self.options,
                place: &place,
                recipients: &recipients,
                key: &public,
                key_check: self.redactor.key_check(),
            },
            &name,
            started_at,
        );
        tracing::info!(seq = place.seq, reason = place.reason.word(), "run begins");

        space::check(folder).map_err(|source| RunError::Room {
            folder: folder.to_owned(),
            source,
        })?;
        status.marks = info.marks.clone();
        lone::remove_unpublished(folder, &name, &place.stream, &public);
        let draft = Draft::create(folder, name.file_name()).map_err(RunError::Output)?;
        let file = draft.file().map_err(RunError::Output)?;
        let names = Names::new(&self.redactor);
        let (screen, look) = BorderScreen::new(self.secrets.clone(), self.config.profile, names);
        let screen = Box::new(screen);
        let writer = BundleWriter::create_screened(file, info, &recipients, started_at, screen)
            .map_err(|source| RunError::Write { source })?;
        let mut parts = Parts::new(Behind::new(writer));
        let known = Sources::read(folder, config.epoch, &self.labels);
        let sources = match self.read_all(&schedule, known, &mut parts).await {
            Ok(sources) => sources,
            // What must not leave, or finds no room, was met before and counts more.
            Err(error) => {
                let earlier = parts.into_writer().failure();
                return Err(earlier.map_or(error, RunError::Part));
            }
        };
        scope::write(&self.config.scope, &self.redactor, &mut parts).map_err(RunError::Sink)?;
        driver::write(&self.config.drivers, &self.redactor, &mut parts).map_err(RunError::Sink)?;

        field::write(&self.fields.counts(), &self.redactor, &mut parts).map_err(RunError::Sink)?;
        let is_measured = self.options.given_time.is_none();
        self.trace
            .write(is_measured, &mut parts)
            .map_err(RunError::Sink)?;

        let (behind, lists) = parts.finish().map_err(RunError::Part)?;
        let writer = behind.finish().map_err(RunError::Part)?;
        let capture = Capture {
            started_at,
            ended_at: self.clock.now(),
        };
        let sealed = writer
            .finish(capture, &self.key)
            .map_err(|source| RunError::Write { source })?;
        let look = look.take();
        if let Some(names) = &look.names {
            names.check(&self.redactor).map_err(RunError::Name)?;
        }
        let map = match &self.config.recovery_recipient {
            Some(recipient) if self.config.has_reid_map => name_map::seal(
                folder,
                self.config,
                &place,
                &self.redactor,
                recipient,
                &self.key,
                capture.ended_at,
            )?,
            _ => None,
        };
        let tokens = map.map(NewMap::publish).transpose()?;
        let sign = || sealed.sign(&self.key).to_text("truenas-collector bundle");
        let bundle = draft.publish(sign).map_err(RunError::Output)?;
        status.bundle = Some(name.to_string());
        status.stream = Some(place.stream.clone());
        status.seq = Some(place.seq);
        status.bytes = Some(sealed.bytes);
        status.n_rows = lists.n_rows();
        status.lists = lists.by_outcome();
        status.n_incomplete = lists.n_incomplete();
        status.prev_reason = Some(place.reason.word());
        status.n_scanned_bytes = look.n_bytes;
        status.n_new_names = tokens.as_ref().map(|tokens| tokens.n_new as u64);
        place
            .taken(folder, &public, &sealed.sha256, capture.ended_at)
            .map_err(RunError::State)?;
        if let Err(error) = sources.write(folder) {
            tracing::warn!(
                is_no_space = is_no_space(&error),
                "cannot write sources.json"
            );
        }
        tokens.map_or(Ok(()), Tokens::write)?;
        status.n_removed = self.retire(&place, &public, capture.ended_at);
        Ok(Written {
            bundle,
            exit: self.exit(&lists, sealed.bytes),
            dropped: self.options.is_explained.then(|| self.fields.with(&look)),
        })
    }

    /// Removes old bundles, unless it was not sure where the chain stands.
    fn retire(&self, place: &state::Place, key: &SitePublicKey, now: Time) -> u64 {
        let is_sure = matches!(place.reason, PrevReason::Normal | PrevReason::First);
        match self.config.retention {
            Some(retention) if is_sure => {
                let site = &self.config.site;
                retention::apply(&self.options.output, site, key, retention, now)
            }
            _ => 0,
        }
    }

    fn recipients(&self) -> Vec<Recipient> {
        let recovery = self.config.recovery_recipient.as_ref();
        let recovery = recovery.filter(|_| self.options.also_to_recovery);
        let all = self.config.recipients.iter().chain(recovery);
        all.cloned().collect()
    }

    /// All calls of gatherers, in the order of decision D14; who the sources are comes back.
    async fn read_all(
        &self,
        schedule: &Schedule,
        mut sources: Sources,
        parts: &mut Parts,
    ) -> Result<Sources, RunError> {
        let labels = &self.labels;
        let mut failures = Vec::new();
        let mut n_reached = 0;
        let mut again = None;
        let mut cluster = None;
        if let Some((name, client)) = &self.cluster {
            let budget = schedule.cluster(Instant::now(), self.appliances.len());
            let budgeted = client.with_budget(budget);
            let mut facts = ClusterFacts {
                name,
                known: sources.cluster(name, labels),
            };
            match budgeted.discover().await {
                Ok(served) => {
                    n_reached += 1;
                    let (redactor, clock) = (&self.redactor, &self.clock);
                    let uid = gather::cluster(&budgeted, &served, &facts, redactor, clock, parts)
                        .await
                        .map_err(RunError::Sink)?;
                    if let Some(uid) = uid {
                        sources.remember_cluster(name, &uid, labels);
                        facts.known = Some(uid);
                    }
                    cluster.clone_from(&facts.known);
                    again = Some((client, served, facts));
                }
                Err(error) => {
                    tracing::warn!(%error, "cluster cannot be read");
                    gather::cluster_unreachable(&facts, &error, &self.clock, parts)
                        .map_err(RunError::Sink)?;
                    cluster.clone_from(&facts.known);
                    failures.push(("the cluster".to_owned(), error));
                }
            }
        }
        if let Some(client) = &self.metrics {
            let budget = schedule.cluster(Instant::now(), self.appliances.len());
            let client = client.with_budget(budget);
            gather::metrics(&client, cluster, &self.redactor, &self.clock, parts)
                .await
                .map_err(RunError::Sink)?;
        }
        for (index, (appliance, access)) in self.appliances.iter().enumerate() {
            let facts = ApplianceFacts {
                name: &appliance.name,
                host: &appliance.address.host,
                addresses: &appliance.addresses,
                known: sources.appliance(&appliance.name, labels),
            };
            let mut access = access.clone();
            let n_left = self.appliances.len() - index;
            access.budget = Arc::new(schedule.appliance(Instant::now(), n_left));
            let (redactor, clock) = (&self.redactor, &self.clock);
            match credential::open(&access).await {
                Ok((mut session, credential)) => {
                    n_reached += 1;
                    self.check_credential(&credential, appliance)?;
                    let id = gather::appliance(&mut session, &facts, redactor, clock, parts)
                        .await
                        .map_err(RunError::Sink)?;
                    if let Some(id) = id {
                        sources.remember_appliance(&appliance.name, &id, labels);
                    }
                    session.close().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "appliance cannot be read");
                    gather::appliance_unreachable(&facts, &error, redactor, clock, parts)
                        .map_err(RunError::Sink)?;
                    failures.push((format!("appliance `{}`", appliance.name), error));
                }
            }
        }
        if n_reached == 0 {
            return Err(RunError::nothing_read(failures));
        }
        if let Some((client, served, facts)) = again {
            let client = client.with_budget(schedule.again());
            let (redactor, clock) = (&self.redactor, &self.clock);
            gather::cluster_again(&client, &served, &facts, redactor, clock, parts)
                .await
                .map_err(RunError::Sink)?;
        }
        Ok(sources)
    }

    /// Refuses a credential that can do more than read.
    fn check_credential(
        &self,
        credential: &Credential,
        appliance: &crate::config::Appliance,
    ) -> Result<(), RunError> {
        let Some(excess) = credential.excess() else {
            if credential.reads_everything() {
                tracing::warn!(
                    "TrueNAS key has READONLY_ADMIN, which also opens what this program never reads"
                );
            }
            return Ok(());
        };
        if self.options.allow_write_credential {
            tracing::warn!("TrueNAS credential can write; allowed on the command line");
            return Ok(());
        }
        Err(RunError::CanWrite {
            user: appliance
                .user
                .clone()
                .unwrap_or_else(|| "this site".to_owned()),
            appliance: appliance.name.clone(),
            excess,
            remedy: credential.remedy(),
        })
    }

    fn exit(&self, lists: &Lists, bytes: u64) -> Exit {
        let n_incomplete = lists.n_incomplete();
        tracing::info!(
            bytes,
            n_rows = lists.n_rows(),
            n_incomplete,
            "bundle written"
        );
        match n_incomplete > 0 && !self.options.is_partial_ok {
            true => Exit::Incomplete,
            false => Exit::Ok,
        }
    }
}
