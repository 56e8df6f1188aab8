//! The plan, and the set of policies, as documents people hold in their hands.

mod calendar;
mod chart;
mod html;
pub mod letter;
mod markdown;
#[cfg(feature = "pdf")]
mod pdf;
pub mod policies;
mod refutation;
mod spreadsheet_text;
pub(crate) mod validation;
mod workbook;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use rollout::plan::{Message, Plan};

use crate::atomic_file;
use crate::error::CommandError;

pub use calendar::calendar;
pub use html::html;
pub use markdown::markdown;
pub use workbook::workbook;

/// Where documents go unless told otherwise.
pub(crate) const FOLDER: &str = "plan";

/// A document that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The page template.
    #[error("the page cannot be filled in")]
    Html(#[source] askama::Error),
    /// The spreadsheet writer.
    #[error("the spreadsheet cannot be made")]
    Workbook(#[source] rust_xlsxwriter::XlsxError),
    /// The JSON writer.
    #[error("the plan cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// The typesetter.
    #[cfg(feature = "pdf")]
    #[error("the plan cannot be set as PDF")]
    Pdf(#[source] pdf::PdfError),
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// One self-contained page
    Html,
    /// PDF/A and PDF/UA, in a build with the feature `pdf`; otherwise print the page
    Pdf,
    /// Markdown
    Md,
    /// Calendar
    Ics,
    /// Spreadsheet
    Xlsx,
    /// For scripts
    Json,
}

impl DocumentFormat {
    /// What is written unless told otherwise: everything this build can make.
    pub(crate) const DEFAULT: [Self; 5] = [Self::Html, Self::Md, Self::Ics, Self::Xlsx, Self::Json];
}

/// Writes the documents into a folder and returns their paths. Files that are there are replaced,
/// each as a whole. `threshold` is the share of people that must be capable before the pilot.
pub(crate) fn write(
    plan: &Plan,
    folder: &Path,
    formats: &[DocumentFormat],
    threshold: f64,
    now: Timestamp,
) -> Result<Vec<PathBuf>, CommandError> {
    let mut written = Vec::new();
    let mut put = |name: &str, content: &[u8]| -> Result<(), CommandError> {
        let path = folder.join(name);
        atomic_file::write(&path, content)?;
        written.push(path);
        Ok(())
    };
    let failed = |error: DocumentError| {
        CommandError::wrong_input("a document could not be made").because(error)
    };
    for format in formats {
        match format {
            DocumentFormat::Html => {
                put("plan.html", html(plan, threshold).map_err(failed)?.as_bytes())?
            }
            DocumentFormat::Md => put("plan.md", markdown(plan).as_bytes())?,
            DocumentFormat::Ics => {
                let before = std::fs::read_to_string(folder.join("plan.ics")).ok();
                put("plan.ics", calendar(plan, before.as_deref(), now).as_bytes())?;
            }
            DocumentFormat::Xlsx => put("plan.xlsx", &workbook(plan, now).map_err(failed)?)?,
            DocumentFormat::Json => put("plan.json", json(plan).map_err(failed)?.as_bytes())?,
            #[cfg(feature = "pdf")]
            DocumentFormat::Pdf => {
                let bytes =
                    pdf::render(json(plan).map_err(failed)?.into_bytes(), plan.generated_at)
                        .map_err(|error| failed(DocumentError::Pdf(error)))?;
                put("plan.pdf", &bytes)?;
            }
            // Said by the verb: this build has no engine, the page prints.
            #[cfg(not(feature = "pdf"))]
            DocumentFormat::Pdf => {}
        }
    }
    for message in &plan.messages {
        put(&format!("messages/{}.txt", message.id), message_text(message).as_bytes())?;
    }
    Ok(written)
}

/// The plan as `lockstep.plan/1`.
///
/// # Errors
/// When the JSON writer fails.
pub fn json(plan: &Plan) -> Result<String, DocumentError> {
    let mut text = serde_json::to_string_pretty(plan).map_err(DocumentError::Json)?;
    text.push('\n');
    Ok(text)
}

/// A message as a text file: what a mail program asks for, then the text.
fn message_text(message: &Message) -> String {
    format!(
        "To: {}\nSend on: {}\nSubject: {}\n\n{}\n",
        crate::plain_text::one_line(&message.to),
        message.send_on,
        crate::plain_text::one_line(&message.subject),
        message.body.trim_end()
    )
}
