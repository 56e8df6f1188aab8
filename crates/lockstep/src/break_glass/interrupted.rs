//! Whoever ends lockstep while a password is on the screen: the screen is cleared first.

use std::io::{self, BufRead as _};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// Listens, from before a password is shown until it is gone from the screen, for whoever asks the
/// process to end: Ctrl-C, a terminal that closes, the system that stops.
#[derive(Debug)]
pub(super) struct Interruption {
    runtime: Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 4],
}

impl Interruption {
    /// Begins to listen.
    ///
    /// # Errors
    /// When it cannot: then nothing is shown.
    pub(super) fn listen() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            let _within = runtime.enter();
            [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
                signal(SignalKind::quit())?,
            ]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            signals,
        })
    }

    /// What somebody types. `None`: the process was asked to end first, or there is nothing to read.
    pub(super) fn line(&mut self, longest: u64) -> Option<String> {
        let (typed, comes) = oneshot::channel();
        // Whoever reads cannot be woken: the thread ends with the process, or with the next line.
        let reader = std::thread::Builder::new().name("answer".to_owned()).spawn(move || {
            let mut line = String::new();
            let read = io::Read::take(io::stdin().lock(), longest).read_line(&mut line);
            // Nobody waits for it any more once the process was asked to end.
            let _ = typed.send(read.ok().filter(|read| *read > 0).map(|_| line));
        });
        reader.ok()?;
        let Self { runtime, .. } = self;
        #[cfg(unix)]
        let [interrupt, terminate, hangup, quit] = &mut self.signals;
        runtime.block_on(async {
            #[cfg(unix)]
            tokio::select! {
                line = comes => line.ok().flatten(),
                _ = interrupt.recv() => None,
                _ = terminate.recv() => None,
                _ = hangup.recv() => None,
                _ = quit.recv() => None,
            }
            #[cfg(not(unix))]
            tokio::select! {
                line = comes => line.ok().flatten(),
                _ = tokio::signal::ctrl_c() => None,
            }
        })
    }
}
