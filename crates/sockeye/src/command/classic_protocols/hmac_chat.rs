//! `sockeye classic hmac-chat`.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::desk::Desk;
use sockeye_classics::hmac_chat::{self, Answerer, Client, Digest, Secret, Server, talk};
use sockeye_net::endpoint::Purpose;
use sockeye_net::error::Code;
use sockeye_workbench::led::Lead;

use crate::args::classic_protocols::{DigestArg, HmacChat, HmacConnect, HmacServe, Proof};
use crate::command::classic_protocols::standing::{self, House, Stdin};
use crate::failure::Failed;
use crate::stage::{self, Stage};

/// Its name.
const NAME: &str = "hmac-chat";
/// Where the classic program listens.
const USUAL: &str = "127.0.0.1:8889";
/// The longest secret.
const LONGEST: u64 = 64 * 1024;

/// Runs the command.
pub(crate) async fn run(args: HmacChat) -> ExitCode {
    match args {
        HmacChat::Serve(args) => serve(&args).await,
        HmacChat::Connect(args) => connect(&args).await,
    }
}

async fn serve(args: &HmacServe) -> ExitCode {
    let house = House {
        program: NAME,
        common: &args.common,
        endpoint: args.endpoint.as_deref(),
        usual: USUAL,
        access: args.callers.access(),
        means: "can try to prove the secret, and what is said is not encrypted".to_owned(),
    };
    let stdin = if args.reply.is_some() { Stdin::Unread } else { Stdin::Typed };
    standing::serve(house, stdin, async |stage: &mut Stage| {
        let secret = secret(&args.proof)?;
        let answerer = if let Some(reply) = &args.reply {
            let checked = reply.check();
            checked.map_err(|error| Failed::usage(error.to_string(), "is the path right?"))?;
            Answerer::Rule(reply.clone())
        } else {
            let lines = standing::lines(stage, &args.common);
            Answerer::Typed(Desk::new(lines, Arc::clone(&stage.journal)))
        };
        let (settle, encoding) = (args.common.settle, args.common.encoding);
        let output = standing::output(&args.common);
        Ok(Arc::new(Server { secret, answerer, settle, encoding, output }) as Arc<dyn Lead>)
    })
    .await
}

async fn connect(args: &HmacConnect) -> ExitCode {
    let common = &args.common;
    let prepared = standing::endpoint(NAME, args.endpoint.as_deref(), USUAL, Purpose::Dial, common)
        .and_then(|endpoint| Ok((endpoint, secret(&args.proof)?)));
    let (endpoint, secret) = match prepared {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    standing::call(common, &endpoint, Stdin::Typed, async |led, stage: &mut Stage| {
        let client = Client { secret, settle: common.settle, output: standing::output(common) };
        let lines = standing::lines(stage, common);
        talk(led, &client, lines).await
    })
    .await
}

/// The secret, of a file or of the environment; never of the command line, which everybody
/// on this machine can read.
fn secret(proof: &Proof) -> Result<Secret, Failed> {
    let digest = match proof.digest {
        DigestArg::Md5 => Digest::Md5,
        DigestArg::Sha256 => Digest::Sha256,
    };
    let bytes = match (&proof.secret_file, std::env::var_os("SOCKEYE_SECRET")) {
        (Some(path), _) => of_file(path)?,
        (None, Some(value)) => value.into_encoded_bytes(),
        (None, None) => {
            return Err(Failed::usage(
                "there is no secret",
                "`--secret-file F` names its file, or the variable SOCKEYE_SECRET holds it",
            ));
        }
    };
    Secret::new(bytes, digest).ok_or_else(|| {
        Failed::usage("the secret is empty", "everybody could prove it: take a longer one")
    })
}

fn of_file(path: &Path) -> Result<Vec<u8>, Failed> {
    let named = || format!("cannot read `{}` (--secret-file)", path.display());
    let file = File::open(path).map_err(|error| Failed {
        hint: Some("is the path right, and may you read it?".to_owned()),
        ..Failed::io(named(), &error)
    })?;
    if let Some(why) = hmac_chat::misplaced(&file.metadata()) {
        return Err(Failed {
            code: Code::Denied.to_string(),
            text: format!("{}: {why}", named()),
            hint: Some(format!("`chmod 600 {}`", path.display())),
        });
    }
    let mut bytes = Vec::new();
    let read = file.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| Failed::io(named(), &error))?;
    Ok(hmac_chat::read(&bytes).to_vec())
}
