//! A mail server on the loopback interface that speaks as much SMTP as a client needs, and fails
//! where it is told to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does in place of saying yes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    /// It says this.
    Says(&'static str),
    /// It hangs up.
    HangsUp,
}

/// When it does so: at lines that begin so, `TEXT` being the end of the text; so many times.
pub(crate) type Rule = (&'static str, usize, Does);

/// The server.
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    rules: Mutex<Vec<Rule>>,
    texts: Mutex<Vec<(String, String)>>,
}

impl Server {
    /// Starts it. It answers until the test ends.
    pub(crate) fn start(rules: &[Rule]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { rules: Mutex::new(rules.to_vec()), ..Shared::default() });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away ends its conversation, not the server.
                let _ = converse(&stream.unwrap(), &of_thread);
            }
        });
        Self { port, shared }
    }

    /// The texts that came whole, with whom they were for.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        self.shared.texts.lock().unwrap().clone()
    }
}

impl Shared {
    fn rule(&self, line: &str) -> Option<Does> {
        let mut rules = self.rules.lock().unwrap();
        let line = line.to_lowercase();
        let found = rules
            .iter_mut()
            .find(|(when, left, _)| *left > 0 && line.starts_with(&when.to_lowercase()))?;
        found.1 -= 1;
        Some(found.2)
    }
}

fn converse(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut to = String::new();
    if !answered(stream, shared.rule("GREETING"), "220 mail.test ESMTP")? {
        return Ok(());
    }
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let said = line.trim_end().to_owned();
        line.clear();
        let word = said.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let yes = match word.as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME",
            "DATA" => "354 go on",
            "QUIT" => "221 good bye",
            _ => "250 yes",
        };
        let does = shared.rule(&said);
        let failed = does.is_some();
        if !answered(stream, does, yes)? || word == "QUIT" {
            return Ok(());
        }
        if word == "RCPT" && !failed {
            to = said.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        }
        if word == "DATA" && !failed {
            let mut text = String::new();
            loop {
                let from = text.len();
                if reader.read_line(&mut text)? == 0 {
                    return Ok(());
                }
                if text.get(from..) == Some(".\r\n") {
                    break;
                }
            }
            let does = shared.rule("TEXT");
            // Where it hangs up now it has taken the text: the client cannot know.
            if !matches!(does, Some(Does::Says(_))) {
                shared.texts.lock().unwrap().push((to.clone(), text));
            }
            if !answered(stream, does, "250 taken")? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn answered(mut stream: &TcpStream, does: Option<Does>, yes: &str) -> std::io::Result<bool> {
    let says = match does {
        Some(Does::HangsUp) => {
            stream.shutdown(std::net::Shutdown::Both)?;
            return Ok(false);
        }
        Some(Does::Says(other)) => other,
        None => yes,
    };
    stream.write_all(format!("{says}\r\n").as_bytes())?;
    Ok(true)
}
