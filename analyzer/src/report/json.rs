//! The report as JSON: the model itself, and the way back.

use super::error::RenderError;
use super::escape;
use super::model::{ReportModel, SCHEMA};

/// Writes the model; the same model gives the same bytes. Deceptive characters are written as JSON escapes, so the
/// file is safe to print and reads back to the same value.
///
/// # Errors
/// What the JSON library refuses; nothing does in a model made of its own types.
pub fn write(model: &ReportModel) -> Result<String, RenderError> {
    let text =
        serde_json::to_string_pretty(model).map_err(|source| RenderError::Json { source })?;
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c == '\n' || !escape::is_deceptive(c) {
            out.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out.push('\n');
    Ok(out)
}

/// Reads a saved model.
///
/// # Errors
/// Text that is not a model, or one of another version.
pub fn parse(text: &str) -> Result<ReportModel, RenderError> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text).map_err(|source| RenderError::Json { source })?;
    if head.schema != SCHEMA {
        return Err(RenderError::Schema {
            found: head.schema,
            supported: SCHEMA,
        });
    }
    serde_json::from_str(text).map_err(|source| RenderError::Json { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_report_reads_back_to_the_same_model() {
        let mut model = ReportModel::sample();
        model.findings[0].subject.text = "a\u{202E}\u{E0041}\u{7}<b>".to_owned();
        let text = write(&model).expect("the sample can be written");
        assert!(!text.chars().any(|c| c != '\n' && escape::is_deceptive(c)));
        assert_eq!(parse(&text).expect("it reads back"), model);
        assert_eq!(write(&model).expect("again"), text);
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let text = r#"{"schema": "tsm.report/9", "surprise": 1}"#;
        let error = parse(text).expect_err("the version is unknown");
        assert_eq!(
            error.to_string(),
            "report schema `tsm.report/9` is not `tsm.report/1`; render it with the version that wrote it"
        );
    }
}
