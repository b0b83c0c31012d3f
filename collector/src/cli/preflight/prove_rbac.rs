//! `--prove-rbac`: the cluster itself says what the account may and must not do.

use crate::gather::{self, Read};
use crate::source::k8s::{Question, ReviewPermit, Reviews, Served};
use crate::source::{K8sAccess, SourceError};

/// Private: no other part of the program can ask for reviews.
struct Permit;

impl ReviewPermit for Permit {}

/// What no collector needs, and what would make it a danger.
const FORBIDDEN: &[Question] = &[
    forbidden("get", "", "secrets"),
    forbidden("list", "", "secrets"),
    forbidden("list", "", "configmaps"),
    forbidden("create", "", "pods/exec"),
    forbidden("get", "", "pods/exec"),
    forbidden("get", "", "pods/log"),
    forbidden("get", "", "nodes/proxy"),
    forbidden("create", "", "pods"),
    forbidden("create", "", "serviceaccounts/token"),
    forbidden("impersonate", "", "users"),
    forbidden("delete", "", "persistentvolumes"),
    forbidden("patch", "", "persistentvolumes"),
    forbidden("delete", "", "persistentvolumeclaims"),
    forbidden("escalate", "rbac.authorization.k8s.io", "clusterroles"),
    forbidden("bind", "rbac.authorization.k8s.io", "clusterroles"),
    forbidden("*", "*", "*"),
];

const fn forbidden(verb: &'static str, group: &'static str, resource: &'static str) -> Question {
    Question {
        verb,
        group,
        resource,
        name: None,
    }
}

/// What the cluster said.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Needed and not there.
    pub(super) missing: Vec<String>,
    /// There and beyond reading what is listed.
    pub(super) excess: Vec<String>,
    /// Questions that were answered.
    pub(super) n_asked: usize,
}

/// Asks for every right that is needed and for those that must not be there.
pub(super) async fn prove(access: &K8sAccess, served: &Served) -> Result<Proof, SourceError> {
    let reviews = Reviews::new(Permit, access).map_err(|_| SourceError::Credential)?;
    let mut proof = Proof::default();
    for question in needed(served) {
        proof.n_asked += 1;
        if !reviews.may(question).await? {
            proof.missing.push(words(question));
        }
    }
    for question in FORBIDDEN {
        proof.n_asked += 1;
        if reviews.may(*question).await? {
            proof.excess.push(words(*question));
        }
    }
    proof.excess.extend(reviews.rules().await?.beyond_reading());
    proof.excess.sort();
    proof.excess.dedup();
    Ok(proof)
}

/// One question for each verb of each list that the cluster serves.
fn needed(served: &Served) -> Vec<Question> {
    let mut questions = Vec::new();
    for read in gather::ALL.iter().flat_map(|gatherer| gatherer.reads) {
        match read {
            Read::K8s(list) if served.has_list(list) => {
                questions.extend(["get", "list"].map(|verb| Question {
                    verb,
                    group: list.group(),
                    resource: list.resource(),
                    name: None,
                }));
            }
            Read::K8sObject(object) if !object.resource().is_empty() => questions.push(Question {
                verb: "get",
                group: object.group(),
                resource: object.resource(),
                name: object.path().rsplit('/').next(),
            }),
            _ => {}
        }
    }
    questions.sort_by_key(|question| words(*question));
    questions.dedup();
    questions
}

fn words(question: Question) -> String {
    let slash = if question.group.is_empty() { "" } else { "/" };
    let name = question.name.map(|name| format!(" {name}"));
    format!(
        "{} {}{slash}{}{}",
        question.verb,
        question.group,
        question.resource,
        name.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_is_asked_for_by_its_name_and_absent_groups_are_not_asked_for() {
        let questions: Vec<String> = needed(&Served::default()).into_iter().map(words).collect();
        assert!(
            questions.contains(&"get namespaces kube-system".to_owned()),
            "{questions:?}"
        );
        assert!(!questions.iter().any(|words| words.starts_with("list ")));
    }

    #[test]
    fn nothing_that_is_needed_is_forbidden() {
        let reads = gather::ALL.iter().flat_map(|gatherer| gatherer.reads);
        for read in reads {
            if let Read::K8s(list) = read {
                let is_forbidden = FORBIDDEN.iter().any(|question| {
                    let is_read = ["get", "list"].contains(&question.verb);
                    is_read
                        && question.group == list.group()
                        && question.resource == list.resource()
                });
                assert!(!is_forbidden, "{}", list.path());
            }
        }
    }
}
