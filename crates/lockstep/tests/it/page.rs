//! The page: safe, self-contained, light, in order.

use std::path::Path;

use lockstep::documents::html;

use crate::sample_plan;

/// The page of a plan, kept beside the build for anyone who wants to look at it.
fn rendered(name: &str, plan: &rollout::plan::Plan) -> String {
    let page = html(plan, 0.95).unwrap();
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), &page).unwrap();
    page
}

/// Every tag of a page, without closing ones.
fn tags(page: &str) -> Vec<&str> {
    let body = page.split("</style>").last().unwrap();
    body.split('<')
        .skip(1)
        .filter(|tag| !tag.starts_with('/'))
        .map(|tag| tag.split('>').next().unwrap())
        .collect()
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for (name, plan) in
        [("plan.html", sample_plan::firm()), ("hostile.html", sample_plan::hostile())]
    {
        let page = rendered(name, &plan);
        assert!(page.contains("Content-Security-Policy"));
        for tag in tags(&page) {
            let tag_name = tag.split(|it: char| it.is_whitespace()).next().unwrap();
            assert!(
                !["script", "img", "iframe", "link", "object", "embed", "form", "base", "use"]
                    .contains(&tag_name),
                "{name}: <{tag}>"
            );
            for attribute in [" src=", " on", " style=", "xlink:", "srcset"] {
                assert!(!tag.contains(attribute), "{name}: <{tag}>");
            }
            if let Some(target) = tag.split(" href=\"").nth(1) {
                assert!(target.starts_with('#'), "{name}: <{tag}>");
            }
        }
        assert!(!page.contains("url("), "{name}: the style loads something");
        assert!(!page.contains("@import"), "{name}");
    }
}

#[test]
fn hostile_names_are_shown_as_text() {
    let page = rendered("hostile.html", &sample_plan::hostile());
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"));
    for dangerous in ['\u{202e}', '\u{1b}', '\r'] {
        assert!(!page.contains(dangerous), "{dangerous:?}");
    }
    assert!(page.contains("משה כהן"));
    assert!(page.contains("👩\u{200d}💻"));
}

#[test]
fn a_thousand_people_stay_under_400_kilobytes_and_are_not_dropped_silently() {
    let page = rendered("thousand.html", &sample_plan::with_people(1_000));
    assert!(page.len() < 400 * 1024, "{} bytes", page.len());
    assert!(page.contains("880 more are in plan.xlsx, sheet People"));
    assert!(page.contains("880 more are in plan.xlsx, sheet Exceptions"));
    assert!(page.contains("884 more are in plan.xlsx, sheet Lockout"));
}

#[test]
fn tags_are_balanced_ids_unique_and_headings_in_order() {
    let page = rendered("plan.html", &sample_plan::firm());
    for tag in [
        "section", "table", "tbody", "tr", "td", "th", "ul", "li", "div", "p", "svg", "dl", "dd",
        "bdi", "span", "main", "details", "article", "pre",
    ] {
        let opened =
            page.matches(&format!("<{tag} ")).count() + page.matches(&format!("<{tag}>")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "<{tag}>");
    }
    let mut ids =
        page.split(" id=\"").skip(1).map(|it| it.split('"').next().unwrap()).collect::<Vec<_>>();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
    for target in page.split("href=\"#").skip(1).map(|it| it.split('"').next().unwrap()) {
        assert!(ids.contains(&target), "#{target} leads nowhere");
    }
    let mut level = 0;
    for heading in tags(&page)
        .into_iter()
        .filter(|tag| tag.starts_with('h') && tag.as_bytes()[1].is_ascii_digit())
    {
        let next = heading.as_bytes()[1] - b'0';
        assert!(next <= level + 1, "<{heading}> after level {level}");
        level = next;
    }
}

#[test]
fn every_drawing_has_a_name_and_a_table_beside_it() {
    let page = rendered("plan.html", &sample_plan::firm());
    let drawings = page.matches("<svg ").count();
    assert_eq!(drawings, 6);
    assert_eq!(page.matches("<svg role=\"img\" aria-labelledby=").count(), drawings);
    assert_eq!(page.matches("<title id=").count(), drawings);
    for row in ["<td class=\"figure\">183</td>", "<td class=\"figure\">2,140</td>"] {
        assert!(page.contains(row), "{row}");
    }
}

#[test]
fn states_are_word_and_shape() {
    let page = rendered("plan.html", &sample_plan::firm());
    for (shape, word) in
        [("■", "closed"), ("▲", "cannot say"), ("○", "not yet due"), ("●", "passed")]
    {
        assert!(
            page.contains(&format!("<span aria-hidden=\"true\">{shape}</span> {word}</span>")),
            "{word}"
        );
    }
}

#[test]
fn unknown_is_written_as_unknown() {
    let mut plan = sample_plan::firm();
    plan.summary.rate = None;
    plan.summary.people = None;
    plan.legacy = None;
    plan.registration.capable = None;
    let page = rendered("unknown.html", &plan);
    assert!(page.contains(
        "<div class=\"unknown\"><dt>Can pass MFA today</dt><dd class=\"value\">unknown</dd>"
    ));
    assert!(page.contains("Unknown is not none."));
}

#[test]
fn whoever_is_locked_out_stands_on_the_page_with_reason_and_way_out() {
    let plan = sample_plan::firm();
    let page = rendered("plan.html", &plan);
    let section = |id: &str| {
        let begin = format!("<h2 id=\"{id}\">");
        let (_, section) = page.split_once(&begin).unwrap();
        section.split_once("</section>").unwrap().0
    };
    let lockout = section("lockout");
    for person in &plan.lockout.as_ref().unwrap().people {
        assert!(lockout.contains(person.account.label()), "{}", person.account.label());
    }
    for part in [
        "<caption>The lockout list",
        "CA004 blocks every country but GB.",
        "Open it by delegation instead.",
        "Security defaults are on today; they count as off.",
    ] {
        assert!(lockout.contains(part), "{part}: {lockout}");
    }
    let proof = section("proof");
    for part in [
        "does not hold</span>",
        "Only one administrator is proven",
        "It cannot sign in to Microsoft Admin Portals from outside every named location. <code>CA004 - \
         Only from GB</code> blocks it.",
        "Exclude the break-glass group from CA004.",
        "not proven</span>",
        "can be barred</span>",
        "cannot be shown</span>",
    ] {
        assert!(proof.contains(part), "{part}: {proof}");
    }
    assert!(section("caught").contains("boardroom@ne.example, lab@ne.example"));
    assert!(
        page.contains("<dd class=\"value\">≥ 2</dd><dd class=\"note\">of 238 accounts; 1 unknown")
    );
}

#[test]
fn without_a_log_nobody_is_said_to_be_spared() {
    let mut plan = sample_plan::firm();
    plan.lockout = None;
    plan.proof = None;
    plan.caught = rollout::impact::Caught::default();
    let page = rendered("no-log.html", &plan);
    assert!(page.contains("Unknown is not nobody."));
    assert!(page.contains("nobody can say whom a policy for all users reaches"));
    assert!(page.contains("<dt>Locked out by MFA today</dt><dd class=\"value\">unknown</dd>"));
}
