//! The two reviews by which a cluster says what an account may do: the only POST in this program.
//!
//! They change nothing and store nothing, but they are no GET. So [`Reviews`] needs a permit, a type of the caller:
//! `preflight` has a private one, the run that collects has none and cannot name the whole type.

use std::marker::PhantomData;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::source::k8s::K8sAccess;
use crate::source::{AccessError, SourceError, Timeouts, http, sent};

const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const ACCESS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// What every account that is logged in may do on OpenShift beyond reading, by the roles that the platform binds to
/// `system:authenticated`: builds of its own, webhooks, its own tokens, the default security context, self reviews.
const EVERYONES: &[(&str, &str)] = &[
    ("create", "builds/docker"),
    ("create", "builds/jenkinspipeline"),
    ("create", "builds/optimizeddocker"),
    ("create", "builds/source"),
    ("create", "buildconfigs/webhooks"),
    ("create", "localresourceaccessreviews"),
    ("create", "localsubjectaccessreviews"),
    ("create", "selfsubjectrulesreviews"),
    ("delete", "oauthaccesstokens"),
    ("delete", "oauthauthorizetokens"),
    ("delete", "useroauthaccesstokens"),
    ("use", "securitycontextconstraints"),
];

/// Marks the one command that may ask.
pub(crate) trait ReviewPermit {}

/// Asks one cluster what the own account may do; cannot be named outside this crate:
///
/// ```compile_fail,E0603
/// use truenas_collector::source::k8s::Reviews;
/// ```
pub(crate) struct Reviews<'a, P: ReviewPermit> {
    client: Client,
    access: &'a K8sAccess,
    timeouts: Timeouts,
    permit: PhantomData<P>,
}

/// One question: may the account do this everywhere?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Verb.
    pub(crate) verb: &'static str,
    /// API group, empty for the core group.
    pub(crate) group: &'static str,
    /// Plural resource name, with its subresource.
    pub(crate) resource: &'static str,
    /// One object instead of all.
    pub(crate) name: Option<&'static str>,
}

/// What an account may do in one namespace.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Rules {
    #[serde(rename = "resourceRules", default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    api_groups: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
}

#[derive(Deserialize)]
struct Review<T> {
    status: T,
}

#[derive(Deserialize)]
struct Allowed {
    allowed: bool,
}

impl<'a, P: ReviewPermit> Reviews<'a, P> {
    /// Makes a client; nothing is connected yet.
    pub(crate) fn new(_permit: P, access: &'a K8sAccess) -> Result<Self, AccessError> {
        let client =
            http::client(access.tls()?, access.timeouts).map_err(|_| AccessError::Missing {
                what: "a usable TLS configuration",
            })?;
        Ok(Self {
            client,
            access,
            timeouts: access.timeouts,
            permit: PhantomData,
        })
    }

    /// Whether one thing is allowed.
    pub(crate) async fn may(&self, question: Question) -> Result<bool, SourceError> {
        let review: Review<Allowed> = self.post(ACCESS, &question.body()).await?;
        Ok(review.status.allowed)
    }

    /// Everything that is allowed in the namespace `default`; rules for the whole cluster are among it.
    pub(crate) async fn rules(&self) -> Result<Rules, SourceError> {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": "default"},
        });
        let review: Review<Rules> = self.post(RULES, &body).await?;
        Ok(review.status)
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &'static str,
        body: &Value,
    ) -> Result<T, SourceError> {
        let listener = self.access.on_request.as_ref();
        sent::tell(listener, "kubernetes", "review", path.to_owned());
        let url = self.access.url(path);
        let exchange = self.exchange(url, body.to_string());
        let budget = &self.access.budget;
        let answer = budget.within(self.timeouts.request, exchange).await?;
        match answer.status {
            200 | 201 => serde_json::from_slice(&answer.body)
                .map_err(|_| SourceError::Malformed { what: path }),
            401 => Err(SourceError::Unauthorized),
            403 => Err(SourceError::Forbidden),
            404..=406 => Err(SourceError::NotServed),
            status => Err(SourceError::Server {
                code: i32::from(status),
            }),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the two reviews of `preflight --prove-rbac`, which store nothing"
    )]
    async fn exchange(&self, url: Url, body: String) -> Result<http::Answer, SourceError> {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(ACCEPT, json.clone());
        headers.insert(CONTENT_TYPE, json);
        let token = self.access.token().map_err(|_| SourceError::Credential)?;
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| SourceError::Credential)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let request = self.client.post(url).headers(headers).body(body);
        http::answer(request, &self.access.budget).await
    }
}

impl Question {
    fn body(self) -> Value {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource)),
            None => (self.resource, None),
        };
        json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": self.verb, "group": self.group, "resource": resource,
                "subresource": subresource, "name": self.name,
            }},
        })
    }
}

impl Rules {
    /// Rights that are more than reading, as `verb group/resource`, sorted; what every account has is left out.
    pub(crate) fn beyond_reading(&self) -> Vec<String> {
        let mut found = Vec::new();
        for rule in &self.rules {
            let is_everyones = rule.api_groups.iter().all(|group| {
                ["authorization.k8s.io", "authentication.k8s.io"].contains(&group.as_str())
            });
            if is_everyones {
                continue;
            }
            let verbs = rule.verbs.iter().map(String::as_str);
            for verb in verbs.filter(|verb| !["get", "list", "watch"].contains(verb)) {
                for group in &rule.api_groups {
                    for resource in &rule.resources {
                        if is_everyones_on_openshift(verb, group, resource) {
                            continue;
                        }
                        let slash = if group.is_empty() { "" } else { "/" };
                        found.push(format!("{verb} {group}{slash}{resource}"));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Some of these resources are in the group of OpenShift and, for older clients, in the core group too.
fn is_everyones_on_openshift(verb: &str, group: &str, resource: &str) -> bool {
    let is_group = group.is_empty() || group.ends_with(".openshift.io");
    is_group && EVERYONES.contains(&(verb, resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_names_resource_and_subresource_apart() {
        let question = Question {
            verb: "create",
            group: "",
            resource: "pods/exec",
            name: None,
        };
        let attributes = &question.body()["spec"]["resourceAttributes"];
        assert_eq!(attributes["resource"], "pods");
        assert_eq!(attributes["subresource"], "exec");
        assert_eq!(attributes["verb"], "create");
    }

    #[test]
    fn only_rights_beyond_reading_and_beyond_everyones_are_found() {
        let text = r#"{"resourceRules": [
            {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"]},
            {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["nodes"]},
            {"verbs": ["list", "delete"], "apiGroups": ["", "apps"], "resources": ["pods"]},
            {"verbs": ["create"], "apiGroups": ["", "build.openshift.io"], "resources": ["builds/docker"]},
            {"verbs": ["use"], "apiGroups": ["security.openshift.io"], "resources": ["securitycontextconstraints"]},
            {"verbs": ["create"], "apiGroups": ["build.openshift.io"], "resources": ["builds"]},
            {"verbs": ["delete"], "apiGroups": ["example.com"], "resources": ["oauthaccesstokens"]},
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        ]}"#;
        let rules: Rules = serde_json::from_str(text).unwrap();
        assert_eq!(
            rules.beyond_reading(),
            [
                "* */*",
                "create build.openshift.io/builds",
                "delete apps/pods",
                "delete example.com/oauthaccesstokens",
                "delete pods"
            ]
        );
        assert!(Rules::default().beyond_reading().is_empty());
    }

    /// A second permit would be a second way to POST.
    #[test]
    fn permit_is_given_in_one_place_only() {
        let mut places = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        let marker = ["ReviewPermit", " for "].concat();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read_to_string(&path).unwrap().contains(&marker) {
                    places.push(path.file_name().unwrap().to_owned());
                }
            }
        }
        assert_eq!(places, ["prove_rbac.rs"]);
    }
}
