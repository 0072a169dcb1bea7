//! `download`: the client sends a bare file name; the server sends the file's bytes and
//! closes. For a file that it does not have it closes at once, so that an empty file looks
//! like a missing one.
//!
//! The name marks no end: it is what comes before a silence. The file's end is the close:
//! a RST is no end, and what it cuts is not kept. A classic client takes one recv of 1024
//! bytes for the whole file; ours reads to the end.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use sockeye_net::error::Code;
use sockeye_text::cause::plain;
use sockeye_text::encoding::Encoding;
use sockeye_text::units::Size;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::led::{Ended, Lead, Led, Part};

use crate::name::{self, NameError};
use crate::pour::pour;
use crate::progress::Progress;
use crate::share::{Landing, Present, Share, Source};

/// What a classic client's only recv takes.
const CLASSIC_RECV: u64 = 1024;
/// The longest name that is listened to: what is longer is refused by `name`.
const LONGEST_NAME: usize = 8 * 1024;
/// The most of one recv of a file.
const PIECE: usize = 256 * 1024;

/// The server's side.
#[derive(Debug)]
pub struct Server {
    /// Whose files are served.
    pub share: Share,
    /// The silence that ends a name.
    pub settle: Duration,
    /// How names are written.
    pub encoding: Encoding,
}

impl Lead for Server {
    fn lead(&self, mut led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>> {
        Box::pin(async move {
            // What ended it early is in the closing.
            let _over = self.serve(&mut led).await;
            led.close().await
        })
    }
}

impl Server {
    async fn serve(&self, led: &mut Led) -> Result<(), Ended> {
        let part = Part::whenever("a file name");
        let Some(asked) = led.read_settled(part, self.settle, LONGEST_NAME).await? else {
            return Ok(());
        };
        let (shown, mut source) = match self.open(&asked).await {
            Ok(found) => found,
            Err(why) => {
                led.say(format!("refused: {why}"));
                led.note(format!("refused: {why}"));
                return Ok(());
            }
        };
        match source.size {
            0 => led.say(format!("`{shown}` is empty: to its client that is a missing file")),
            size if size > CLASSIC_RECV => led.say(format!(
                "`{shown}` has {}: a classic client will cut it at {CLASSIC_RECV} bytes",
                Size(size)
            )),
            size => led.say(format!("`{shown}`, {}", Size(size))),
        }
        let from = led.sent();
        pour(led, &mut source, &shown).await?;
        led.frame_out(from);
        Ok(())
    }

    async fn open(&self, asked: &[u8]) -> Result<(String, Source), String> {
        let (name, path) = named(asked, self.encoding).map_err(|error| error.to_string())?;
        let is_part = |part: std::path::Component<'_>| {
            part.as_os_str().to_str().is_some_and(Share::keeps_back)
        };
        if path.components().any(is_part) {
            return Err(format!("`{name}` is a name of files that are being written"));
        }
        match self.share.source(path).await {
            Ok(source) => Ok((name, source)),
            Err(error) => Err(format!("`{name}`: {error}")),
        }
    }
}

fn named(asked: &[u8], encoding: Encoding) -> Result<(String, PathBuf), NameError> {
    let name = encoding.decode(asked).ok_or(NameError::NoText)?;
    let path = name::path(&name)?;
    Ok((name, path))
}

/// What a client wants.
#[derive(Debug)]
pub struct Want {
    /// The name as it is sent.
    pub asked: Vec<u8>,
    /// The bare name that the file gets here.
    pub name: String,
    /// The folder that it gets it in.
    pub out: Share,
    /// What happens to a file that has that name already.
    pub present: Present,
    /// The most bytes that are taken.
    pub most: u64,
}

/// The client's side.
pub async fn fetch(mut led: Led, want: &Want) -> Closing {
    let _over = take(&mut led, want).await;
    led.close().await
}

async fn take(led: &mut Led, want: &Want) -> Result<(), Ended> {
    let name = want.name.as_str();
    if want.present == Present::Stays && want.out.holds(name) {
        return Err(led.fail(already(name)));
    }
    let from = led.sent();
    led.write_all(&want.asked).await?;
    led.frame_out(from);
    let mut landing: Option<Landing> = None;
    let mut progress = Progress::new(led, None);
    let mut size = 0;
    loop {
        let piece = led.read_some(Part::moving("the file"), PIECE).await?;
        if piece.is_empty() {
            break;
        }
        size += piece.len() as u64;
        if size > want.most {
            led.abort("too much of it");
            let most = Size(want.most);
            let text = format!("`{name}` is larger than {most}: nothing of it was kept");
            let hint = Some("`--max-size` takes more".to_owned());
            return Err(led.fail(Failure { code: Code::Limit, text, hint }));
        }
        let file = match &mut landing {
            Some(file) => file,
            none => match want.out.landing().await {
                Ok(file) => none.insert(file),
                Err(error) => return Err(unwritten(led, name, &error)),
            },
        };
        if let Err(error) = file.write(&piece).await {
            return Err(unwritten(led, name, &error));
        }
        progress.at(led, size);
    }
    let Some(file) = landing else {
        let text = format!("`{}` has no such file, or an empty one: `{name}`", led.peer());
        let hint = Some("the protocol has no word for either: nothing was written".to_owned());
        return Err(led.fail(Failure { code: Code::Io, text, hint }));
    };
    // The close is the file's end. Where a cut one can be told from a whole one, it is.
    if led.may_be_cut() {
        let text = format!(
            "`{}` closed without its transport's own end: `{name}` may have been cut off after \
             {}, nothing was kept",
            led.peer(),
            Size(size)
        );
        let hint = Some("ask again; a server that ends in order leaves no doubt".to_owned());
        return Err(led.fail(Failure { code: Code::Integrity, text, hint }));
    }
    led.frame_in(0);
    match file.land(name, want.present).await {
        Ok(()) => {
            led.say(format!(
                "{} written to `{}`",
                Size(size),
                want.out.path().join(name).display()
            ));
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(led.fail(already(name)))
        }
        Err(error) => Err(unwritten(led, name, &error)),
    }
}

fn already(name: &str) -> Failure {
    let text = format!("`{name}` is there already: it was left as it is");
    Failure { code: Code::Io, text, hint: Some("`--overwrite` replaces it".to_owned()) }
}

fn unwritten(led: &mut Led, name: &str, error: &std::io::Error) -> Ended {
    led.abort("it cannot be written here");
    let text = format!("cannot write `{name}`: {}; nothing of it was kept", plain(error));
    let hint = Some("`--out DIR` puts it elsewhere".to_owned());
    led.fail(Failure { code: Code::of(error), text, hint })
}
