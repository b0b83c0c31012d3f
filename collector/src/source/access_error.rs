//! What can be wrong with the description of a server, before any connection.

use std::io;
use std::path::PathBuf;

/// Why a server cannot be reached as configured; the text says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than such a file can be.
    #[error("`{path}` is larger than {limit_bytes} bytes; is it the right file?")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit_bytes: usize,
    },
    /// A secret file holds no plain text line.
    #[error("`{path}` must hold one line of printable ASCII text")]
    NotOneLine {
        /// The file.
        path: PathBuf,
    },
    /// The kubeconfig is not valid; the parser's text is left out because it quotes the file.
    #[error("the kubeconfig is not valid YAML of the expected form (line {line})")]
    NotKubeconfig {
        /// Where the parser stopped; 0 when it cannot say.
        line: u64,
    },
    /// A needed field is missing.
    #[error("{what} is missing")]
    Missing {
        /// Which field.
        what: &'static str,
    },
    /// A setting that this program refuses.
    #[error("{what} is refused: {instead}")]
    Refused {
        /// Which setting.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// A URL that is not `https://host[:port][/prefix]`.
    #[error("the server must be given as https://HOST[:PORT]")]
    NotHttps,
    /// A host name that is neither a DNS name nor an address.
    #[error("the host must be a DNS name or an IP address, without scheme or port")]
    NotAHost,
    /// Data that is not the PEM it should be.
    #[error("{what} holds no usable PEM data")]
    NotPem {
        /// Which data.
        what: &'static str,
    },
    /// Neither a CA nor a pin.
    #[error("neither a CA file nor a pin is given; there is no default trust")]
    NoTrust,
    /// A pin that is not `sha256/BASE64`.
    #[error("a pin must be `sha256/` and 44 characters of base64, as printed by the `pin` command")]
    NotAPin,
    /// A TrueNAS key of the wrong form.
    #[error("the API key must have the form ID-KEY, as TrueNAS shows it once")]
    NotAnApiKey,
    /// A user name that cannot be sent.
    #[error("the user name must not be empty nor hold `,` or `=`")]
    NotAUser,
}
