//! `Status` objects: how an API server says no.

use serde_json::{Map, Value, json};

use crate::simulate::answer::Reply;

/// The account that every kubeconfig of a simulation belongs to.
pub(super) const USER: &str = "system:serviceaccount:storage-audit:collector";

const EXPIRED: &str = "The provided continue parameter is too old to display a consistent list result. You can start a new \
    list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. \
    Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted \
    between the time the first chunk was returned and now may show up in the list.";

/// What a request is about, for messages and for RBAC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Subject {
    /// `get`, `list`, `watch`, `create`, …
    pub(super) verb: &'static str,
    /// API group, empty for core.
    pub(super) group: String,
    /// Plural name, with `/subresource` when there is one.
    pub(super) resource: String,
    /// Namespace, when the path has one.
    pub(super) namespace: Option<String>,
    /// Object name, when the path has one.
    pub(super) name: Option<String>,
}

impl Subject {
    fn details(&self) -> Value {
        let mut details = Map::new();
        if let Some(name) = &self.name {
            details.insert("name".to_owned(), json!(name));
        }
        if !self.group.is_empty() {
            details.insert("group".to_owned(), json!(self.group));
        }
        details.insert("kind".to_owned(), json!(self.resource));
        Value::Object(details)
    }

    fn qualified(&self) -> String {
        let named = self
            .name
            .as_ref()
            .map(|name| format!(" \"{name}\""))
            .unwrap_or_default();
        if self.group.is_empty() {
            return format!("{}{named}", self.resource);
        }
        format!("{}.{}{named}", self.resource, self.group)
    }

    /// 403: no rule allows this.
    pub(super) fn forbidden(&self) -> Reply {
        let place = match &self.namespace {
            Some(namespace) => format!("in the namespace \"{namespace}\""),
            None => "at the cluster scope".to_owned(),
        };
        let message = format!(
            "{} is forbidden: User \"{USER}\" cannot {} resource \"{}\" in API group \"{}\" {place}",
            self.qualified(),
            self.verb,
            self.resource,
            self.group
        );
        status(403, "Forbidden", &message, Some(self.details()))
    }

    /// 404: the kind is served, the object is not there.
    pub(super) fn not_found(&self) -> Reply {
        status(
            404,
            "NotFound",
            &format!("{} not found", self.qualified()),
            Some(self.details()),
        )
    }
}

/// 403 for a path that is no resource.
pub(super) fn forbidden_path(verb: &str, path: &str) -> Reply {
    let message = format!("forbidden: User \"{USER}\" cannot {verb} path \"{path}\"");
    status(403, "Forbidden", &message, Some(json!({})))
}

/// 401: the token is not known.
pub(super) fn unauthorized() -> Reply {
    status(401, "Unauthorized", "Unauthorized", None)
}

/// 404 text: the group or version is not served.
pub(super) fn page_not_found() -> Reply {
    Reply::text(404, "404 page not found\n")
}

/// 404: the group is served, the resource is not.
pub(super) fn resource_not_found() -> Reply {
    status(
        404,
        "NotFound",
        "the server could not find the requested resource",
        Some(json!({})),
    )
}

/// 400.
pub(super) fn bad_request(message: &str) -> Reply {
    status(400, "BadRequest", message, None)
}

/// 410 with a token to go on inconsistently, when the request had one.
pub(super) fn expired(token: Option<String>) -> Reply {
    let metadata = token.map_or_else(|| json!({}), |token| json!({"continue": token}));
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
        "message": EXPIRED, "reason": "Expired", "code": 410,
    });
    Reply::json(410, body.to_string())
}

/// 429 with `Retry-After`.
pub(super) fn too_many_requests() -> Reply {
    status(
        429,
        "TooManyRequests",
        "too many requests, please try again later",
        Some(json!({"retryAfterSeconds": 1})),
    )
    .retry_after("1")
}

/// 500.
pub(super) fn internal_error() -> Reply {
    status(
        500,
        "InternalError",
        "Internal error occurred: etcdserver: request timed out",
        Some(json!({})),
    )
}

fn status(code: u16, reason: &str, message: &str, details: Option<Value>) -> Reply {
    let mut body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    if let Some(details) = details {
        body["details"] = details;
    }
    Reply::json(code, body.to_string())
}
