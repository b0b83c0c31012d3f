//! All that the typesetter can see.

use std::collections::BTreeMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

const FONTS: [&[u8]; 3] = [
    include_bytes!("../../../../templates/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../templates/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../templates/fonts/JetBrainsMono-Regular.ttf"),
];

/// A template, some files, three fonts.
pub(super) struct PaperWorld {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl PaperWorld {
    pub(super) fn new(template: &str) -> Result<Self, String> {
        let fonts: Vec<Font> = FONTS
            .iter()
            .flat_map(|data| Font::iter(Bytes::new(*data)))
            .collect();
        // Row headers of tables are tagged only with this feature.
        let features = [Feature::A11yExtras].into_iter().collect();
        Ok(Self {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: Source::new(id("report.typ")?, template.to_owned()),
            files: BTreeMap::new(),
        })
    }

    /// Adds a file beside the template.
    pub(super) fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), String> {
        self.files.insert(
            id(path)?.get().vpath().get_without_slash().to_owned(),
            Bytes::new(bytes),
        );
        Ok(())
    }

    /// Whether every weight of the running text has a glyph for a character; a missing glyph would refuse the export.
    pub(super) fn can_show(&self, c: char) -> bool {
        self.fonts
            .iter()
            .take(2)
            .all(|font| font.info().coverage.contains(u32::from(c)))
    }
}

fn id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|error| format!("{path} is no path: {error:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for PaperWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .get(id.get().vpath().get_without_slash())
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
