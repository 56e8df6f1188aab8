//! The policies and the matrix as a spreadsheet. The sheets of accounts are written row by row to a
//! file beside the result, so that a hundred thousand rows need no memory of their own.

use std::io::Write;
use std::path::Path;

use jiff::tz::TimeZone;
use rollout::policy_matrix::{
    AccountClass, AskedBy, Cell, MatrixAccount, PolicyMatrix, PolicyReach,
};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{PolicySetOf, SENTENCES, enabled, name};
use crate::documents::spreadsheet_text::text;
use crate::words;

/// How large a sheet may be.
#[derive(Debug, Clone, Copy)]
pub struct SheetLimits {
    /// Rows, the header counted.
    pub rows: u32,
    /// Columns.
    pub columns: u16,
}

impl SheetLimits {
    /// Excel's own (Microsoft, *Excel specifications and limits*).
    pub const EXCEL: Self = Self { rows: 1_048_576, columns: 16_384 };
}

/// Names of one class that its row shows; the sheets of accounts have all.
const MEMBERS: usize = 50;

/// Columns before the policies, with their widths.
const FIXED: [(&str, u8); 10] = [
    ("Account", 34),
    ("Name", 24),
    ("Kind", 16),
    ("Enabled", 9),
    ("Class", 7),
    ("Asked for MFA", 18),
    ("MFA policies On", 10),
    ("Of those for every sign-in", 12),
    ("MFA policies Report-only", 12),
    ("MFA policies unknown", 12),
];
const FIXED_COLUMNS: u16 = 10;

/// The looks of cells.
struct Looks {
    head: Format,
    plain: Format,
    excluded: Format,
    unknown: Format,
    nobody: Format,
}

impl Looks {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            head: top().set_bold().set_text_wrap(),
            plain: top(),
            excluded: top().set_background_color(Color::RGB(0x00FD_F2DF)),
            unknown: top().set_italic().set_background_color(Color::RGB(0x00EE_F0F3)),
            nobody: top().set_bold().set_background_color(Color::RGB(0x00FD_EBEC)),
        }
    }

    fn of(&self, cell: &Cell) -> &Format {
        match cell {
            Cell::Reached | Cell::NotIncluded => &self.plain,
            Cell::Excluded(_) => &self.excluded,
            Cell::Unknown(_) => &self.unknown,
        }
    }

    fn of_asked(&self, asked: AskedBy) -> &Format {
        match asked {
            AskedBy::Nobody | AskedBy::ReportOnly => &self.nobody,
            AskedBy::Unknown => &self.unknown,
            AskedBy::Sometimes | AskedBy::Always => &self.plain,
        }
    }
}

/// Writes the workbook. Rows wait in a file without a name in `folder`, or where the system keeps
/// such files.
///
/// # Errors
/// When the spreadsheet writer refuses a sheet, or a file cannot be written.
pub fn workbook(
    of: &PolicySetOf<'_>,
    limits: SheetLimits,
    folder: Option<&Path>,
    to: impl Write + Send,
) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    if let Some(folder) = folder {
        workbook.set_tempdir(folder)?;
    }
    let today = of.now.to_zoned(TimeZone::UTC).date();
    workbook.set_properties(
        &DocProperties::new()
            .set_title(text(&format!("Conditional Access policies {}", of.tenant)))
            .set_author("lockstep")
            .set_creation_datetime(&ExcelDateTime::from_ymd(
                u16::try_from(today.year()).unwrap_or(1900),
                u8::try_from(today.month()).unwrap_or(1),
                u8::try_from(today.day()).unwrap_or(1),
            )?),
    );
    let looks = Looks::new();
    about(workbook.add_worksheet(), of, limits)?;
    policies(workbook.add_worksheet(), of, &looks)?;
    if let Some(matrix) = of.matrix {
        classes(&mut workbook, matrix, limits, &looks)?;
        accounts(&mut workbook, matrix, limits, &looks)?;
    }
    workbook.save_to_writer(to)
}

/// How many policies have room beside the fixed columns.
fn columns_of(limits: SheetLimits) -> usize {
    usize::from(limits.columns.saturating_sub(FIXED_COLUMNS))
}

fn about(
    sheet: &mut Worksheet,
    of: &PolicySetOf<'_>,
    limits: SheetLimits,
) -> Result<(), XlsxError> {
    sheet.set_name("About")?;
    sheet.set_column_width(0, 110)?;
    let mut lines = vec![
        format!("Conditional Access policies of {}", of.tenant),
        format!("Data as of {}.", words::moment(of.as_of)),
    ];
    lines.extend(SENTENCES.map(str::to_owned));
    match of.matrix {
        None => lines.push(
            "No file tells the users, or the policies: no account could be held against them."
                .to_owned(),
        ),
        Some(matrix) => {
            lines.push(
                "Sheet Classes: accounts that every policy treats alike, those first whom nobody \
                 asks. Sheet Accounts: one account a row. In both, `no` means that the policy does \
                 not include the account."
                    .to_owned(),
            );
            let rows = usize::try_from(limits.rows.saturating_sub(1)).unwrap_or(usize::MAX).max(1);
            let sheets = matrix.accounts.len().div_ceil(rows);
            if sheets > 1 {
                lines.push(format!(
                    "A sheet holds {} rows: the accounts go on in {sheets} sheets.",
                    words::number(u64::from(limits.rows))
                ));
            }
            let left_out = matrix.policies.len().saturating_sub(columns_of(limits));
            if left_out > 0 {
                lines.push(format!(
                    "A sheet holds {} columns: {left_out} policies are left out of Classes and \
                     Accounts. policy-matrix.csv has all.",
                    words::number(u64::from(limits.columns))
                ));
            }
        }
    }
    let wrapped = Format::new().set_text_wrap();
    for (row, line) in (0_u32..).zip(&lines) {
        sheet.write_string_with_format(row, 0, text(line), &wrapped)?;
    }
    Ok(())
}

fn policies(sheet: &mut Worksheet, of: &PolicySetOf<'_>, looks: &Looks) -> Result<(), XlsxError> {
    const COLUMNS: [(&str, u8); 14] = [
        ("Policy", 34),
        ("State", 12),
        ("For", 34),
        ("Except", 34),
        ("Resources", 28),
        ("Except resources", 20),
        ("When", 34),
        ("Demands", 24),
        ("Session", 24),
        ("Reached", 10),
        ("Excluded", 10),
        ("Not included", 12),
        ("Unknown", 10),
        ("Not known to lockstep", 24),
    ];
    sheet.set_name("Policies")?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_landscape();
    head(sheet, COLUMNS.iter().map(|(name, width)| ((*name).to_owned(), *width)), looks)?;
    let wrapped = looks.plain.clone().set_text_wrap();
    for ((row, policy), place) in (1_u32..).zip(&of.audit.policies).zip(0..) {
        let said = &policy.words;
        let texts = [
            name(policy),
            words::policy_state(policy.state).to_owned(),
            said.who.join("\n"),
            said.except.join("\n"),
            said.resources.join("\n"),
            said.except_resources.join("\n"),
            said.conditions.join("\n"),
            said.demands.clone(),
            said.session.join("\n"),
        ];
        for (column, value) in (0_u16..).zip(&texts) {
            sheet.write_string_with_format(row, column, text(value), &wrapped)?;
        }
        if let Some(reach) = of.matrix.and_then(|matrix| matrix.policies.get(place)) {
            let counts = [reach.reached, reach.excluded, reach.not_included, reach.unknown];
            for (column, count) in (9_u16..).zip(counts) {
                number(sheet, row, column, count, &looks.plain)?;
            }
        }
        sheet.write_string_with_format(row, 13, text(&policy.unmodelled.join("\n")), &wrapped)?;
    }
    Ok(())
}

fn head(
    sheet: &mut Worksheet,
    columns: impl Iterator<Item = (String, u8)>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    for (column, (name, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, f64::from(width))?;
        sheet.write_string_with_format(0, column, text(&name), &looks.head)?;
    }
    Ok(())
}

/// Counts of people and policies are far below 2^32.
fn number(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: u64,
    format: &Format,
) -> Result<(), XlsxError> {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    sheet.write_number_with_format(row, column, value, format).map(|_| ())
}

/// The policies that have room, as heads of columns.
fn policy_columns(
    policies: &[PolicyReach],
    limits: SheetLimits,
) -> impl Iterator<Item = (String, u8)> {
    policies.iter().take(columns_of(limits)).map(|policy| {
        let name = Some(policy.display_name.trim()).filter(|name| !name.is_empty());
        let name = name.or(policy.id.as_deref()).unwrap_or("(no name)");
        (format!("{name} ({})", words::policy_state(policy.state)), 18)
    })
}

/// Who asks, and the cells of a class, from the sixth column on.
fn standing(
    sheet: &mut Worksheet,
    row: u32,
    matrix: &PolicyMatrix,
    class: &AccountClass,
    limits: SheetLimits,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let asked = class.asked;
    let by = asked.by();
    sheet.write_string_with_format(row, 5, words::asked_by(by), looks.of_asked(by))?;
    let counts = [asked.on, asked.always, asked.report_only, asked.unknown];
    for (column, count) in (6_u16..).zip(counts) {
        number(sheet, row, column, count, &looks.plain)?;
    }
    let cells = matrix.cells_of(class).take(columns_of(limits));
    for (column, cell) in (FIXED_COLUMNS..).zip(cells) {
        match cell {
            Cell::Reached | Cell::NotIncluded => {
                sheet.write_string(row, column, words::cell(cell))?
            }
            _ => {
                let said = text(&words::cell(cell));
                sheet.write_string_with_format(row, column, said, looks.of(cell))?
            }
        };
    }
    Ok(())
}

/// One class a row, on one sheet: what finds no room there stands in the sheets of accounts.
fn classes(
    workbook: &mut Workbook,
    matrix: &PolicyMatrix,
    limits: SheetLimits,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_low_memory()?;
    sheet.set_name("Classes")?;
    sheet.set_freeze_panes(1, 1)?;
    let fixed = FIXED.map(|(name, width)| match name {
        "Account" => ("Accounts of the class".to_owned(), width),
        "Name" => ("How many".to_owned(), 9),
        "Kind" => ("Kinds".to_owned(), 28),
        "Enabled" => ("How many enabled".to_owned(), 9),
        name => (name.to_owned(), width),
    });
    head(sheet, fixed.into_iter().chain(policy_columns(&matrix.policies, limits)), looks)?;
    for ((row, class), place) in (1..limits.rows).zip(&matrix.classes).zip(1_u64..) {
        let mut members: Vec<&str> = Vec::new();
        members.extend(matrix.accounts_of(class).take(MEMBERS).map(|it| it.account.label()));
        let more = class.accounts.len().saturating_sub(members.len());
        let mut said = members.join("\n");
        if more > 0 {
            said.push_str(&format!("\nand {more} more"));
        }
        let enabled = matrix.accounts_of(class).filter(|it| it.enabled != Some(false)).count();
        sheet.write_string_with_format(row, 0, text(&said), &looks.plain)?;
        number(sheet, row, 1, words::length(&class.accounts), &looks.plain)?;
        sheet.write_string_with_format(row, 2, super::kinds(matrix, class), &looks.plain)?;
        number(sheet, row, 3, u64::try_from(enabled).unwrap_or(u64::MAX), &looks.plain)?;
        number(sheet, row, 4, place, &looks.plain)?;
        standing(sheet, row, matrix, class, limits, looks)?;
    }
    Ok(())
}

/// One account a row, on as many sheets as it takes.
fn accounts(
    workbook: &mut Workbook,
    matrix: &PolicyMatrix,
    limits: SheetLimits,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let rows = usize::try_from(limits.rows.saturating_sub(1)).unwrap_or(usize::MAX).max(1);
    let parts: Vec<&[MatrixAccount]> = matrix.accounts.chunks(rows).collect();
    for (number_of, part) in (1..).zip(&parts) {
        let sheet = workbook.add_worksheet_with_low_memory()?;
        if parts.len() == 1 {
            sheet.set_name("Accounts")?;
        } else {
            sheet.set_name(format!("Accounts {number_of}"))?;
        }
        sheet.set_freeze_panes(1, 1)?;
        let fixed = FIXED.map(|(name, width)| (name.to_owned(), width));
        head(sheet, fixed.into_iter().chain(policy_columns(&matrix.policies, limits)), looks)?;
        for (row, account) in (1_u32..).zip(*part) {
            let Some(class) = matrix.class_of(account) else { continue };
            let display_name = account.account.display_name.as_deref().unwrap_or_default();
            sheet.write_string(row, 0, text(account.account.label()))?;
            sheet.write_string(row, 1, text(display_name))?;
            sheet.write_string(row, 2, words::kind(account.kind))?;
            sheet.write_string(row, 3, enabled(account.enabled))?;
            let place = u64::try_from(account.class).unwrap_or(u64::MAX).saturating_add(1);
            number(sheet, row, 4, place, &looks.plain)?;
            standing(sheet, row, matrix, class, limits, looks)?;
        }
        let columns = matrix.policies.len().min(columns_of(limits));
        let last = FIXED_COLUMNS.saturating_add(u16::try_from(columns).unwrap_or(u16::MAX));
        let rows = u32::try_from(part.len()).unwrap_or(u32::MAX);
        sheet.autofilter(0, 0, rows, last.saturating_sub(1))?;
    }
    Ok(())
}
