//! A log of any length for measurements of speed and memory, in every shape a measurement needs.
//!
//! The records are drawn hour by hour, each hour from a stream of chance of its own, so that two
//! threads write the same bytes as one, and every variant holds the same records.

mod layout;
mod record;
mod template;
mod words;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::Date;

use crate::failure::{Failure, Outcome};
use record::World;
use template::{Style, Template};

/// The client apps of legacy authentication in these logs.
pub(crate) const LEGACY_CLIENTS: [&str; 14] = words::LEGACY_CLIENTS;
/// Threads that write.
const THREADS: usize = 2;
/// Bytes handed from thread to thread at a time.
const CHUNK: usize = 1 << 20;
/// Chunks a thread may be ahead: about two hours of a million records.
const AHEAD: usize = 16;

/// How the records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Variant {
    /// One file of JSON lines, as diagnostic settings write them.
    Azure,
    /// The same with keys sorted at every level.
    Sorted,
    /// The same with a blank after `:` and `,`.
    Spaced,
    /// The same as `azure` in one file for each hour, in the folders Azure Monitor makes.
    Hourly,
    /// The same, each file compressed.
    HourlyGz,
    /// The file of `azure` as one gzip member.
    Gz,
    /// A Log Analytics download of the table.
    Csv,
    /// One page of Graph.
    Graph,
}

impl Variant {
    /// Its name on the command line and of its folder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Sorted => "sorted",
            Self::Spaced => "spaced",
            Self::Hourly => "hourly",
            Self::HourlyGz => "hourly-gz",
            Self::Gz => "gz",
            Self::Csv => "csv",
            Self::Graph => "graph",
        }
    }

    /// The file of a variant that is one file.
    pub(crate) const fn file(self) -> Option<&'static str> {
        match self {
            Self::Azure | Self::Sorted | Self::Spaced => Some("PT1H.json"),
            Self::Gz => Some("PT1H.json.gz"),
            Self::Csv => Some("query_data.csv"),
            Self::Graph => Some("signins.json"),
            Self::Hourly | Self::HourlyGz => None,
        }
    }
}

/// Which records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    /// How many.
    pub(crate) records: u64,
    /// The same seed gives the same bytes.
    pub(crate) seed: u64,
    /// Last day of the log.
    pub(crate) end: Date,
}

/// Writes the log into a folder; the answer is the bytes of its text, before any compression.
pub(crate) fn write_log(folder: &Path, variant: Variant, order: &Order) -> Outcome<u64> {
    let world = World::new(order.records, order.seed, order.end)?;
    let layout = Layout::of(variant);
    make_folder(folder)?;
    let Some(name) = variant.file() else {
        return write_hours(folder, variant, &world, &layout);
    };
    let path = folder.join(name);
    let file = File::create(&path).map_err(|error| Failure::at("cannot write", &path, &error))?;
    let mut file = BufWriter::with_capacity(CHUNK, file);
    if variant == Variant::Gz {
        let mut packed = GzEncoder::new(file, Compression::default());
        let bytes = write_one(&mut packed, &world, &layout)?;
        packed.finish()?.flush()?;
        return Ok(bytes);
    }
    let bytes = write_one(&mut file, &world, &layout)?;
    file.flush()?;
    Ok(bytes)
}

fn make_folder(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)
        .map_err(|error| Failure::at("cannot make the folder", folder, &error))
}

/// The text around and between records.
struct Layout {
    head: String,
    before_next: &'static str,
    after: &'static str,
    tail: &'static str,
    template: Template,
}

impl Layout {
    fn of(variant: Variant) -> Self {
        let lines = |style| Self {
            head: String::new(),
            before_next: "",
            after: "\n",
            tail: "",
            template: Template::json(&layout::diagnostic(), style),
        };
        match variant {
            Variant::Azure | Variant::Hourly | Variant::HourlyGz | Variant::Gz => {
                lines(layout::AZURE)
            }
            Variant::Sorted => lines(Style { sorted: true, ..layout::AZURE }),
            Variant::Spaced => lines(Style { spaced: true, ..layout::AZURE }),
            Variant::Csv => {
                let columns = layout::columns();
                let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
                Self {
                    head: format!("{}\n", names.join(",")),
                    before_next: "",
                    after: "\n",
                    tail: "",
                    template: layout::row(),
                }
            }
            Variant::Graph => Self {
                head: "{\"@odata.context\":\"https://graph.microsoft.com/beta/$metadata\
                       #auditLogs/signIns\",\"value\":["
                    .to_owned(),
                before_next: ",",
                after: "",
                tail: "]}",
                template: Template::json(&layout::graph(), Style::default()),
            },
        }
    }

    /// The records of an hour, in chunks. `first` when no record stands before them.
    fn write_hour(
        &self,
        world: &World,
        hour: usize,
        mut first: bool,
        sink: &mut dyn FnMut(&mut Vec<u8>) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut text = Vec::with_capacity(CHUNK + (CHUNK >> 4));
        for drawn in world.records_of(hour) {
            if !first {
                text.extend_from_slice(self.before_next.as_bytes());
            }
            first = false;
            self.template.write(&drawn, world, &mut text);
            text.extend_from_slice(self.after.as_bytes());
            if text.len() >= CHUNK {
                sink(&mut text)?;
                text.clear();
                text.reserve(CHUNK + (CHUNK >> 4));
            }
        }
        sink(&mut text)
    }
}

/// Hours one thread writes: every so manyth.
fn hours_of(thread: usize, world: &World) -> impl Iterator<Item = usize> {
    (thread..world.hours().len()).step_by(THREADS)
}

/// Everything in one stream: the threads draw, this one writes, hour after hour.
fn write_one(out: &mut dyn Write, world: &World, layout: &Layout) -> Outcome<u64> {
    let first = world.hours().iter().position(|hour| hour.records > 0).unwrap_or(0);
    thread::scope(|scope| {
        let mut receivers = Vec::new();
        for thread in 0..THREADS {
            let (sender, receiver) = sync_channel(AHEAD);
            receivers.push(receiver);
            scope.spawn(move || send_hours(thread, first, world, layout, &sender));
        }
        out.write_all(layout.head.as_bytes())?;
        let mut bytes = layout.head.len() + layout.tail.len();
        for hour in 0..world.hours().len() {
            let Some(receiver) = receivers.get(hour % THREADS) else { continue };
            bytes += receive_hour(receiver, out)?;
        }
        out.write_all(layout.tail.as_bytes())?;
        Ok(u64::try_from(bytes).unwrap_or(u64::MAX))
    })
}

/// Sends every hour of one thread, in chunks, each followed by an empty one.
fn send_hours(
    thread: usize,
    first: usize,
    world: &World,
    layout: &Layout,
    sender: &SyncSender<Vec<u8>>,
) {
    for hour in hours_of(thread, world) {
        let gone = |_| Failure::new("the log can no longer be written");
        let sent = layout.write_hour(world, hour, hour <= first, &mut |text| {
            if text.is_empty() {
                return Ok(());
            }
            sender.send(std::mem::take(text)).map_err(gone)
        });
        // Whoever receives has met an error of its own and told it.
        if sent.is_err() || sender.send(Vec::new()).is_err() {
            return;
        }
    }
}

fn receive_hour(receiver: &Receiver<Vec<u8>>, out: &mut dyn Write) -> Outcome<usize> {
    let mut bytes = 0;
    loop {
        let chunk = receiver.recv().map_err(|_| Failure::new("a thread of the generator ended"))?;
        if chunk.is_empty() {
            return Ok(bytes);
        }
        bytes += chunk.len();
        out.write_all(&chunk)?;
    }
}

/// One file for each hour that has records.
fn write_hours(folder: &Path, variant: Variant, world: &World, layout: &Layout) -> Outcome<u64> {
    let packed = variant == Variant::HourlyGz;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let mut bytes = 0;
                    for hour in hours_of(thread, world) {
                        bytes += write_one_hour(folder, packed, world, layout, hour)?;
                    }
                    Ok(bytes)
                })
            })
            .collect();
        let mut bytes = 0;
        for thread in threads {
            let written: Outcome<u64> = thread
                .join()
                .map_err(|_| Failure::new("a thread of the generator ended in a panic"))?;
            bytes += written?;
        }
        Ok(bytes)
    })
}

fn write_one_hour(
    folder: &Path,
    packed: bool,
    world: &World,
    layout: &Layout,
    hour: usize,
) -> Outcome<u64> {
    let Some(about) = world.hours().get(hour).filter(|it| it.records > 0) else { return Ok(0) };
    let folder = folder.join("insights-logs-signinlogs").join(&about.folder);
    make_folder(&folder)?;
    let path = folder.join(if packed { "PT1H.json.gz" } else { "PT1H.json" });
    let file = File::create(&path).map_err(|error| Failure::at("cannot write", &path, &error))?;
    let mut bytes = 0;
    let mut count = |text: &[u8]| bytes += u64::try_from(text.len()).unwrap_or(0);
    if packed {
        let mut out = GzEncoder::new(file, Compression::default());
        layout.write_hour(world, hour, true, &mut |text| {
            count(text);
            Ok(out.write_all(text)?)
        })?;
        out.finish()?;
    } else {
        let mut file = file;
        layout.write_hour(world, hour, true, &mut |text| {
            count(text);
            Ok(file.write_all(text)?)
        })?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
