//! An endpoint that is called and listened to for a while.

use std::time::Duration;

use sockeye_net::came::Came;
use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::Endpoint;
use sockeye_net::stream::Stream;
use sockeye_text::encoding::Encoding;
use sockeye_workbench::detect::Talk;
use sockeye_workbench::detect::stream::LOOK;
use sockeye_workbench::plan::READ_SIZE;
use sockeye_workbench::script::Side;
use tokio::signal::ctrl_c;
use tokio::time::{Instant, timeout_at};

use super::Heard;
use crate::args::detect::Detect;
use crate::failure::Failed;

/// How long is listened unless said otherwise.
const LONG: Duration = Duration::from_secs(5);

/// How much is listened to unless said otherwise.
const BYTES: u64 = 64 << 10;

/// Calls, sends what is to be sent, and listens. None: interrupted.
pub(super) async fn listen(args: &Detect, endpoint: &Endpoint) -> Result<Option<Heard>, Failed> {
    let mut sent = Vec::new();
    for data in &args.send {
        let bytes = data.bytes(Encoding::Auto);
        sent.push(bytes.map_err(|error| Failed::usage(error.to_string(), "see detect --help"))?);
    }
    let how = args.reach.dial(args.wait, FileUse::Source);
    tokio::select! {
        heard = call(args, endpoint, how, &sent) => heard.map(Some),
        _ = ctrl_c() => Ok(None),
    }
}

async fn call(
    args: &Detect,
    endpoint: &Endpoint,
    how: Dial,
    sent: &[Vec<u8>],
) -> Result<Heard, Failed> {
    let stream = dial(endpoint, how, None).await?;
    let start = Instant::now();
    let until = start + args.long.unwrap_or(LONG);
    let most = usize::try_from(args.bytes.unwrap_or(BYTES)).unwrap_or(LOOK).min(LOOK);
    let Stream { mut reader, mut writer, .. } = stream;
    let mut talk = Talk::default();
    let mut notes = Vec::new();
    // Sending and listening go on together: a peer that says much before it reads is heard.
    let sending = async {
        for bytes in sent {
            writer.send_all(bytes, None).await?;
        }
        std::future::pending::<std::io::Result<()>>().await
    };
    tokio::pin!(sending);
    let mut came = 0;
    while came < most {
        let read = tokio::select! {
            read = timeout_at(until, reader.recv(READ_SIZE.min(most - came))) => read,
            Err(error) = &mut sending => {
                return Err(Failed::io(format!("cannot send to `{endpoint}`"), &error));
            }
        };
        match read {
            Err(_) | Ok(Ok(Came::End(_))) => break,
            Ok(Ok(Came::Bytes(bytes) | Came::Message(bytes, _))) => {
                came += bytes.len();
                talk.hear(start.elapsed(), Side::Acceptor, &bytes);
            }
            Ok(Ok(Came::Told(_))) => {}
            Ok(Err(error)) if came > 0 => {
                notes.push(format!("note: the talk broke off: {error}"));
                break;
            }
            Ok(Err(error)) => {
                return Err(Failed::io(format!("cannot read from `{endpoint}`"), &error));
            }
        }
    }
    if came == 0 {
        notes.push(format!("note: nothing came from `{endpoint}`; `--send` says something first"));
    }
    Ok(Heard { talk, number: None, notes })
}
