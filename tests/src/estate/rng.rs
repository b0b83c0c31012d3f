//! Numbers made from the seed: one hash of (what for, which object, which part), never a running state, so that an object
//! keeps its identity whatever else the estate holds.

use std::fmt::Write as _;

/// What a number is for; two uses never share a number.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Use {
    Claim = 1,
    PersistentVolume,
    Attachment,
    Pod,
    Workload,
    ReplicaSet,
    Node,
    Namespace,
    Platform,
    CsiSnapshot,
    Content,
    DatasetGuid,
    SnapshotGuid,
    FixedGuid,
    PoolGuid,
    ApiKey,
    Extent,
    Size,
    Fill,
    Rate,
    Birth,
    Deletion,
    Order,
    Place,
    Growth,
    Pick,
    Phase,
    Duration,
}

/// The seed of an estate, already mixed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x6a09_e667_f3bc_c908))
    }

    /// A 64-bit number, different for every (use, object, part): the finaliser is a bijection and the key is packed
    /// without overlap while object and part stay below 2^28.
    pub(super) fn number(self, what: Use, object: u32, part: u32) -> u64 {
        let key = (u64::from(what as u8) << 56)
            | (u64::from(object & 0x0fff_ffff) << 28)
            | u64::from(part & 0x0fff_ffff);
        mix(key ^ self.0)
    }

    /// A number in `0..bound`.
    pub(super) fn below(self, what: Use, object: u32, part: u32, bound: u64) -> u64 {
        self.number(what, object, part) % bound.max(1)
    }

    /// A number in `0.0..1.0`.
    pub(super) fn unit(self, what: Use, object: u32, part: u32) -> f64 {
        (self.number(what, object, part) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A roughly normal number: twelve uniform ones added, so that no libm decides the bytes.
    pub(super) fn normal(self, what: Use, object: u32) -> f64 {
        (0..12)
            .map(|part| self.unit(what, object, part))
            .sum::<f64>()
            - 6.0
    }

    /// A lower-case version-4 uuid.
    pub(super) fn uuid(self, what: Use, object: u32, part: u32) -> String {
        let high = self.number(what, object, part * 2) & 0xffff_ffff_ffff_0fff | 0x4000;
        let low =
            self.number(what, object, part * 2 + 1) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// `digits` lower-case hexadecimal digits.
    pub(super) fn hex(self, what: Use, object: u32, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        let mut part = 0;
        while text.len() < digits {
            let _ = write!(text, "{:016x}", self.number(what, object, part));
            part += 1;
        }
        text.truncate(digits);
        text
    }
}

/// The finaliser of splitmix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_lower_case_version_four() {
        for object in 0..200 {
            let uuid = Seed::new(7).uuid(Use::Claim, object, 0);
            assert_eq!(uuid.len(), 36);
            assert_eq!(uuid.as_bytes()[14], b'4', "{uuid}");
            assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
            assert_eq!(uuid, uuid.to_lowercase());
        }
    }

    #[test]
    fn another_seed_gives_other_numbers() {
        assert_ne!(
            Seed::new(1).number(Use::Claim, 0, 0),
            Seed::new(2).number(Use::Claim, 0, 0)
        );
    }
}
