//! What a TrueNAS credential may do. The appliance is asked twice, and a credential that can write is refused: a leak
//! of it would cost more than a leak of what it reads.
//!
//! `auth.me` names the rights of an account, `core.get_methods` the methods that this session may call. Either one is
//! enough to refuse; when the appliance refuses both, nobody knows, and that is refused too.

mod callable;
mod method_name;
mod said;

use std::fmt;

use crate::source::truenas::{self, Method, NO_METHOD, Session, Version};
use crate::source::{SourceError, TruenasAccess};

pub(crate) use callable::Callable;
pub(crate) use said::Rights;

/// Roles of administrators, by their own names.
const ADMINISTRATORS: &[&str] = &["FULL_ADMIN", "REPLICATION_ADMIN", "SHARING_ADMIN"];

/// What the appliance says about a credential.
#[derive(Debug)]
pub(crate) struct Credential {
    /// Rights of its account.
    pub(crate) rights: Option<Rights>,
    /// Methods that it may call.
    pub(crate) callable: Option<Callable>,
    version: Version,
}

/// A right that goes beyond reading, in words of this program: what a server writes is not repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// A role.
    Role(String),
    /// All methods.
    EveryMethod,
    /// A shell.
    WebShell,
    /// Methods that change something.
    Methods {
        /// How many.
        n: usize,
        /// What they do.
        verbs: Vec<&'static str>,
    },
    /// Both questions were refused.
    Unsaid,
}

/// Logs in and asks what the credential may do, before anything is read with it.
pub(super) async fn open(access: &TruenasAccess) -> Result<(Session, Credential), SourceError> {
    let mut session = truenas::connect(access).await?;
    let credential = ask(&mut session).await?;
    Ok((session, credential))
}

/// Asks both questions. An error is one of the appliance: it answered neither, and not because it refuses to.
pub(crate) async fn ask(session: &mut Session) -> Result<Credential, SourceError> {
    let rights = said::ask(session).await;
    let callable = callable::ask(session).await;
    let version = session.version();
    if let (Err(of_account), Err(of_methods)) = (&rights, &callable)
        && let Some(error) = failure(version, of_account, of_methods)
    {
        return Err(error.clone());
    }
    let failed = [rights.as_ref().err(), callable.as_ref().err()];
    for error in failed.into_iter().flatten() {
        tracing::debug!(%error, "appliance does not answer one question about the credential");
    }
    Ok(Credential {
        rights: rights.ok(),
        callable: callable.ok(),
        version,
    })
}

/// Why nobody can know, when it is no refusal. Up to 24.10 the first question is refused in any case, so that only the
/// second one counts.
fn failure<'a>(
    version: Version,
    of_account: &'a SourceError,
    of_methods: &'a SourceError,
) -> Option<&'a SourceError> {
    let has_account = version >= Version::JSON_RPC;
    let of_account = Some(of_account).filter(|_| has_account);
    let mut errors = [Some(of_methods), of_account].into_iter().flatten();
    errors.find(|error| !is_refusal(error))
}

/// Whether the appliance says that this credential may not ask.
fn is_refusal(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Forbidden | SourceError::NotServed | SourceError::Server { code: NO_METHOD }
    )
}

impl Credential {
    /// The first right that goes beyond reading.
    pub(crate) fn excess(&self) -> Option<Excess> {
        if self.rights.is_none() && self.callable.is_none() {
            return Some(Excess::Unsaid);
        }
        self.excess_of_rights().or_else(|| {
            let callable = self.callable.as_ref()?;
            let n = callable.changing.len();
            let verbs = callable.verbs().into_iter().collect();
            (n > 0).then_some(Excess::Methods { n, verbs })
        })
    }

    fn excess_of_rights(&self) -> Option<Excess> {
        let rights = self.rights.as_ref()?;
        if let Some(role) = rights.writing_role() {
            return Some(Excess::Role(known(role)));
        }
        if rights.allowlist.iter().any(said::Allowed::is_all) {
            return Some(Excess::EveryMethod);
        }
        if rights.has_web_shell {
            return Some(Excess::WebShell);
        }
        // What a single method does is told by its roles; by its name only where the roles were not told.
        let has_roles = self.callable.is_some() && self.version >= Version::JSON_RPC;
        let is_judged = |allowed: &&said::Allowed| !has_roles || allowed.is_pattern();
        let allowed = rights.allowlist.iter().filter(is_judged);
        let n = allowed.filter(|allowed| allowed.is_changing()).count();
        let verbs = Vec::new();
        (n > 0).then_some(Excess::Methods { n, verbs })
    }

    /// Whether it may read everything, secrets' names and other people's files among it.
    pub(crate) fn reads_everything(&self) -> bool {
        let rights = self.rights.as_ref();
        rights.is_some_and(|rights| rights.roles.iter().any(|role| role == "READONLY_ADMIN"))
    }

    /// How to get a credential that only reads.
    pub(crate) fn remedy(&self) -> String {
        let release = release(self.version);
        match self.version < Version::JSON_RPC {
            true => format!(
                "keys of the web interface may call everything on this release; save what `truenas-collector rbac \
                 --truenas {release}` prints as LIST, then make a key on the appliance: midclt call api_key.create \
                 \"{{\\\"name\\\": \\\"truenas-collector\\\", \\\"allowlist\\\": $(cat LIST)}}\""
            ),
            false => format!(
                "give its user the roles that `truenas-collector rbac --truenas {release}` prints, and no others"
            ),
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => write!(formatter, "has {role}"),
            Self::EveryMethod => formatter.write_str("may call every method"),
            Self::WebShell => formatter.write_str("may open a shell in the web interface"),
            Self::Methods { n, verbs } => {
                let semicolon = if verbs.is_empty() { "" } else { "; " };
                let verbs = verbs.join(", ");
                write!(
                    formatter,
                    "may call methods that change something ({verbs}{semicolon}{n} in all)"
                )
            }
            Self::Unsaid => formatter.write_str(
                "may call neither auth.me nor core.get_methods, so nobody knows what it may do",
            ),
        }
    }
}

/// The role if its words are known here.
fn known(role: &str) -> String {
    if let Some(word) = ADMINISTRATORS.iter().find(|word| **word == role) {
        return (*word).to_owned();
    }
    let reading = Method::ALL
        .iter()
        .flat_map(|method| method.roles(Version::NEWEST));
    let stems = reading.filter_map(|role| role.strip_suffix("_READ"));
    let mut writing = stems.flat_map(|stem| ["WRITE", "DELETE"].map(|end| format!("{stem}_{end}")));
    let unknown = || "a role that can do more than read".to_owned();
    writing.find(|word| word == role).unwrap_or_else(unknown)
}

/// The release as `rbac` takes it.
fn release(version: Version) -> &'static str {
    match version.line() {
        line if line < Version::new(24, 10) => "24.04",
        line if line < Version::JSON_RPC => "24.10",
        line if line < Version::new(25, 10) => "25.04",
        line if line < Version::SCRAM => "25.10",
        _ => "26",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::NetworkKind;

    fn credential(rights: Option<Rights>, callable: Option<Callable>) -> Credential {
        Credential {
            rights,
            callable,
            version: Version::new(25, 10),
        }
    }

    fn with_roles(roles: &[&str]) -> Rights {
        Rights {
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Rights::default()
        }
    }

    fn changing(names: &[&str]) -> Callable {
        Callable {
            changing: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Callable::default()
        }
    }

    #[track_caller]
    fn check(rights: Option<Rights>, callable: Option<Callable>, words: Option<&str>) {
        let excess = credential(rights, callable).excess();
        let found = excess.map(|excess| excess.to_string());
        assert_eq!(found.as_deref(), words);
    }

    #[test]
    fn either_answer_is_enough_to_refuse_and_none_is_too() {
        let reads = || Some(with_roles(&["POOL_READ"]));
        let fine = || Some(Callable::default());
        check(reads(), fine(), None);
        check(reads(), None, None);
        check(None, fine(), None);
        check(
            Some(with_roles(&["FULL_ADMIN"])),
            fine(),
            Some("has FULL_ADMIN"),
        );
        let deletes = changing(&["pool.dataset.delete", "hostile\u{1b}[31m"]);
        let words = "may call methods that change something (delete; 2 in all)";
        check(reads(), Some(deletes), Some(words));
        let neither =
            "may call neither auth.me nor core.get_methods, so nobody knows what it may do";
        check(None, None, Some(neither));
    }

    #[test]
    fn hiccup_is_no_refusal_and_older_releases_have_only_the_second_answer() {
        let (new, old) = (Version::new(25, 10), Version::new(24, 10));
        let refusals = [
            SourceError::Forbidden,
            SourceError::NotServed,
            SourceError::Server { code: NO_METHOD },
        ];
        let hiccups = [
            SourceError::TimedOut,
            SourceError::Server { code: 14 },
            SourceError::Malformed { what: "x" },
            NetworkKind::Closed.into(),
        ];
        for refused in &refusals {
            assert_eq!(failure(new, refused, refused), None);
            for hiccup in &hiccups {
                for version in [new, old] {
                    assert_eq!(failure(version, refused, hiccup), Some(hiccup));
                }
                assert_eq!(failure(new, hiccup, refused), Some(hiccup));
                assert_eq!(failure(old, hiccup, refused), None);
            }
        }
    }

    #[test]
    fn shell_and_lists_are_rights_too() {
        let web_shell = Rights {
            has_web_shell: true,
            ..Rights::default()
        };
        check(
            Some(web_shell),
            None,
            Some("may open a shell in the web interface"),
        );
        let listed = |method, resource| Rights {
            allowlist: vec![said::Allowed::new(method, resource)],
            ..Rights::default()
        };
        check(Some(listed("*", "*")), None, Some("may call every method"));
        let words = "may call methods that change something (1 in all)";
        check(Some(listed("*", "pool.*")), None, Some(words));
        check(
            Some(listed("CALL", "pool.dataset.delete")),
            None,
            Some(words),
        );
        check(Some(listed("CALL", "pool.query")), None, None);
    }

    #[test]
    fn only_known_words_of_a_server_are_repeated() {
        assert_eq!(known("POOL_WRITE"), "POOL_WRITE");
        assert_eq!(known("SNAPSHOT_DELETE"), "SNAPSHOT_DELETE");
        assert_eq!(known("HOSTILE_WRITE"), "a role that can do more than read");
    }

    #[test]
    fn remedy_fits_the_release() {
        let remedy = |major, minor| {
            let version = Version::new(major, minor);
            Credential {
                version,
                ..credential(None, None)
            }
            .remedy()
        };
        assert!(remedy(24, 10).contains("rbac --truenas 24.10") && remedy(24, 4).contains("24.04"));
        assert!(remedy(24, 10).contains("midclt call api_key.create \"{\\\"name\\\""));
        assert!(remedy(25, 10).contains("rbac --truenas 25.10") && remedy(27, 0).contains("26"));
    }
}
