//! What must come of a fault, by what the fault is.

use testkit::world::Side;
use truenas_collector::source::PromQuery;

use crate::endpoint::{Endpoint, Role};
use crate::stage::Row;

/// Paths that every cluster has: one that is not there is broken, not absent. Methods are there by their release.
const NEVER_ABSENT: [&str; 6] = [
    "/api/v1/",
    "/apis/apps/v1/",
    "/apis/batch/v1/",
    "/apis/coordination.k8s.io/v1/",
    "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/storage.k8s.io/v1/volumeattachments",
];

/// Methods that an appliance can lack whatever its release: parts that are sold or switched on apart.
const MAY_BE_ABSENT: [&str; 3] = ["failover.status", "nvmet.", "update.config"];

/// True when asking once more gives the answer: a broken connection, a busy server, a token that is too old.
pub(crate) fn heals_at_once(kind: &str, endpoint: &Endpoint) -> bool {
    match kind {
        "refuse" | "cut" | "429" => true,
        "410" => endpoint.side == Side::Kubernetes && !is_object(endpoint),
        _ => false,
    }
}

/// Whether a row may be what a list says that was struck at every try.
pub(crate) fn is_told(kind: &str, endpoint: &Endpoint, row: &Row) -> bool {
    let told = (
        row.outcome.as_str(),
        row.reason.as_deref().unwrap_or_default(),
    );
    match kind {
        "refuse" | "cut" => told == ("failed", "network"),
        "401" => told == ("denied", "unauthorized"),
        "403" => told == ("denied", "forbidden"),
        "404" if is_never_absent(endpoint) => row.outcome == "failed",
        "404" => matches!(row.outcome.as_str(), "failed" | "unsupported"),
        "410" if endpoint.side == Side::Truenas => row.outcome == "denied",
        "410" if endpoint.side == Side::Thanos => told == ("failed", "server"),
        "410" => told == ("truncated", "expired"),
        "429" => told == ("failed", "too-many-requests"),
        "500" => told == ("failed", "server"),
        // Snapshots are asked for in smaller and smaller parts, until the connection was lost too often.
        "hang" | "drip" if told == ("failed", "network") => {
            endpoint.target.contains("snapshot.query")
        }
        "hang" | "drip" => told == ("timed-out", "timeout"),
        // Rows that no filter holds back are not what was asked for.
        "endless" if told == ("failed", "malformed") => endpoint.side == Side::Truenas,
        "giant" | "endless" | "endless-fresh" => row.outcome == "truncated",
        "malformed" | "wrong-id" => told == ("failed", "malformed"),
        _ => false,
    }
}

/// Whether a list is not asked for any more, as the query that was struck before it met what every query would meet:
/// no access or no connection, and no answer in time as long as there was none.
pub(crate) fn is_gone(kind: &str, endpoint: &Endpoint, list: &str) -> bool {
    let place = |name: &str| PromQuery::ALL.iter().position(|query| query.name() == name);
    let (Some(struck), Some(other)) = (place(endpoint.target), place(list)) else {
        return false;
    };
    let is_of_server = match kind {
        "401" | "403" | "refuse" | "cut" => true,
        "hang" | "drip" => struck == 0,
        _ => false,
    };
    is_of_server && other > struck
}

/// Whether the appliance refuses to say what the key may do; where nothing else says it, such a key is refused.
pub(crate) fn is_refused(kind: &str, endpoint: &Endpoint) -> bool {
    let is_asked = endpoint.role == Role::Session && endpoint.target == "core.get_methods";
    is_asked && ["403", "404", "410"].contains(&kind)
}

/// Whether a run without this endpoint may still be whole, because there is another way.
pub(crate) fn has_other_way(kind: &str, endpoint: &Endpoint) -> bool {
    // An appliance without the list of interfaces is an old one, and has the interface of those.
    endpoint.role == Role::Aside || (endpoint.target == "/api/versions" && kind == "404")
}

/// Exit codes of a refusal when the only server is struck here.
pub(crate) fn refusals(kind: &str, endpoint: &Endpoint) -> &'static [i32] {
    if is_refused(kind, endpoint) {
        return &[13];
    }
    let is_login = endpoint.target.starts_with("auth.login");
    match kind {
        "401" | "403" => &[10],
        // The client does not trust the server, or the server does not trust the client.
        "wrong-proof" | "wrong-binding" => &[10],
        "410" if is_login => &[10],
        "410" if endpoint.target == "system.version" => &[10],
        _ => &[12],
    }
}

fn is_never_absent(endpoint: &Endpoint) -> bool {
    let begins = |start: &&str| endpoint.target.starts_with(*start);
    match endpoint.side {
        Side::Truenas => !MAY_BE_ABSENT.iter().any(begins),
        Side::Kubernetes => NEVER_ABSENT.iter().any(begins),
        Side::Thanos => true,
    }
}

fn is_object(endpoint: &Endpoint) -> bool {
    let objects = ["/kube-system", "/version", "/cluster"];
    objects.iter().any(|end| endpoint.target.ends_with(end))
}
