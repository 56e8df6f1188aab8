//! How far a long reading is, on a terminal only.

use std::sync::atomic::{AtomicU64, Ordering};

use entra::graph::manifest::ReadState;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of bytes, rate and time left. Draws nothing when hidden.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Sign-ins read.
    sign_ins: AtomicU64,
}

impl Progress {
    /// A bar over so many bytes.
    pub(crate) fn new(total: u64, shown: bool) -> Self {
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template =
            "reading {bar:20} {bytes}/{total_bytes} {bytes_per_sec} {eta} left {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, sign_ins: AtomicU64::new(0) }
    }

    /// The source being read.
    pub(crate) fn source(&self, name: &str) {
        if self.sign_ins.load(Ordering::Relaxed) == 0 {
            self.bar.set_message(crate::plain_text::one_line(name));
        }
    }

    /// So many sign-ins more. From the first one on they are shown, and no names of sources.
    pub(crate) fn sign_ins(&self, count: u64) {
        if count > 0 && !self.bar.is_hidden() {
            let all = self.sign_ins.fetch_add(count, Ordering::Relaxed) + count;
            self.bar.set_message(crate::words::count(all, "sign-in", "sign-ins"));
        }
    }

    /// The same is read once more: so many bytes.
    pub(crate) fn start_again(&self, total: u64) {
        self.bar.reset();
        self.bar.set_length(total);
        self.sign_ins.store(0, Ordering::Relaxed);
        self.bar.set_message("once more, to merge copies and find the window");
    }

    /// So many bytes more.
    pub(crate) fn add(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// So many of so many. Draws nothing when hidden.
#[derive(Debug)]
pub(crate) struct Counted {
    bar: ProgressBar,
}

impl Counted {
    /// A bar over so many, with what is done to them.
    pub(crate) fn new(what: &'static str, total: u64, shown: bool) -> Self {
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:20} {pos}/{len} {eta} left") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar }
    }

    /// One more.
    pub(crate) fn add(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What is being read of a live tenant, whose size nobody knows beforehand. Draws nothing when
/// hidden.
#[derive(Debug)]
pub(crate) struct Spinner {
    bar: ProgressBar,
}

impl Spinner {
    /// A spinner.
    pub(crate) fn new(shown: bool) -> Self {
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {elapsed} {pos} pages {wide_msg}")
        {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// What is asked for.
    pub(crate) fn say(&self, what: &str) {
        self.bar.tick();
        self.bar.set_message(crate::plain_text::one_line(what));
    }

    /// A page came, or a list ended.
    pub(crate) fn page(&self, state: &ReadState) {
        self.bar.inc(1);
        let title = state.read().map_or(state.id.as_str(), |read| read.title);
        self.say(&format!("{title}: {}", crate::words::number(state.objects)));
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
