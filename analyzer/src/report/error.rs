//! Why a report could not be rendered or read back.

/// A renderer failed; the model is unchanged and another format may still work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The HTML templates and the model do not fit together.
    #[error(
        "cannot fill the HTML template; this is a defect in the program, the JSON report still works"
    )]
    Template {
        /// What the template engine says.
        source: minijinja::Error,
    },
    /// A chart could not be drawn.
    #[error("cannot draw the chart of {pool}: {reason}; the JSON report still works")]
    Chart {
        /// The pool whose history was drawn.
        pool: String,
        /// What the drawing library says.
        reason: String,
    },
    /// The PDF could not be set or exported.
    #[error("cannot make the PDF: {reason}; render HTML or JSON instead")]
    Pdf {
        /// The typesetter's first messages, one line.
        reason: String,
    },
    /// The model could not be turned into JSON or back.
    #[error("cannot convert the report model to or from JSON")]
    Json {
        /// What the JSON library says.
        source: serde_json::Error,
    },
    /// The saved model has another version than this program reads.
    #[error(
        "report schema `{found}` is not `{supported}`; render it with the version that wrote it"
    )]
    Schema {
        /// The schema named in the file.
        found: String,
        /// The schema this program reads.
        supported: &'static str,
    },
}
