//! Continuity: what one bundle says about its place after another. A signed hash chain, not a forward-secure log.

/// One bundle's place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Chain id.
    pub stream: String,
    /// Number, from 1.
    pub seq: u64,
    /// SHA-256 of the encrypted file before it, or zeros.
    pub prev: String,
    /// SHA-256 of this encrypted file.
    pub sha256: String,
}

impl Link {
    /// Whether the bundle names none before it: zeros in `prev`.
    pub fn is_start(&self) -> bool {
        self.prev.bytes().all(|byte| byte == b'0')
    }
}

/// What a new bundle is to the ones already held.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkVerdict {
    /// First of a chain, or linked to its neighbours.
    Linked,
    /// Held already, byte for byte.
    Duplicate,
    /// Another bundle of the same number is held: the site key may be in use twice.
    Fork {
        /// Digest of the other.
        other: String,
    },
    /// The neighbour held does not have the digest that `prev` names, or number 1 names one before it.
    Broken {
        /// Number of the neighbour.
        seq: u64,
    },
    /// Numbers before it are missing; they may come later.
    Gap {
        /// First missing number.
        from: u64,
        /// Last missing number.
        to: u64,
    },
}

/// Judges a bundle against those of its stream that are held, in any order.
pub fn judge(held: &[Link], link: &Link) -> LinkVerdict {
    let find = |seq: u64| {
        held.iter()
            .find(|held| held.stream == link.stream && held.seq == seq)
    };
    if let Some(same) = find(link.seq) {
        return if same.sha256 == link.sha256 {
            LinkVerdict::Duplicate
        } else {
            LinkVerdict::Fork {
                other: same.sha256.clone(),
            }
        };
    }
    let is_start = link.is_start();
    let before = find(link.seq.saturating_sub(1));
    let is_severed = match before {
        Some(before) => before.sha256 != link.prev,
        // Nothing can stand before the first number.
        None => link.seq == 1 && !is_start,
    };
    if is_severed {
        return LinkVerdict::Broken { seq: link.seq - 1 };
    }
    if find(link.seq + 1).is_some_and(|after| after.prev != link.sha256) {
        return LinkVerdict::Broken { seq: link.seq + 1 };
    }
    if before.is_some() || is_start {
        return LinkVerdict::Linked;
    }
    let newest_before = held
        .iter()
        .filter(|held| held.stream == link.stream && held.seq < link.seq)
        .map(|held| held.seq)
        .max();
    LinkVerdict::Gap {
        from: newest_before.unwrap_or(0) + 1,
        to: link.seq - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(seq: u64, prev: &str, digest: &str) -> Link {
        Link {
            stream: "s".into(),
            seq,
            prev: prev.into(),
            sha256: digest.into(),
        }
    }

    #[track_caller]
    fn check(held: &[Link], new: Link, expected: LinkVerdict) {
        assert_eq!(judge(held, &new), expected);
    }

    #[test]
    fn every_row_of_the_verdict_table() {
        let held = [link(1, "0", "a"), link(2, "a", "b"), link(5, "d", "e")];
        check(&[], link(1, "0", "a"), LinkVerdict::Linked);
        check(&held, link(2, "a", "b"), LinkVerdict::Duplicate);
        check(
            &held,
            link(2, "a", "x"),
            LinkVerdict::Fork { other: "b".into() },
        );
        check(&held, link(3, "b", "c"), LinkVerdict::Linked);
        check(&held, link(3, "x", "c"), LinkVerdict::Broken { seq: 2 });
        check(&held, link(4, "c", "x"), LinkVerdict::Broken { seq: 5 });
        check(
            &held,
            link(4, "c", "d"),
            LinkVerdict::Gap { from: 3, to: 3 },
        );
        check(
            &held,
            link(9, "h", "i"),
            LinkVerdict::Gap { from: 6, to: 8 },
        );
        check(&held, link(9, "00", "i"), LinkVerdict::Linked);
        check(&[], link(1, "x", "a"), LinkVerdict::Broken { seq: 0 });
        let mut other = link(2, "q", "r");
        other.stream = "t".into();
        check(&held, other, LinkVerdict::Gap { from: 1, to: 1 });
    }
}
