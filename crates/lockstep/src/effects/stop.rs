//! Whether somebody asked to stop: after that no further write is begun.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::settings::Settings;

/// Somebody may ask to stop.
pub(crate) struct Stop {
    given: Option<Rc<dyn Fn() -> bool>>,
    pressed: Arc<AtomicBool>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Stop {
    /// Listens for Ctrl-C, or to what the surroundings give. To be made where tokio's clock runs.
    pub(crate) fn listening(settings: &Settings) -> Self {
        let pressed = Arc::new(AtomicBool::new(false));
        let given = settings.surroundings.stop.clone();
        let task = settings.surroundings.is_process().then(|| {
            let pressed = Arc::clone(&pressed);
            tokio::spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    pressed.store(true, Ordering::SeqCst);
                    crate::terminal::remark("stopping after the write that is on its way");
                }
            })
        });
        Self { given, pressed, task }
    }

    /// Whether somebody asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.pressed.load(Ordering::SeqCst) || self.given.as_ref().is_some_and(|it| it())
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
