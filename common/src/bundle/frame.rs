//! Reads zstd frames under stricter rules than the library's: checksums required, window bounded, nothing after the end.

use std::io::{self, Read};

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// Largest window a frame may ask for: 8 MiB, so that `zstd -d --memory=16MB` opens every bundle.
const MAX_WINDOW_LOG: u32 = 23;
const FRAME_MAGIC: u32 = 0xFD2F_B528;
const SKIPPABLE_MAGIC: u32 = 0x184D_2A50;
const BUFFER_BYTES: usize = 128 << 10;

/// Decompresses a sequence of zstd frames; skippable frames are padding and are passed over.
pub(super) struct FrameReader<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    decoder: Decoder<'static>,
    is_inside: bool,
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(source: R) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG))?;
        Ok(Self {
            source,
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            decoder,
            is_inside: false,
        })
    }

    /// Makes at least `count` bytes available, if the source has them.
    fn fill(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let n_read = self.source.read(&mut self.buffer[self.end..])?;
            if n_read == 0 {
                break;
            }
            self.end += n_read;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Enters the next data frame; false at the end of the source.
    fn enter(&mut self) -> io::Result<bool> {
        loop {
            let head = self.fill(8)?;
            if head.is_empty() {
                return Ok(false);
            }
            let Some(magic) = head
                .first_chunk::<4>()
                .map(|bytes| u32::from_le_bytes(*bytes))
            else {
                return Err(invalid("bytes after the last zstd frame"));
            };
            if magic & 0xFFFF_FFF0 == SKIPPABLE_MAGIC {
                let Some(length) = head.get(4..8).and_then(|bytes| bytes.first_chunk::<4>()) else {
                    return Err(invalid("zstd skippable frame is cut short"));
                };
                let length = u64::from(u32::from_le_bytes(*length));
                self.start += 8;
                self.skip(length)?;
                continue;
            }
            if magic != FRAME_MAGIC {
                return Err(invalid("not a zstd frame"));
            }
            let has_checksum = head
                .get(4)
                .is_some_and(|descriptor| descriptor & 0b100 != 0);
            if !has_checksum {
                return Err(invalid("zstd frame has no checksum"));
            }
            self.decoder.reinit()?;
            self.is_inside = true;
            return Ok(true);
        }
    }

    fn skip(&mut self, mut length: u64) -> io::Result<()> {
        while length > 0 {
            let available = self.fill(1)?.len();
            if available == 0 {
                return Err(invalid("zstd skippable frame is cut short"));
            }
            let step = usize::try_from(length).map_or(available, |length| length.min(available));
            self.start += step;
            length -= step as u64;
        }
        Ok(())
    }
}

impl<R: Read> Read for FrameReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_inside && !self.enter()? {
                return Ok(0);
            }
            let is_drained = self.fill(1)?.is_empty();
            let mut input = InBuffer::around(&self.buffer[self.start..self.end]);
            let mut output = OutBuffer::around(&mut *out);
            let hint = self.decoder.run(&mut input, &mut output)?;
            let (n_consumed, n_produced) = (input.pos, output.pos());
            self.start += n_consumed;
            self.is_inside = hint != 0;
            if n_produced > 0 {
                return Ok(n_produced);
            }
            if is_drained && self.is_inside {
                return Err(invalid("zstd frame is cut short"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn frame(bytes: &[u8], has_checksum: bool, window_log: u32) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(has_checksum).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.window_log(window_log).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        FrameReader::new(bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn frames_and_padding_are_one_stream() {
        let padding = [
            SKIPPABLE_MAGIC.to_le_bytes().as_slice(),
            &5u32.to_le_bytes(),
            b"xxxxx",
        ]
        .concat();
        let bytes = [
            frame(b"one ", true, 20),
            padding.clone(),
            frame(b"two", true, 23),
            padding,
        ]
        .concat();
        assert_eq!(read(&bytes).unwrap(), b"one two");
    }

    #[test]
    fn what_the_format_forbids_is_refused() {
        let good = frame(&[7; 100_000], true, 20);
        for bytes in [
            frame(b"no checksum", false, 20),
            frame(&[7; 1000], true, 24),
            good[..good.len() - 1].to_vec(),
            good[..10].to_vec(),
            [good.clone(), b"x".to_vec()].concat(),
            [good.clone(), b"trailing garbage".to_vec()].concat(),
            [
                good.clone(),
                SKIPPABLE_MAGIC.to_le_bytes().to_vec(),
                vec![9, 0, 0, 0, 1],
            ]
            .concat(),
        ] {
            assert!(read(&bytes).is_err());
        }
        let mut flipped = good;
        let last = flipped.len() - 1;
        flipped[last] ^= 1;
        assert!(read(&flipped).is_err());
    }

    #[test]
    fn a_large_stream_survives_small_reads() {
        let bytes: Vec<u8> = (0..3_000_000u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 20) as u8)
            .collect();
        let sealed = frame(&bytes, true, 23);
        let mut reader = FrameReader::new(sealed.as_slice()).unwrap();
        let (mut out, mut chunk) = (Vec::new(), [0; 4093]);
        loop {
            let n_read = reader.read(&mut chunk).unwrap();
            if n_read == 0 {
                break;
            }
            out.extend_from_slice(&chunk[..n_read]);
        }
        assert!(out == bytes);
    }
}
