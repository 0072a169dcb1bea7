/**
 * The main way: one click for the demo, and the boundaries are there; a server by the form, and programs talk to it.
 */

import { BOTH, OTHERS, scenario } from "./harness.js";
import { python } from "./programs.js";

scenario("one click starts the demo, and brackets show where its messages begin and end", BOTH, async (desk) => {
  await desk.page.getByRole("button", { name: desk.t("shell.welcome.demo") }).last().click();
  await desk.goes("stream");
  // Two messages in one write; and one in three writes, which goes on in the next.
  await desk.sees(desk.went("out", /⟦one\S*⟧⟦two\S*⟧/));
  await desk.sees(desk.went("out", /⟦in⟧⋯/));
  await desk.sees(desk.went("out", /⋯⟦ pieces\S*⟧/));
  await desk.sees(desk.went("in", /⟦你好\S*⟧/));
  if (desk.narrow) await desk.presses("stream.look");
  // As frames, ticks stand where a new write began.
  await desk.presses("stream.by.frames");
  await desk.sees(desk.page.locator(".is-frame", { hasText: "in│ three│ pieces" }));
  await desk.presses("stream.view.hex");
  await desk.sees(desk.page.locator(".is-frame", { hasText: "e4 bd a0 e5 a5 bd 0a" }));
});

/** Prints what it gets, and sends what it is given. */
const CALLER = `
import socket, sys, threading
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def hear():
    while data := s.recv(4096): print("got", data)
    print("over")
threading.Thread(target=hear, daemon=False).start()
for line in sys.stdin.buffer: s.sendall(line)
`;

scenario("a server opened by the form talks to one caller, to some and to all", OTHERS, async (desk) => {
  await desk.opens("server", { port: "0", eol: "none" });
  const port = await desk.port();
  const first = desk.with(python(CALLER, port));
  await desk.run((run) => run.open === 1);
  const second = desk.starts("ncat", "127.0.0.1", port);
  await desk.run((run) => run.open === 2);
  const third = desk.with(python(CALLER, port));
  await desk.run((run) => run.open === 3);

  first.writes("from python 你好\n");
  second.writes("from ncat\n");
  await desk.goes("stream");
  await desk.sees(desk.went("in", "from python 你好"));
  await desk.sees(desk.went("in", "from ncat"));

  await desk.sends("to all");
  await first.sees("got b'to all'");
  await second.sees("to all");
  await third.sees("got b'to all'");

  await desk.goes("send");
  await desk.addresses(1);
  await desk.sends("to one");
  await first.sees("got b'to one'");

  await desk.goes("send");
  await desk.addresses(3);
  await desk.sends("to some");
  await first.sees("got b'to some'");
  await third.sees("got b'to some'");
  // What another got only would have come before this.
  await desk.goes("send");
  await desk.addresses("all");
  await desk.sends("end");
  await second.sees("end");
  if (second.out !== "to allend") throw new Error(`ncat was told ${second.out}`);

  await desk.goes("conversations");
  await desk.does("#1", "conversations.kick");
  await first.sees("over");
  await desk.does(/:\d+/, "conversations.stop-accepting");
  await desk.run((run) => run.accepting === false);
  const late = desk.starts("ncat", "127.0.0.1", port);
  if ((await late.ends()) === 0) throw new Error("it still takes callers");
  await desk.does(/:\d+/, "conversations.end");
  await third.sees("over");
  await desk.run((run) => run.state === "ended");
  await desk.goes("stream");
  await desk.sees(desk.page.locator(".is-close"));
});
