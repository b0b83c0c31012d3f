//! Exit codes of both programs: the one table.

/// Why a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All done.
    Ok = 0,
    /// Findings at or above the gate.
    Findings = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Bundle written, but a planned list is missing from it.
    Incomplete = 3,
    /// Bundle refused by verification.
    Refused = 4,
    /// Ran, but a check that the gate needs was not evaluated.
    NotEvaluated = 5,
    /// A server did not accept the credential.
    Authentication = 10,
    /// The server's certificate is not trusted or not the pinned one.
    Tls = 11,
    /// A server cannot be reached.
    Network = 12,
    /// The credential can write.
    CanWrite = 13,
    /// A secret or a name would have left the site; nothing was written.
    Residual = 20,
    /// The output volume is full.
    NoSpace = 28,
    /// A defect of the program.
    Internal = 70,
    /// Another run holds the lock.
    Busy = 75,
}

impl Exit {
    /// Every code with its meaning, in the order of the numbers.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Ok, "ok"),
        (Self::Findings, "findings at or above the gate"),
        (Self::Usage, "usage or configuration"),
        (Self::Incomplete, "bundle written but incomplete"),
        (Self::Refused, "bundle refused (verification)"),
        (
            Self::NotEvaluated,
            "ran, but a check that the gate needs was not evaluated",
        ),
        (Self::Authentication, "authentication"),
        (Self::Tls, "TLS or pin"),
        (Self::Network, "network"),
        (Self::CanWrite, "refused: the credential can write"),
        (
            Self::Residual,
            "residual secret or name found, nothing written",
        ),
        (Self::NoSpace, "no space"),
        (Self::Internal, "internal"),
        (Self::Busy, "busy"),
    ];

    /// The number given to the operating system.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The code that decides when several apply: 2, 4, 70, then the rest in the order of the table.
    pub fn worst(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Usage => 0,
            Self::Refused => 1,
            Self::Internal => 2,
            Self::Ok => u8::MAX,
            exit => 3 + exit.code(),
        };
        if rank(self) <= rank(other) {
            self
        } else {
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_outranks_findings_and_findings_outrank_not_evaluated() {
        assert_eq!(Exit::Findings.worst(Exit::Refused), Exit::Refused);
        assert_eq!(Exit::NotEvaluated.worst(Exit::Findings), Exit::Findings);
        assert_eq!(Exit::Ok.worst(Exit::Incomplete), Exit::Incomplete);
        assert_eq!(Exit::Refused.worst(Exit::Usage), Exit::Usage);
    }
}
