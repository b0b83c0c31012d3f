//! One collection: lock, chain, cluster, appliances, cluster again, sealed bundle, state.
//!
//! What cannot be read is data in the bundle. Only when nothing can be read, or when a credential can write, the run
//! ends without one.

mod access;
mod credential;
mod error;
pub(crate) mod forecast;
mod info;
mod lists;
mod parts;
mod scope;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use truenas_common::bundle::{
    BundleName, BundleWriter, Capture, PrevReason, Recipient, SiteSecretKey,
};
use truenas_common::exit::Exit;
use truenas_common::redact::{PseudonymKey, Redactor};
use truenas_common::time::Time;

use crate::config::Config;
use crate::gather::{self, ApplianceFacts, Clock};
use crate::guard::{BorderScreen, LiveSecrets, Names};
use crate::keys::{self, Holder};
use crate::lock::Lock;
use crate::output::status::Status;
use crate::output::{Draft, is_no_space};
use crate::source::{K8sClient, TruenasAccess, truenas};
use crate::state;

pub(crate) use access::{appliance_access, cluster_access};
pub(crate) use credential::rights;
pub(crate) use error::RunError;
use lists::Lists;
use parts::Parts;

/// How to run, beside the configuration.
#[derive(Debug)]
pub(crate) struct Options {
    /// Folder of the bundle.
    pub(crate) output: PathBuf,
    /// Encrypt to the site's own key too.
    pub(crate) also_to_recovery: bool,
    /// Begin a new chain for this reason.
    pub(crate) new_stream: Option<PrevReason>,
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
}

/// Everything that is checked before the first request.
struct Prepared<'a> {
    config: &'a Config,
    options: &'a Options,
    key: SiteSecretKey,
    redactor: Redactor,
    pseudonym: PseudonymKey,
    cluster: Option<(&'a str, K8sClient)>,
    appliances: Vec<(&'a crate::config::Appliance, TruenasAccess)>,
    clock: Clock,
}

/// Collects one bundle.
pub(crate) async fn collect(config: &Config, options: &Options) -> Result<Written, RunError> {
    let prepared = Prepared::new(config, options)?;
    let _lock = Lock::take(&options.output).map_err(RunError::Lock)?;
    let mut status = Status::default();
    let outcome = prepared.run(&mut status).await;
    let exit = match &outcome {
        Ok(written) => written.exit,
        Err(error) => error.exit(),
    };
    if let Err(error) = status.write(&options.output, prepared.clock.now(), exit) {
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
        let cluster = config.kubernetes.as_ref().map(|cluster| {
            let access = cluster_access(cluster)?;
            let client = K8sClient::new(access).map_err(|source| RunError::Access {
                what: format!("cluster `{}`", cluster.name),
                source,
            })?;
            Ok((cluster.name.as_str(), client))
        });
        let appliances = config
            .truenas
            .iter()
            .map(|appliance| appliance_access(appliance, holder).map(|access| (appliance, access)));
        Ok(Self {
            config,
            options,
            key,
            redactor: Redactor::new(&pseudonym, config.profile),
            pseudonym,
            cluster: cluster.transpose()?,
            appliances: appliances.collect::<Result<_, _>>()?,
            clock: clock(options.given_time),
        })
    }

    async fn run(&self, status: &mut Status) -> Result<Written, RunError> {
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

        let draft = Draft::create(folder, name.clone()).map_err(RunError::Output)?;
        let file = draft.file().map_err(RunError::Output)?;
        let names = Names::new(&self.redactor);
        let (screen, look) = BorderScreen::new(self.live_secrets()?, self.config.profile, names);
        let screen = Box::new(screen);
        let writer = BundleWriter::create_screened(file, info, &recipients, started_at, screen)
            .map_err(|source| RunError::Write { source })?;
        let mut parts = Parts::new(writer);
        self.read_all(&mut parts).await?;
        scope::write(&self.config.scope, &self.redactor, &mut parts).map_err(RunError::Sink)?;

        let (writer, lists) = parts.finish().map_err(RunError::Part)?;
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
        let sign = || sealed.sign(&self.key).to_text("truenas-collector bundle");
        let bundle = draft.publish(sign).map_err(RunError::Output)?;
        status.bundle = Some(name.to_string());
        status.stream = Some(place.stream.clone());
        status.seq = Some(place.seq);
        status.bytes = Some(sealed.bytes);
        status.n_rows = lists.n_rows();
        status.lists = lists.by_outcome();
        place
            .taken(folder, &public, &sealed.sha256, capture.ended_at)
            .map_err(RunError::State)?;
        Ok(Written {
            bundle,
            exit: self.exit(&lists, sealed.bytes),
        })
    }

    fn live_secrets(&self) -> Result<LiveSecrets, RunError> {
        let mut secrets = LiveSecrets::default();
        secrets.add(&self.key.to_text());
        secrets.add(&self.pseudonym.to_text());
        for (appliance, _) in &self.appliances {
            let api_key = keys::load_api_key(&appliance.api_key_file, self.options.holder)
                .map_err(RunError::Keys)?;
            secrets.add(api_key.expose());
        }
        Ok(secrets)
    }

    fn recipients(&self) -> Vec<Recipient> {
        let recovery = self.config.recovery_recipient.as_ref();
        let recovery = recovery.filter(|_| self.options.also_to_recovery);
        let all = self.config.recipients.iter().chain(recovery);
        all.cloned().collect()
    }

    /// All calls of gatherers, in the order of decision D14.
    async fn read_all(&self, parts: &mut Parts) -> Result<(), RunError> {
        let mut failures = Vec::new();
        let mut n_reached = 0;
        let mut served = None;
        if let Some((name, client)) = &self.cluster {
            match client.discover().await {
                Ok(found) => {
                    n_reached += 1;
                    gather::cluster(client, &found, name, &self.redactor, &self.clock, parts)
                        .await
                        .map_err(RunError::Sink)?;
                    served = Some(found);
                }
                Err(error) => {
                    tracing::warn!(%error, "cluster cannot be read");
                    lists::write_cluster_unreachable(&error, &self.clock, parts)
                        .map_err(RunError::Sink)?;
                    failures.push(("the cluster".to_owned(), error));
                }
            }
        }
        for (appliance, access) in &self.appliances {
            let facts = ApplianceFacts {
                name: &appliance.name,
                host: &appliance.address.host,
                addresses: &appliance.addresses,
            };
            match truenas::connect(access).await {
                Ok(mut session) => {
                    n_reached += 1;
                    self.check_credential(&mut session, appliance).await?;
                    gather::appliance(&mut session, &facts, &self.redactor, &self.clock, parts)
                        .await
                        .map_err(RunError::Sink)?;
                    session.close().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "appliance cannot be read");
                    gather::appliance_unreachable(
                        &facts,
                        &error,
                        &self.redactor,
                        &self.clock,
                        parts,
                    )
                    .map_err(RunError::Sink)?;
                    failures.push((format!("appliance `{}`", appliance.name), error));
                }
            }
        }
        if n_reached == 0 {
            return Err(RunError::nothing_read(failures));
        }
        if let (Some((name, client)), Some(served)) = (&self.cluster, &served) {
            gather::cluster_again(client, served, name, &self.redactor, &self.clock, parts)
                .await
                .map_err(RunError::Sink)?;
        }
        Ok(())
    }

    /// Refuses a credential that can write: a leak of it would cost more than a leak of what it reads.
    async fn check_credential(
        &self,
        session: &mut truenas::Session,
        appliance: &crate::config::Appliance,
    ) -> Result<(), RunError> {
        let Some(role) = rights(session).await.and_then(|rights| rights.writes) else {
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
            role,
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
