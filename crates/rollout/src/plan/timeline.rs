//! The five steps on real dates: day *n* is the start plus *n* − 1 calendar days.

use jiff::civil::Date;

use super::calendar::days_later;
use crate::preflight::Stage;
use crate::rollout::StepSettings;

/// The five steps, in order.
pub const STAGES: [Stage; 5] =
    [Stage::Prepare, Stage::Register, Stage::Pilot, Stage::Enforce, Stage::Validate];

/// A day of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// The *n*th day of the step, at most its last.
    Nth(u16),
    /// The last day of the step.
    Last,
    /// The day of the reminder, in *Register*.
    Reminder,
    /// The day from which people are contacted one by one, in *Register*.
    Contact,
}

/// The days and dates of a plan.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// First day.
    pub start: Date,
    steps: StepSettings,
}

impl Timeline {
    /// The timeline of these steps from this start.
    #[must_use]
    pub fn new(start: Date, steps: &StepSettings) -> Self {
        Self { start, steps: steps.clone() }
    }

    /// The same steps from another start.
    #[must_use]
    pub fn from(&self, start: Date) -> Self {
        Self { start, steps: self.steps.clone() }
    }

    /// Days of a step.
    #[must_use]
    pub const fn length(&self, stage: Stage) -> u16 {
        match stage {
            Stage::Prepare => self.steps.prepare_days,
            Stage::Register => self.steps.register_days,
            Stage::Pilot => self.steps.pilot_days,
            Stage::Enforce => self.steps.enforce_days,
            Stage::Validate => self.steps.validate_days,
        }
    }

    /// First day of a step, from 1.
    #[must_use]
    pub fn first_day(&self, stage: Stage) -> u16 {
        STAGES
            .iter()
            .take_while(|it| **it != stage)
            .fold(1_u16, |day, it| day.saturating_add(self.length(*it)))
    }

    /// Last day of a step.
    #[must_use]
    pub fn last_day(&self, stage: Stage) -> u16 {
        self.first_day(stage).saturating_add(self.length(stage).saturating_sub(1))
    }

    /// The number of a day of a step.
    #[must_use]
    pub fn day(&self, stage: Stage, day: Day) -> u16 {
        let nth = match day {
            Day::Nth(nth) => nth,
            Day::Last => self.length(stage),
            Day::Reminder => self.steps.reminder_day,
            Day::Contact => self.steps.contact_day,
        };
        let nth = nth.clamp(1, self.length(stage).max(1));
        self.first_day(stage).saturating_add(nth - 1)
    }

    /// The date of a day of the plan.
    #[must_use]
    pub fn date(&self, day: u16) -> Date {
        days_later(self.start, i32::from(day) - 1)
    }

    /// The date of a day of a step.
    #[must_use]
    pub fn date_in(&self, stage: Stage, day: Day) -> Date {
        self.date(self.day(stage, day))
    }

    /// First date of a step.
    #[must_use]
    pub fn first(&self, stage: Stage) -> Date {
        self.date(self.first_day(stage))
    }

    /// Last date of a step.
    #[must_use]
    pub fn last(&self, stage: Stage) -> Date {
        self.date(self.last_day(stage))
    }

    /// Last date of the plan.
    #[must_use]
    pub fn end(&self) -> Date {
        self.last(Stage::Validate)
    }
}
