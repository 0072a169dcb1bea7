//! A child process as a stream: what it prints comes in, what goes out is its stdin.
//! Its stderr is ours. No shell.

use std::io;
use std::process::Stdio;

use tokio::net::unix::pipe;
use tokio::process::Command;

use crate::error::{NetError, Phase};
use crate::inherited;
use crate::keeper::Keeper;
use crate::stream::{Facts, Reader, Stream, Writer};

/// Starts a program; `caller` are the addresses that it is told of in `SOCKEYE_…`.
pub fn start(argv: &[String], caller: Option<&Facts>) -> Result<Stream, NetError> {
    let address = format!("exec:{}", shell_words::join(argv));
    let Some((program, arguments)) = argv.split_first() else {
        let nothing = io::Error::new(io::ErrorKind::InvalidInput, "no program is named");
        return Err(NetError::io(Phase::Open, address, nothing));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    // The sockets that were passed on to us are not for it (sd_listen_fds(3)).
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
        command.env_remove(name);
    }
    // A group of its own, so that what it starts can be ended with it.
    command.process_group(0);
    if let Some(facts) = caller {
        command.envs(environment(facts));
    }
    inherited::keep_back();
    let mut child = command.spawn().map_err(|error| spawn_error(&address, program, error))?;
    let missing = || io::Error::other("the child has no pipe");
    let (input, output) = child
        .stdin
        .take()
        .zip(child.stdout.take())
        .ok_or_else(|| NetError::io(Phase::Open, address.clone(), missing()))?;
    let joined = || -> io::Result<_> {
        let input = pipe::Sender::from_owned_fd(input.into_owned_fd()?)?;
        Ok((input, pipe::Receiver::from_owned_fd(output.into_owned_fd()?)?))
    };
    let (input, output) =
        joined().map_err(|error| NetError::io(Phase::Open, address.clone(), error))?;
    let id = child.id().map_or_else(|| "?".to_owned(), |id| id.to_string());
    Ok(Stream {
        reader: Reader::Child(Box::new((output, Keeper::of(child)))),
        writer: Writer::Child(input),
        facts: Facts::new("exec", format!("pid {id}"), address),
    })
}

fn spawn_error(address: &str, program: &str, error: io::Error) -> NetError {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let error = NetError::io(Phase::Open, address, error);
    if missing {
        return error.with_hint(format!(
            "is `{program}` installed, and on the PATH? no shell is involved: for pipes and \
             `$X` write `exec:sh -c '…'`"
        ));
    }
    error
}

/// What a child is told of the conversation that it serves.
fn environment(facts: &Facts) -> Vec<(&'static str, String)> {
    let split = |text: &str| match text.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => {
            (host.trim_matches(['[', ']']).to_owned(), port.to_owned())
        }
        _ => (text.to_owned(), String::new()),
    };
    let (peer, peer_port) = split(&facts.peer.to_string());
    let (local, local_port) = split(&facts.local.to_string());
    vec![
        ("SOCKEYE_PEER_ADDR", peer),
        ("SOCKEYE_PEER_PORT", peer_port),
        ("SOCKEYE_LOCAL_ADDR", local),
        ("SOCKEYE_LOCAL_PORT", local_port),
        ("SOCKEYE_PROTO", facts.proto.to_owned()),
    ]
}
