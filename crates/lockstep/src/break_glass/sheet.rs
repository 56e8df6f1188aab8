//! One sheet: an account, a place, a password.

use std::fmt::{self, Write as _};

use askama::Template;
use zeroize::Zeroizing;

use super::password;
use crate::error::CommandError;
use crate::plain_text::one_line;

/// Room for a page, so that it never grows: what is grown leaves a copy behind.
const ROOM: usize = 32 * 1024;

/// How the password is read.
const HOW: &str = "30 characters, in groups only for the eye: no blanks. ^ stands under a capital \
                   letter. Never in it: 0 O o, 1 I i l, 2 Z z, 5 S s, 8 B b, g q. The signs are plus, \
                   equals, percent, star, question mark, and.";

/// What stands on a sheet besides the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Which sheet of the account.
    pub(super) number: usize,
    /// How many there are.
    pub(super) of: usize,
    /// The organisation.
    pub(super) tenant: String,
    /// The account.
    pub(super) account: String,
    /// Where it is kept.
    pub(super) place: String,
    /// Where to sign in.
    pub(super) portal: &'static str,
    /// When the password was set.
    pub(super) set_at: String,
    /// The account passes with a key; the password is the way back to registering one.
    pub(super) phishing_resistant: bool,
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct Html<'a> {
    sheet: &'a Sheet,
    letters: &'a str,
    marks: &'a str,
    how: &'static str,
    lines: [&'static str; 3],
}

impl Sheet {
    /// What to know when the sheet is opened.
    const fn lines(&self) -> [&'static str; 3] {
        [
            if self.phishing_resistant {
                "This password alone does not open the admin portals: they ask every account for MFA. \
                 Use the account's own security key, from its other place. The password serves where a \
                 key is asked for together with it, and to register a new key by a Temporary Access \
                 Pass."
            } else {
                "In this cloud the password alone signs in. Whoever reads it holds the tenant."
            },
            "Every use raises an alarm, and two people decide on it. Announce a test first: `lockstep \
             break-glass test --announce --by WHO`.",
            "After every use: a new password (`lockstep break-glass sheet ACCOUNT`), a new sheet, a new \
             seal. Steps and requests stand on the runbook page.",
        ]
    }

    /// The page, with the password in it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn page(
        &self,
        password: &str,
        html: bool,
    ) -> Result<Zeroizing<String>, CommandError> {
        let mut page = Zeroizing::new(String::with_capacity(ROOM));
        let made =
            if html { self.html(password, &mut page) } else { self.text(password, &mut page) };
        // The error of a template tells nothing of what is filled in; nor does this one.
        made.map_err(|_| CommandError::refused("the sheet cannot be made"))?;
        Ok(page)
    }

    fn html(&self, password: &str, page: &mut String) -> fmt::Result {
        let rows = password::on_paper(password);
        let [letters, marks] = &*rows;
        let html = Html { sheet: self, letters, marks, how: HOW, lines: self.lines() };
        html.render_into(page).map_err(|_| fmt::Error)
    }

    fn text(&self, password: &str, page: &mut String) -> fmt::Result {
        let rule = "-".repeat(76);
        let rows = password::on_paper(password);
        let [letters, marks] = &*rows;
        writeln!(page, "{rule}")?;
        writeln!(page, " BREAK-GLASS SHEET {} of {}", self.number, self.of)?;
        writeln!(page, "{rule}")?;
        for (name, value) in [
            ("Organisation", self.tenant.as_str()),
            ("Account", self.account.as_str()),
            ("Place", self.place.as_str()),
            ("Sign in at", self.portal),
            ("Set at", self.set_at.as_str()),
        ] {
            writeln!(page, " {name:<14}{}", one_line(value))?;
        }
        writeln!(page, "\n\n    {letters}\n    {}\n", marks.trim_end())?;
        for line in std::iter::once(HOW).chain(self.lines()) {
            writeln!(page, "{}", wrapped(line))?;
        }
        writeln!(page, "\n First signature, date  ______________________________________________")?;
        writeln!(page, "\n Second signature, date ______________________________________________")?;
        writeln!(page, "\n Number of the bag      ______________________________________________")?;
        writeln!(page, "{rule}")
    }
}

/// A paragraph of known words, at most 76 columns wide.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        if width + word.len() >= 76 {
            lines.push('\n');
            width = 0;
        }
        lines.push(' ');
        lines.push_str(word);
        width += word.len() + 1;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            number: 1,
            of: 2,
            tenant: "NE Engineering".to_owned(),
            account: "svc-emergency-alpha@ne.onmicrosoft.com".to_owned(),
            place: "Safe A".to_owned(),
            portal: "https://entra.microsoft.com",
            set_at: "2026-11-24 09:30 UTC".to_owned(),
            phishing_resistant: true,
        }
    }

    #[test]
    fn the_page_of_a_terminal() {
        let page = sheet().page("Ab3+cDEfgh4=xxxPPPPPkkkkkMMMM%", false).unwrap();
        insta::assert_snapshot!(*page, @r#"
        ----------------------------------------------------------------------------
         BREAK-GLASS SHEET 1 of 2
        ----------------------------------------------------------------------------
         Organisation  NE Engineering
         Account       svc-emergency-alpha@ne.onmicrosoft.com
         Place         Safe A
         Sign in at    https://entra.microsoft.com
         Set at        2026-11-24 09:30 UTC


            Ab3+c  DEfgh  4=xxx  PPPPP  kkkkk  MMMM%
            ^      ^^            ^^^^^         ^^^^

         30 characters, in groups only for the eye: no blanks. ^ stands under a
         capital letter. Never in it: 0 O o, 1 I i l, 2 Z z, 5 S s, 8 B b, g q. The
         signs are plus, equals, percent, star, question mark, and.

         This password alone does not open the admin portals: they ask every account
         for MFA. Use the account's own security key, from its other place. The
         password serves where a key is asked for together with it, and to register
         a new key by a Temporary Access Pass.

         Every use raises an alarm, and two people decide on it. Announce a test
         first: `lockstep break-glass test --announce --by WHO`.

         After every use: a new password (`lockstep break-glass sheet ACCOUNT`), a
         new sheet, a new seal. Steps and requests stand on the runbook page.


         First signature, date  ______________________________________________

         Second signature, date ______________________________________________

         Number of the bag      ______________________________________________
        ----------------------------------------------------------------------------
        "#);
    }

    #[test]
    fn a_hostile_name_is_text_on_both_pages() {
        let hostile = Sheet {
            tenant: "<script>alert(1)</script>".to_owned(),
            place: "Safe \u{1b}[31m\nPassword: wrong".to_owned(),
            ..sheet()
        };
        let html = hostile.page("Ab3+c", true).unwrap();
        assert!(!html.contains("<script"), "{}", *html);
        let text = hostile.page("Ab3+c", false).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains("\nPassword"), "{}", *text);
    }

    /// Growing would leave a copy of the password in memory that nobody wipes.
    #[test]
    fn a_page_never_grows() {
        let long = "x".repeat(2_000);
        let wide = Sheet { tenant: long.clone(), account: long.clone(), place: long, ..sheet() };
        for html in [false, true] {
            let page = wide.page(&"A3+c4".repeat(6), html).unwrap();
            assert!(page.capacity() == ROOM, "{} of {}", page.len(), page.capacity());
        }
    }

    #[test]
    fn the_password_stands_once_on_a_page_and_characters_of_html_are_readable() {
        for html in [false, true] {
            let page = sheet().page("Ab3&c", html).unwrap();
            let shown = if html { "Ab3&#38;c" } else { "Ab3&c" };
            assert_eq!(page.matches(shown).count(), 1, "{}", *page);
        }
    }

    #[test]
    fn where_a_password_is_enough_the_sheet_says_so() {
        let page = Sheet { phishing_resistant: false, ..sheet() }.page("Ab3+c", false).unwrap();
        assert!(page.contains("the password alone signs in"), "{}", *page);
        assert!(!page.contains("security key"), "{}", *page);
    }
}
