//! The demo: a server that answers in capital letters and a client that talks to it in pieces,
//! so that reads and messages fall apart before the user's eyes.

use std::sync::Arc;
use std::time::Duration;

use sockeye_workbench::closing::Closing;
use sockeye_workbench::roster::{Order, To};

use crate::workbench::desk::Desk;
use crate::workbench::draft::{Does, Draft};
use crate::workbench::meaning::{Meaning, read};
use crate::workbench::opening::{calling, start, talking};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::{Run, State};

/// Both sides tell messages apart by this.
const FRAME: &str = "lines";

/// How long the server may take to listen.
const PROMPT: Duration = Duration::from_secs(5);

/// Between two writes: longer than any two are joined for.
const PAUSE: Duration = Duration::from_millis(400);

/// What is said, a write each: a whole message; two in one write; one in three writes; one in
/// Chinese.
const WRITES: [&[u8]; 6] =
    [b"hello\n", b"one\ntwo\n", b"in", b" three", b" pieces\n", "你好\n".as_bytes()];

/// Opens both, and lets the client talk. The client's run is given.
pub(super) async fn demo(desk: &Arc<Desk>) -> Result<Arc<Run>, Refusal> {
    let serving = Draft {
        name: Some("demo: server".to_owned()),
        endpoint: Some("tcp://127.0.0.1:0".to_owned()),
        frame: Some(FRAME.to_owned()),
        reply: Some("upper".to_owned()),
        ..of(Does::Listen)
    };
    let server = Box::pin(super::open(desk, serving)).await?;
    server.opened(PROMPT).await;
    let calling = Draft {
        name: Some("demo: client".to_owned()),
        endpoint: server.endpoint(),
        frame: Some(FRAME.to_owned()),
        ..of(Does::Connect)
    };
    let Meaning::Call(call) = read(&calling, desk.setting.reach)? else {
        return Err(Refusal::conflict("the demo's server did not listen"));
    };
    let client = desk.begin(calling, talking(&call.plan))?;
    let running =
        talk(calling::call(Arc::clone(desk), Arc::clone(&client), *call), Arc::clone(&client));
    start(desk, &client, running);
    client.opened(PROMPT).await;
    Ok(client)
}

fn of(does: Does) -> Draft {
    Draft { does, ..Draft::default() }
}

/// Says what there is to say once the client is connected; the user may go on.
async fn talk(
    calling: impl Future<Output = Result<Option<Closing>, Refusal>>,
    client: Arc<Run>,
) -> Result<Option<Closing>, Refusal> {
    let saying = async {
        client.opened(PROMPT).await;
        for write in WRITES {
            if client.state() != State::Open {
                break;
            }
            client.roster.tell(To::All, &Order::Raw(write.to_vec())).await;
            tokio::time::sleep(PAUSE).await;
        }
        std::future::pending().await
    };
    tokio::select! {
        over = calling => over,
        never = saying => never,
    }
}
