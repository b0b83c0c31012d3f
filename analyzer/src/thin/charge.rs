//! What a block is charged on a layout, and what a zvol takes when every block is written. Before compression, so an upper
//! bound; after an expansion of a RAIDZ old blocks keep their old charge.

/// ZFS charges in units in which a block of this size costs its own size.
const FULL_BLOCK_BYTES: i64 = 128 << 10;
/// Size of a metadata block.
const METADATA_BLOCK_BYTES: i128 = 128 << 10;
/// Blocks that one metadata block leads to.
const BLOCKS_PER_LEVEL: i128 = 1024;
/// Metadata blocks of a zvol without data.
const FIRST_METADATA_BLOCKS: i128 = 7;
/// Copies that ZFS makes at most.
const MAX_COPIES: i64 = 3;

/// How blocks lie on a vdev.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Disk or mirror: no parity.
    Plain,
    /// Parity for each stripe, and padding to a multiple of parity and one.
    Raidz {
        /// Disks, those of parity included.
        n_disks: i64,
        /// Disks of parity.
        n_parity: i64,
    },
    /// Fixed stripes.
    Draid {
        /// Data disks of a stripe.
        n_data: i64,
        /// Parity disks of a stripe.
        n_parity: i64,
    },
}

/// A data vdev at the top of its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vdev {
    /// Smallest write: 2 to the power of `ashift`.
    pub sector_bytes: i64,
    /// How blocks lie on it.
    pub layout: Layout,
}

impl Vdev {
    /// Raw bytes that a block takes; nothing for a shape that cannot be.
    pub fn allocated_bytes(self, block_bytes: i64) -> Option<i64> {
        let sector = self.sector_bytes;
        if sector <= 0 || block_bytes <= 0 {
            return None;
        }
        let n_sectors = ceil(block_bytes, sector);
        let n_allocated = match self.layout {
            Layout::Plain => n_sectors,
            Layout::Raidz { n_disks, n_parity } => {
                let n_wide = n_disks.checked_sub(n_parity).filter(|n| *n > 0)?;
                let n_parity = Some(n_parity).filter(|n| *n > 0)?;
                let n_used =
                    n_sectors.checked_add(n_parity.checked_mul(ceil(n_sectors, n_wide))?)?;
                ceil(n_used, n_parity.checked_add(1)?).checked_mul(n_parity.checked_add(1)?)?
            }
            Layout::Draid { n_data, n_parity } => {
                let n_data = Some(n_data).filter(|n| *n > 0)?;
                let n_parity = Some(n_parity).filter(|n| *n > 0)?;
                ceil(n_sectors, n_data).checked_mul(n_data.checked_add(n_parity)?)?
            }
        };
        n_allocated.checked_mul(sector)
    }

    /// What a block is charged.
    pub fn charge(self, block_bytes: i64) -> Option<Charge> {
        Some(Charge {
            block_bytes,
            allocated_bytes: self.allocated_bytes(block_bytes)?,
            full_bytes: self.allocated_bytes(FULL_BLOCK_BYTES)?,
        })
    }
}

/// What a block is charged: exactly, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    block_bytes: i64,
    /// Raw bytes of the block.
    allocated_bytes: i64,
    /// Raw bytes of a block of 128 KiB.
    full_bytes: i64,
}

impl Charge {
    /// Bytes that so many blocks are charged, rounded down.
    pub fn bytes(self, n_blocks: i64) -> i64 {
        clamped(self.of(n_blocks.into()))
    }

    fn of(self, n_blocks: i128) -> i128 {
        let raw = n_blocks.saturating_mul(self.unit_bytes());
        raw.div_euclid(i128::from(self.full_bytes))
    }

    /// Charge over block.
    pub fn inflation(self) -> super::Ratio {
        let whole = i128::from(self.full_bytes) * i128::from(self.block_bytes);
        super::Ratio::new(clamped(self.unit_bytes()), clamped(whole))
    }

    /// Part of charged bytes that is overhead, to the nearest byte. A block above 128 KiB may cost less than itself.
    pub fn overhead_bytes(self, charged_bytes: i64) -> i64 {
        let all = self.unit_bytes();
        let own = i128::from(self.full_bytes) * i128::from(self.block_bytes);
        let overhead = i128::from(charged_bytes).saturating_mul((all - own).max(0));
        clamped(
            overhead
                .saturating_mul(2)
                .saturating_add(all)
                .div_euclid(2 * all),
        )
    }

    fn unit_bytes(self) -> i128 {
        i128::from(self.allocated_bytes) * i128::from(FULL_BLOCK_BYTES)
    }
}

/// The dearest charge of a block: a zvol may lie on any of these vdevs. Nothing when none of them has a known charge.
pub fn worst_charge(vdevs: &[Vdev], block_bytes: i64) -> Option<Charge> {
    let charges = vdevs.iter().filter_map(|vdev| vdev.charge(block_bytes));
    charges.max_by(|a, b| a.inflation().order(b.inflation()))
}

/// What a zvol takes when every block is written, which is also its `refreservation=auto`: the blocks as they are charged,
/// and the metadata that leads to them. Without a charge a block counts as its own size.
pub fn worst_bytes(
    volsize_bytes: i64,
    block_bytes: i64,
    charge: Option<Charge>,
    n_copies: i64,
) -> Option<i64> {
    if volsize_bytes < 0 || block_bytes <= 0 {
        return None;
    }
    let n_blocks = i128::from(ceil(volsize_bytes, block_bytes));
    let n_copies = n_copies.clamp(1, MAX_COPIES);
    let data = charge.map_or(n_blocks * i128::from(block_bytes), |charge| {
        charge.of(n_blocks)
    });
    let mut n_metadata = FIRST_METADATA_BLOCKS;
    let mut n_level = n_blocks;
    while n_level > 1 {
        n_level = (n_level + BLOCKS_PER_LEVEL - 1) / BLOCKS_PER_LEVEL;
        n_metadata += n_level;
    }
    let metadata = n_metadata * i128::from(MAX_COPIES.min(n_copies + 1)) * METADATA_BLOCK_BYTES;
    Some(clamped(data * i128::from(n_copies) + metadata))
}

/// Division of a number that is not negative, rounded up.
fn ceil(value: i64, by: i64) -> i64 {
    value / by + i64::from(value % by != 0)
}

fn clamped(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
