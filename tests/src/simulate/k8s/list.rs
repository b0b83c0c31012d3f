//! Lists: pages, continue tokens, field selectors, metadata-only forms.

use data_encoding::{BASE64URL_NOPAD, Encoding};
use serde_json::{Value, json};

use super::kinds::Kind;
use super::store::{Object, Store};

/// What a list request asks for.
#[derive(Debug, Default)]
pub(super) struct ListQuery {
    /// Only this namespace.
    pub(super) namespace: Option<String>,
    /// Page size; `None` is everything.
    pub(super) limit: Option<usize>,
    /// Where to go on.
    pub(super) start: Option<String>,
    /// Only events about objects of this kind.
    pub(super) involved_kind: Option<String>,
    /// Only the object of this name.
    pub(super) name: Option<String>,
    /// True for `PartialObjectMetadata`.
    pub(super) is_partial: bool,
}

/// Position of a continue token: version of the list, and the key to start from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Version of the list; -1 goes on inconsistently.
    pub(super) version: i64,
    /// First key that may come next.
    pub(super) start: String,
}

impl Position {
    /// The opaque token.
    pub(super) fn to_token(&self) -> String {
        let text =
            json!({"v": "meta.k8s.io/v1", "rv": self.version, "start": self.start}).to_string();
        BASE64URL_NOPAD.encode(text.as_bytes())
    }

    /// Reads a token; the error is the server's wording.
    pub(super) fn parse(token: &str) -> Result<Self, String> {
        let refuse =
            |reason: String| format!("invalid continue token: continue key is not valid: {reason}");
        let bytes = lenient().decode(token.as_bytes()).map_err(|error| {
            refuse(format!(
                "illegal base64 data at input byte {}",
                error.position
            ))
        })?;
        let value: Value =
            serde_json::from_slice(&bytes).map_err(|_| refuse(bad_character(&bytes)))?;
        let version = value["rv"].as_i64();
        match (version, value["start"].as_str()) {
            (Some(version), Some(start)) => Ok(Self {
                version,
                start: start.to_owned(),
            }),
            _ => Err(refuse("encoded start key is empty".to_owned())),
        }
    }
}

/// The server's own decoder does not look at the unused bits of the last character.
fn lenient() -> Encoding {
    let mut specification = BASE64URL_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64URL_NOPAD)
}

fn bad_character(bytes: &[u8]) -> String {
    match bytes.first() {
        None => "unexpected end of JSON input".to_owned(),
        Some(byte) if byte.is_ascii_graphic() => {
            format!(
                "invalid character '{}' looking for beginning of value",
                char::from(*byte)
            )
        }
        Some(byte) => format!("invalid character '\\u{byte:04x}' looking for beginning of value"),
    }
}

/// Writes one page of a list.
pub(super) fn page(store: &Store, kind: &Kind, version: &str, query: &ListQuery) -> String {
    let objects = within(store.objects(kind), query.namespace.as_deref());
    let first = query.start.as_deref().map_or(0, |start| {
        objects.partition_point(|object| object.key.as_str() < start)
    });
    let has_selector = query.involved_kind.is_some() || query.name.is_some();
    let rest = &objects[first..];
    let limit = query.limit.unwrap_or(usize::MAX);
    let mut taken: Vec<&Object> = Vec::new();
    let mut n_seen = 0;
    for object in rest {
        if taken.len() == limit {
            break;
        }
        n_seen += 1;
        if is_selected(object, query) {
            taken.push(object);
        }
    }
    let n_left = rest.len() - n_seen;
    let mut metadata = json!({"resourceVersion": store.resource_version.to_string()});
    if n_left > 0
        && let Some(last) = n_seen.checked_sub(1).and_then(|last| rest.get(last))
    {
        let position = Position {
            version: store.resource_version.cast_signed(),
            start: format!("{}\0", last.key),
        };
        metadata["continue"] = json!(position.to_token());
        if !has_selector {
            metadata["remainingItemCount"] = json!(n_left);
        }
    } else if !kind.is_built_in && !query.is_partial {
        metadata["continue"] = json!("");
    }
    let api_version = api_version(&kind.group, version);
    let (list_kind, list_version) = if query.is_partial {
        (
            "PartialObjectMetadataList".to_owned(),
            "meta.k8s.io/v1".to_owned(),
        )
    } else {
        (format!("{}List", kind.kind), api_version.clone())
    };
    let mut text = format!(
        "{{\"kind\":\"{list_kind}\",\"apiVersion\":\"{list_version}\",\"metadata\":{metadata},\"items\":["
    );
    for (index, object) in taken.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        if query.is_partial {
            text.push_str(&partial(object));
        } else if kind.is_built_in {
            text.push('{');
            text.push_str(&object.fields);
            text.push('}');
        } else {
            text.push_str(&single(kind, version, object));
        }
    }
    text.push_str("]}\n");
    text
}

/// Writes one object with its kind.
pub(super) fn single(kind: &Kind, version: &str, object: &Object) -> String {
    let api_version = api_version(&kind.group, version);
    format!(
        "{{\"kind\":\"{}\",\"apiVersion\":\"{api_version}\",{}}}",
        kind.kind, object.fields
    )
}

/// Writes the metadata of one object.
pub(super) fn partial(object: &Object) -> String {
    let fields: Value = serde_json::from_str(&format!("{{{}}}", object.fields)).unwrap_or_default();
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": fields["metadata"]}).to_string()
}

/// Finds one object.
pub(super) fn find<'a>(
    objects: &'a [Object],
    namespace: Option<&str>,
    name: &str,
) -> Option<&'a Object> {
    let key = namespace.map_or_else(
        || name.to_owned(),
        |namespace| format!("{namespace}/{name}"),
    );
    objects
        .binary_search_by(|object| object.key.as_str().cmp(&key))
        .ok()
        .and_then(|index| objects.get(index))
}

/// `group/version`, or the version alone for core.
pub(super) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

fn within<'a>(objects: &'a [Object], namespace: Option<&str>) -> &'a [Object] {
    let Some(namespace) = namespace else {
        return objects;
    };
    let prefix = format!("{namespace}/");
    let first = objects.partition_point(|object| object.key.as_str() < prefix.as_str());
    let rest = &objects[first..];
    &rest[..rest.partition_point(|object| object.key.starts_with(&prefix))]
}

fn is_selected(object: &Object, query: &ListQuery) -> bool {
    let has_kind = query
        .involved_kind
        .as_deref()
        .is_none_or(|kind| object.involved_kind.as_deref() == Some(kind));
    let name = object.key.rsplit('/').next().unwrap_or_default();
    has_kind && query.name.as_deref().is_none_or(|wanted| wanted == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_the_way_there_and_back() {
        let position = Position {
            version: 288,
            start: "pvc-1\0".to_owned(),
        };
        assert_eq!(Position::parse(&position.to_token()), Ok(position));
    }

    #[test]
    fn a_token_that_is_not_json_is_refused_in_the_servers_words() {
        let message = Position::parse("garbage").unwrap_err();
        assert!(
            message.ends_with("invalid character '\\u0081' looking for beginning of value"),
            "{message}"
        );
    }
}
