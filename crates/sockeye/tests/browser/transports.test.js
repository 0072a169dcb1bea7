/**
 * Every transport by the form, each with a program of others at the far end, and bytes both ways.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { scenario } from "./harness.js";
import { python, pythonServer } from "./programs.js";

/** Says back in capitals, in two pieces, what it hears; and over standard output that it did. */
const SHOUTS = `
while data := s.recv(4096):
    print("got", data)
    s.sendall(data.upper())
print("over")
`;

scenario("a client calls a Python server, and then socat", {}, async (desk) => {
  const { server, port } = pythonServer(SHOUTS);
  desk.with(server);
  await desk.opens("client", { host: "127.0.0.1", port: await port });
  await desk.sends("hello 你好");
  await server.sees("got b'hello \\xe4\\xbd\\xa0\\xe5\\xa5\\xbd'");
  await desk.sees(desk.went("in", "HELLO 你好"));

  const socat = desk.starts("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "-");
  await desk.opens("client", { port: await socat.says(/listening on .*:(\d+)/) });
  await desk.run((run) => run.open === 1);
  socat.writes("from socat\n");
  await desk.sees(desk.went("in", "from socat"));
  await desk.sends("to socat");
  await socat.sees("to socat");
  socat.finishes();
  await desk.does(/127/, "conversations.end");
});

scenario("a client that is refused says so, with the next step", {}, async (desk) => {
  const socat = desk.starts("socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "-");
  const port = await socat.says(/listening on .*:(\d+)/);
  await socat.kill();
  await desk.opens("client", { port });
  await desk.run((run) => run.state === "ended" && run.error.code === "E-refused");
  await desk.sees(desk.page.locator("#conversations").getByText(desk.t("E-refused")));
  await desk.sees(desk.page.locator("#stream .is-error, #stream .trouble").or(desk.page.getByText(desk.t("E-refused.hint"))));
});

scenario("UDP goes both ways, each peer a conversation", {}, async (desk) => {
  await desk.opens("udp", { role: "listen", port: "0" });
  const port = await desk.port();
  const talker = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", int(sys.argv[1])))
s.send(sys.argv[2].encode())
print("got", s.recv(100))
`;
  const first = desk.with(python(talker, port, "one"));
  await desk.sees(desk.went("in", "one"));
  const second = desk.with(python(talker, port, "two"));
  await desk.sees(desk.went("in", "two"));
  await desk.run((run) => run.open === 2);
  await desk.addresses(2);
  await desk.sends("to two");
  await second.sees("got b'to two'");
  await desk.addresses("all");
  await desk.sends("to all");
  await first.sees("got b'to all'");

  const server = desk.with(python(`
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print("port", s.getsockname()[1])
while True:
    data, peer = s.recvfrom(2000)
    s.sendto(data[::-1], peer)
`));
  await desk.opens("udp", { role: "connect", host: "127.0.0.1", port: await server.says(/port (\d+)\n/) });
  await desk.sends("abc");
  await desk.sees(desk.went("in", "cba"));
});

scenario("a Unix socket is opened from both sides", {}, async (desk) => {
  const path = `${desk.folder}/s.sock`;
  await desk.opens("unix", { role: "listen", path });
  await desk.endpoint();
  const socat = desk.starts("socat", "-", `UNIX-CONNECT:${path}`);
  socat.writes("over unix");
  await desk.sees(desk.went("in", "over unix"));
  await desk.sends("and back");
  await socat.sees("and back");

  const other = `${desk.folder}/other.sock`;
  const server = desk.with(python(`
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1]); listener.listen()
print("ready now")
s, _ = listener.accept()
s.sendall(b"hi from python"); print("got", s.recv(100))
`, other));
  await server.says(/(ready)/);
  await desk.opens("unix", { role: "connect", path: other });
  await desk.sees(desk.went("in", "hi from python"));
  await desk.sends("thanks");
  await server.sees("got b'thanks'");
});

scenario("TLS talks to openssl, as the server and as the client", {}, async (desk) => {
  await desk.opens("tls", { role: "listen", port: "0" });
  const client = desk.starts("openssl", "s_client", "-quiet", "-connect", `127.0.0.1:${await desk.port()}`);
  await desk.run((run) => run.open === 1);
  client.writes("from openssl\n");
  await desk.sees(desk.went("in", "from openssl"));
  await desk.sends("to openssl");
  await client.sees("to openssl");

  const [key, cert] = [`${desk.folder}/key.pem`, `${desk.folder}/cert.pem`];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=x", "-days", "2"], { stdio: "pipe" });
  const server = desk.starts("openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", cert, "-naccept", "2");
  const port = await server.says(/ACCEPT .*:(\d+)/);
  // Nobody vouches for it: refused, with the reason; then taken by its pin.
  await desk.opens("tls", { role: "connect", host: "127.0.0.1", port, trust: "system" });
  await desk.run((run) => run.state === "ended" && /^E-tls/.test(run.error.code));
  const print = execFileSync("openssl", ["x509", "-in", cert, "-noout", "-fingerprint", "-sha256"]).toString();
  const pin = `sha256:${print.split("=")[1].trim().replaceAll(":", "").toLowerCase()}`;
  await desk.opens("tls", { role: "connect", host: "127.0.0.1", port, trust: "pin", pin });
  await desk.run((run) => run.open === 1);
  await desk.sends("to the pinned one");
  await server.sees("to the pinned one");
  server.writes("answer\n");
  await desk.sees(desk.went("in", "answer"));
});

scenario("WebSocket talks to Python's websockets, as the client and as the server", {}, async (desk) => {
  const server = desk.with(python(`
import asyncio, websockets
async def serve(ws):
    await ws.send("welcome 你好")
    async for message in ws:
        print("got", type(message).__name__, message)
        await ws.send(message)
async def main():
    async with websockets.serve(serve, "127.0.0.1", 0) as s:
        print("port", s.sockets[0].getsockname()[1])
        await asyncio.Future()
asyncio.run(main())
`));
  await desk.opens("websocket", { role: "connect", host: "127.0.0.1", port: await server.says(/port (\d+)\n/), "url-path": "/chat" });
  await desk.sees(desk.went("in", "welcome 你好"));
  await desk.sends("a message");
  await server.sees("got str a message");
  await desk.sees(desk.went("in", "a message"));

  await desk.opens("websocket", { role: "listen", port: "0", "url-path": "/here" });
  const client = desk.with(python(`
import asyncio, sys, websockets
async def main():
    async with websockets.connect(f"ws://127.0.0.1:{sys.argv[1]}/here") as ws:
        await ws.send("from python")
        print("got", await ws.recv())
asyncio.run(main())
`, await desk.port()));
  await desk.sees(desk.went("in", "from python"));
  await desk.sends("to python");
  await client.sees("got to python");
  assert.equal(await client.ends(), 0);
});

scenario("a serial port talks over a pair of terminals", { language: "zh-CN" }, async (desk) => {
  const [ours, theirs] = [`${desk.folder}/ours`, `${desk.folder}/theirs`];
  const pair = desk.starts("socat", "-d", "-d", `PTY,raw,echo=0,link=${ours}`, `PTY,raw,echo=0,link=${theirs}`);
  await pair.says(/(starting data transfer loop)/);
  const device = desk.starts("socat", "-", `${theirs},raw,echo=0`);
  await desk.opens("serial", { device: ours, baud: "9600" });
  await desk.run((run) => run.open === 1);
  device.writes("READY\r\n");
  await desk.sees(desk.went("in", "READY"));
  await desk.sets("composer.eol", "crlf");
  await desk.sends("AT+RST");
  await device.sees("AT+RST\r\n");
});
