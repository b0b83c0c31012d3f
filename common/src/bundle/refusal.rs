//! Why a bundle is refused.

use super::archive::ArchiveError;
use super::comment::CommentError;
use super::manifest::ManifestError;
use super::name::NameError;
use super::seal::SealError;
use super::sign::KeyError;

/// Why a bundle is refused. Each variant belongs to one step of `FORMAT.md`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is not called as a bundle is.
    #[error("file name is not that of a bundle")]
    Name(#[source] NameError),
    /// Larger than the reader accepts.
    #[error(
        "bundle {name} has {bytes} bytes, more than the limit of {limit}; raise it only for a site you know"
    )]
    TooLarge {
        /// Bundle.
        name: String,
        /// Size.
        bytes: u64,
        /// Limit.
        limit: u64,
    },
    /// The signature file cannot be read.
    #[error("signature of bundle {name} cannot be used")]
    Signature {
        /// Bundle.
        name: String,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// No trusted key of the site has this id.
    #[error(
        "bundle {name} is signed by a key not trusted here (key id {key_id}); if the site confirms it by phone: \
         truenas-analyzer trust add FILE --site {site}"
    )]
    UntrustedKey {
        /// Bundle.
        name: String,
        /// Site.
        site: String,
        /// minisign key id.
        key_id: String,
    },
    /// The key was trusted up to an earlier number only.
    #[error(
        "bundle {name} is signed by a key that was revoked after number {last:06}; do not trust it again: ask the site \
         which key it uses now"
    )]
    RevokedKey {
        /// Bundle.
        name: String,
        /// Last number that is still believed.
        last: u64,
    },
    /// The outer signature does not hold.
    #[error(
        "bundle {name} was changed after signing{cut}; copy it again. Nothing was read from it"
    )]
    Changed {
        /// Bundle.
        name: String,
        /// Filled when the file is shorter than the comment says.
        cut: String,
    },
    /// The signed comment is not of this format.
    #[error("bundle {name} has a signed comment of another format")]
    Comment {
        /// Bundle.
        name: String,
        /// Why.
        #[source]
        source: CommentError,
    },
    /// The signed name is not the file's.
    #[error("bundle {name} was signed under the name {signed}; give the file its own name back")]
    Renamed {
        /// File.
        name: String,
        /// Signed name.
        signed: String,
    },
    /// Signed digest or length differ.
    #[error("bundle {name} does not have the digest that its signed comment names")]
    Digest {
        /// Bundle.
        name: String,
    },
    /// Cannot be decrypted.
    #[error(
        "bundle {name} is intact and from {site}, but not encrypted to your key; ask the site to add your recipient"
    )]
    NotForMe {
        /// Bundle.
        name: String,
        /// Site.
        site: String,
    },
    /// The age file is not within the profile.
    #[error("bundle {name} cannot be decrypted")]
    Seal {
        /// Bundle.
        name: String,
        /// Why.
        #[source]
        source: SealError,
    },
    /// Decompression or archive.
    #[error("bundle {name} holds an archive that is not allowed")]
    Archive {
        /// Bundle.
        name: String,
        /// Why.
        #[source]
        source: ArchiveError,
    },
    /// Entries twice, missing or too many.
    #[error("bundle {name} holds {what}")]
    Entries {
        /// Bundle.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Inner signature.
    #[error("bundle {name} was sealed by somebody else than its outer signer")]
    InnerSignature {
        /// Bundle.
        name: String,
    },
    /// A manifest cannot be read.
    #[error("bundle {name} has a damaged manifest")]
    Manifest {
        /// Bundle.
        name: String,
        /// Why.
        #[source]
        source: ManifestError,
    },
    /// A file does not have its digest.
    #[error("file {path} of bundle {name} does not have the digest of the manifest")]
    File {
        /// Bundle.
        name: String,
        /// Entry.
        path: String,
    },
    /// `bundle.json` is not of this format.
    #[error(
        "bundle {name} has a description of another format (wanted {}); upgrade the analyzer",
        super::SCHEMA
    )]
    Info {
        /// Bundle.
        name: String,
    },
    /// Inside and outside name different things.
    #[error("bundle {name} says another {what} in one place than in another; tell the site")]
    Mismatch {
        /// Bundle.
        name: String,
        /// Field.
        what: &'static str,
    },
    /// The reader is not a named recipient: somebody passed it on.
    #[error(
        "bundle {name} does not name your key as a recipient: it was encrypted again by somebody else"
    )]
    Forwarded {
        /// Bundle.
        name: String,
    },
}

impl OpenError {
    /// Step of the specification at which the bundle is refused, 1 to 11.
    pub fn step(&self) -> u8 {
        match self {
            Self::Name(_) => 0,
            Self::TooLarge { .. }
            | Self::Signature { .. }
            | Self::UntrustedKey { .. }
            | Self::RevokedKey { .. }
            | Self::Changed { .. } => 1,
            Self::Comment { .. } | Self::Renamed { .. } => 2,
            Self::Digest { .. } => 3,
            Self::NotForMe { .. } | Self::Seal { .. } => 4,
            Self::Archive {
                source: ArchiveError::Read(_),
                ..
            } => 5,
            Self::Archive { .. } => 6,
            Self::InnerSignature { .. } => 7,
            Self::Manifest { .. } => 8,
            Self::File { .. } => 9,
            Self::Entries { .. } => 10,
            Self::Info { .. } | Self::Mismatch { .. } | Self::Forwarded { .. } => 11,
        }
    }
}
