//! The lists of the plan as a spreadsheet.
//!
//! Text of strangers must never become a formula. Every text is written as a string cell, which no
//! spreadsheet evaluates; a text that begins like a formula also gets a leading apostrophe, because
//! people save such sheets as CSV, where the cell type is lost (OWASP, CSV Injection).

mod lockout;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollout::plan::Plan;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table, TableColumn, TableStyle, Workbook,
    Worksheet, XlsxError,
};

use super::DocumentError;
use super::spreadsheet_text::text;
use crate::words;

/// One cell.
enum Cell {
    Text(String),
    Number(u64),
    Date(Date),
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&String>> for Cell {
    fn from(text: Option<&String>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.clone()))
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        text.as_ref().map_or(Self::Empty, |text| Self::Text(text.clone()))
    }
}

impl From<Option<Date>> for Cell {
    fn from(date: Option<Date>) -> Self {
        date.map_or(Self::Empty, Self::Date)
    }
}

/// One sheet: name, columns with their widths, rows.
struct Sheet {
    name: &'static str,
    columns: &'static [(&'static str, u8)],
    rows: Vec<Vec<Cell>>,
}

/// The workbook as the bytes of an `.xlsx` file.
///
/// # Errors
/// When the spreadsheet writer refuses a sheet.
pub fn workbook(plan: &Plan, now: Timestamp) -> Result<Vec<u8>, DocumentError> {
    make(plan, now).map_err(DocumentError::Workbook)
}

fn make(plan: &Plan, now: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = now.to_zoned(TimeZone::UTC);
    let created = date_time(created.date())?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(text(&format!("MFA rollout plan {}", plan.tenant.name)))
            .set_author("lockstep")
            .set_creation_datetime(&created),
    );
    for sheet in [
        tasks(plan),
        lockout::people(plan),
        lockout::proof(plan),
        lockout::caught(plan),
        dependencies(plan),
        exceptions(plan),
        people(plan),
        findings(plan),
        dates(plan),
    ] {
        write(workbook.add_worksheet(), &sheet)?;
    }
    workbook.save_to_buffer()
}

fn write(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let date = Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top);
    let figure = Format::new().set_align(FormatAlign::Top);
    worksheet.set_name(sheet.name)?;
    worksheet.set_freeze_panes(1, 0)?;
    worksheet.set_landscape();
    let mut columns = Vec::new();
    for (column, (name, width)) in (0_u16..).zip(sheet.columns) {
        worksheet.set_column_width(column, f64::from(*width))?;
        columns.push(TableColumn::new().set_header(*name));
    }
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(value) => {
                    worksheet.write_string_with_format(row, column, text(value), &wrapped)?
                }
                Cell::Number(value) => {
                    // Counts of people and sign-ins are far below 2^53.
                    let value = u32::try_from(*value).unwrap_or(u32::MAX);
                    worksheet.write_number_with_format(row, column, value, &figure)?
                }
                Cell::Date(value) => {
                    worksheet.write_datetime_with_format(row, column, &date_time(*value)?, &date)?
                }
                Cell::Empty => worksheet,
            };
        }
    }
    let last_row = u32::try_from(sheet.rows.len().max(1)).unwrap_or(u32::MAX);
    let last_column = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let table =
        Table::new().set_name(sheet.name).set_columns(&columns).set_style(TableStyle::Light1);
    worksheet.add_table(0, 0, last_row, last_column, &table)?;
    Ok(())
}

fn date_time(date: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(date.year()).unwrap_or(1900),
        u8::try_from(date.month()).unwrap_or(1),
        u8::try_from(date.day()).unwrap_or(1),
    )
}

fn tasks(plan: &Plan) -> Sheet {
    let rows = plan.tasks.iter().map(|task| {
        vec![
            task.id.as_str().into(),
            words::stage(task.step).into(),
            Cell::Number(u64::from(task.day)),
            Cell::Date(task.date),
            words::task(task.kind).into(),
            task.title.as_str().into(),
            task.owner.as_str().into(),
            task.how.as_str().into(),
            task.lockstep.as_str().into(),
            task.evidence.as_str().into(),
            (&task.document).into(),
            task.subjects.join("\n").into(),
        ]
    });
    Sheet {
        name: "Tasks",
        columns: &[
            ("Task", 8),
            ("Step", 10),
            ("Day", 6),
            ("Date", 12),
            ("Kind", 10),
            ("What", 40),
            ("Owner", 22),
            ("How", 50),
            ("lockstep", 40),
            ("Evidence", 40),
            ("Document", 18),
            ("About", 40),
        ],
        rows: rows.collect(),
    }
}

fn dependencies(plan: &Plan) -> Sheet {
    let rows = plan.legacy.iter().flat_map(|audit| &audit.dependencies).map(|dependency| {
        vec![
            dependency.account.label().into(),
            (&dependency.client_app).into(),
            (&dependency.protocol).into(),
            (&dependency.app).into(),
            (&dependency.device).into(),
            Cell::Number(dependency.succeeded),
            Cell::Number(dependency.failed),
            dependency.first_seen.map_or(Cell::Empty, |time| words::moment(time).into()),
            dependency.last_seen.map_or(Cell::Empty, |time| words::moment(time).into()),
            dependency.cause.into(),
            dependency.finding.unwrap_or_default().into(),
            dependency.evidence.join("\n").into(),
            dependency.remedy.as_str().into(),
            (&dependency.owner).into(),
            (&dependency.decision).into(),
            dependency.due.into(),
        ]
    });
    Sheet {
        name: "Dependencies",
        columns: &[
            ("User", 34),
            ("Client app", 22),
            ("Protocol", 10),
            ("App", 24),
            ("Device", 24),
            ("Successes", 10),
            ("Failures", 10),
            ("First seen", 22),
            ("Last seen", 22),
            ("Cause", 18),
            ("Finding", 10),
            ("Evidence", 40),
            ("Remedy", 50),
            ("Owner", 20),
            ("Decision", 24),
            ("Due", 12),
        ],
        rows: rows.collect(),
    }
}

fn exceptions(plan: &Plan) -> Sheet {
    let rows = plan.exceptions.accounts.iter().map(|account| {
        vec![
            account.account.label().into(),
            (&account.account.display_name).into(),
            words::kind(account.kind).into(),
            account.evidence.join("\n").into(),
            account.treatment.into(),
            if account.mfa_exempt { "yes" } else { "no" }.into(),
            account.compensating_control.into(),
            account.max_days.map_or(Cell::Empty, |days| Cell::Number(u64::from(days))),
            account.approver.into(),
        ]
    });
    Sheet {
        name: "Exceptions",
        columns: &[
            ("Account", 34),
            ("Name", 24),
            ("Kind", 16),
            ("Evidence", 40),
            ("Treatment", 50),
            ("Exempt from MFA", 10),
            ("Instead", 40),
            ("At most days", 10),
            ("Approver", 20),
        ],
        rows: rows.collect(),
    }
}

fn people(plan: &Plan) -> Sheet {
    let rows = plan.registration.not_capable.iter().map(|person| {
        vec![
            person.account.label().into(),
            (&person.account.display_name).into(),
            person.reason.as_str().into(),
            words::method(person.recommended_method).into(),
            person.why.as_str().into(),
        ]
    });
    Sheet {
        name: "People",
        columns: &[
            ("Person", 34),
            ("Name", 24),
            ("Not capable because", 44),
            ("Recommended method", 24),
            ("Because", 50),
        ],
        rows: rows.collect(),
    }
}

fn findings(plan: &Plan) -> Sheet {
    let rows = plan.preflight.iter().map(|finding| {
        let stages = finding.stage.iter().map(|stage| words::stage(*stage));
        vec![
            finding.id.into(),
            words::severity(finding.severity).into(),
            words::verdict(finding.verdict).into(),
            stages.collect::<Vec<_>>().join(", ").into(),
            finding.subject.as_str().into(),
            finding.evidence.join("\n").into(),
            finding.fix.into(),
            (&finding.needs).into(),
        ]
    });
    Sheet {
        name: "Findings",
        columns: &[
            ("Check", 10),
            ("Severity", 10),
            ("Verdict", 14),
            ("Steps", 24),
            ("What", 50),
            ("Evidence", 40),
            ("Fix", 50),
            ("Needs", 40),
        ],
        rows: rows.collect(),
    }
}

fn dates(plan: &Plan) -> Sheet {
    let mut rows = Vec::new();
    for gate in &plan.gates {
        rows.push(vec![
            Cell::Date(gate.date),
            "gate".into(),
            format!("{}: {}", gate.id, gate.question).into(),
            words::gate(gate.today).into(),
            Cell::Empty,
        ]);
    }
    for collision in &plan.collisions {
        rows.push(vec![
            Cell::Date(collision.date),
            if collision.serious { "falls badly" } else { "worth knowing" }.into(),
            collision.what.as_str().into(),
            collision.with.as_str().into(),
            collision.proposed.into(),
        ]);
    }
    for date in &plan.platform_dates {
        rows.push(vec![
            Cell::Date(date.date),
            "platform".into(),
            date.event.as_str().into(),
            date.means.as_str().into(),
            Cell::Empty,
        ]);
    }
    Sheet {
        name: "Dates",
        columns: &[("Date", 12), ("Kind", 14), ("What", 50), ("With or means", 60), ("Better", 12)],
        rows,
    }
}
