//! A file poured into a conversation: exactly the bytes that it had when it was opened. One
//! that changes meanwhile is cut off before its last piece, so that it never looks whole.

use sockeye_net::error::Code;
use sockeye_text::cause::plain;
use sockeye_workbench::closing::Failure;
use sockeye_workbench::led::{Ended, Led};
use tokio::io::AsyncReadExt;

use crate::progress::Progress;
use crate::share::{Change, Source};

/// The most that is in memory of a file.
const PIECE: usize = 256 * 1024;

/// Sends the file; `name` is for the words about it.
pub(crate) async fn pour(led: &mut Led, source: &mut Source, name: &str) -> Result<(), Ended> {
    let poured = pieces(led, source, name).await;
    if poured.is_err() {
        led.abort(format!("`{name}` did not go over whole"));
    }
    poured
}

async fn pieces(led: &mut Led, source: &mut Source, name: &str) -> Result<(), Ended> {
    let mut space = vec![0; PIECE];
    let mut left = source.size;
    let mut progress = Progress::new(led, Some(source.size));
    let mut grown = false;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = match space.get_mut(..most) {
            Some(space) => source.file.read(space).await,
            None => Ok(0),
        };
        let count = match read {
            Ok(0) => return Err(changed(led, name)),
            Ok(count) => count,
            Err(error) => {
                let text = format!("cannot read `{name}`: {}", plain(&error));
                return Err(led.fail(Failure::new(Code::of(&error), text)));
            }
        };
        left = left.saturating_sub(count as u64);
        if left == 0 {
            match source.changed().await {
                Ok(None) => {}
                Ok(Some(Change::Grown)) => grown = true,
                Ok(Some(Change::Other)) | Err(_) => return Err(changed(led, name)),
            }
        }
        led.write_all(space.get(..count).unwrap_or_default()).await?;
        progress.at(led, source.size - left);
    }
    if grown {
        let size = source.size;
        let text = format!("`{name}` grew while it was sent: its first {size} bytes went over");
        led.fail(Failure::new(Code::Integrity, text));
    }
    Ok(())
}

fn changed(led: &mut Led, name: &str) -> Ended {
    let text = format!("`{name}` was changed while it was sent: it was cut off");
    let hint = Some("send it again once nobody writes to it".to_owned());
    led.fail(Failure { code: Code::Integrity, text, hint })
}
