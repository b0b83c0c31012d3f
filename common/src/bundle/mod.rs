//! A bundle: two files, `NAME.tar.zst.age` and its `.minisig`. `FORMAT.md` is the specification.
//!
//! Signed inside, compressed, encrypted, signed outside. A reader decrypts only what the outer signature covers, and
//! nothing it read is released before the last check has passed.

mod approval;
mod archive;
mod chain;
mod comment;
mod frame;
mod info;
mod limits;
mod manifest;
mod name;
mod name_map;
mod path;
mod read;
mod refusal;
mod rotation;
mod screen;
mod seal;
mod sign;
mod write;

pub use approval::{Approval, ApprovalError, approval_file_name, approve, check_approval};
pub use archive::ArchiveError;
pub use chain::{Link, LinkVerdict, judge};
pub use comment::CommentError;
pub use comment::{InnerComment, OuterComment};
pub use info::{BundleInfo, Captured, Collector, PlannedList, PrevReason, Redaction, SCHEMA};
pub use limits::Limits;
pub use manifest::ManifestError;
pub use name::NameError;
pub use name::{BundleName, SiteName};
pub use name_map::{
    MAP_FOLDER, MAP_SCHEMA, MapError, MapHead, MapPair, SealedMap, join_maps, open_map, seal_map,
};
pub use path::EntryPath;
pub use path::EntryPathError;
pub use read::{Opened, Outer, Part, SealedBundle, TrustedKey};
pub use refusal::OpenError;
pub use rotation::{Rotation, RotationError, announce, check_rotation};
pub use screen::{NoScreen, Refusal, Screen};
pub use seal::{Identity, Recipient, SealError, protect, unprotect};
pub use sign::{Fingerprint, KeyError, Signature, SitePublicKey, SiteSecretKey};
pub use write::{BundleWriter, Capture, Sealed, WriteError};

/// Digits of a SHA-256 that stands for "none".
pub const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Largest part of a table, in bytes; a reader refuses more.
pub const MAX_PART_BYTES: usize = 8 << 20;
