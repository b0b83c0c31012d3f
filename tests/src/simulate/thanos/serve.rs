//! From a request to an answer: authentication, the role, the query.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use serde_json::json;

use super::evaluate::vector;
use super::promql::{self, Query};
use super::store::{File, Metrics};
use crate::simulate::Request;
use crate::simulate::answer::{Body, HangUp, Reply};
use crate::simulate::k8s;
use crate::simulate::place::Place;
use crate::simulate::server::Shared;
use crate::world::{FaultKind, Side};

/// The only path of the API that is simulated.
const PATH: &str = "/api/v1/query";

/// Answers one HTTP request.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    place: Arc<Place>,
    http: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, HangUp> {
    let moment = shared.moment();
    let metrics = moment.metrics.get(&place.name).ok_or(HangUp)?;
    let parameters = k8s::parameters(http.uri().query());
    let query = parameters.iter().find(|(name, _)| name == "query");
    let query = query.and_then(|(_, text)| promql::parse(text));
    let path = http.uri().path();
    // A fault names the metric, or the path.
    let target = query.as_ref().map_or(path, |query| query.metric.as_str());
    let fault = moment.faults.strike(Side::Thanos, &place.name, target);
    let request = |status, n_bytes| Request {
        source: Side::Thanos,
        place: place.name.clone(),
        method: http.method().to_string(),
        detail: http.uri().to_string(),
        status,
        n_bytes,
        n_walked: 0,
    };
    match fault {
        Some(FaultKind::Refuse) => {
            shared.log.push(request(-1, 0));
            return Err(HangUp);
        }
        Some(FaultKind::Hang) => {
            shared.log.push(request(-1, 0));
            return std::future::pending().await;
        }
        _ => {}
    }
    let token = http.headers().get(AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let get = Get {
        is_get: http.method() == hyper::Method::GET,
        path,
        query,
        is_authenticated: token == Some(place.secret.as_str()),
        now: moment.now.as_millisecond() as f64 / 1_000.0,
    };
    let reply = unsound(answer(metrics, &get, fault), fault);
    shared
        .log
        .push(request(i32::from(reply.status), reply.body.len()));
    Ok(reply.into_response(moment.now, fault))
}

/// An answer in the right form that is not the answer: without an end, or to another question.
fn unsound(reply: Reply, fault: Option<FaultKind>) -> Reply {
    match fault {
        Some(FaultKind::Endless | FaultKind::EndlessFresh) => reply.without_end(),
        Some(FaultKind::WrongId) => {
            let matrix =
                json!({"status": "success", "data": {"resultType": "matrix", "result": []}});
            Reply::json(200, matrix.to_string())
        }
        _ => reply,
    }
}

/// One request, taken apart.
struct Get<'a> {
    is_get: bool,
    path: &'a str,
    query: Option<Query>,
    is_authenticated: bool,
    now: f64,
}

fn answer(metrics: &Metrics, get: &Get<'_>, fault: Option<FaultKind>) -> Reply {
    match fault {
        Some(FaultKind::Unauthorized) => return Reply::text(401, "Unauthorized\n"),
        Some(FaultKind::Forbidden) => return forbidden(),
        Some(FaultKind::NotFound) => return Reply::text(404, "404 page not found\n"),
        Some(FaultKind::Gone) => return error(410, "not_acceptable"),
        Some(FaultKind::TooManyRequests) => {
            return Reply::text(429, "Too Many Requests\n").retry_after("1");
        }
        Some(FaultKind::ServerError) => return error(500, "internal"),
        _ => {}
    }
    if !get.is_authenticated {
        return Reply::text(401, "Unauthorized\n");
    }
    if metrics.is_denied || !get.is_get {
        return forbidden();
    }
    let Some(query) = get.query.as_ref().filter(|_| get.path == PATH) else {
        return match get.path {
            PATH => error(400, "bad_data"),
            _ => Reply::text(404, "404 page not found\n"),
        };
    };
    match metrics.metrics.get(&query.metric) {
        Some(File::Other(text)) => Reply::json(200, text.clone()),
        Some(File::Vector(series)) => Reply::json(200, vector(query, series, get.now).to_string()),
        None => Reply::json(200, vector(query, &[], get.now).to_string()),
    }
}

/// What stands in front of the querier says no.
fn forbidden() -> Reply {
    Reply::text(
        403,
        "Forbidden (user=system:serviceaccount:storage-audit:collector, verb=get, resource=prometheuses, subresource=api)\n",
    )
}

fn error(status: u16, kind: &str) -> Reply {
    let text = "the simulated server fails";
    let body = json!({"status": "error", "errorType": kind, "error": text});
    Reply::json(status, body.to_string())
}
