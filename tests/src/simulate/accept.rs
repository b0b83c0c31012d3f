//! Accepts connections for every place of a simulation and hands their requests on.

use std::net::TcpListener;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, HOST, HeaderName};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::answer::{Body, HangUp};
use super::place::{Doors, Place};
use super::request_log::Request;
use super::server::Shared;
use super::{control, k8s, thanos, truenas};
use crate::world::{FaultKind, Side};

/// What a review of rights takes at most.
const MAX_BODY: usize = 64 << 10;

/// Serves every place until told to stop.
pub(super) async fn serve_all(
    shared: Arc<Shared>,
    places: Vec<(Place, Doors)>,
    control: Option<TcpListener>,
    mut stopped: watch::Receiver<bool>,
) {
    for (place, Doors { secure, plain }) in places {
        let shared = Arc::clone(&shared);
        match place.side {
            Side::Kubernetes | Side::Thanos => {
                drop(tokio::spawn(accept_http(shared, Arc::new(place), secure)));
            }
            Side::Truenas => {
                let endpoint = Arc::new(truenas::Endpoint::new(place, shared));
                if let Some(plain) = plain {
                    drop(tokio::spawn(accept_plain(Arc::clone(&endpoint), plain)));
                }
                drop(tokio::spawn(accept_truenas(endpoint, secure)));
            }
        }
    }
    if let Some(listener) = control {
        drop(tokio::spawn(accept_control(shared, listener)));
    }
    // An error means that the simulation itself is gone, which ends serving too.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}

async fn accept_http(shared: Arc<Shared>, place: Arc<Place>, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        if shared.moment().faults.is_down(place.side, &place.name) {
            continue;
        }
        let (shared, place) = (Arc::clone(&shared), Arc::clone(&place));
        drop(tokio::spawn(async move {
            let Ok(stream) = shared.tls.acceptor.clone().accept(stream).await else {
                return;
            };
            let service = service_fn(|http| {
                let (shared, place) = (Arc::clone(&shared), Arc::clone(&place));
                async move {
                    match place.side {
                        Side::Thanos => thanos::serve(shared, place, http).await,
                        _ => serve_k8s(shared, place, http).await,
                    }
                }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }));
    }
}

async fn accept_truenas(endpoint: Arc<truenas::Endpoint>, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        if endpoint
            .shared
            .moment()
            .faults
            .is_down(endpoint.place.side, &endpoint.place.name)
        {
            continue;
        }
        let endpoint = Arc::clone(&endpoint);
        drop(tokio::spawn(async move {
            if let Ok(stream) = endpoint.shared.tls.acceptor.clone().accept(stream).await {
                serve_truenas(endpoint, stream, truenas::Transport::Secure).await;
            }
        }));
    }
}

async fn accept_plain(endpoint: Arc<truenas::Endpoint>, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        let plain = truenas::Transport::Plain;
        drop(tokio::spawn(serve_truenas(
            Arc::clone(&endpoint),
            stream,
            plain,
        )));
    }
}

async fn serve_truenas<S>(
    endpoint: Arc<truenas::Endpoint>,
    stream: S,
    transport: truenas::Transport,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|http| truenas::serve(Arc::clone(&endpoint), transport, http));
    let builder = hyper::server::conn::http1::Builder::new();
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn accept_control(shared: Arc<Shared>, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        drop(tokio::spawn(async move {
            let service = service_fn(|http| control::serve(Arc::clone(&shared), http));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }));
    }
}

/// The body of a request, as far as an API server reads one.
async fn posted(body: Incoming) -> Result<Bytes, HangUp> {
    let limited = Limited::new(body, MAX_BODY).collect().await;
    Ok(limited.map_err(|_| HangUp)?.to_bytes())
}

async fn serve_k8s(
    shared: Arc<Shared>,
    place: Arc<Place>,
    http: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, HangUp> {
    let moment = shared.moment();
    let cluster = moment.clusters.get(&place.name).ok_or(HangUp)?;
    let (http, body) = http.into_parts();
    let body = match http.method.as_str() {
        "POST" => posted(body).await?,
        _ => Bytes::new(),
    };
    let path = http.uri.path();
    let fault = moment.faults.strike(Side::Kubernetes, &place.name, path);
    let request = |status, n_bytes| Request {
        source: Side::Kubernetes,
        place: place.name.clone(),
        method: http.method.to_string(),
        detail: http.uri.to_string(),
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
    let header = |name: HeaderName| {
        http.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let get = k8s::Get {
        method: http.method.as_str(),
        path,
        query: http.uri.query(),
        accept: header(ACCEPT),
        is_authenticated: header(AUTHORIZATION).strip_prefix("Bearer ")
            == Some(place.secret.as_str()),
        address: header(HOST),
        body: &body,
    };
    let reply = k8s::answer(cluster, &get, fault);
    shared
        .log
        .push(request(i32::from(reply.status), reply.body.len()));
    Ok(reply.into_response(moment.now, fault))
}
