//! What every write has to say of itself.

use super::carry_out::Done;
use super::identity::ObjectId;
use super::judge::{Found, Look, Seen};
use crate::graph::call::Call;

/// What it would do to send a write twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing more than to send it once: Graph sets the same again, or refuses the second.
    Harmless,
    /// Two objects, or a second that Graph refuses as if somebody else had made the first. It is sent
    /// again only when the first one did not turn up for as long as a new object can stay hidden.
    Doubles,
    /// Nobody can look whether the first one did anything. It is never sent again.
    Blind,
}

/// One write: values and judgements, no network.
pub(super) trait Step {
    /// What it does, without a secret.
    fn words(&self) -> String;

    /// Where to look whether it is done.
    fn look(&self) -> Look;

    /// What was seen, held against what is wanted.
    fn judge(&self, seen: &Seen) -> Found;

    /// The request, with the id of what a look found.
    fn send(&self, id: Option<&ObjectId>) -> Option<Call>;

    /// Where to look afterwards.
    fn look_back(&self, _id: Option<&ObjectId>) -> Look {
        self.look()
    }

    /// The judgement once the request may have been carried out, with what the very first look
    /// showed. As [`Step::judge`], unless it is one of *before and after*.
    fn judge_since(&self, first: &Seen, seen: &Seen) -> Found {
        let _ = first;
        self.judge(seen)
    }

    /// The judgement of the look back, with the id Graph gave a new object.
    fn judge_back(&self, first: &Seen, seen: &Seen, id: Option<&ObjectId>) -> Found {
        let _ = id;
        self.judge_since(first, seen)
    }

    /// What a second request would do.
    fn repeat(&self) -> Repeat {
        Repeat::Harmless
    }

    /// What has happened when it was sent and read back.
    fn done(&self) -> Done {
        Done::Changed
    }

    /// The write may be sent although a look found the object and nothing differs that a look can
    /// show.
    fn always_sends(&self) -> bool {
        false
    }

    /// What is there and not as wanted may be changed. A new object is never made out of another.
    fn overwrites(&self) -> bool {
        self.done() != Done::Created
    }

    /// The object must be there before it can be changed: a look that does not find it waits for it.
    fn needs_object(&self) -> bool {
        false
    }
}
