//! Asks, before any login, which transports an appliance has: `GET /api/versions`, from 25.04 on.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;

use crate::source::http::{Answer, Getter};
use crate::source::truenas::{TruenasAccess, Version};
use crate::source::{NetworkKind, SourceError, sent};

const PATH: &str = "/api/versions";

/// How often a busy server is asked again.
const MAX_RETRIES: u32 = 3;

/// How to speak to an appliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// `/websocket`, up to 24.10.
    Legacy,
    /// `/api/current`; with the newest interface version.
    JsonRpc(Version),
}

/// Asks the appliance; also gives its clock in Unix seconds.
pub(super) async fn ask(
    access: &TruenasAccess,
    tls: rustls::ClientConfig,
) -> Result<(Offer, Option<i64>), SourceError> {
    let url = Url::parse(&format!("https://{}{PATH}", access.authority()))
        .map_err(|_| NetworkKind::NoAddress)?;
    let getter = Getter::new(tls, access.timeouts, Arc::clone(&access.budget))?;
    let answer = get(access, &getter, url).await?;
    Ok((read(&answer)?, answer.date))
}

/// Sends the GET until it is answered: a busy server is given time, a broken connection one more try.
async fn get(access: &TruenasAccess, getter: &Getter, url: Url) -> Result<Answer, SourceError> {
    let mut n_busy = 0;
    let mut is_second_try = false;
    loop {
        access.budget.check()?;
        sent::tell(
            access.on_request.as_ref(),
            "truenas",
            "get",
            PATH.to_owned(),
        );
        let in_flight = sent::begin(access.on_end.as_ref(), "truenas", PATH);
        let answer = getter.get(url.clone(), HeaderMap::new()).await;
        let answer_bytes = answer.as_ref().map_or(0, |answer| answer.body.len());
        in_flight.end(answer_bytes, answer.as_ref().err());
        match answer {
            Ok(answer) if answer.status == 429 && n_busy < MAX_RETRIES => {
                n_busy += 1;
                let wait = answer.retry_after.unwrap_or(Duration::from_secs(1));
                let wait = wait.min(access.timeouts.pause);
                access.budget.pause(wait).await?;
            }
            Err(SourceError::Network {
                kind: NetworkKind::Closed,
            }) if !is_second_try => is_second_try = true,
            outcome => return outcome,
        }
    }
}

fn read(answer: &Answer) -> Result<Offer, SourceError> {
    match answer.status {
        404 => Ok(Offer::Legacy),
        200 => {
            let malformed = SourceError::Malformed { what: PATH };
            let versions: Vec<String> =
                serde_json::from_slice(&answer.body).map_err(|_| malformed.clone())?;
            let newest = versions
                .iter()
                .filter_map(|text| Version::parse(text))
                .max()
                .ok_or(malformed)?;
            Ok(Offer::JsonRpc(newest))
        }
        401 | 403 => Err(SourceError::Forbidden),
        status => Err(SourceError::Server {
            code: i32::from(status),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(status: u16, body: &str) -> Result<Offer, SourceError> {
        read(&Answer {
            status,
            retry_after: None,
            date: None,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn newest_version_decides() {
        let body = r#"["v25.04.0", "v25.10.10", "v25.10.9"]"#;
        assert_eq!(
            offer(200, body),
            Ok(Offer::JsonRpc(Version {
                major: 25,
                minor: 10,
                patch: 10
            }))
        );
    }

    #[test]
    fn appliance_without_the_list_is_an_old_one() {
        assert_eq!(offer(404, "404: Not Found"), Ok(Offer::Legacy));
    }

    #[test]
    fn anything_else_is_no_answer() {
        assert_eq!(
            offer(200, "<html>"),
            Err(SourceError::Malformed { what: PATH })
        );
        assert_eq!(offer(200, "[]"), Err(SourceError::Malformed { what: PATH }));
        assert_eq!(offer(307, ""), Err(SourceError::Server { code: 307 }));
        assert_eq!(offer(502, ""), Err(SourceError::Server { code: 502 }));
    }
}
