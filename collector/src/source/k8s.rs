//! The Kubernetes door: GET on compiled-in paths, page by page.
//!
//! [`K8sList`] and [`K8sObject`] are statics of this module and cannot be made elsewhere, so no other path, no
//! subresource and no other verb can be expressed. It never watches. The one exception is `review`, for `preflight` alone.

mod access;
mod catalogue;
mod client;
mod discovery;
mod kubeconfig;
mod list;
mod page;
mod paging;
mod review;

pub(super) use access::parse_server;
pub use access::{K8sAccess, SERVICE_ACCOUNT_DIR};
pub use catalogue::*;
pub use client::K8sClient;
pub use discovery::Served;
pub use list::{ListEvent, ListSummary};
pub use page::{ContinueToken, Page};
pub(crate) use review::{Question, ReviewPermit, Reviews};
