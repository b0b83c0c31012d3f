//! How much a reader accepts. A parameter of every open.

/// Upper bounds, all in bytes or counts.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Encrypted file.
    pub sealed_bytes: u64,
    /// Detached signature file.
    pub signature_bytes: u64,
    /// Decompressed archive.
    pub plain_bytes: u64,
    /// Entries of the archive.
    pub n_entries: usize,
    /// One tag file: manifests, `bundle.json`.
    pub tag_bytes: u64,
    /// age header.
    pub header_bytes: usize,
    /// age recipient stanzas.
    pub n_stanzas: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sealed_bytes: 256 << 20,
            signature_bytes: 16 << 10,
            plain_bytes: 4 << 30,
            n_entries: 100_000,
            tag_bytes: 16 << 20,
            header_bytes: 64 << 10,
            n_stanzas: 20,
        }
    }
}
