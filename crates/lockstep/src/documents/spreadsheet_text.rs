//! Text of strangers in the cells of a spreadsheet.

/// The most characters written to one cell; Excel takes 32,767 (*Excel specifications and limits*).
const MOST: usize = 32_000;

/// A text no spreadsheet takes for a formula, at most as long as a cell may be (OWASP, *CSV
/// Injection*).
pub(super) fn text(value: &str) -> String {
    let value = crate::plain_text::lines(value);
    let value = value.chars().take(MOST).collect::<String>();
    if value.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠']) {
        format!("'{value}")
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn no_text_begins_like_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            (" \t@SUM(A1)", "'@SUM(A1)"),
            ("\u{feff}+1", "'+1"),
            ("－1", "'－1"),
            ("a=b", "a=b"),
            ("", ""),
        ];
        for (given, written) in cases {
            assert_eq!(text(given), written, "{given:?}");
        }
        assert_eq!(text(&"x".repeat(40_000)).len(), 32_000);
    }
}
