//! Whether a journal holds: an export, without the database, or the database itself.

use std::io::{self, BufRead, Read as _};

use rusqlite::Connection;

use super::chain::{Broken, Chain, Fault, Head, Verdict};
use super::format::{Header, LINE_BYTES_MAX, Raw};
use super::{COLUMNS, row_of};
use crate::{Store, StoreError};

/// Verifies an export, offline: the first thing that does not hold, and why. Memory is bounded by the
/// longest line.
///
/// `known` is the head of the journal at some earlier moment. Without it a journal whose end was cut
/// off, or that was written anew as a whole, holds.
///
/// # Errors
///
/// If `export` cannot be read: then nothing is known of the journal.
pub fn verify(export: impl BufRead, known: Option<Head>) -> io::Result<Verdict> {
    let mut lines = Lines { export, line: Vec::new() };
    Ok(match lines.verify(known)? {
        Ok(verdict) => verdict,
        Err(broken) => Verdict::Broken(broken),
    })
}

struct Lines<R> {
    export: R,
    /// The line that was read last.
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads a line, or as much of it as a line may have and one byte more; whether there was one.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        // Nine million fits.
        let most = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        self.export.by_ref().take(most).read_until(b'\n', &mut self.line)?;
        Ok(!self.line.is_empty())
    }

    /// Whether the text ended within the line.
    fn is_cut(&self) -> bool {
        !self.line.ends_with(b"\n") && self.line.len() <= LINE_BYTES_MAX
    }

    fn verify(&mut self, known: Option<Head>) -> io::Result<Result<Verdict, Broken>> {
        let of_header = |fault| Ok(Err(Broken { line: 1, entry: 0, fault }));
        if !self.advance()? || self.is_cut() {
            return of_header(Fault::Truncated);
        }
        let Some(announced) = Header::read(&self.line) else {
            return of_header(Fault::Unreadable);
        };
        let mut chain = match Chain::new(Some(announced), known) {
            Ok(chain) => chain,
            Err(broken) => return Ok(Err(broken)),
        };
        while self.advance()? {
            if self.is_cut() {
                return Ok(Err(chain.here(Fault::Truncated)));
            }
            let Some((raw, payload)) = Raw::read(&self.line) else {
                return Ok(Err(chain.here(Fault::Unreadable)));
            };
            if let Err(mut broken) = chain.next(raw, payload.to_owned()) {
                if broken.fault == Fault::Gap && self.comes_later(broken.entry)? {
                    broken.fault = Fault::Reordered;
                }
                return Ok(Err(broken));
            }
        }
        Ok(Ok(chain.end()))
    }

    /// Whether a line that can be read holds the entry of this number.
    fn comes_later(&mut self, number: u64) -> io::Result<bool> {
        while self.advance()? {
            let Some((raw, payload)) = Raw::read(&self.line) else { continue };
            if raw.number == number && raw.entry(payload.to_owned()).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Store {
    /// Verifies the journal where it is kept. An export and [`verify`] say the same, on any machine.
    ///
    /// # Errors
    ///
    /// If the database cannot be read: then nothing is known of the journal.
    pub fn verify_journal(&self, known: Option<Head>) -> Result<Verdict, StoreError> {
        let mut chain = match Chain::new(None, known) {
            Ok(chain) => chain,
            Err(broken) => return Ok(Verdict::Broken(broken)),
        };
        let broken = self.read("verify the journal", |connection| walk(connection, &mut chain))?;
        Ok(broken.map_or_else(|| chain.end(), Verdict::Broken))
    }
}

fn walk(connection: &Connection, chain: &mut Chain) -> rusqlite::Result<Option<Broken>> {
    let mut rows = connection.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY number"))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (raw, payload) = row_of(row)?;
        if let Err(broken) = chain.next(raw, payload) {
            return Ok(Some(broken));
        }
    }
    Ok(None)
}
