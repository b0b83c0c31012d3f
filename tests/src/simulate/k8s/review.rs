//! The two self reviews: what an account may do, asked one thing at a time or as a list. Nothing is stored.

use serde_json::{Value, json};

use super::serve::Cluster;
use super::status;
use crate::simulate::answer::Reply;
use crate::world::GrantedVerb;

const GROUP: &str = "authorization.k8s.io/v1";

/// What OpenShift grants to every account that is logged in.
const OPENSHIFT: &[(&str, &str, &str)] = &[
    ("create", "", "builds/docker"),
    ("create", "build.openshift.io", "builds/source"),
    ("create", "build.openshift.io", "builds/jenkinspipeline"),
    ("create", "build.openshift.io", "buildconfigs/webhooks"),
    (
        "create",
        "authorization.openshift.io",
        "selfsubjectrulesreviews",
    ),
    ("delete", "oauth.openshift.io", "oauthaccesstokens"),
    ("delete", "oauth.openshift.io", "oauthauthorizetokens"),
    (
        "impersonate",
        "authentication.k8s.io",
        "userextras/scopes.authorization.openshift.io",
    ),
    ("use", "security.openshift.io", "securitycontextconstraints"),
];

/// Answers a POST to one of the two paths; `None` for any other path.
pub(super) fn answer(cluster: &Cluster, path: &str, body: &[u8]) -> Option<Reply> {
    let kind = match path.strip_prefix("/apis/")?.strip_prefix(GROUP)? {
        "/selfsubjectaccessreviews" => "SelfSubjectAccessReview",
        "/selfsubjectrulesreviews" => "SelfSubjectRulesReview",
        _ => return None,
    };
    let Ok(review) = serde_json::from_slice::<Value>(body) else {
        return Some(status::bad_request("the object provided is unrecognized"));
    };
    let spec = &review["spec"];
    let answered = match kind {
        "SelfSubjectAccessReview" => {
            json!({"allowed": cluster.allows(&spec["resourceAttributes"])})
        }
        _ => cluster.rules(),
    };
    let review = json!({
        "kind": kind, "apiVersion": GROUP, "metadata": {}, "spec": spec, "status": answered,
    });
    Some(Reply::json(201, review.to_string()))
}

impl Cluster {
    /// Whether the account may do one thing: read what is not denied and no secret, and what the world adds.
    fn allows(&self, attributes: &Value) -> bool {
        let text = |name: &str| attributes[name].as_str().unwrap_or_default();
        let (verb, group, resource) = (text("verb"), text("group"), text("resource"));
        let whole = match text("subresource") {
            "" => resource.to_owned(),
            subresource => format!("{resource}/{subresource}"),
        };
        let is_read = ["get", "list"].contains(&verb) && self.reads(group, &whole);
        let is_added = |added: &GrantedVerb| added.covers(verb, group, &whole);
        is_read || self.granted.iter().any(is_added)
    }

    fn reads(&self, group: &str, resource: &str) -> bool {
        let is_kept = ["secrets", "configmaps"].contains(&resource) && group.is_empty();
        let is_denied = self.denied.iter().any(|rule| rule.covers(group, resource));
        !is_kept && !is_denied && !resource.contains('/') && resource != "*"
    }

    fn rules(&self) -> Value {
        let rule = |verbs: &[&str], group: &str, resource: &str| json!({"verbs": verbs, "apiGroups": [group], "resources": [resource]});
        let groups = self.store.groups();
        let kinds = groups.iter().flat_map(|(group, versions)| {
            let kinds = versions
                .iter()
                .flat_map(|version| self.store.of_version(group, version));
            kinds.map(|kind| (group.as_str(), kind.resource.as_str()))
        });
        let reads = kinds.filter(|(group, resource)| self.reads(group, resource));
        let reads = reads.map(|(group, resource)| rule(&["get", "list"], group, resource));
        let own = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"];
        let own = own.map(|resource| rule(&["create"], "authorization.k8s.io", resource));
        let added = self.granted.iter();
        let added = added.map(|added| rule(&[&added.verb], &added.group, &added.resource));
        let is_openshift = groups
            .iter()
            .any(|(group, _)| group == "config.openshift.io");
        let everyones = OPENSHIFT.iter().filter(|_| is_openshift);
        let everyones = everyones.map(|(verb, group, resource)| rule(&[verb], group, resource));
        let rules: Vec<Value> = reads.chain(own).chain(everyones).chain(added).collect();
        json!({"resourceRules": rules, "nonResourceRules": [], "incomplete": false})
    }
}
