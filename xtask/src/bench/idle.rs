//! How much memory an idle client costs: many held by one `listen --reply echo`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::bench::process::memory;
use anyhow::{Context as _, bail};

/// So many clients at once.
const CLIENTS: usize = 18_000;
/// The limit of open files that the server runs under.
const FILES: usize = 20_000;
/// What each client sends, and must get back.
const WORD: &[u8] = b"a word that each client sends and gets back";

/// The server, ended when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Holds the clients, has each answered once, and reads the server's memory.
pub(crate) fn clients(ours: &Path, page: &mut String) -> anyhow::Result<()> {
    let script = format!("ulimit -n {FILES}; exec \"$0\" listen 127.0.0.1:0 --reply echo");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(ours).stdin(Stdio::null()).stdout(Stdio::null());
    let mut server = Server(command.stderr(Stdio::piped()).spawn()?);
    let stderr = server.0.stderr.take().context("the server has no stderr")?;
    let mut ready = String::new();
    let mut stderr = BufReader::new(stderr);
    stderr.read_line(&mut ready)?;
    let port: u16 = ready
        .trim()
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .with_context(|| format!("no ready line: `{}`", ready.trim()))?;
    // The lines of 18,000 closes must not stop the server at the end.
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
    let mut held = Vec::with_capacity(CLIENTS);
    answered(port)?;
    let before = memory(server.0.id(), "VmRSS:")?;
    for number in 0..CLIENTS {
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        held.push(client.with_context(|| format!("client {number} could not connect"))?);
    }
    for client in &mut held {
        client.write_all(WORD)?;
    }
    for client in &mut held {
        let mut word = [0; WORD.len()];
        client.read_exact(&mut word)?;
        if word != WORD {
            bail!("an answer is wrong");
        }
    }
    let after = memory(server.0.id(), "VmRSS:")?;
    let each = u64::from(after - before) * 1024 / CLIENTS as u64;
    writeln!(
        page,
        "\n{CLIENTS} clients held by one `listen --reply echo` under `ulimit -n {FILES}`, each \
         answered once: {before} KiB resident before, {after} KiB with them: {each} bytes a client \
         (limit: 4096)."
    )?;
    Ok(())
}

fn answered(port: u16) -> anyhow::Result<()> {
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    client.write_all(WORD)?;
    client.read_exact(&mut [0; WORD.len()])?;
    Ok(())
}
