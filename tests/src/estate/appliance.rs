//! The appliance of one day: every list of `truenas/`.

mod dataset_list;
mod export_list;
mod marker;
mod pool_list;
mod snapshot_list;
mod system_list;

use std::io;

use super::dataset::Dataset;
use super::plan::Estate;
use super::write::Folder;

/// Address of the appliance, in PVs and on its portal.
pub(super) const ADDRESS: &str = "192.0.2.10";

/// Basename of the targets.
pub(super) const IQN_BASE: &str = "iqn.2005-10.org.freenas.ctl";

/// Writes the lists of a day.
pub(super) fn write(
    estate: &Estate,
    day: usize,
    datasets: &[Dataset],
    folder: &Folder,
) -> io::Result<()> {
    pool_list::write(estate, day, datasets, folder)?;
    dataset_list::write(estate, datasets, folder)?;
    snapshot_list::write(estate, day, datasets, folder)?;
    export_list::write(estate, day, folder)?;
    system_list::write(estate, day, folder)
}
