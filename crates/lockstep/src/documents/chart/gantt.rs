//! The five steps on a calendar.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use rollout::plan::Plan;

use super::written;
use crate::plain_text::one_line;
use crate::words;

const LEFT: f64 = 92.0;
const WIDTH: f64 = 828.0;
const TOP: f64 = 44.0;
const ROW: f64 = 34.0;
/// Days drawn at most; a plan of years would be a grey box.
const MOST_DAYS: u16 = 180;

/// The drawing.
#[derive(Debug)]
pub(in crate::documents) struct Gantt {
    /// Height of the drawing.
    pub(in crate::documents) height: String,
    /// Bottom of the grid.
    pub(in crate::documents) bottom: String,
    /// Height of the grid.
    pub(in crate::documents) grid_height: String,
    /// Base line of the word before the gates.
    pub(in crate::documents) gates_y: String,
    /// Days, for the grid.
    pub(in crate::documents) days: Vec<Day>,
    /// Width of a day.
    pub(in crate::documents) day_width: String,
    /// The steps.
    pub(in crate::documents) bars: Vec<StepBar>,
    /// The gates.
    pub(in crate::documents) gates: Vec<GateMark>,
    /// Dates that fall badly.
    pub(in crate::documents) bad_dates: Vec<BadDate>,
    /// What the shades and marks mean, with what is in this drawing.
    pub(in crate::documents) legend: Vec<&'static str>,
}

/// A date on which something should not happen that the plan puts there.
#[derive(Debug)]
pub(in crate::documents) struct BadDate {
    /// Corners of the triangle.
    pub(in crate::documents) corners: String,
    /// Middle.
    pub(in crate::documents) x: String,
    /// The date, and why.
    pub(in crate::documents) words: String,
}

/// One day.
#[derive(Debug)]
pub(in crate::documents) struct Day {
    /// Left edge.
    pub(in crate::documents) x: String,
    /// Middle.
    pub(in crate::documents) middle: String,
    /// Class of its shade; none on an ordinary day.
    pub(in crate::documents) shade: Option<&'static str>,
    /// What the shade says of this day.
    pub(in crate::documents) why: String,
    /// Date, where there is room for it.
    pub(in crate::documents) label: Option<String>,
    /// Day of the month, where there is room for it.
    pub(in crate::documents) number: Option<String>,
}

/// One step.
#[derive(Debug)]
pub(in crate::documents) struct StepBar {
    /// Name.
    pub(in crate::documents) name: &'static str,
    /// Class of its colour.
    pub(in crate::documents) class: &'static str,
    /// Left edge.
    pub(in crate::documents) x: String,
    /// Top.
    pub(in crate::documents) y: String,
    /// Base line of the name.
    pub(in crate::documents) text_y: String,
    /// Width.
    pub(in crate::documents) width: String,
    /// Days, in words.
    pub(in crate::documents) days: String,
    /// Where the days are written.
    pub(in crate::documents) days_x: String,
    /// `start` or `end`.
    pub(in crate::documents) anchor: &'static str,
}

/// One gate.
#[derive(Debug)]
pub(in crate::documents) struct GateMark {
    /// Id.
    pub(in crate::documents) id: &'static str,
    /// Corners of the diamond.
    pub(in crate::documents) corners: String,
    /// Middle.
    pub(in crate::documents) x: String,
    /// Base line of the id.
    pub(in crate::documents) text_y: String,
}

impl Gantt {
    /// The drawing of a plan; `None` without steps.
    pub(in crate::documents) fn new(plan: &Plan) -> Option<Self> {
        let total = plan.steps.iter().map(|step| step.last_day).max()?.min(MOST_DAYS);
        let day_width = WIDTH / f64::from(total.max(1));
        let left = |day: u16| LEFT + day_width * f64::from(day.clamp(1, total + 1) - 1);
        let rows = f64::from(u16::try_from(plan.steps.len()).unwrap_or(u16::MAX));
        let bottom = TOP + ROW * rows;
        let bars = (0_u16..).zip(&plan.steps).map(|(row, step)| {
            let top = TOP + ROW * f64::from(row);
            let (from, to) = (left(step.first_day), left(step.last_day.saturating_add(1)));
            let days = format!(
                "{} · day {}",
                words::span(day_and_month(step.first_date), day_and_month(step.last_date)),
                words::span(step.first_day.to_string(), step.last_day.to_string())
            );
            let right_half = to > LEFT + WIDTH * 0.75;
            StepBar {
                name: words::stage(step.id),
                class: step_class(row),
                x: written(from),
                y: written(top + 7.0),
                text_y: written(top + 21.0),
                width: written((to - from).max(3.0)),
                days,
                days_x: written(if right_half { from - 8.0 } else { to + 8.0 }),
                anchor: if right_half { "end" } else { "start" },
            }
        });
        let days = days(plan, total, day_width, &left);
        let bad_dates = bad_dates(plan, total, day_width, &left);
        Some(Self {
            legend: legend(&days, &bad_dates),
            height: written(bottom + 40.0),
            bottom: written(bottom),
            grid_height: written(bottom - 40.0),
            gates_y: written(bottom + 17.0),
            days,
            day_width: written(day_width),
            bars: bars.collect(),
            gates: gates(plan, total, bottom, day_width, &left),
            bad_dates,
        })
    }
}

const fn step_class(row: u16) -> &'static str {
    match row {
        0 => "step-1",
        1 => "step-2",
        2 => "step-3",
        3 => "step-4",
        _ => "step-5",
    }
}

/// `23 Nov`
fn day_and_month(date: Date) -> String {
    date.strftime("%-d %b").to_string()
}

fn legend(days: &[Day], bad_dates: &[BadDate]) -> Vec<&'static str> {
    let shaded = |class: &str| days.iter().any(|day| day.shade == Some(class));
    [
        (shaded("weekend"), "light grey: weekend"),
        (shaded("holiday"), "amber: holiday"),
        (shaded("freeze"), "red shade: freeze"),
        (!bad_dates.is_empty(), "red triangle: a date that falls badly"),
        (true, "diamond: gate"),
    ]
    .into_iter()
    .filter_map(|(shown, words)| shown.then_some(words))
    .collect()
}

fn shade(plan: &Plan, date: Date) -> (Option<&'static str>, String) {
    if let Some(closed) = plan.closed_days.iter().find(|it| it.date == date) {
        let class = if closed.freeze { "freeze" } else { "holiday" };
        return (Some(class), format!("{}: {}", words::short_date(date), one_line(&closed.why)));
    }
    let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    (weekend.then_some("weekend"), words::short_date(date))
}

fn bad_dates(plan: &Plan, total: u16, day_width: f64, left: &dyn Fn(u16) -> f64) -> Vec<BadDate> {
    let serious = plan.collisions.iter().filter(|it| it.serious);
    serious
        .filter_map(|it| {
            let day = day_of(plan, it.date, total)?;
            let x = left(day) + day_width / 2.0;
            Some(BadDate {
                corners: format!("{:.1},40 {:.1},40 {x:.1},49", x - 5.5, x + 5.5),
                x: written(x),
                words: format!("{}: {}", words::short_date(it.date), one_line(&it.with)),
            })
        })
        .collect()
}

/// The day of the plan a date is, where it is drawn.
fn day_of(plan: &Plan, date: Date, total: u16) -> Option<u16> {
    let after = date.duration_since(plan.start).as_hours() / 24;
    u16::try_from(after).ok().and_then(|day| day.checked_add(1)).filter(|day| *day <= total)
}

fn days(plan: &Plan, total: u16, day_width: f64, left: &dyn Fn(u16) -> f64) -> Vec<Day> {
    // Where weeks are narrow, not every Monday has room for its date.
    let every = if day_width >= 8.0 { 1 } else { 2 };
    let mut mondays = 0_u16;
    (1..=total)
        .map(|day| {
            let date = plan.start.saturating_add((i64::from(day) - 1).days());
            let (shade, why) = shade(plan, date);
            let is_monday = date.weekday() == Weekday::Monday;
            mondays += u16::from(is_monday);
            let labelled = if is_monday { mondays.is_multiple_of(every) } else { day == 1 };
            Day {
                x: written(left(day)),
                middle: written(left(day) + day_width / 2.0),
                shade,
                why,
                label: labelled.then(|| day_and_month(date)),
                number: (day_width >= 18.0).then(|| date.strftime("%-d").to_string()),
            }
        })
        .collect()
}

/// Gates stand below the steps; gates of one day stand side by side.
fn gates(
    plan: &Plan,
    total: u16,
    bottom: f64,
    day_width: f64,
    left: &dyn Fn(u16) -> f64,
) -> Vec<GateMark> {
    let mut marks: Vec<GateMark> = Vec::new();
    let mut right_of_last = f64::MIN;
    let mut sorted = plan.gates.iter().collect::<Vec<_>>();
    sorted.sort_by_key(|gate| gate.date);
    for gate in sorted {
        let Some(day) = day_of(plan, gate.date, total) else { continue };
        let x = (left(day) + day_width / 2.0).max(right_of_last + 26.0);
        right_of_last = x;
        let y = bottom + 12.0;
        marks.push(GateMark {
            id: gate.id,
            corners: format!(
                "{x:.1},{:.1} {:.1},{y:.1} {x:.1},{:.1} {:.1},{y:.1}",
                y - 7.0,
                x + 7.0,
                y + 7.0,
                x - 7.0
            ),
            x: written(x),
            text_y: written(bottom + 33.0),
        });
    }
    marks
}
