//! One page of a list, as the server sends it.

use std::fmt;

use serde::Deserialize;

/// Where the next page starts. Opaque, but it encodes an object's name, so it is never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ContinueToken(String);

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// The version of the list; the same on all pages of a consistent list.
    pub resource_version: Option<String>,
    /// Where the next page starts; nothing on the last one.
    pub continue_token: Option<ContinueToken>,
    /// How many objects follow, where the server says.
    pub remaining: Option<u64>,
    /// The server's clock, Unix seconds.
    pub date: Option<i64>,
}

impl ContinueToken {
    /// Takes a token; an empty one means that there is no next page.
    pub(in crate::source) fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The text for the next request.
    pub(in crate::source) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ContinueToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[continue token]")
    }
}

/// A list body; `items` is null when a server of Go encodes an empty list.
#[derive(Deserialize)]
pub(super) struct ListBody<T> {
    pub(super) kind: Option<String>,
    pub(super) metadata: ListMeta,
    pub(super) items: Option<Vec<T>>,
}

/// What a document says it is; some discovery documents do not say.
#[derive(Deserialize)]
pub(super) struct KindBody {
    #[serde(default)]
    pub(super) kind: String,
}

/// The metadata of a list, and of the status document that tells that a token is too old.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListMeta {
    pub(super) resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub(super) continue_token: Option<String>,
    pub(super) remaining_item_count: Option<u64>,
}

/// The body of an error answer, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusBody {
    pub(super) metadata: ListMeta,
}

impl<T> ListBody<T> {
    /// Takes the page out of its envelope.
    pub(super) fn into_page(self, date: Option<i64>) -> Page<T> {
        Page {
            items: self.items.unwrap_or_default(),
            resource_version: self.metadata.resource_version,
            continue_token: self.metadata.continue_token.and_then(ContinueToken::parse),
            remaining: self.metadata.remaining_item_count,
            date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page<serde_json::Value> {
        serde_json::from_str::<ListBody<_>>(text)
            .unwrap()
            .into_page(None)
    }

    #[test]
    fn empty_continue_token_ends_the_list() {
        let page = page(r#"{"metadata": {"continue": "", "resourceVersion": "288"}, "items": []}"#);
        assert_eq!(page.continue_token, None);
        assert_eq!(page.resource_version.as_deref(), Some("288"));
    }

    #[test]
    fn null_items_are_an_empty_page() {
        assert!(
            page(r#"{"metadata": {"remainingItemCount": 5}, "items": null}"#)
                .items
                .is_empty()
        );
    }

    #[test]
    fn status_without_a_list_is_no_page() {
        assert!(
            serde_json::from_str::<ListBody<serde_json::Value>>(
                r#"{"kind": "Status", "code": 200}"#
            )
            .is_err()
        );
    }
}
