//! Trusted comments: one line of tab-separated fields under the signature.

use super::name::{BundleName, SiteName};

/// Longest comment in bytes.
const MAX_BYTES: usize = 1024;

/// A trusted comment that does not say what it must.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("signed comment of the {which} signature is not of this format")]
pub struct CommentError {
    which: &'static str,
}

/// What the outer signature says about the encrypted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OuterComment {
    /// Unix seconds.
    pub timestamp: i64,
    /// Name of the encrypted file.
    pub file: String,
    /// Site.
    pub site: SiteName,
    /// Chain id: 16 hexadecimal digits.
    pub stream: String,
    /// Number in the chain, from 1.
    pub seq: u64,
    /// SHA-256 of the previous encrypted file.
    pub prev: String,
    /// SHA-256 of this encrypted file.
    pub sha256: String,
    /// Length of this encrypted file.
    pub bytes: u64,
}

impl OuterComment {
    /// The line.
    pub fn to_line(&self) -> String {
        format!(
            "timestamp:{}\tfile:{}\thashed\tv:1\tsite:{}\tstream:{}\tseq:{}\tprev:{}\tsha256:{}\tbytes:{}",
            self.timestamp,
            self.file,
            self.site,
            self.stream,
            self.seq,
            self.prev,
            self.sha256,
            self.bytes
        )
    }

    /// Reads the line; unknown fields may follow the known ones.
    ///
    /// # Errors
    /// A field missing, repeated, out of order or not in its one spelling.
    pub fn parse(line: &str) -> Result<Self, CommentError> {
        Self::fields(line).ok_or(CommentError { which: "outer" })
    }

    fn fields(line: &str) -> Option<Self> {
        let mut fields = Fields::new(line)?;
        let comment = Self {
            timestamp: fields.next("timestamp:").and_then(number)?,
            file: fields.next("file:")?.to_owned(),
            site: {
                fields.next("hashed").filter(|rest| rest.is_empty())?;
                fields.next("v:").filter(|version| *version == "1")?;
                SiteName::parse(fields.next("site:")?).ok()?
            },
            stream: fields
                .next("stream:")
                .filter(|text| is_hex(text, 16))?
                .to_owned(),
            seq: fields
                .next("seq:")
                .and_then(number)
                .filter(|seq| *seq > 0)?,
            prev: fields
                .next("prev:")
                .filter(|text| is_hex(text, 64))?
                .to_owned(),
            sha256: fields
                .next("sha256:")
                .filter(|text| is_hex(text, 64))?
                .to_owned(),
            bytes: fields.next("bytes:").and_then(number)?,
        };
        let known = [
            "timestamp:",
            "file:",
            "v:",
            "site:",
            "stream:",
            "seq:",
            "prev:",
            "sha256:",
            "bytes:",
        ];
        fields
            .rest()
            .all(|field| !field.is_empty() && !known.iter().any(|name| field.starts_with(name)))
            .then_some(comment)
    }
}

/// What the inner signature says about the tag manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerComment {
    /// Unix seconds.
    pub timestamp: i64,
    /// Bundle.
    pub bundle: String,
}

impl InnerComment {
    /// The line.
    pub fn to_line(&self) -> String {
        format!(
            "timestamp:{}\tfile:tagmanifest-sha256.txt\thashed\tbundle:{}",
            self.timestamp, self.bundle
        )
    }

    /// Reads the line.
    ///
    /// # Errors
    /// As for [`OuterComment::parse`].
    pub fn parse(line: &str) -> Result<Self, CommentError> {
        Self::fields(line).ok_or(CommentError { which: "inner" })
    }

    fn fields(line: &str) -> Option<Self> {
        let mut fields = Fields::new(line)?;
        let timestamp = fields.next("timestamp:").and_then(number)?;
        fields
            .next("file:")
            .filter(|file| *file == "tagmanifest-sha256.txt")?;
        fields.next("hashed").filter(|rest| rest.is_empty())?;
        let bundle = fields.next("bundle:")?;
        BundleName::parse(bundle).ok()?;
        fields
            .rest()
            .all(|field| !field.starts_with("bundle:"))
            .then(|| Self {
                timestamp,
                bundle: bundle.to_owned(),
            })
    }
}

/// Tab-separated fields of one printable line.
pub(super) struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    pub(super) fn new(line: &'a str) -> Option<Self> {
        let is_printable = line
            .bytes()
            .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
        (is_printable && line.len() <= MAX_BYTES).then(|| Self(line.split('\t')))
    }

    /// The value of the next field, when it has this name.
    pub(super) fn next(&mut self, name: &str) -> Option<&'a str> {
        self.0.next()?.strip_prefix(name)
    }

    /// What follows.
    pub(super) fn rest(self) -> std::str::Split<'a, char> {
        self.0
    }
}

/// Digits without sign or leading zero.
pub(super) fn number<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    text.parse::<T>()
        .ok()
        .filter(|number| number.to_string() == text)
}

/// Lower-case hexadecimal digits, exactly so many.
pub(super) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> String {
        let hex = "ab".repeat(32);
        format!(
            "timestamp:1795459200\tfile:k3f9-000042-20261123T184000Z.tar.zst.age\thashed\tv:1\tsite:k3f9\tstream:5f1c9a03b7d2e468\tseq:42\tprev:{hex}\tsha256:{hex}\tbytes:91337"
        )
    }

    #[test]
    fn the_line_round_trips_and_unknown_fields_may_follow() {
        let comment = OuterComment::parse(&line()).unwrap();
        assert_eq!(comment.to_line(), line());
        assert_eq!(
            OuterComment::parse(&format!("{}\tlater:1", line())).unwrap(),
            comment
        );
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for (from, to) in [
            ("seq:42", "seq:042"),
            ("seq:42", "seq:0"),
            ("seq:42", "seq:18446744073709551616"),
            ("seq:42", "seq:42\tseq:43"),
            ("bytes:91337", "bytes:91337\tseq:43"),
            ("bytes:91337", "bytes:+91337"),
            ("\thashed", ""),
            ("hashed", "hashedx"),
            ("v:1", "v:2"),
            (
                "site:k3f9\tstream:5f1c9a03b7d2e468",
                "stream:5f1c9a03b7d2e468\tsite:k3f9",
            ),
            ("5f1c9a03b7d2e468", "5F1C9A03B7D2E468"),
            ("k3f9-000042", "k3f9\u{1b}[2J-000042"),
        ] {
            assert!(
                OuterComment::parse(&line().replace(from, to)).is_err(),
                "{to:?}"
            );
        }
        assert!(OuterComment::parse(&format!("{}\tx:{}", line(), "y".repeat(9000))).is_err());
    }
}
