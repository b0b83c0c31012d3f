//! The estates that are measured, and the bundles of one that are made once for several parts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use testkit::estate::{EstateOptions, Fault, estate};
use truenas_analyzer::bundles;
use truenas_analyzer::trust;
use truenas_common::bundle::{Identity, Limits, Opened, Part, SealedBundle, TrustedKey};

use crate::site::Site;

pub(crate) const SITE: &str = "scale1";

/// Days of the estate whose bundles are taken in: the last is the next one.
const DAYS: usize = 2;

/// How large an estate is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) volumes: usize,
    pub(crate) snapshots: usize,
}

impl Size {
    pub(crate) fn new(volumes: usize, snapshots: usize) -> Self {
        Self { volumes, snapshots }
    }

    /// Writes the worlds of such an estate.
    pub(crate) fn write(
        self,
        worlds: &Path,
        days: usize,
        faults: Vec<Fault>,
    ) -> anyhow::Result<()> {
        eprintln!(
            "an estate of {} volumes and {} snapshots",
            self.volumes, self.snapshots
        );
        let options = EstateOptions {
            seed: 11,
            volumes: self.volumes,
            snapshots: self.snapshots,
            days,
            faults,
            ..EstateOptions::default()
        };
        estate(&options)
            .write_series(worlds)
            .context("cannot write the estate")
    }
}

/// A site whose days have been collected.
pub(crate) struct Collected {
    pub(crate) folder: PathBuf,
    pub(crate) site: Site,
    pub(crate) size: Size,
}

impl Collected {
    /// Collects an estate with all faults.
    pub(crate) fn new(folder: &Path, size: Size) -> anyhow::Result<Self> {
        let worlds = folder.join("worlds");
        size.write(&worlds, DAYS, Fault::ALL.to_vec())?;
        let site = Site::new(folder, SITE, &[])?;
        let simulation = Site::simulate(&worlds)?;
        let n_days = site.collect(&simulation, &worlds.join("000"), |_| {})?;
        ensure!(n_days == DAYS, "the series has another number of days");
        drop(simulation);
        fs::remove_dir_all(&worlds)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            site,
            size,
        })
    }

    /// The bundles, oldest first.
    pub(crate) fn bundles(&self) -> anyhow::Result<Vec<PathBuf>> {
        Ok(bundles::find(&self.site.bundles())?)
    }

    pub(crate) fn trust(&self) -> anyhow::Result<Vec<trust::Site>> {
        Ok(trust::read(&self.folder.join("trust"))?)
    }

    pub(crate) fn identity_file(&self) -> PathBuf {
        self.folder.join("analyst/analyst.key")
    }

    pub(crate) fn identity(&self) -> anyhow::Result<Identity> {
        Ok(truenas_analyzer::identity::read(
            &self.identity_file(),
            None,
        )?)
    }

    /// Opens the first bundle and hands its files over.
    pub(crate) fn open(&self, take: &mut dyn FnMut(Part<'_>)) -> anyhow::Result<Opened> {
        let limits = Limits::default();
        let first = self.bundles()?.into_iter().next().context("no bundle")?;
        let sealed: SealedBundle = bundles::load(&first, &limits)?;
        let trusted: Vec<TrustedKey> = self
            .trust()?
            .iter()
            .flat_map(|site| site.keys.clone())
            .collect();
        Ok(sealed.open(&trusted, &[self.identity()?], &limits, take)?)
    }
}
