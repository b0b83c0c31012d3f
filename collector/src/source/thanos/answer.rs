//! The answer of the query API: `{"status": "success", "data": {"resultType": "vector", "result": [...]}}`.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::source::{OnIgnored, SourceError, ignored};

/// One value with the labels that tell whose it is.
#[derive(Debug)]
pub struct Sample<L> {
    /// Labels.
    pub labels: L,
    /// Value; never infinite and never NaN.
    pub value: f64,
}

#[derive(Deserialize)]
struct Body<L> {
    status: String,
    data: Option<Data<L>>,
    warnings: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<L> {
    result_type: String,
    result: Vec<Series<L>>,
}

#[derive(Deserialize)]
struct Series<L> {
    metric: L,
    /// Absent for a native histogram.
    value: Option<(IgnoredAny, String)>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    error_type: String,
}

/// Takes an answer apart. What is no number is left out; a warning means that a store did not answer.
pub(super) fn samples<L: DeserializeOwned>(
    body: &[u8],
    what: &'static str,
    listener: Option<&OnIgnored>,
) -> Result<Vec<Sample<L>>, SourceError> {
    let malformed = SourceError::Malformed { what };
    let body: Body<L> = ignored::decode(body, what, listener).map_err(|_| malformed.clone())?;
    let data = match body.data {
        Some(data) if body.status == "success" && data.result_type == "vector" => data,
        _ => return Err(malformed),
    };
    if body.warnings.is_some_and(|warnings| !warnings.is_empty()) {
        return Err(SourceError::Partial);
    }
    let series = data.result.into_iter();
    let samples = series.filter_map(|series| {
        let (_, text) = series.value?;
        let value: f64 = text.parse().ok()?;
        value.is_finite().then_some(Sample {
            labels: series.metric,
            value,
        })
    });
    Ok(samples.collect())
}

/// What an error document says, in our words; its text may quote the query and the server.
pub(super) fn error(status: u16, body: &[u8]) -> SourceError {
    let body: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    match body.error_type.as_str() {
        "timeout" | "canceled" => SourceError::TimedOut,
        _ => SourceError::Server {
            code: i32::from(status),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Labels {
        namespace: String,
    }

    fn values(body: &str) -> Result<Vec<f64>, SourceError> {
        let samples = samples::<Labels>(body.as_bytes(), "m", None)?;
        Ok(samples.iter().map(|sample| sample.value).collect())
    }

    fn vector(values: &[&str]) -> String {
        let series: Vec<String> = values
            .iter()
            .map(|value| {
                format!(r#"{{"metric":{{"namespace":"a"}},"value":[1772700000.1,"{value}"]}}"#)
            })
            .collect();
        let result = series.join(",");
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{result}]}}}}"#)
    }

    #[test]
    fn values_are_text_of_floats_and_what_is_no_number_is_nothing() {
        let body = vector(&["3221225472", "3.5e+09", "NaN", "+Inf", "-Inf", "0", "x"]);
        assert_eq!(values(&body), Ok(vec![3_221_225_472.0, 3.5e9, 0.0]));
        assert_eq!(values(&vector(&[])), Ok(vec![]));
    }

    #[test]
    fn answer_of_another_kind_is_no_empty_one() {
        let malformed = Err(SourceError::Malformed { what: "m" });
        let body = vector(&["1"]);
        assert_eq!(values(&body.replace("vector", "matrix")), malformed);
        assert_eq!(values(&body.replace("success", "error")), malformed);
        assert_eq!(values(r#"{"status":"success"}"#), malformed);
        assert_eq!(values("<html>"), malformed);
        assert_eq!(values(&body.replace("namespace", "pod")), malformed);
    }

    #[test]
    fn store_that_did_not_answer_makes_the_answer_a_part() {
        let with = |warnings: &str| {
            let body = vector(&["1"]);
            format!("{},\"warnings\":{warnings}}}", &body[..body.len() - 1])
        };
        assert_eq!(
            values(&with(r#"["a store is gone"]"#)),
            Err(SourceError::Partial)
        );
        assert_eq!(values(&with("[]")), Ok(vec![1.0]));
    }

    #[test]
    fn error_document_gives_a_kind_and_never_its_text() {
        let body = br#"{"status":"error","errorType":"timeout","error":"query timed out in shop"}"#;
        assert_eq!(error(503, body), SourceError::TimedOut);
        let body = br#"{"status":"error","errorType":"execution","error":"shop"}"#;
        assert_eq!(error(422, body), SourceError::Server { code: 422 });
        assert_eq!(error(502, b"<html>"), SourceError::Server { code: 502 });
    }
}
