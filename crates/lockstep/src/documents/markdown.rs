//! The plan as Markdown, for wikis and tickets.

mod lockout;

use std::fmt::Write as _;

use rollout::plan::{Plan, TaskKind};
use rollout::preflight::Verdict;

use crate::plain_text::one_line;
use crate::words;

/// The plan as Markdown.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let mut text = String::new();
    head(&mut text, plan);
    steps(&mut text, plan);
    lockout::sections(&mut text, plan);
    tasks(&mut text, plan);
    registers(&mut text, plan);
    findings(&mut text, plan);
    closing(&mut text, plan);
    text
}

/// Foreign text inside a line of Markdown: nothing in it can start markup, a cell or a tag.
pub(super) fn safe(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '\\' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

fn table(text: &mut String, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    // Writing to a text cannot fail, here and below.
    let _ = writeln!(text, "| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        let cells = row.iter().map(|cell| safe(cell)).collect::<Vec<_>>();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn head(text: &mut String, plan: &Plan) {
    let _ = writeln!(
        text,
        "# MFA rollout plan: {}\n\n{} to {} ({})\n",
        safe(&plan.tenant.name),
        words::date(plan.start),
        words::date(plan.end),
        safe(&plan.time_zone)
    );
    for sentence in &plan.summary.sentences {
        let _ = writeln!(text, "{}\n", safe(sentence));
    }
    if !plan.collisions.is_empty() {
        let _ = writeln!(text, "## Dates that fall badly\n");
        let rows = plan.collisions.iter().map(|it| {
            vec![
                words::date(it.date),
                if it.serious { "must move" } else { "worth knowing" }.to_owned(),
                it.what.clone(),
                it.with.clone(),
                it.proposed.map(words::date).unwrap_or_default(),
            ]
        });
        table(text, &["date", "", "what", "collides with", "better"], rows);
    }
}

fn steps(text: &mut String, plan: &Plan) {
    let _ = writeln!(text, "## The five steps\n");
    let rows = plan.steps.iter().map(|step| {
        vec![
            words::stage(step.id).to_owned(),
            words::span(step.first_day.to_string(), step.last_day.to_string()),
            format!("{} to {}", words::date(step.first_date), words::date(step.last_date)),
            step.what.clone(),
        ]
    });
    table(text, &["step", "days", "dates", "what happens"], rows);
    let _ = writeln!(text, "## Gates\n");
    let rows = plan.gates.iter().map(|gate| {
        vec![
            gate.id.to_owned(),
            words::date(gate.date),
            gate.question.clone(),
            gate.thresholds.join("; "),
            format!("{}: {}", words::gate(gate.today), gate.why),
        ]
    });
    table(text, &["gate", "date", "question", "threshold", "today"], rows);
}

fn tasks(text: &mut String, plan: &Plan) {
    let _ = writeln!(text, "## Day by day\n");
    let mut day = None;
    for task in &plan.tasks {
        if day != Some(task.date) {
            day = Some(task.date);
            let _ = writeln!(
                text,
                "\n### Day {}, {} ({})\n",
                task.day,
                words::date(task.date),
                words::stage(task.step)
            );
        }
        let _ = writeln!(
            text,
            "- [ ] **{}** {} ({}, {})",
            safe(&task.id),
            safe(&task.title),
            safe(&task.owner),
            words::task(task.kind)
        );
        for (name, value) in
            [("How", &task.how), ("lockstep", &task.lockstep), ("Evidence", &task.evidence)]
        {
            if !value.is_empty() {
                let _ = writeln!(text, "  - {name}: {}", safe(value));
            }
        }
        if !task.subjects.is_empty() {
            let _ = writeln!(text, "  - About: {}", safe(&task.subjects.join(", ")));
        }
    }
    let changes = plan.tasks.iter().filter(|task| task.kind == TaskKind::Change).count();
    let _ = writeln!(text, "\n{} tasks, {changes} of them change the tenant.\n", plan.tasks.len());
    let _ = writeln!(text, "## Changes to the tenant\n");
    let rows = plan.change_sets.iter().map(|set| {
        vec![
            set.id.to_owned(),
            words::date(set.date),
            set.title.clone(),
            set.changes.join("; "),
            set.inverse.clone(),
            set.danger.to_owned(),
        ]
    });
    table(text, &["change set", "date", "title", "changes", "undone by", "danger"], rows);
    requests(text, plan);
}

/// The change sets as requests, ready to be pasted.
fn requests(text: &mut String, plan: &Plan) {
    let sets = plan.change_sets.iter().filter(|set| !set.requests.is_empty());
    for (position, set) in sets.enumerate() {
        if position == 0 {
            let _ = writeln!(
                text,
                "## Requests, ready for Graph Explorer\n\nEach does what its change set says, on \
                 the date of the change set and not before. Replace every `<id of …>` first.\n"
            );
        }
        let _ = writeln!(text, "### {} {}\n", set.id, safe(&set.title));
        for request in &set.requests {
            let _ = writeln!(text, "{}:\n\n```http", safe(&request.purpose));
            let _ = writeln!(text, "{} {}\n", request.method, fenced(&request.path));
            let _ = writeln!(text, "{}\n```\n", fenced(&request.body));
        }
    }
}

/// Text inside a code fence, which a name of the tenant cannot end.
fn fenced(text: &str) -> String {
    text.replace("```", "'''")
}

fn registers(text: &mut String, plan: &Plan) {
    let _ = writeln!(text, "## Legacy authentication\n");
    match &plan.legacy {
        None => {
            let _ = writeln!(text, "No sign-in log was read: unknown.\n");
        }
        Some(audit) => {
            let rows = audit.dependencies.iter().map(|it| {
                vec![
                    it.account.label().to_owned(),
                    it.client_app.clone().unwrap_or_default(),
                    it.device.clone().unwrap_or_default(),
                    words::number(it.succeeded),
                    it.cause.to_owned(),
                    it.remedy.clone(),
                    it.owner.clone().unwrap_or_else(|| "nobody yet".to_owned()),
                ]
            });
            let header = ["user", "client app", "device", "successes", "cause", "do", "owner"];
            table(text, &header, rows);
        }
    }
    let _ = writeln!(text, "## Exceptions register\n");
    let rows = plan.exceptions.accounts.iter().map(|it| {
        vec![
            it.account.label().to_owned(),
            words::kind(it.kind).to_owned(),
            it.treatment.to_owned(),
            if it.mfa_exempt { "yes" } else { "no" }.to_owned(),
            it.approver.to_owned(),
        ]
    });
    table(text, &["account", "kind", "treatment", "exempt", "approver"], rows);
    let _ = writeln!(text, "## People who cannot pass MFA today\n");
    let rows = plan.registration.not_capable.iter().map(|it| {
        vec![it.account.label().to_owned(), it.reason.clone(), words::method(it.recommended_method)]
    });
    table(text, &["person", "reason", "recommended"], rows);
}

fn findings(text: &mut String, plan: &Plan) {
    for (verdict, heading) in [
        (Verdict::Found, "## Findings\n"),
        (Verdict::Inconclusive, "## Checks the files cannot decide\n"),
    ] {
        let _ = writeln!(text, "{heading}");
        let rows = plan.preflight.iter().filter(|it| it.verdict == verdict).map(|it| {
            vec![
                it.id.to_owned(),
                words::severity(it.severity).to_owned(),
                it.subject.clone(),
                it.needs.clone().unwrap_or_else(|| it.fix.to_owned()),
            ]
        });
        table(text, &["check", "severity", "what", "do"], rows);
    }
}

fn closing(text: &mut String, plan: &Plan) {
    let _ = writeln!(text, "## Success criteria\n");
    let rows = plan
        .success_criteria
        .iter()
        .map(|it| vec![it.title.clone(), it.measured_by.clone(), it.today.clone()]);
    table(text, &["criterion", "measured by", "today"], rows);
    let _ = writeln!(text, "## Who to talk to\n");
    let rows = plan
        .conversations
        .iter()
        .map(|it| vec![words::date(it.by), it.with.clone(), it.about.clone()]);
    table(text, &["by", "with", "about"], rows);
    let _ = writeln!(text, "## Messages\n");
    for message in &plan.messages {
        let _ = writeln!(
            text,
            "### {} ({})\n\nTo: {}\n",
            safe(&message.subject),
            words::date(message.send_on),
            safe(&message.to)
        );
        for paragraph in message.body.lines() {
            let _ = writeln!(text, "> {}", safe(paragraph));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "## Where this departs from the classic text\n");
    let rows = plan
        .departures
        .iter()
        .map(|it| vec![it.classic.clone(), it.instead.clone(), it.because.clone()]);
    table(text, &["classic", "here", "because"], rows);
    let _ = writeln!(text, "## Not seen\n");
    let rows =
        plan.gaps.iter().map(|it| vec![it.what.clone(), it.so.clone(), it.close_with.clone()]);
    table(text, &["not known", "so", "to close it"], rows);
    let _ = writeln!(
        text,
        "---\n\nMade {} from data as of {}; {}",
        words::moment(plan.generated_at),
        words::moment(plan.as_of),
        safe(&plan.made_from)
    );
}
