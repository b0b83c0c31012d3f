//! From a request to an answer: authentication, RBAC, routing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::list::{self, ListQuery, Position};
use super::review;
use super::status::{self, Subject};
use super::store::Store;
use crate::simulate::answer::Reply;
use crate::world::{DeniedResource, FaultKind, GrantedVerb};

/// One cluster as it is at one moment.
pub(crate) struct Cluster {
    /// Its objects.
    pub(crate) store: Arc<Store>,
    /// What its account may not read.
    pub(crate) denied: Vec<DeniedResource>,
    /// What it may do beyond reading.
    pub(crate) granted: Vec<GrantedVerb>,
}

/// One request, taken apart.
pub(crate) struct Get<'a> {
    /// HTTP verb.
    pub(crate) method: &'a str,
    /// Path without query.
    pub(crate) path: &'a str,
    /// Query, still encoded.
    pub(crate) query: Option<&'a str>,
    /// `Accept` header.
    pub(crate) accept: &'a str,
    /// True when the bearer token is the right one.
    pub(crate) is_authenticated: bool,
    /// Host and port as the client sees them.
    pub(crate) address: &'a str,
    /// Body of a POST.
    pub(crate) body: &'a [u8],
}

/// Answers one request, or as the fault says.
pub(crate) fn answer(cluster: &Cluster, get: &Get<'_>, fault: Option<FaultKind>) -> Reply {
    if !get.is_authenticated || fault == Some(FaultKind::Unauthorized) {
        return status::unauthorized();
    }
    let parameters = parameters(get.query);
    let route = Route::parse(get.path);
    match fault {
        Some(FaultKind::TooManyRequests) => return status::too_many_requests(),
        Some(FaultKind::ServerError) => return status::internal_error(),
        Some(FaultKind::Gone) => return expired(&parameters),
        Some(FaultKind::Forbidden) => {
            return route.map_or_else(
                || status::forbidden_path("get", get.path),
                |route| route.subject(get, &parameters).forbidden(),
            );
        }
        Some(FaultKind::NotFound) => return status::page_not_found(),
        _ => {}
    }
    if get.method == "POST"
        && let Some(reply) = review::answer(cluster, get.path, get.body)
    {
        return reply;
    }
    if get.method != "GET" {
        let verb = verb_of(get.method);
        return route.map_or_else(
            || status::forbidden_path(verb, get.path),
            |route| route.subject(get, &parameters).forbidden(),
        );
    }
    let Some(route) = route else {
        return unsound(documents(cluster, get), fault, &parameters);
    };
    let subject = route.subject(get, &parameters);
    let is_denied = cluster
        .denied
        .iter()
        .any(|rule| rule.covers(&subject.group, &subject.resource));
    if is_denied || subject.verb == "watch" || route.subresource.is_some() {
        return subject.forbidden();
    }
    let reply = resource(cluster, get, &route, &subject, &parameters);
    unsound(reply, fault, &parameters)
}

/// An answer in the right form that is not the answer: without an end, or to another question.
fn unsound(reply: Reply, fault: Option<FaultKind>, parameters: &[(String, String)]) -> Reply {
    match fault {
        Some(FaultKind::Endless) => endless(reply, String::new()),
        Some(FaultKind::EndlessFresh) => endless(reply, next_start(parameters)),
        Some(FaultKind::WrongId) => {
            let list = json!({
                "kind": "PodTemplateList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [],
            });
            Reply::json(200, list.to_string())
        }
        _ => reply,
    }
}

/// A page after which the first one comes again; what has no pages does not end.
fn endless(mut reply: Reply, start: String) -> Reply {
    let list = serde_json::from_slice::<Value>(&reply.body).ok();
    let Some(mut list) = list.filter(|list| list["items"].is_array()) else {
        return reply.without_end();
    };
    let first = Position { version: -1, start };
    list["metadata"]["continue"] = json!(first.to_token());
    reply.body = list.to_string().into();
    reply
}

/// A key before every key that an object can have, and another one for every page.
fn next_start(parameters: &[(String, String)]) -> String {
    let token = parameters.iter().find(|(name, _)| name == "continue");
    let position = token.and_then(|(_, token)| Position::parse(token).ok());
    let last = position.and_then(|position| position.start.trim_matches('\0').parse::<u64>().ok());
    format!("\0{}", last.unwrap_or_default() + 1)
}

fn resource(
    cluster: &Cluster,
    get: &Get<'_>,
    route: &Route<'_>,
    subject: &Subject,
    parameters: &[(String, String)],
) -> Reply {
    let store = &cluster.store;
    let Some(kind) = store.kind(route.group, route.version, route.resource) else {
        let is_served = store
            .of_version(route.group, route.version)
            .next()
            .is_some();
        return if is_served {
            status::resource_not_found()
        } else {
            status::page_not_found()
        };
    };
    let is_partial = get.accept.contains("as=PartialObjectMetadata");
    if let Some(name) = route.name {
        let Some(object) = list::find(store.objects(kind), route.namespace, name) else {
            return subject.not_found();
        };
        let text = if is_partial {
            list::partial(object)
        } else {
            list::single(kind, route.version, object)
        };
        return Reply::json(200, text);
    }
    match list_query(store, route, parameters) {
        Ok(query) => Reply::json(
            200,
            list::page(
                store,
                kind,
                route.version,
                &ListQuery {
                    is_partial,
                    ..query
                },
            ),
        ),
        Err(reply) => *reply,
    }
}

fn list_query(
    store: &Store,
    route: &Route<'_>,
    parameters: &[(String, String)],
) -> Result<ListQuery, Box<Reply>> {
    let mut query = ListQuery {
        namespace: route.namespace.map(str::to_owned),
        ..ListQuery::default()
    };
    for (name, value) in parameters {
        match name.as_str() {
            "limit" => {
                let limit: i64 = value.parse().map_err(|_| {
                    status::bad_request(&format!(
                        "strconv.ParseInt: parsing \"{value}\": invalid syntax"
                    ))
                })?;
                query.limit = usize::try_from(limit).ok().filter(|limit| *limit > 0);
            }
            "continue" if !value.is_empty() => {
                let position =
                    Position::parse(value).map_err(|message| status::bad_request(&message))?;
                if position.version != -1
                    && position.version != store.resource_version.cast_signed()
                {
                    return Err(Box::new(expired(parameters)));
                }
                query.start = Some(position.start.trim_start_matches('/').to_owned());
            }
            "fieldSelector" => select_fields(&mut query, value)?,
            "labelSelector" if !value.is_empty() => {
                return Err(Box::new(status::bad_request(
                    "label selectors are not simulated",
                )));
            }
            _ => {}
        }
    }
    Ok(query)
}

fn select_fields(query: &mut ListQuery, selector: &str) -> Result<(), Box<Reply>> {
    for term in selector.split(',').filter(|term| !term.is_empty()) {
        let (field, value) = term
            .split_once("==")
            .or_else(|| term.split_once('='))
            .unwrap_or((term, ""));
        match field {
            "involvedObject.kind" => query.involved_kind = Some(value.to_owned()),
            "metadata.name" => query.name = Some(value.to_owned()),
            "metadata.namespace" => query.namespace = Some(value.to_owned()),
            _ => {
                let message = format!("field label not supported: {field}");
                return Err(Box::new(status::bad_request(&message)));
            }
        }
    }
    Ok(())
}

/// 410 with a fresh token that goes on where the old one stopped.
fn expired(parameters: &[(String, String)]) -> Reply {
    let token = parameters
        .iter()
        .find(|(name, _)| name == "continue")
        .map(|(_, value)| value);
    let fresh = token
        .and_then(|token| Position::parse(token).ok())
        .map(|position| Position {
            version: -1,
            ..position
        });
    status::expired(fresh.map(|position| position.to_token()))
}

/// Discovery documents and the few paths that are no resource.
fn documents(cluster: &Cluster, get: &Get<'_>) -> Reply {
    let store = &cluster.store;
    let parts: Vec<&str> = get
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let document = match parts.as_slice() {
        ["version"] => version(),
        ["api"] => json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": get.address}],
        }),
        ["apis"] => json!({
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": store.groups().iter().map(|(group, versions)| api_group(group, versions)).collect::<Vec<_>>(),
        }),
        ["apis", name] => match store.groups().iter().find(|(group, _)| group == name) {
            Some((group, versions)) => {
                let mut document = api_group(group, versions);
                document["kind"] = json!("APIGroup");
                document["apiVersion"] = json!("v1");
                document
            }
            None => return status::page_not_found(),
        },
        ["api", "v1"] => resources(store, "", "v1"),
        ["apis", group, version] if is_served(store, group, version) => {
            resources(store, group, version)
        }
        ["livez" | "readyz" | "healthz"] => return Reply::text(200, "ok"),
        ["apis" | "api", ..] => return status::page_not_found(),
        _ => return status::forbidden_path("get", get.path),
    };
    Reply::json(200, document.to_string())
}

fn is_served(store: &Store, group: &str, version: &str) -> bool {
    store
        .groups()
        .iter()
        .any(|(known, versions)| known == group && versions.iter().any(|served| served == version))
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "0000000000000000000000000000000000000000",
        "gitTreeState": "clean", "buildDate": "2026-08-21T00:00:00Z", "goVersion": "go1.26.6", "compiler": "gc",
        "platform": "linux/amd64",
    })
}

fn api_group(group: &str, versions: &[String]) -> Value {
    let entry = |version: &String| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let entries: Vec<Value> = versions.iter().map(entry).collect();
    json!({"name": group, "preferredVersion": entries.first(), "versions": entries})
}

fn resources(store: &Store, group: &str, version: &str) -> Value {
    let resources: Vec<Value> = store
        .of_version(group, version)
        .map(super::kinds::Kind::to_resource)
        .collect();
    let mut document = json!({
        "kind": "APIResourceList", "groupVersion": list::api_version(group, version), "resources": resources,
    });
    if !group.is_empty() {
        document["apiVersion"] = json!("v1");
    }
    document
}

/// A path below a group and version.
struct Route<'a> {
    group: &'a str,
    version: &'a str,
    namespace: Option<&'a str>,
    resource: &'a str,
    name: Option<&'a str>,
    subresource: Option<&'a str>,
}

impl<'a> Route<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, resource, rest) = match rest {
            ["namespaces", namespace, resource, rest @ ..]
                if *resource != "status" && *resource != "finalize" =>
            {
                (Some(*namespace), *resource, rest)
            }
            [resource, rest @ ..] => (None, *resource, rest),
            [] => return None,
        };
        Some(Self {
            group,
            version,
            namespace,
            resource,
            name: rest.first().copied(),
            subresource: rest.get(1).copied(),
        })
    }

    fn subject(&self, get: &Get<'_>, parameters: &[(String, String)]) -> Subject {
        let is_watch = parameters
            .iter()
            .any(|(name, value)| name == "watch" && matches!(value.as_str(), "1" | "true"));
        let verb = match verb_of(get.method) {
            "get" if is_watch => "watch",
            "get" if self.name.is_none() => "list",
            "delete" if self.name.is_none() => "deletecollection",
            verb => verb,
        };
        let resource = match self.subresource {
            Some(subresource) => format!("{}/{subresource}", self.resource),
            None => self.resource.to_owned(),
        };
        Subject {
            verb,
            group: self.group.to_owned(),
            resource,
            namespace: self.namespace.map(str::to_owned),
            name: self.name.map(str::to_owned),
        }
    }
}

fn verb_of(method: &str) -> &'static str {
    match method {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "get",
    }
}

/// Decodes a query into names and values.
pub(crate) fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = if byte.is_some() { &tail[2..] } else { tail };
        bytes.push(byte.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_an_object_and_a_scope() {
        let object = Route::parse("/api/v1/namespaces/shop").unwrap();
        assert_eq!(
            (object.resource, object.name, object.namespace),
            ("namespaces", Some("shop"), None)
        );
        let list = Route::parse("/api/v1/namespaces/shop/pods").unwrap();
        assert_eq!(
            (list.resource, list.name, list.namespace),
            ("pods", None, Some("shop"))
        );
    }

    #[test]
    fn an_encoded_selector_is_decoded() {
        assert_eq!(
            decode("involvedObject.kind%3DPersistentVolumeClaim"),
            "involvedObject.kind=PersistentVolumeClaim"
        );
    }
}
