//! Table `collect_field`.

use super::code::{Constant, SourceKind};
use crate::redact::FieldPath;

crate::table! {
    /// A field that a server gave and this software does not read: what a newer release may have to offer.
    "collect_field" as CollectField in Run {
        /// Which side gave it.
        1 [key] source: SourceKind,
        /// Resource path or method name.
        1 [key] list: Constant,
        /// Names of the keys from the object down; what no interface of the servers names is a token.
        1 [key] field: FieldPath,
        /// How often it came in the answers that were looked at: of each list the first, second, fourth and so on, all when the run explained itself.
        1 n_times: i64,
    }
}
