//! The environment: variables of this program hold paths, never secrets.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::cli::stop::Stop;
use crate::keys::Holder;

const PREFIX: &str = "TRUENAS_COLLECTOR_";
const SECRETS: &[&str] = &["KEY", "TOKEN", "PASS", "SECRET"];

/// Refuses a secret in a variable: every process of the account can read it there.
pub(super) fn check(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<(), Stop> {
    for (name, value) in variables {
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let is_secret = SECRETS.iter().any(|word| rest.contains(word));
        if is_secret && !value.is_empty() && !Path::new(&value).is_absolute() {
            return Err(Stop::line(
                Exit::Usage,
                format!(
                    "variable {PREFIX}{rest} seems to hold a secret; put it in a file and name the file in the configuration"
                ),
            ));
        }
    }
    Ok(())
}

/// The time that reproducible builds and tests give, when there is one.
pub(super) fn source_date_epoch() -> Result<Option<Time>, Stop> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let secs = text.to_str().and_then(|text| text.parse().ok());
    secs.map(|secs| Some(Time::from_unix_secs(secs)))
        .ok_or_else(|| {
            Stop::line(
                Exit::Usage,
                "SOURCE_DATE_EPOCH must hold whole seconds since 1970",
            )
        })
}

/// Whether key files are mounted by a cluster.
pub(super) fn holder() -> Holder {
    match std::env::var_os("KUBERNETES_SERVICE_HOST") {
        Some(_) => Holder::Pod,
        None => Holder::Person,
    }
}

/// Waits for a future on this thread.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::new(Exit::Internal, &error))?;
    let value = runtime.block_on(future);
    // Name lookups run on threads of their own and cannot be ended.
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_refused(name: &str, value: &str) -> bool {
        check([(name.into(), value.into())]).is_err()
    }

    #[test]
    fn secret_in_a_variable_is_refused_and_a_path_is_not() {
        assert!(is_refused("TRUENAS_COLLECTOR_API_KEY", "7-abc"));
        assert!(is_refused("TRUENAS_COLLECTOR_TOKEN", "abc"));
        assert!(!is_refused("TRUENAS_COLLECTOR_API_KEY_FILE", "/run/key"));
        assert!(!is_refused("TRUENAS_COLLECTOR_CONFIG", "config.yaml"));
        assert!(!is_refused("OTHER_TOKEN", "abc"));
    }
}
