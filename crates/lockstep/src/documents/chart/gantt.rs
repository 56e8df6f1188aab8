//! The five steps on a calendar.

use jiff::ToSpan as _;
use jiff::civil::Weekday;
use rollout::plan::Plan;

use super::written;
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
}

/// One day.
#[derive(Debug)]
pub(in crate::documents) struct Day {
    /// Left edge.
    pub(in crate::documents) x: String,
    /// Middle.
    pub(in crate::documents) middle: String,
    /// True on Saturday and Sunday.
    pub(in crate::documents) weekend: bool,
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
                "day {}",
                words::span(step.first_day.to_string(), step.last_day.to_string())
            );
            let right_half = to > LEFT + WIDTH * 0.8;
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
        Some(Self {
            height: written(bottom + 40.0),
            bottom: written(bottom),
            grid_height: written(bottom - 40.0),
            gates_y: written(bottom + 17.0),
            days: days(plan, total, day_width, &left),
            day_width: written(day_width),
            bars: bars.collect(),
            gates: gates(plan, total, bottom, day_width, &left),
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

fn days(plan: &Plan, total: u16, day_width: f64, left: &dyn Fn(u16) -> f64) -> Vec<Day> {
    (1..=total)
        .map(|day| {
            let date = plan.start.saturating_add((i64::from(day) - 1).days());
            let weekday = date.weekday();
            Day {
                x: written(left(day)),
                middle: written(left(day) + day_width / 2.0),
                weekend: matches!(weekday, Weekday::Saturday | Weekday::Sunday),
                label: (weekday == Weekday::Monday || day == 1)
                    .then(|| date.strftime("%d %b").to_string()),
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
        let after = gate.date.duration_since(plan.start).as_hours() / 24;
        let Some(day) = u16::try_from(after).ok().map(|day| day + 1).filter(|day| *day <= total)
        else {
            continue;
        };
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
