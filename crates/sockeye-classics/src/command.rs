//! `command-ascii` and `command-struct`: the client sends a command line, the server runs it
//! and sends the length of its output, then the output. stderr, if there is any, replaces
//! stdout. `quit` is the client's own word: it just closes.
//!
//! They differ in how the length goes over: as decimal digits, which mark no end, so that
//! the client answers `recv_ready` before the output follows; or as 4 bytes, a signed
//! integer in this machine's order. The command line marks no end either: it is what comes
//! before a silence. What the server itself has to say to a command goes over as its output.

use std::ffi::OsString;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sockeye_net::errand::{End, Errand, run};
use sockeye_net::error::Code;
use sockeye_text::encoding::Encoding;
use sockeye_text::units::Size;
use sockeye_workbench::browser::is_request;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::led::{Ended, Lead, Led, Part};
use tokio::sync::mpsc::Receiver;

use crate::output::Output;

/// The longest command line.
const LONGEST_COMMAND: usize = 64 * 1024;
/// The longest length in digits: 2^64 has 20.
const LONGEST_DIGITS: usize = 20;
/// What a client of `command-ascii` answers to a length.
const READY: &[u8] = b"recv_ready";
/// The most of one recv of an output.
const PIECE: usize = 64 * 1024;

/// How the length of an output goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// `command-ascii`: decimal digits, answered by `recv_ready`.
    Ascii,
    /// `command-struct`: 4 bytes.
    Struct,
}

/// What may be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Programs of exactly these names, without a shell.
    Programs(Vec<String>),
    /// Exactly these command lines, without a shell.
    Lines(Vec<String>),
    /// Anything that a shell takes.
    Anything,
}

/// The server's side.
#[derive(Debug)]
pub struct Server {
    /// How lengths go over.
    pub length: Length,
    /// What may be run.
    pub allowed: Allowed,
    /// The whole environment of what is run.
    pub environment: Vec<(OsString, OsString)>,
    /// How long a command may take.
    pub within: Duration,
    /// The most bytes of each of its outputs.
    pub most: usize,
    /// The silence that ends a command line.
    pub settle: Duration,
    /// How commands are written; outputs, which are UTF-8 here, are sent in it too.
    pub encoding: Encoding,
}

impl Lead for Server {
    fn lead(&self, mut led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>> {
        Box::pin(async move {
            let _over = self.serve(&mut led).await;
            led.close().await
        })
    }
}

impl Server {
    async fn serve(&self, led: &mut Led) -> Result<(), Ended> {
        let mut judged = false;
        loop {
            let part = Part::whenever("a command");
            let Some(line) = led.read_settled(part, self.settle, LONGEST_COMMAND).await? else {
                return Ok(());
            };
            if !judged && is_request(&line) {
                led.abort("a browser's request is no command");
                return Err(Ended);
            }
            judged = true;
            let output = self.output(led, &line).await?;
            self.answer(led, &output).await?;
        }
    }

    /// What the command, or this server in its place, has to say.
    async fn output(&self, led: &mut Led, line: &[u8]) -> Result<Vec<u8>, Ended> {
        let argv = match self.argv(line) {
            Ok(argv) => argv,
            Err(why) => {
                led.say(format!("refused: {why}"));
                return Ok(self.encoded(format!("sockeye: {why}\n").into_bytes()));
            }
        };
        led.say(format!("runs {}", shell_words::join(&argv)));
        let errand = Errand {
            argv,
            environment: self.environment.clone(),
            within: self.within,
            most: self.most,
        };
        let outcome = match run(&errand, led.until_gone()).await {
            Ok(outcome) => outcome,
            Err(error) => {
                led.say(&error);
                return Ok(self.encoded(format!("sockeye: {error}\n").into_bytes()));
            }
        };
        let output = if outcome.stderr.is_empty() { outcome.stdout } else { outcome.stderr };
        let told = match outcome.end {
            End::Status(status) => {
                led.say(format!("{status}, {}", Size(output.len() as u64)));
                return Ok(self.encoded(output));
            }
            End::Abandoned => {
                let why = if led.stop().is_cancelled() { "stopped" } else { "the peer has gone" };
                led.say(format!("{why}: the command was ended"));
                return Err(Ended);
            }
            End::Late => format!("not done within {:?}: it was ended", self.within),
            End::TooMuch => {
                format!("more than {} of output: it was ended", Size(self.most as u64))
            }
        };
        led.say(&told);
        Ok(self.encoded(format!("sockeye: {told}\n").into_bytes()))
    }

    fn argv(&self, line: &[u8]) -> Result<Vec<String>, String> {
        let text = self.encoding.decode(line);
        let text = text.ok_or_else(|| format!("that is no text in {}", self.encoding))?;
        let programs = match &self.allowed {
            Allowed::Anything => return Ok(vec!["sh".into(), "-c".into(), text]),
            Allowed::Programs(programs) => programs,
            Allowed::Lines(lines) if lines.contains(&text) => {
                return shell_words::split(&text).map_err(|error| error.to_string());
            }
            Allowed::Lines(lines) => {
                let lines = lines.join("`, `");
                return Err(format!("`{text}` may not be run here, only: `{lines}`"));
            }
        };
        let argv = shell_words::split(&text).map_err(|error| error.to_string())?;
        match argv.first() {
            Some(program) if programs.contains(program) => Ok(argv),
            Some(program) => {
                Err(format!("`{program}` may not be run here, only: {}", programs.join(", ")))
            }
            None => Err("no program is named".to_owned()),
        }
    }

    /// An output that is UTF-8 in the encoding that was named; what the encoding lacks is
    /// `?`. What is no UTF-8 stays as it is.
    fn encoded(&self, output: Vec<u8>) -> Vec<u8> {
        if self.encoding == Encoding::Auto {
            return output;
        }
        let Ok(text) = std::str::from_utf8(&output) else {
            return output;
        };
        self.encoding.encode(text).unwrap_or_else(|_| {
            let mut buffer = [0; 4];
            text.chars()
                .flat_map(|ch| {
                    let encoded = self.encoding.encode(ch.encode_utf8(&mut buffer));
                    encoded.unwrap_or_else(|_| b"?".to_vec())
                })
                .collect()
        })
    }

    async fn answer(&self, led: &mut Led, output: &[u8]) -> Result<(), Ended> {
        let from = led.sent();
        if self.length == Length::Struct {
            let length = i32::try_from(output.len()).map_err(|_| {
                let text = "an output of more than 2^31-1 bytes".to_owned();
                led.fail(Failure::new(Code::Limit, text))
            })?;
            led.write_all(&[length.to_ne_bytes().as_slice(), output].concat()).await?;
            led.frame_out(from);
            return Ok(());
        }
        led.write_all(output.len().to_string().as_bytes()).await?;
        led.frame_out(from);
        let from = led.taken();
        let ready = led.read_exact(Part::at_once("`recv_ready`"), READY.len()).await?;
        led.frame_in(from);
        if ready != READY {
            let text = format!("`{}` did not answer the length by `recv_ready`", led.peer());
            return Err(led.fail(Failure::new(Code::Frame, text)));
        }
        let from = led.sent();
        led.write_all(output).await?;
        led.frame_out(from);
        Ok(())
    }
}

/// The client's side.
#[derive(Debug)]
pub struct Client {
    /// How lengths go over.
    pub length: Length,
    /// How long the server may take over a command.
    pub within: Duration,
    /// The silence that ends the digits of a length.
    pub settle: Duration,
    /// Where outputs are printed.
    pub output: Output,
}

/// Has commands run until there are no more, or one of them is `quit`.
pub async fn command(mut led: Led, client: &Client, commands: Receiver<Vec<u8>>) -> Closing {
    let _over = client.ask(&mut led, commands).await;
    led.close().await
}

/// The line that waits to be said, or is just being read.
pub(crate) async fn waiting(lines: &mut Receiver<Vec<u8>>) -> Option<Vec<u8>> {
    const SOON: Duration = Duration::from_millis(100);
    tokio::time::timeout(SOON, lines.recv()).await.ok().flatten()
}

impl Client {
    async fn ask(&self, led: &mut Led, mut commands: Receiver<Vec<u8>>) -> Result<(), Ended> {
        loop {
            let command = tokio::select! {
                command = commands.recv() => command,
                () = led.until_ended() => match waiting(&mut commands).await {
                    Some(command) if command != b"quit" => return Err(led.unsent(&command)),
                    _ => None,
                },
            };
            let Some(command) = command.filter(|command| command != b"quit") else {
                return Ok(());
            };
            let from = led.sent();
            led.write_all(&command).await?;
            led.frame_out(from);
            let length = match self.length {
                Length::Ascii => self.digits(led).await?,
                Length::Struct => self.integer(led).await?,
            };
            self.print(led, length).await?;
        }
    }

    async fn digits(&self, led: &mut Led) -> Result<u64, Ended> {
        let part = Part::within("the length of the output", self.within);
        let digits = led.read_settled(part, self.settle, LONGEST_DIGITS).await?;
        let length = digits.as_deref().and_then(|digits| {
            let only = digits.iter().all(u8::is_ascii_digit);
            std::str::from_utf8(digits).ok().filter(|_| only)?.parse().ok()
        });
        let Some(length) = length else {
            let text = match digits {
                Some(_) => format!("`{}` sent no digits for a length", led.peer()),
                None => format!("`{}` closed and did not answer", led.peer()),
            };
            return Err(led.fail(Failure::new(Code::Frame, text)));
        };
        let from = led.sent();
        led.write_all(READY).await?;
        led.frame_out(from);
        Ok(length)
    }

    async fn integer(&self, led: &mut Led) -> Result<u64, Ended> {
        let part = Part::within("the length of the output", self.within);
        let bytes = led.read_exact(part, 4).await?;
        let length = bytes.try_into().map_or(-1, i32::from_ne_bytes);
        u64::try_from(length).map_err(|_| {
            let text = format!("`{}` says its output has {length} bytes", led.peer());
            led.fail(Failure::new(Code::Frame, text))
        })
    }

    /// The output is printed as it comes, and never whole in memory.
    async fn print(&self, led: &mut Led, length: u64) -> Result<(), Ended> {
        let header = if self.length == Length::Struct { 4 } else { 0 };
        let from = led.taken() - header;
        let mut pieces = self.output.begin();
        let mut left = length;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = led.read_some(Part::moving("the output"), most).await?;
            if piece.is_empty() {
                let have = length - left;
                let text = format!(
                    "`{}` closed after {have} of {length} bytes of the output, at offset {}",
                    led.peer(),
                    led.taken()
                );
                return Err(led.fail(Failure::new(Code::Frame, text)));
            }
            left = left.saturating_sub(piece.len() as u64);
            pieces.push(led.journal(), &piece).await;
        }
        pieces.finish(led.journal()).await;
        led.frame_in(from);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(allowed: Allowed, encoding: &str) -> Server {
        Server {
            length: Length::Struct,
            allowed,
            environment: Vec::new(),
            within: Duration::from_secs(1),
            most: 1000,
            settle: Duration::ZERO,
            encoding: encoding.parse().unwrap(),
        }
    }

    #[test]
    fn a_command_is_an_argument_list_and_its_program_is_named_exactly() {
        let server = server(Allowed::Programs(vec!["echo".into()]), "auto");
        let argv = server.argv(b"echo 'a b' $(id); \"c\nd\"").unwrap();
        assert_eq!(argv, ["echo", "a b", "$(id);", "c\nd"]);
        for line in ["/bin/echo x", "echo2", "ECHO", "./echo", "", "  ", "'", "ls\necho", "\0echo"]
        {
            assert!(server.argv(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_server_of_lines_runs_those_lines_and_nothing_like_them() {
        let server = server(Allowed::Lines(vec!["echo hello".into()]), "auto");
        assert_eq!(server.argv(b"echo hello").unwrap(), ["echo", "hello"]);
        for line in ["echo", "echo  hello", "echo hello; id", "echo hello x", "echo hello\n", ""] {
            assert!(server.argv(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn what_the_encoding_lacks_is_a_question_mark() {
        let server = server(Allowed::Anything, "gbk");
        assert_eq!(server.encoded("温度\n".into()), b"\xCE\xC2\xB6\xC8\n");
        assert_eq!(server.encoded("温😀".into()), b"\xCE\xC2?");
        assert_eq!(server.encoded(vec![0xFF, 0]), [0xFF, 0]);
        assert_eq!(server.argv(b"\xCE\xC2").unwrap(), ["sh", "-c", "温"]);
    }
}
