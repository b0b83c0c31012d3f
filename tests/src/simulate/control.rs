//! The control port: plain HTTP on loopback, for whoever drives a series from outside.
//!
//! `GET /next` moves to the next world (410 at the end), `GET /now` tells the time of the world, `GET /requests` lists
//! what was seen as JSON lines.

use std::sync::Arc;

use hyper::Response;
use hyper::body::Incoming;
use serde_json::json;

use super::answer::{Body, HangUp, Reply};
use super::server::Shared;

/// Answers one request.
pub(super) async fn serve(
    shared: Arc<Shared>,
    http: hyper::Request<Incoming>,
) -> Result<Response<Body>, HangUp> {
    let reply = match http.uri().path() {
        "/next" => {
            let mover = Arc::clone(&shared);
            match tokio::task::spawn_blocking(move || mover.next()).await {
                Ok(Ok(true)) => Reply::json(
                    200,
                    json!({"now": shared.moment().now.to_string()}).to_string(),
                ),
                Ok(Ok(false)) => Reply::text(410, "this was the last world of the series\n"),
                _ => Reply::text(500, "the next world cannot be read\n"),
            }
        }
        "/now" => Reply::json(
            200,
            json!({"now": shared.moment().now.to_string()}).to_string(),
        ),
        "/requests" => Reply::json(200, shared.log.lines()),
        _ => Reply::text(404, "there is /next, /now and /requests\n"),
    };
    Ok(reply.into_response(shared.moment().now, None))
}
