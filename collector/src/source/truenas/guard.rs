//! Looks at parameters before they leave: some reads give secrets away unless they are asked in the right way.

use serde_json::Value;

use crate::source::SourceError;
use crate::source::truenas::Method;
use crate::source::truenas::method::Guard;

/// Refuses parameters that the method must not be called with.
pub(super) fn check(method: &'static Method, params: &Value) -> Result<(), SourceError> {
    let refused = SourceError::NotAllowed {
        name: method.name(),
    };
    let Value::Array(params) = params else {
        return Err(refused);
    };
    let options = params.get(1);
    let is_fine = match &method.guard {
        Guard::None => true,
        Guard::Select(hidden) => {
            options.is_some_and(|options| selects_only_others(options, hidden))
        }
        Guard::NoExtra(key) => {
            options.is_none_or(|options| options.pointer(&format!("/extra/{key}")).is_none())
        }
    };
    if is_fine { Ok(()) } else { Err(refused) }
}

/// True when there is a `select` and no field of it is, holds or lies in a hidden one.
fn selects_only_others(options: &Value, hidden: &[&str]) -> bool {
    let Some(fields) = options
        .get("select")
        .and_then(Value::as_array)
        .filter(|fields| !fields.is_empty())
    else {
        return false;
    };
    fields.iter().all(|field| {
        // A field is a path, or a path and the name to show it under.
        let path = field
            .as_str()
            .or_else(|| field.get(0).and_then(Value::as_str));
        path.is_some_and(|path| {
            hidden
                .iter()
                .all(|hidden| !is_inside(path, hidden) && !is_inside(hidden, path))
        })
    })
}

fn is_inside(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::truenas::{
        DISK_QUERY, NVMET_HOST_SUBSYS_QUERY, POOL_QUERY, REPLICATION_QUERY,
    };
    use serde_json::json;

    #[track_caller]
    fn check(method: &'static Method, params: Value, is_allowed: bool) {
        let expected = if is_allowed {
            Ok(())
        } else {
            Err(SourceError::NotAllowed {
                name: method.name(),
            })
        };
        assert_eq!(super::check(method, &params), expected);
    }

    #[test]
    fn replication_needs_a_select_without_the_key() {
        check(&REPLICATION_QUERY, json!([]), false);
        check(&REPLICATION_QUERY, json!([[], {}]), false);
        check(&REPLICATION_QUERY, json!([[], {"select": []}]), false);
        check(
            &REPLICATION_QUERY,
            json!([[], {"select": ["id", "state.state"]}]),
            true,
        );
        check(
            &REPLICATION_QUERY,
            json!([[], {"select": ["id", "encryption_key"]}]),
            false,
        );
        check(
            &REPLICATION_QUERY,
            json!([[], {"select": ["id", ["encryption_key", "x"]]}]),
            false,
        );
        check(
            &REPLICATION_QUERY,
            json!([[], {"select": ["ssh_credentials.attributes.host"]}]),
            false,
        );
        check(&REPLICATION_QUERY, json!([[], {"select": [7]}]), false);
    }

    #[test]
    fn parent_of_a_hidden_field_is_hidden_too() {
        check(
            &NVMET_HOST_SUBSYS_QUERY,
            json!([[], {"select": ["id", "host.id", "subsys.id"]}]),
            true,
        );
        check(
            &NVMET_HOST_SUBSYS_QUERY,
            json!([[], {"select": ["host"]}]),
            false,
        );
        check(
            &NVMET_HOST_SUBSYS_QUERY,
            json!([[], {"select": ["hostnqn"]}]),
            true,
        );
    }

    #[test]
    fn disks_are_read_without_passwords() {
        check(&DISK_QUERY, json!([[], {"extra": {"pools": true}}]), true);
        check(
            &DISK_QUERY,
            json!([[], {"extra": {"passwords": true}}]),
            false,
        );
        check(&DISK_QUERY, json!([]), true);
    }

    #[test]
    fn parameters_are_a_list() {
        check(&POOL_QUERY, json!({}), false);
        check(&POOL_QUERY, json!(null), false);
        check(&POOL_QUERY, json!([]), true);
    }
}
