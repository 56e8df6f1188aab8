//! The five steps on real dates: day *n* is the start plus *n* − 1 calendar days.

use jiff::civil::Date;

use super::calendar::{Calendar, Work, days_between, days_later};
use crate::preflight::Stage;
use crate::rollout::{CalendarSettings, Enforcement, Rollout, StepSettings};

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
    /// The day on which everybody is asked, in *Enforce*: its first, or that of the last ring.
    Everybody,
}

/// The days and dates of a plan.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// First day.
    pub start: Date,
    steps: StepSettings,
    calendar: CalendarSettings,
}

impl Timeline {
    /// The timeline of these settings from this start.
    #[must_use]
    pub fn of(start: Date, rollout: &Rollout) -> Self {
        Self { calendar: rollout.calendar.clone(), ..Self::new(start, &rollout.steps) }
    }

    /// The timeline of these steps from this start, in a calendar without holidays.
    #[must_use]
    pub fn new(start: Date, steps: &StepSettings) -> Self {
        Self { start, steps: steps.clone(), calendar: CalendarSettings::default() }
    }

    /// The same steps from another start.
    #[must_use]
    pub fn from(&self, start: Date) -> Self {
        Self { start, ..self.clone() }
    }

    /// Days of a step.
    #[must_use]
    pub fn length(&self, stage: Stage) -> u16 {
        match stage {
            Stage::Prepare => self.steps.prepare_days,
            Stage::Register => self.steps.register_days,
            Stage::Pilot => self.steps.pilot_days,
            Stage::Enforce => self.steps.enforce_days.saturating_add(self.between_rings()),
            Stage::Validate => self.steps.validate_days,
        }
    }

    /// Days from the first ring of *Enforce* to the last: the hours a ring is watched, then up to the
    /// next day that is good for asking everybody. 0: everybody is asked at once.
    #[must_use]
    pub fn between_rings(&self) -> u16 {
        match self.steps.enforcement {
            Enforcement::AllAtOnce => 0,
            Enforcement::Rings => {
                let days = i32::from(self.steps.ring_hours.div_ceil(24));
                let ring = self.first(Stage::Enforce);
                let day_before = days_later(ring, days.saturating_sub(1));
                let good = Calendar::new(&self.calendar)
                    .and_then(|it| it.next_good(day_before, Work::Enforcement));
                let last = good.unwrap_or_else(|| days_later(ring, days));
                u16::try_from(days_between(ring, last)).unwrap_or(u16::MAX)
            }
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
            Day::Everybody => self.between_rings().saturating_add(1),
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
