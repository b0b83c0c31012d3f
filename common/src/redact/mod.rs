//! What may leave a site: names become keyed pseudonyms, everything else has a type that cannot hold a name.

mod field;
mod key;
mod kind;
mod model;
mod pattern;
mod record;
mod redactor;
mod subnet;
mod uid;

pub use field::{FieldPath, is_field_name};
pub use key::{KeyFormatError, PseudonymKey};
pub use kind::*;
pub use model::Model;
pub use pattern::{NamePart, NamingSchema, VENDOR_IQN_BASE, is_uuid_v4, sidecar_uuid};
pub use record::{Collision, Components, Mapped, Pairs};
pub use redactor::{Profile, Redactor};
pub use uid::{Uid, Version};
