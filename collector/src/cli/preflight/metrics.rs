//! Whether the metrics of the cluster can be read: one query of those that a run sends.

use serde::de::IgnoredAny;

use super::Report;
use super::cluster::gap;
use crate::cli::stop::Stop;
use crate::config::Thanos;
use crate::run::metrics_access;
use crate::source::SourceError;
use crate::source::thanos::{ThanosClient, USED_BYTES};

impl Report<'_> {
    pub(super) async fn metrics(&mut self, thanos: &Thanos) -> Result<(), Stop> {
        let what = format!("metrics of cluster {}", thanos.cluster);
        let access = match metrics_access(thanos, self.timeouts) {
            Ok(access) => access,
            Err(error) => {
                let stop = Stop::from(error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let client = match ThanosClient::new(access) {
            Ok(client) => client,
            Err(error) => {
                let stop = Stop::usage(&error);
                return self.bad(&what, &stop.line, stop.exit);
            }
        };
        let mut n_claims = 0;
        let on_samples = |samples: Vec<_>| n_claims += samples.len();
        match client.query::<IgnoredAny>(&USED_BYTES, on_samples).await {
            Ok(_) if n_claims == 0 => self.warn(&what, "tell of no mounted claim"),
            Ok(_) => self.ok(&what, &format!("tell of {n_claims} mounted claims")),
            Err(error @ SourceError::Forbidden) => {
                let words =
                    format!("{error}: `truenas-collector rbac --thanos` prints the binding");
                self.bad(&what, &words, gap(&error))
            }
            Err(error) => self.bad(&what, &error.to_string(), gap(&error)),
        }
    }
}
