//! The decompressor alone: what reading compressed logs is compared with.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use flate2::bufread::MultiGzDecoder;

use crate::failure::{Failure, Outcome};

const ROOM: usize = 1 << 20;

/// Which decompressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum With {
    /// zlib-rs, as a stream.
    ZlibRs,
    /// libdeflate, whole files in memory; for small ones.
    Libdeflate,
}

impl With {
    /// As on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ZlibRs => "zlib-rs",
            Self::Libdeflate => "libdeflate",
        }
    }
}

/// Inflates the files and everything in the folders, and throws the text away. The answer is its
/// length in bytes.
pub(crate) fn inflate(paths: &[PathBuf], with: With, threads: usize) -> Outcome<u64> {
    let mut files = Vec::new();
    for path in paths {
        super::logs::files(path, &mut files)?;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut packed, mut text, mut bytes) = (Vec::new(), vec![0; ROOM], 0);
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes += match with {
                With::ZlibRs => stream(file, &mut text),
                With::Libdeflate => whole(file, &mut packed, &mut text),
            }
            .map_err(|error| Failure::at("cannot inflate", file, &error))?;
        }
        Ok(bytes)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut bytes = 0;
        for thread in threads {
            let inflated: Outcome<u64> =
                thread.join().map_err(|_| Failure::new("a thread ended in a panic"))?;
            bytes += inflated?;
        }
        Ok(bytes)
    })
}

fn stream(path: &Path, text: &mut [u8]) -> std::io::Result<u64> {
    let file = BufReader::with_capacity(128 << 10, File::open(path)?);
    let mut decoder = MultiGzDecoder::new(file);
    let mut bytes = 0;
    loop {
        match decoder.read(text)? {
            0 => return Ok(bytes),
            read => bytes += u64::try_from(read).unwrap_or(0),
        }
    }
}

/// One member of a file that fits into memory, into room that is used again.
fn whole(path: &Path, packed: &mut Vec<u8>, text: &mut Vec<u8>) -> std::io::Result<u64> {
    packed.clear();
    File::open(path)?.read_to_end(packed)?;
    // The last four bytes of a member are the length of its text.
    let length = packed
        .last_chunk::<4>()
        .and_then(|bytes| usize::try_from(u32::from_le_bytes(*bytes)).ok())
        .unwrap_or(0);
    if text.len() < length {
        text.resize(length, 0);
    }
    let inflated = libdeflater::Decompressor::new()
        .gzip_decompress(packed, text)
        .map_err(|error| std::io::Error::other(format!("{error:?}")))?;
    Ok(u64::try_from(inflated).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{With, inflate};

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_file_that_is_cut_off_is_no_measurement() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.gz");
        let whole = packed(&[b'x'; 100_000]);
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        for with in [With::ZlibRs, With::Libdeflate] {
            assert!(inflate(std::slice::from_ref(&path), with, 1).is_err(), "{with:?}");
        }
        assert!(inflate(&[folder.path().join("gone.gz")], With::ZlibRs, 1).is_err());
    }

    #[test]
    fn every_file_of_a_folder_is_inflated_whatever_the_threads() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("h=01");
        std::fs::create_dir(&below).unwrap();
        std::fs::write(folder.path().join("a.gz"), packed(&[b'a'; 3_000_000])).unwrap();
        std::fs::write(below.join("b.gz"), packed(b"b")).unwrap();
        std::fs::write(below.join("c.gz"), packed(b"")).unwrap();
        for with in [With::ZlibRs, With::Libdeflate] {
            for threads in [0, 1, 2, 5] {
                let bytes = inflate(&[folder.path().to_owned()], with, threads).unwrap();
                assert_eq!(bytes, 3_000_001, "{with:?} with {threads} threads");
            }
        }
    }
}
