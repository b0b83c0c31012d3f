//! An approval: a second person's signature over the digest of a sealed bundle, beside it as `NAME.approved`.

use super::comment::{Fields, is_hex, number};
use super::name::{BundleName, SiteName};
use super::read::{Outer, SealedBundle};
use super::sign::{KeyError, Signature, SitePublicKey, SiteSecretKey};
use crate::time::Time;

/// An approval that cannot be given or does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalError {
    /// Not a signature file.
    #[error("approval is not a signature file")]
    Signature(#[source] KeyError),
    /// The site key cannot approve its own bundles.
    #[error("the site key cannot approve its own bundles; approve with a key of another person")]
    OwnKey,
    /// None of the keys made it, or the bundle is another.
    #[error("approval was not made over this bundle by a key that may approve")]
    NotApproved,
    /// The signed comment says something else.
    #[error("approval does not name this bundle")]
    Comment,
}

/// What an approval says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// When it was given, Unix seconds.
    pub timestamp: i64,
    /// Name of the encrypted file.
    pub file: String,
    /// Site.
    pub site: SiteName,
    /// Chain id.
    pub stream: String,
    /// Number in the chain.
    pub seq: u64,
    /// SHA-256 of the encrypted file.
    pub sha256: String,
    /// Who approved.
    pub approver: SitePublicKey,
}

/// Name of the file of an approval.
pub fn approval_file_name(name: &BundleName) -> String {
    format!("{name}.approved")
}

/// Approves a bundle whose outer signature has been verified; the text is the content of `NAME.approved`.
///
/// # Errors
/// [`ApprovalError::OwnKey`].
pub fn approve(
    sealed: &SealedBundle,
    outer: &Outer,
    key: &SiteSecretKey,
    at: Time,
) -> Result<String, ApprovalError> {
    if key.public().fingerprint() == outer.key.fingerprint() {
        return Err(ApprovalError::OwnKey);
    }
    let comment = &outer.comment;
    let line = format!(
        "timestamp:{}\tfile:{}\thashed\tapproved:1\tsite:{}\tstream:{}\tseq:{}\tsha256:{}",
        at.unix_secs(),
        comment.file,
        comment.site,
        comment.stream,
        comment.seq,
        comment.sha256
    );
    Ok(key.sign(&sealed.prehash(), &line).to_text("approval"))
}

/// Checks an approval of a verified bundle by one of the keys.
///
/// # Errors
/// See [`ApprovalError`].
pub fn check_approval(
    sealed: &SealedBundle,
    outer: &Outer,
    text: &str,
    approvers: &[SitePublicKey],
) -> Result<Approval, ApprovalError> {
    let signature = Signature::parse(text).map_err(ApprovalError::Signature)?;
    let prehash = sealed.prehash();
    let approver = approvers
        .iter()
        .find(|key| key.verifies(&signature, &prehash))
        .ok_or(ApprovalError::NotApproved)?;
    if approver.fingerprint() == outer.key.fingerprint() {
        return Err(ApprovalError::OwnKey);
    }
    let approval = parse(signature.trusted_comment(), approver).ok_or(ApprovalError::Comment)?;
    let comment = &outer.comment;
    let is_same = approval.file == comment.file
        && approval.site == comment.site
        && approval.stream == comment.stream
        && approval.seq == comment.seq
        && approval.sha256 == comment.sha256;
    is_same.then_some(approval).ok_or(ApprovalError::Comment)
}

fn parse(line: &str, approver: &SitePublicKey) -> Option<Approval> {
    let mut fields = Fields::new(line)?;
    let timestamp = fields.next("timestamp:").and_then(number)?;
    let file = fields.next("file:")?.to_owned();
    fields.next("hashed").filter(|rest| rest.is_empty())?;
    fields.next("approved:").filter(|version| *version == "1")?;
    Some(Approval {
        timestamp,
        file,
        site: SiteName::parse(fields.next("site:")?).ok()?,
        stream: fields
            .next("stream:")
            .filter(|text| is_hex(text, 16))?
            .to_owned(),
        seq: fields.next("seq:").and_then(number)?,
        sha256: fields
            .next("sha256:")
            .filter(|text| is_hex(text, 64))?
            .to_owned(),
        approver: approver.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::{key, sealed_bundle, trusted};
    use super::*;

    #[test]
    fn approval_holds_for_its_bundle_and_its_approver_only() {
        let (sealed, other) = (sealed_bundle(1), sealed_bundle(2));
        let outer = sealed.verify(&trusted()).unwrap();
        let approver = SiteSecretKey::new(&[9; 32], [9; 8]);
        let stranger = SiteSecretKey::new(&[8; 32], [9; 8]);
        let at = Time::from_unix_secs(1_795_459_300);
        let text = approve(&sealed, &outer, &approver, at).unwrap();
        let keys = [stranger.public(), approver.public()];
        let approval = check_approval(&sealed, &outer, &text, &keys).unwrap();
        assert_eq!((approval.seq, approval.timestamp), (1, at.unix_secs()));
        assert_eq!(approval.approver, approver.public());

        let refused = |text: &str, keys: &[SitePublicKey]| {
            check_approval(&sealed, &outer, text, keys).unwrap_err()
        };
        assert_eq!(
            refused(&text, &[stranger.public()]),
            ApprovalError::NotApproved
        );
        assert_eq!(
            refused(&text.replace("seq:1", "seq:2"), &keys),
            ApprovalError::NotApproved
        );
        let of_other = other.verify(&trusted()).unwrap();
        let text = approve(&other, &of_other, &approver, at).unwrap();
        assert_eq!(refused(&text, &keys), ApprovalError::NotApproved);
        // The comment of another bundle under the right digest.
        let text = approve(&sealed, &of_other, &approver, at).unwrap();
        assert_eq!(refused(&text, &keys), ApprovalError::Comment);
    }

    #[test]
    fn the_site_key_cannot_approve() {
        let sealed = sealed_bundle(1);
        let outer = sealed.verify(&trusted()).unwrap();
        let at = Time::from_unix_secs(0);
        assert_eq!(
            approve(&sealed, &outer, &key(), at),
            Err(ApprovalError::OwnKey)
        );
    }
}
