//! Whether the cluster can be reached and every list of it read.

use serde::de::IgnoredAny;
use truenas_common::exit::Exit;

use super::{Report, prove_rbac};
use crate::cli::stop::Stop;
use crate::config::Kubernetes;
use crate::gather::{self, Read};
use crate::run::cluster_access;
use crate::source::k8s::Served;
use crate::source::{K8sAccess, K8sClient, SourceError};

impl Report<'_> {
    pub(super) async fn cluster(&mut self, cluster: &Kubernetes) -> Result<(), Stop> {
        let what = format!("cluster {}", cluster.name);
        let access = match cluster_access(cluster, self.timeouts) {
            Ok(access) => access,
            Err(error) => {
                let stop = Stop::from(error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let client = match K8sClient::new(access.clone()) {
            Ok(client) => client,
            Err(error) => {
                let stop = Stop::usage(&error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let served = match client.discover().await {
            Ok(served) => served,
            Err(error) => return self.bad(&what, &error.to_string(), error.exit_code_hint()),
        };
        self.ok(&what, &format!("version {}", served.git_version))?;
        let mut lists: Vec<_> = gather::ALL
            .iter()
            .flat_map(|gatherer| gatherer.reads)
            .filter_map(|read| match read {
                Read::K8s(list) => Some(*list),
                _ => None,
            })
            .collect();
        lists.sort_by_key(|list| list.path());
        lists.dedup_by_key(|list| list.path());
        let mut date = None;
        for list in lists {
            let what = format!("{what} {}", list.path());
            if !served.has_list(list) {
                self.warn(&what, "not served by this cluster")?;
                continue;
            }
            match client.page::<IgnoredAny>(list, 1, None).await {
                Ok(page) => {
                    self.ok(&what, "can be read")?;
                    date = date.or(page.date);
                }
                Err(SourceError::NotServed) => self.warn(&what, "not served by this cluster")?,
                Err(error) => self.bad(&what, &error.to_string(), gap(&error))?,
            }
        }
        if let Some(date) = date {
            self.clock(&what, "the API server", date)?;
        }
        match self.is_proving_rbac {
            true => self.rbac(&what, &access, &served).await,
            false => Ok(()),
        }
    }

    async fn rbac(&mut self, what: &str, access: &K8sAccess, served: &Served) -> Result<(), Stop> {
        let proof = match prove_rbac::prove(access, served).await {
            Ok(proof) => proof,
            Err(error) => {
                let words = format!("does not say what the account may do: {error}");
                return self.bad(what, &words, gap(&error));
            }
        };
        if !proof.missing.is_empty() {
            let words = format!("rights are missing: {}", proof.missing.join(", "));
            self.bad(what, &words, Exit::Incomplete)?;
        }
        if !proof.excess.is_empty() {
            let words = format!("the account may also: {}", proof.excess.join(", "));
            return self.too_many(what, &words);
        }
        let words = format!("proved by {} questions: reads only", proof.n_asked);
        self.ok(what, &words)
    }
}

/// A list that cannot be read leaves a gap in the bundle, not a failed run.
pub(super) fn gap(error: &SourceError) -> Exit {
    match error {
        SourceError::Unauthorized => Exit::Authentication,
        _ => Exit::Incomplete,
    }
}
