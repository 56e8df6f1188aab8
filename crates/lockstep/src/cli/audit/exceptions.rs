//! `lockstep audit exceptions`

use rollout::exceptions::{self, ClassifiedAccount, Exceptions, Kind};

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_figures, say};
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

pub(super) fn run(exports: &ExportsOption, settings: &Settings) -> Result<Outcome, CommandError> {
    let place = Place::find(settings, exports.exports.as_deref())?;
    let reading = read_figures(&place, settings)?;
    let facts = facts(&reading, &place, settings);
    let classification = exceptions::classify(&facts);
    let register = exceptions::register(&facts, &classification);
    Outcome::new(settings, status_of(&reading), &register, || {
        let mut page = page(&register, settings);
        page.next(&place.command("audit registration"));
        page
    })
}

fn page(register: &Exceptions, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!(
        "Exceptions: {} to think about",
        words::count(words::length(&register.accounts), "account", "accounts")
    ));
    let unclassified = register.totals.get(&Kind::Unclassified).copied().unwrap_or(0);
    if unclassified > 0 {
        page.line(&format!(
            "{} cannot be classified from the files. Name what they are in lockstep.toml; nothing \
             is assumed of them.",
            words::count(unclassified, "account", "accounts")
        ));
    }
    page.table(
        &["kind", "accounts"],
        register
            .totals
            .iter()
            .map(|(kind, count)| {
                vec![
                    (words::kind(*kind).to_owned(), tone(*kind)),
                    (words::number(*count), Tone::Figure),
                ]
            })
            .collect(),
    );
    if !register.accounts.is_empty() {
        let mut accounts = register.accounts.iter().collect::<Vec<_>>();
        accounts.sort_by_key(|account| {
            (account.kind != Kind::Unclassified, account.kind, account.mfa_exempt)
        });
        let mut rest = accounts.as_slice();
        while let Some(first) = rest.first() {
            let alike = |it: &&&ClassifiedAccount| {
                (it.kind, it.mfa_exempt) == (first.kind, first.mfa_exempt)
            };
            let (group, others) = rest.split_at(rest.iter().take_while(alike).count());
            rest = others;
            let exempt = if first.mfa_exempt { ", exempt from MFA" } else { "" };
            page.heading(&format!("{}{exempt}", words::kind(first.kind)));
            page.table(&["account", "because"], group.iter().map(|it| row(it)).collect());
        }
        page.heading("How to treat each kind");
        let mut said: Vec<(Kind, &str)> = Vec::new();
        for account in accounts {
            let treatment = (account.kind, account.treatment);
            if !said.contains(&treatment) {
                said.push(treatment);
                page.item(&format!("{}: {}", words::kind(account.kind), account.treatment));
            }
        }
    }
    say::gaps(&mut page, &register.gaps);
    page
}

const fn tone(kind: Kind) -> Tone {
    match kind {
        Kind::Unclassified => Tone::Danger,
        Kind::SharedLogin | Kind::NoSmartphone | Kind::Executive => Tone::Caution,
        _ => Tone::Plain,
    }
}

fn row(account: &ClassifiedAccount) -> Vec<(String, Tone)> {
    vec![
        (account.account.label().to_owned(), tone(account.kind)),
        (account.evidence.join("; "), Tone::Plain),
    ]
}
