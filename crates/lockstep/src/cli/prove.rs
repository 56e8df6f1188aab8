//! `lockstep prove`

use clap::Args;
use rollout::Account;
use rollout::proof::{Proof, Refutation};
use rollout::proposal::Against;

use crate::arguments::ExportsOption;
use crate::cli::proposed::ProposedOption;
use crate::cli::{facts, read, say};
use crate::deciding;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

/// Prove that nobody who must get in is locked out, or show who is, and when
///
/// Holds when at least two proven administrators and every break-glass account can sign in under
/// the policies that are proposed, whatever app, client, platform, place, device and risk. Else it
/// ends with 6 and shows for each account that can be barred the least unusual situation. What
/// nobody saw counts at its worst. Microsoft's mandatory MFA for administration is no part of it.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    #[command(flatten)]
    exports: ExportsOption,
    #[command(flatten)]
    proposed: ProposedOption,
}

impl Prove {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let proposed = self.proposed.read()?;
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read(&place, settings)?;
        let facts = facts(&reading, &place, settings);
        let proposal = proposed.over(&facts)?;
        let proof = deciding::proof(&facts, &proposal, reading.unreadable_tenant());
        let status = if proof.holds { status_of(&reading) } else { ExitStatus::Refused };
        Outcome::new(settings, status, &proof, || {
            let mut page = page(&proof, settings);
            page.next(&self.next(&proof, &place));
            page
        })
    }

    /// Where it holds, what the change does to everybody else; else what is wrong with break-glass
    /// accounts and policies.
    fn next(&self, proof: &Proof, place: &Place) -> String {
        if proof.holds && proof.against == Against::Proposed {
            place.command(&format!("impact{}", self.proposed.given()))
        } else if proof.holds {
            place.command("prove")
        } else {
            place.command("audit preflight")
        }
    }
}

fn page(proof: &Proof, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(headline(proof));
    page.line(&judged(proof));
    for shortfall in &proof.shortfalls {
        page.item(shortfall);
    }
    let rows = people(proof);
    if !rows.is_empty() {
        page.heading("Who must get in");
        page.table(&["account", "needed as", "can sign in", "because"], rows);
    }
    for example in &proof.counter_examples {
        refutation(&mut page, example);
    }
    if !proof.assumptions.is_empty() {
        page.heading("Taken for granted");
        proof.assumptions.iter().for_each(|it| page.item(it));
    }
    say::gaps(&mut page, &proof.gaps);
    page
}

fn headline(proof: &Proof) -> &'static str {
    match (proof.holds, proof.against) {
        (true, Against::Proposed) => "Proven: nobody who must get in would be locked out",
        (true, Against::Current) => "Proven: nobody who must get in is locked out",
        (false, Against::Proposed) => "Not proven: do not switch this on",
        (false, Against::Current) => "Not proven: somebody who must get in may be locked out",
    }
}

/// What was judged, and how much of it.
fn judged(proof: &Proof) -> String {
    let policies = match proof.policies.as_slice() {
        [] => "No policy would be On.".to_owned(),
        [one] => format!("One policy counts: {one}."),
        several => format!(
            "{} policies count: {}.",
            words::number(words::length(several)),
            several.join(", ")
        ),
    };
    format!(
        "{policies} {} of app, client, platform, place, device and risk were judged.",
        words::count(proof.cells_checked, "combination", "combinations")
    )
}

fn people(proof: &Proof) -> Vec<Vec<(String, Tone)>> {
    let row = |account: &Account, role: &str, can: (&str, Tone), because: &str| {
        vec![
            (account.label().to_owned(), Tone::Plain),
            (role.to_owned(), Tone::Plain),
            (can.0.to_owned(), can.1),
            (because.to_owned(), Tone::Plain),
        ]
    };
    let yes = ("yes", Tone::Good);
    let mut rows = Vec::new();
    for it in &proof.break_glass {
        let is_barred = proof.counter_examples.iter().any(|other| other.account == it.account);
        let because = match (it.can_sign_in, it.excluded_from_all) {
            (true, true) => "no policy reaches it",
            (true, false) => "it can meet what is demanded",
            (false, _) if is_barred => "see below",
            (false, _) => "see above",
        };
        let can = if it.can_sign_in { yes } else { ("NO", Tone::Danger) };
        rows.push(row(&it.account, "break-glass", can, because));
    }
    for account in &proof.administrators_who_can_sign_in {
        rows.push(row(account, "administrator", yes, "the log shows MFA"));
    }
    for account in &proof.unproven_administrators {
        let can = ("not proven", Tone::Caution);
        rows.push(row(account, "administrator", can, "nobody saw MFA"));
    }
    for it in proof.counter_examples.iter().filter(|it| it.role == "administrator") {
        rows.push(row(&it.account, "administrator", ("NO", Tone::Danger), "see below"));
    }
    rows
}

fn refutation(page: &mut Page, example: &Refutation) {
    page.heading(&format!("{} ({})", example.account.label(), example.role));
    example.why.iter().for_each(|it| page.line(it));
    example.mend.iter().for_each(|it| page.item(it));
}
