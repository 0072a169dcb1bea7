//! `sockeye bench echo` against servers of others.

mod harness;

use harness::{Start, sockeye, words};

/// An echo in Python's asyncio, which says where it listens.
const ASYNCIO: &str = "\
import asyncio
async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(echo, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
";

/// An echo that serves one client at a time, as many a first program does.
const ONE_AT_A_TIME: &str = "\
import socket
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
while True:
    caller, _ = listener.accept()
    while data := caller.recv(65536):
        caller.sendall(data)
";

/// A server in Python, and its address.
fn serves(program: &str) -> (harness::Running, String) {
    let server = Start::program("python3").args(["-c", program]).start();
    let port = server.out.until(harness::LONG, |bytes| {
        String::from_utf8_lossy(bytes).strip_suffix('\n').map(str::to_owned)
    });
    let at = format!("127.0.0.1:{}", port.expect("a port"));
    (server, at)
}

#[test]
fn pythons_echo_gives_all_back() {
    let (_server, at) = serves(ASYNCIO);
    for flags in ["", "--size 200KiB --clients 3", "--connect-each"] {
        words(&format!("bench echo {at} --time 300ms {flags}")).run().exits(0);
    }
}

#[test]
fn a_server_of_one_client_starves_the_others() {
    let (_server, at) = serves(ONE_AT_A_TIME);
    let told = words(&format!("bench echo {at} --time 300ms --clients 5")).run();
    told.exits(1).fails_clearly("E-timeout").told("4 of 5 clients got no answer");
}

#[test]
fn a_child_is_asked_as_well() {
    let bench = ["bench", "echo", "exec:cat", "--clients", "3", "--time", "200ms"];
    sockeye(bench).run().exits(0);
}
