//! The plan as an archivable, accessible PDF (feature `pdf`).
//!
//! Typst does the layout and enforces PDF/A-2a and PDF/UA-1: a document that would not conform is
//! an error, not a file. The tenant's words reach it only as data: the template reads
//! `plan.json`, and nothing a tenant holds is ever parsed as markup.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// The layout, in Typst's language. It holds no word of any tenant.
const TEMPLATE: &str = include_str!("../../templates/plan.typ");

/// A plan that could not be set as PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The template does not take this plan.
    #[error("cannot lay out the plan as PDF: {0}")]
    LayOut(String),
    /// The document would not conform to PDF/A-2a and PDF/UA-1.
    #[error("the plan does not conform to PDF/A-2a and PDF/UA-1: {0}")]
    Conform(String),
}

static FONTS: LazyLock<(Vec<Font>, LazyHash<FontBook>)> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    let book = FontBook::from_fonts(&fonts);
    (fonts, LazyHash::new(book))
});

/// The two files a compilation may see.
struct PlanWorld {
    library: LazyHash<Library>,
    template: Source,
    plan_file: FileId,
    plan: Bytes,
    today: Option<Datetime>,
}

impl World for PlanWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.1
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.plan_file { Ok(self.plan.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.0.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// Sets the plan document (`lockstep.plan/1`, as JSON) as PDF, dated `made`.
///
/// # Errors
/// When the template does not take the plan, or the result would not conform.
pub(crate) fn render(plan: Vec<u8>, made: Timestamp) -> Result<Vec<u8>, PdfError> {
    let today = date(made);
    let world = PlanWorld {
        library: LazyHash::new(Library::builder().build()),
        template: Source::new(project_file("plan.typ")?, TEMPLATE.to_owned()),
        plan_file: project_file("plan.json")?,
        plan: Bytes::new(plan),
        today,
    };
    let Warned { output, .. } = typst::compile::<PagedDocument>(&world);
    let document = output.map_err(|errors| PdfError::LayOut(in_words(&errors)))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| PdfError::Conform(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some(concat!("lockstep ", env!("CARGO_PKG_VERSION")).to_owned())),
        timestamp: today.map(typst_pdf::Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| PdfError::Conform(in_words(&errors)))
}

fn date(made: Timestamp) -> Option<Datetime> {
    let made = made.to_zoned(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).ok();
    Datetime::from_ymd_hms(
        i32::from(made.year()),
        part(made.month())?,
        part(made.day())?,
        part(made.hour())?,
        part(made.minute())?,
        part(made.second())?,
    )
}

fn project_file(name: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(name).map_err(|error| PdfError::LayOut(format!("{error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn in_words(errors: &[SourceDiagnostic]) -> String {
    let words: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn plan(name: &str) -> Value {
        json!({
            "tenant": { "name": name }, "start": "2026-11-23", "end": "2026-12-15",
            "time_zone": "Europe/London", "as_of": "2026-11-20T17:29:50Z",
            "generated_at": "2026-11-21T08:00:00Z", "made_from": "sha256:0",
            "summary": { "sentences": [format!("{name} #panic(\"x\") $a$ *b* <c>")] },
            "steps": [], "collisions": [], "tasks": [], "gates": [],
            "registration": { "denominators": { "in_scope_people": null }, "capable": null,
                "rate": null, "registered": null, "as_of": null },
            "legacy": null, "exceptions": { "accounts": [] }, "preflight": [], "messages": [],
            "departures": [], "gaps": [], "lockout_list": null, "lockout_proof": null,
            "caught_by_all_users": { "kinds": [] },
        })
    }

    fn set(plan: &Value) -> Result<Vec<u8>, PdfError> {
        render(serde_json::to_vec(plan).unwrap(), "2026-11-21T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_plan_of_unknowns_conforms_and_a_tenants_words_are_not_markup() {
        let pdf = set(&plan("NE #import \"@preview/x:1.0.0\"")).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        for mark in [&b"StructTreeRoot"[..], b"pdfaid", b"pdfuaid"] {
            assert!(pdf.windows(mark.len()).any(|part| part == mark), "{mark:?}");
        }
    }

    #[test]
    fn the_lockout_list_and_the_proof_are_set() {
        let mut plan = plan("NE");
        plan["lockout_list"] = json!({
            "users": { "blocked": 1, "cannot": 2, "blocked_legacy": 3, "must_register": 4,
                "unknown": 5, "ready": 6, "not_touched": 7 },
            "people": [{ "user_principal_name": "#x@ne.example", "outcome": "must_register",
                "sign_ins": 9, "why": "$no$ method", "next": "*register*" }],
        });
        plan["lockout_proof"] = json!({
            "holds": false, "shortfalls": ["too few"],
            "counter_examples": [{ "user_principal_name": null, "display_name": "glass",
                "role": "break-glass", "why": [], "mend": ["exclude it"] }],
        });
        plan["caught_by_all_users"] =
            json!({ "kinds": [{ "kind": "room", "count": 2, "meets": "signs out" }] });
        assert!(set(&plan).unwrap().starts_with(b"%PDF-1.7"));
    }

    #[test]
    fn the_same_plan_gives_the_same_bytes() {
        assert_eq!(set(&plan("NE")).unwrap(), set(&plan("NE")).unwrap());
    }

    #[test]
    fn a_plan_without_its_parts_is_an_error_in_words() {
        let error = set(&json!({})).unwrap_err().to_string();
        assert!(error.contains("cannot lay out the plan as PDF"), "{error}");
    }
}
