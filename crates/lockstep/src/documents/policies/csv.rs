//! The policies, and the matrix, as comma-separated values: UTF-8 with the mark by which Excel knows
//! it, rows written as they are made.

use std::io::{self, Write};

use rollout::policy_matrix::{MatrixAccount, PolicyMatrix};

use super::{PolicySetOf, name};
use crate::documents::spreadsheet_text::text;
use crate::words;

const MARK: &str = "\u{feff}";

/// One policy a row.
pub(super) fn policies(of: &PolicySetOf<'_>, mut to: impl Write) -> io::Result<()> {
    to.write_all(MARK.as_bytes())?;
    let header = [
        "Policy",
        "Id",
        "State",
        "For",
        "Except",
        "Resources",
        "Except resources",
        "When",
        "Demands",
        "Session",
        "Reached",
        "Excluded",
        "Not included",
        "Unknown",
        "Not known to lockstep",
    ];
    row(&mut to, header.map(str::to_owned))?;
    for (place, policy) in of.audit.policies.iter().enumerate() {
        let said = &policy.words;
        let reach = of.matrix.and_then(|matrix| matrix.policies.get(place));
        let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
        row(
            &mut to,
            [
                text(&name(policy)),
                text(policy.id.as_deref().unwrap_or_default()),
                words::policy_state(policy.state).to_owned(),
                text(&said.who.join("; ")),
                text(&said.except.join("; ")),
                text(&said.resources.join("; ")),
                text(&said.except_resources.join("; ")),
                text(&said.conditions.join("; ")),
                text(&said.demands),
                text(&said.session.join("; ")),
                count(reach.map(|it| it.reached)),
                count(reach.map(|it| it.excluded)),
                count(reach.map(|it| it.not_included)),
                count(reach.map(|it| it.unknown)),
                text(&policy.unmodelled.join("; ")),
            ],
        )?;
    }
    to.flush()
}

/// One account a row, one policy a column.
pub(super) fn matrix(matrix: &PolicyMatrix, mut to: impl Write) -> io::Result<()> {
    to.write_all(MARK.as_bytes())?;
    let fixed = [
        "Account",
        "Name",
        "Kind",
        "Enabled",
        "Asked for MFA",
        "MFA policies On",
        "Of those for every sign-in",
        "MFA policies Report-only",
        "MFA policies unknown",
    ];
    let policies = matrix.policies.iter().map(|policy| {
        let name = Some(policy.display_name.trim()).filter(|name| !name.is_empty());
        let name = name.or(policy.id.as_deref()).unwrap_or("(no name)");
        text(&format!("{name} ({})", words::policy_state(policy.state)))
    });
    row(&mut to, fixed.map(str::to_owned).into_iter().chain(policies))?;
    // Most accounts share their row with others: the end of the line of a class is made once, and
    // of no more classes than fit into a few megabytes.
    let mut ends: Vec<Option<String>> = vec![None; matrix.classes.len().min(MOST_ENDS)];
    for account in &matrix.accounts {
        let told = ends.get_mut(account.class);
        let made;
        let end = match told {
            Some(end) => &*end.get_or_insert_with(|| end_of(matrix, account)),
            None => {
                made = end_of(matrix, account);
                &made
            }
        };
        let [label, name, kind, enabled] = start_of(account);
        write!(to, "{},{},{},{},{end}\r\n", quoted(&label), quoted(&name), kind, enabled)?;
    }
    to.flush()
}

/// How many ends of lines are kept.
const MOST_ENDS: usize = 2_000;

fn start_of(account: &MatrixAccount) -> [String; 4] {
    [
        text(account.account.label()),
        text(account.account.display_name.as_deref().unwrap_or_default()),
        words::kind(account.kind).to_owned(),
        super::enabled(account.enabled).to_owned(),
    ]
}

fn end_of(matrix: &PolicyMatrix, account: &MatrixAccount) -> String {
    let Some(class) = matrix.class_of(account) else { return String::new() };
    let asked = class.asked;
    let mut end = format!(
        "{},{},{},{},{}",
        words::asked_by(asked.by()),
        asked.on,
        asked.always,
        asked.report_only,
        asked.unknown
    );
    for cell in matrix.cells_of(class) {
        end.push(',');
        end.push_str(&quoted(&text(&words::cell(cell))));
    }
    end
}

fn row(to: &mut impl Write, cells: impl IntoIterator<Item = String>) -> io::Result<()> {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            to.write_all(b",")?;
        }
        to.write_all(quoted(&cell).as_bytes())?;
    }
    to.write_all(b"\r\n")
}

/// A cell as RFC 4180 writes it.
fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_with_separators_are_quoted() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("a;b", "\"a;b\""),
        ];
        for (given, written) in cases {
            assert_eq!(quoted(given), written);
        }
    }
}
