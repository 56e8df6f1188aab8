//! A connection that can be told how to end.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doom {
    /// When the caller likes.
    None,
    /// By a reset, with nothing more written.
    Reset,
    /// After so many bytes of the body.
    CutAfter(usize),
}

/// The connection a request came on, as its handler sees it.
#[derive(Debug, Clone)]
pub(super) struct Doomed(Arc<Mutex<Fate>>);

#[derive(Debug)]
struct Fate {
    doom: Doom,
    /// How much of the blank line after the head was written.
    blank: usize,
}

const BLANK: &[u8] = b"\r\n\r\n";

impl Fate {
    /// How many of these bytes may be written.
    fn allowed(&self, bytes: &[u8]) -> usize {
        let Doom::CutAfter(kept) = self.doom else { return bytes.len() };
        bytes.len().min(self.head(bytes).saturating_add(kept))
    }

    /// How many of these bytes belong to the head.
    fn head(&self, bytes: &[u8]) -> usize {
        let mut blank = self.blank;
        for (place, byte) in bytes.iter().enumerate() {
            if blank == BLANK.len() {
                return place;
            }
            blank = next_blank(blank, *byte);
        }
        bytes.len()
    }

    fn written(&mut self, bytes: &[u8]) {
        let head = self.head(bytes);
        if let Doom::CutAfter(kept) = &mut self.doom {
            *kept = kept.saturating_sub(bytes.len().saturating_sub(head));
            for byte in bytes.iter().take(head) {
                self.blank = next_blank(self.blank, *byte);
            }
        }
    }
}

fn next_blank(blank: usize, byte: u8) -> usize {
    match BLANK.get(blank) {
        None => blank,
        Some(expected) if *expected == byte => blank + 1,
        Some(_) => usize::from(byte == b'\r'),
    }
}

impl Doomed {
    pub(super) fn set(&self, doom: Doom) {
        *self.fate() = Fate { doom, blank: 0 };
    }

    fn fate(&self) -> std::sync::MutexGuard<'_, Fate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes connections on the loopback interface.
#[derive(Debug)]
pub(super) struct Loopback(pub(super) TcpListener);

/// A connection.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    doomed: Doomed,
}

impl Listener for Loopback {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            if let Ok((stream, address)) = self.0.accept().await {
                let fate = Fate { doom: Doom::None, blank: 0 };
                let doomed = Doomed(Arc::new(Mutex::new(fate)));
                return (Socket { stream, doomed }, address);
            }
            // Too many open files, mostly: others may end meanwhile.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Doomed {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().doomed.clone()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = {
            let fate = self.doomed.fate();
            if fate.doom == Doom::Reset {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            fate.allowed(bytes)
        };
        let Some(bytes) = bytes.get(..allowed).filter(|it| !it.is_empty()) else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written
            && let Some(bytes) = bytes.get(..*count)
        {
            self.doomed.fate().written(bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.doomed.fate().doom == Doom::Reset {
            // What was read stays unanswered, and the caller's side hears of a reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_wherever_the_writes_fall() {
        let whole = b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n0123456789";
        for size in 1..whole.len() {
            let mut fate = Fate { doom: Doom::CutAfter(4), blank: 0 };
            let mut out = Vec::new();
            let mut rest = whole.as_slice();
            while !rest.is_empty() {
                let bytes = &rest[..size.min(rest.len())];
                let bytes = &bytes[..fate.allowed(bytes)];
                if bytes.is_empty() {
                    break;
                }
                fate.written(bytes);
                out.extend_from_slice(bytes);
                rest = &rest[bytes.len()..];
            }
            assert_eq!(out, b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n0123", "{size}");
        }
    }
}
