//! F41: a pool promises more than it holds.

use super::Share;
use super::claim::resize;
use super::property::{bytes, dataset, grow, size, usable_bytes};
use super::scene::Scene;

const GIB: u64 = 1 << 30;

/// Thin zvols were expanded until the sum of all is far above what the pool can ever hold. Beside it a zvol whose parity
/// and padding make it use more than its size, and a pool whose promises come near to what it holds.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let grown = [scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?];
    let padded = scene.volume(Share::Iscsi)?;
    for day in scene.sick_days() {
        let gib = usable_bytes(day, "tank") / GIB;
        for volume in &grown {
            resize(day, volume, gib)?;
            dataset(day, &volume.dataset)?["volsize"] = size(gib * GIB, "LOCAL");
        }
    }
    for day in scene.days() {
        let zvol = dataset(day, &padded.dataset)?;
        let (volsize, referenced) = (bytes(zvol, "volsize"), bytes(zvol, "referenced"));
        let more = (volsize + volsize / 10).saturating_sub(referenced);
        grow(day, &padded.dataset, "usedbydataset", more);
        dataset(day, &padded.dataset)?["referenced"] = size(referenced + more, "NONE");
        let near = usable_bytes(day, "fast") / 10 * 8;
        let scratch = dataset(day, "fast/scratch")?;
        if bytes(scratch, "referenced") < near / 4 * 3 {
            scratch["refquota"] = size(near, "LOCAL");
        }
    }
    scene.fact("F41", "nas_pool", "tank", "confirmed");
    Some(())
}
