//! A bundle: two files, `NAME.tar.zst.age` and its `.minisig`. `FORMAT.md` is the specification.
//!
//! Signed inside, compressed, encrypted, signed outside. A reader decrypts only what the outer signature covers, and
//! nothing it read is released before the last check has passed.

mod archive;
mod chain;
mod comment;
mod frame;
mod info;
mod limits;
mod manifest;
mod name;
mod path;
mod read;
mod seal;
mod sign;
mod write;

pub use archive::ArchiveError;
pub use chain::{Link, LinkVerdict, judge};
pub use comment::CommentError;
pub use comment::{InnerComment, OuterComment};
pub use info::{BundleInfo, Captured, Collector, PlannedList, PrevReason, Redaction, SCHEMA};
pub use limits::Limits;
pub use manifest::ManifestError;
pub use name::NameError;
pub use name::{BundleName, SiteName};
pub use path::EntryPath;
pub use path::EntryPathError;
pub use read::{OpenError, Opened, Outer, Part, SealedBundle, TrustedKey};
pub use seal::{Identity, Recipient, SealError, protect, unprotect};
pub use sign::{Fingerprint, KeyError, Signature, SitePublicKey, SiteSecretKey};
pub use write::{BundleWriter, Capture, Sealed, WriteError};

/// Digits of a SHA-256 that stands for "none".
pub const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Largest part of a table, in bytes; a reader refuses more.
pub const MAX_PART_BYTES: usize = 8 << 20;
