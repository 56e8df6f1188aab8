//! Text for people: lines, tables that fit, and the command to run next.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
    presets,
};

use crate::plain_text::one_line;

/// Blanks between two columns.
const GAP: u16 = 2;

/// How a cell stands out. The word always says it too; colour only repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to mark.
    Plain,
    /// Good.
    Good,
    /// Worth a look.
    Caution,
    /// Dangerous.
    Danger,
    /// A figure, aligned to the right.
    Figure,
}

/// One page of text.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    text: String,
    width: u16,
    color: bool,
}

impl Page {
    /// An empty page.
    pub(crate) fn new(width: u16, color: bool) -> Self {
        Self { text: String::new(), width, color }
    }

    /// A heading, with a blank line before it.
    pub(crate) fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let heading = one_line(heading);
        if self.color {
            use owo_colors::OwoColorize as _;
            self.text.push_str(&heading.bold().to_string());
        } else {
            self.text.push_str(&heading);
        }
        self.text.push('\n');
    }

    /// A paragraph, wrapped to the width.
    pub(crate) fn line(&mut self, line: &str) {
        self.wrapped(line, "", "");
    }

    /// An item of a list, wrapped and indented.
    pub(crate) fn item(&mut self, line: &str) {
        self.wrapped(line, "  - ", "    ");
    }

    /// A paragraph whose later lines begin with `rest`: what stands at the left edge is a line of its own,
    /// whatever a name says.
    pub(crate) fn hanging(&mut self, first: &str, line: &str, rest: &str) {
        self.wrapped(line, first, rest);
    }

    fn wrapped(&mut self, line: &str, first: &str, rest: &str) {
        let width = usize::from(self.width);
        let mut row = first.to_owned();
        let mut empty = true;
        for word in one_line(line).split(' ') {
            if !empty && row.chars().count() + 1 + word.chars().count() > width {
                self.text.push_str(&row);
                self.text.push('\n');
                row = rest.to_owned();
                empty = true;
            }
            if !empty {
                row.push(' ');
            }
            row.push_str(word);
            empty = false;
        }
        self.text.push_str(&row);
        self.text.push('\n');
    }

    /// What another command printed, as it stands: it was made safe when it was made.
    pub(crate) fn printed(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A table. Cells are made safe here, so no caller can forget it.
    pub(crate) fn table(&mut self, header: &[&str], rows: Vec<Vec<(String, Tone)>>) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(header.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
        let words = longest_words(header, &rows);
        for row in rows {
            table.add_row(row.iter().map(|(text, tone)| cell(text, *tone)));
        }
        // The first column names something; a name broken in the middle is hard to search for.
        let named = table.column_max_content_widths().first().copied().unwrap_or(0);
        let share = if header.len() > 2 { 2 } else { 3 };
        let least = named.saturating_add(GAP).min(self.width.saturating_mul(share) / 5);
        // Nor is any other word broken, as long as all of them fit side by side.
        let others = words.iter().skip(1).copied().sum::<u16>();
        let all_fit = least.saturating_add(others) <= self.width;
        for (position, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP));
            let least = if position == 0 {
                Some(least)
            } else {
                words.get(position).copied().filter(|_| all_fit)
            };
            if let Some(least) = least {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        for line in table.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// The last line: what to run next.
    pub(crate) fn next(&mut self, command: &str) {
        self.text.push_str("\nNext: ");
        self.text.push_str(&one_line(command));
        self.text.push('\n');
    }

    /// The finished text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// The longest word of each column, with the gap behind it.
fn longest_words(header: &[&str], rows: &[Vec<(String, Tone)>]) -> Vec<u16> {
    let longest = |text: &str| {
        let longest = text.split_whitespace().map(|word| word.chars().count()).max();
        u16::try_from(longest.unwrap_or(0)).unwrap_or(u16::MAX)
    };
    let of_column = |position: usize, name: &str| {
        let cells = rows.iter().filter_map(|row| row.get(position));
        let cells = cells.map(|(text, _)| longest(text)).max().unwrap_or(0);
        cells.max(longest(name)).saturating_add(GAP)
    };
    header.iter().enumerate().map(|(position, name)| of_column(position, name)).collect()
}

fn cell(text: &str, tone: Tone) -> Cell {
    let cell = Cell::new(one_line(text));
    match tone {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Caution => cell.fg(Color::Yellow),
        Tone::Danger => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Tone::Figure => cell.set_alignment(CellAlignment::Right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_and_a_hostile_name_stays_in_its_cell() {
        let mut page = Page::new(40, false);
        let name = format!("{}\u{1b}[2J@ne.example", "long-".repeat(12));
        page.table(
            &["who", "count"],
            vec![
                vec![(name, Tone::Plain), ("12".to_owned(), Tone::Figure)],
                vec![("a\nb".to_owned(), Tone::Danger), ("3".to_owned(), Tone::Figure)],
            ],
        );
        let text = page.finish();
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("a b"), "{text}");
    }

    #[test]
    fn words_stay_whole_while_they_fit() {
        let mut page = Page::new(40, false);
        let plain = |text: &str| (text.to_owned(), Tone::Plain);
        page.table(
            &["who", "what", "cause"],
            vec![vec![
                plain("a@ne.example"),
                plain("some words that wrap and wrap again"),
                plain("business-imap"),
            ]],
        );
        let text = page.finish();
        assert!(text.contains("a@ne.example") && text.contains("business-imap"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    }

    #[test]
    fn paragraphs_wrap_between_words() {
        let mut page = Page::new(20, false);
        page.item("one two three four five six");
        assert_eq!(page.finish(), "  - one two three\n    four five six\n");
    }
}
