//! `sockeye classic upload`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::name;
use sockeye_classics::share::{Present, Source};
use sockeye_classics::upload::{Server, send};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::error::Code;
use sockeye_text::units::Size;
use sockeye_workbench::led::Lead;

use crate::args::classic_protocols::{Upload, UploadConnect, UploadServe};
use crate::command::classic_protocols::standing::{self, House, Stdin};
use crate::failure::Failed;
use crate::stage;

/// Its name.
const NAME: &str = "upload";
/// Where the classic program listens.
const USUAL: &str = "127.0.0.1:8090";

/// Runs the command.
pub(crate) async fn run(args: Upload) -> ExitCode {
    match args {
        Upload::Serve(args) => serve(&args).await,
        Upload::Connect(args) => connect(&args).await,
    }
}

async fn serve(args: &UploadServe) -> ExitCode {
    let house = House {
        program: NAME,
        common: &args.common,
        endpoint: args.endpoint.as_deref(),
        usual: USUAL,
        access: args.callers.access(),
        means: format!("can put files into `{}`, and fill its disk", args.root.display()),
    };
    standing::serve(house, Stdin::Unread, async |stage| {
        let share = standing::folder(&args.root, "--root")?;
        for (name, size) in share.left_behind() {
            stage.journal.say(format!(
                "note: `{name}`, {}, is what a run that was killed had of a file: it can be removed",
                Size(size)
            ));
        }
        let present = if args.replace { Present::Replaced } else { Present::Stays };
        let (most, encoding) = (args.max_size, args.common.encoding);
        Ok(Arc::new(Server { share, present, most, encoding }) as Arc<dyn Lead>)
    })
    .await
}

async fn connect(args: &UploadConnect) -> ExitCode {
    let (endpoint, source, name) = match prepared(args).await {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&args.common.keep)),
    };
    standing::call(&args.common, &endpoint, Stdin::Unread, async |led, _| {
        send(led, source, &name).await
    })
    .await
}

async fn prepared(args: &UploadConnect) -> Result<(Endpoint, Source, String), Failed> {
    let (typed, file) = match args.words.as_slice() {
        [endpoint, file] => (Some(endpoint.as_str()), Path::new(file)),
        [file] => (None, Path::new(file)),
        _ => return Err(Failed::usage("no file is named", "as in 127.0.0.1:8090 a.txt")),
    };
    let endpoint = standing::endpoint(NAME, typed, USUAL, Purpose::Dial, &args.common)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name::bare(&name).map_err(|error| {
        Failed::usage(format!("`{}` cannot be sent: {error}", file.display()), "name a file")
    })?;
    let source = Source::ours(file).await.map_err(|error| Failed {
        code: Code::Io.to_string(),
        text: format!("cannot send `{}`: {error}", file.display()),
        hint: Some("name an ordinary file that you may read".to_owned()),
    })?;
    Ok((endpoint, source, name))
}
