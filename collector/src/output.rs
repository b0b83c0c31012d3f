//! Files of the output folder: whole or not at all.
//!
//! A bundle is written under a temporary name, synced, signed, synced; then the signature gets its name, then the
//! bundle, so that a bundle under its own name always has its signature beside it.

pub(crate) mod lone;
mod metrics;
pub(crate) mod retention;
pub(crate) mod space;
pub(crate) mod status;

use std::error::Error;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const PARTIAL: &str = ".partial";

/// Read by the group that carries bundles, written by nobody else.
const MODE: u32 = 0o640;

/// A bundle file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to `{folder}`; nothing of it was left there")]
pub(crate) struct OutputError {
    folder: PathBuf,
    source: io::Error,
}

/// A bundle that is being written; dropped before [`Draft::publish`], it leaves nothing.
#[derive(Debug)]
pub(crate) struct Draft {
    folder: PathBuf,
    name: String,
    bundle: Temporary,
}

impl Draft {
    /// Begins a bundle, after removing what an ended run left half-written; the caller holds the lock.
    pub(crate) fn create(folder: &Path, name: String) -> Result<Self, OutputError> {
        remove_partials(folder).map_err(|source| failed(folder, source))?;
        let path = unnamed(folder, &name);
        let bundle = Temporary::create(path).map_err(|source| failed(folder, source))?;
        Ok(Self {
            folder: folder.to_owned(),
            name,
            bundle,
        })
    }

    /// The file to write to.
    pub(crate) fn file(&self) -> Result<File, OutputError> {
        let file = self.bundle.file.try_clone();
        file.map_err(|source| failed(&self.folder, source))
    }

    /// Syncs the bundle, writes the signature beside it, and gives both their names.
    pub(crate) fn publish(self, sign: impl FnOnce() -> String) -> Result<PathBuf, OutputError> {
        let folder = self.folder.clone();
        self.publish_files(sign)
            .map_err(|source| failed(&folder, source))
    }

    /// The same over a file of this name, which is of a run that ended before it counted.
    pub(crate) fn replace(self, sign: impl FnOnce() -> String) -> Result<PathBuf, OutputError> {
        // First the file: a signature alone is nothing, beside other bytes it would be a forgery.
        match std::fs::remove_file(self.folder.join(&self.name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed(&self.folder, error))
            }
            _ => self.publish(sign),
        }
    }

    fn publish_files(mut self, sign: impl FnOnce() -> String) -> io::Result<PathBuf> {
        self.bundle.sync()?;
        let name = &self.name;
        let path = self.folder.join(name);
        let signature_path = self.folder.join(format!("{name}.minisig"));
        let temporary = unnamed(&self.folder, &format!("{name}.minisig"));
        let mut signature = Temporary::create(temporary)?;
        signature.file.write_all(sign().as_bytes())?;
        signature.sync()?;
        if path.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // A signature without its bundle is of a run that ended right here: this one takes its place.
        signature.rename(&signature_path)?;
        // Names reach the disk in the order in which they are given only when each is synced.
        sync_folder(&self.folder)?;
        if let Err(error) = self.bundle.rename(&path) {
            // A signature alone is of no use to anybody; the error that matters is the first.
            let _ = std::fs::remove_file(&signature_path);
            return Err(error);
        }
        sync_folder(&self.folder)?;
        Ok(path)
    }
}

/// Writes a small file whole or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = unnamed(folder, &name);
    if temporary.exists() {
        std::fs::remove_file(&temporary)?;
    }
    let mut file = Temporary::create(temporary)?;
    file.file.write_all(bytes)?;
    file.sync()?;
    file.rename(path)?;
    sync_folder(folder)
}

/// Whether an error means that the volume or the quota is full.
pub(crate) fn is_no_space(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let is_full = matches!(
                io.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            );
            if is_full || io.get_ref().is_some_and(|inner| is_no_space(inner)) {
                return true;
            }
        }
        cause = error.source();
    }
    false
}

/// Where a file lies until it gets its name.
fn unnamed(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}{PARTIAL}"))
}

fn failed(folder: &Path, source: io::Error) -> OutputError {
    OutputError {
        folder: folder.to_owned(),
        source,
    }
}

/// Removes what an ended run left half-written in a folder; the caller holds the lock.
pub(crate) fn remove_partials(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with('.') && name.ends_with(PARTIAL));
        if is_ours {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that goes unless it gets a name.
#[derive(Debug)]
struct Temporary {
    path: Option<PathBuf>,
    file: File,
}

impl Temporary {
    fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            path: Some(path),
            file,
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.set_permissions(Permissions::from_mode(MODE))?;
        self.file.sync_all()
    }

    fn rename(&mut self, to: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            std::fs::rename(path, to)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // The run has failed already, and the next one removes what stays.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::bundle::{BundleName, SiteName};
    use truenas_common::time::Time;

    fn name() -> BundleName {
        let site = SiteName::parse("k3f9").unwrap();
        BundleName::new(site, 1, Time::from_unix_secs(1_795_459_200))
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn published_bundle_has_its_signature_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".old.partial"), "x").unwrap();
        let draft = Draft::create(folder.path(), name().file_name()).unwrap();
        draft.file().unwrap().write_all(b"sealed").unwrap();
        let path = draft.publish(|| "signature\n".to_owned()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"sealed");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let bundle = name().file_name();
        assert_eq!(
            files(folder.path()),
            [bundle.clone(), format!("{bundle}.minisig")]
        );
    }

    #[test]
    fn draft_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::create(folder.path(), name().file_name()).unwrap();
        draft.file().unwrap().write_all(b"half").unwrap();
        drop(draft);
        assert_eq!(files(folder.path()), Vec::<String>::new());
    }

    /// Publishes over what stands under the two names; gives what stands there then.
    #[track_caller]
    fn check(found: [Option<&str>; 2], is_published: bool, left: [Option<&str>; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join(name().file_name());
        let signature = folder
            .path()
            .join(format!("{}.minisig", name().file_name()));
        for (path, text) in [(&bundle, found[0]), (&signature, found[1])] {
            if let Some(text) = text {
                std::fs::write(path, text).unwrap();
            }
        }
        let draft = Draft::create(folder.path(), name().file_name()).unwrap();
        draft.file().unwrap().write_all(b"second").unwrap();
        let published = draft.publish(|| "second".to_owned());
        assert_eq!(published.is_ok(), is_published);
        let read = |path: &Path| std::fs::read_to_string(path).ok();
        let now = [read(&bundle), read(&signature)];
        assert_eq!(now.each_ref().map(Option::as_deref), left);
        assert_eq!(files(folder.path()).len(), left.iter().flatten().count());
    }

    #[test]
    fn run_that_ended_between_the_two_names_does_not_stop_the_next_one() {
        check(
            [None, Some("first")],
            true,
            [Some("second"), Some("second")],
        );
        check([None, None], true, [Some("second"), Some("second")]);
    }

    #[test]
    fn bundle_of_the_same_name_is_not_replaced_and_neither_is_its_signature() {
        let pair = [Some("first"), Some("first")];
        check(pair, false, pair);
        let alone = [Some("first"), None];
        check(alone, false, alone);
    }

    #[test]
    fn file_that_may_be_replaced_goes_with_its_signature() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["first", "second"] {
            let draft = Draft::create(folder.path(), name().file_name()).unwrap();
            draft.file().unwrap().write_all(text.as_bytes()).unwrap();
            let path = draft.replace(|| text.to_owned()).unwrap();
            let signature = folder
                .path()
                .join(format!("{}.minisig", name().file_name()));
            for path in [path, signature] {
                assert_eq!(std::fs::read_to_string(path).unwrap(), text);
            }
        }
        assert_eq!(files(folder.path()).len(), 2);
    }

    #[test]
    fn full_volume_is_recognised_through_wrappers() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        assert!(is_no_space(&failed(Path::new("/out"), full())));
        assert!(is_no_space(&io::Error::other(full())));
        assert!(!is_no_space(&io::Error::from(
            io::ErrorKind::PermissionDenied
        )));
    }
}
