//! `sockeye classic download`.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::download::{Server, Want, fetch};
use sockeye_classics::name;
use sockeye_classics::share::Present;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_workbench::led::Lead;

use crate::args::classic_protocols::{Download, DownloadConnect, DownloadServe};
use crate::command::classic_protocols::standing::{self, House, Stdin};
use crate::failure::Failed;
use crate::stage;

/// Its name.
const NAME: &str = "download";
/// Where the classic program listens.
const USUAL: &str = "127.0.0.1:7890";

/// Runs the command.
pub(crate) async fn run(args: Download) -> ExitCode {
    match args {
        Download::Serve(args) => serve(&args).await,
        Download::Connect(args) => connect(&args).await,
    }
}

async fn serve(args: &DownloadServe) -> ExitCode {
    let house = House {
        program: NAME,
        common: &args.common,
        endpoint: args.endpoint.as_deref(),
        usual: USUAL,
        access: args.callers.access(),
        means: format!("can read every file below `{}`", args.root.display()),
    };
    standing::serve(house, Stdin::Unread, async |_| {
        let share = standing::folder(&args.root, "--root")?;
        let (settle, encoding) = (args.common.settle, args.common.encoding);
        Ok(Arc::new(Server { share, settle, encoding }) as Arc<dyn Lead>)
    })
    .await
}

async fn connect(args: &DownloadConnect) -> ExitCode {
    let (endpoint, want) = match prepared(args) {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&args.common.keep)),
    };
    standing::call(&args.common, &endpoint, Stdin::Unread, async |led, _| fetch(led, &want).await)
        .await
}

fn prepared(args: &DownloadConnect) -> Result<(Endpoint, Want), Failed> {
    let (typed, asked) = match args.words.as_slice() {
        [endpoint, name] => (Some(endpoint.as_str()), name),
        [name] => (None, name),
        _ => return Err(Failed::usage("no file is named", "as in 127.0.0.1:7890 a.txt")),
    };
    let endpoint = standing::endpoint(NAME, typed, USUAL, Purpose::Dial, &args.common)?;
    let encoded = args.common.encoding.encode(asked);
    let encoded = encoded.map_err(|error| Failed::usage(error.to_string(), "see --encoding"))?;
    let name = name::last(asked).map_err(|error| {
        Failed::usage(format!("no file can be kept here as that: {error}"), "name a file")
    })?;
    let out = standing::folder(&args.out, "--out")?;
    let present = if args.common.keep.overwrite { Present::Replaced } else { Present::Stays };
    if present == Present::Stays && out.holds(name) {
        return Err(Failed {
            code: sockeye_net::error::Code::Io.to_string(),
            text: format!("`{}` is there already", args.out.join(name).display()),
            hint: Some("`--overwrite` replaces it, `--out DIR` writes elsewhere".to_owned()),
        });
    }
    let want = Want { asked: encoded, name: name.to_owned(), out, present, most: args.max_size };
    Ok((endpoint, want))
}
