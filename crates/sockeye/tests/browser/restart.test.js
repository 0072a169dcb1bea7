/**
 * The server killed and started again, under an open page: it says so, goes on by itself, and shows each row once.
 */

import assert from "node:assert/strict";
import { BOTH, Bench, scenario } from "./harness.js";
import { python } from "./programs.js";

scenario("the workbench is killed and started again: disconnected, then whole, no row twice", BOTH, async (desk) => {
  await desk.opens("server", { port: "0", name: "before" });
  const caller = desk.with(python(`
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for n in range(20): s.sendall(b"line %02d\\n" % n); s.recv(1) if n < 0 else None
print("said"); s.recv(1)
`, await desk.port()));
  await caller.sees("said");
  const before = await desk.run((run) => run.conversations[0]?.in === 160);
  await desk.goes("stream");
  await desk.sees(desk.went("in", "line 19"));
  const rows = await desk.until(() => desk.rows().count(), (n) => n === before.events);

  // What a page logs while nobody answers is its browser's.
  desk.guard.expects(/WebSocket connection to .* failed/);
  await desk.bench.program.kill("SIGKILL");
  await desk.sees(desk.page.locator("#banner"));
  const again = new Bench([], desk.bench.data, new URL(desk.origin).host);
  desk.with(again.program);
  await again.ready();
  await desk.page.locator("#banner").getByRole("button").click({ timeout: 1000 }).catch(() => {});
  await desk.misses(desk.page.locator("#banner"));
  await desk.goes("conversations");
  await desk.sees(desk.item("before").getByText(desk.t("conversations.state.interrupted")));
  await desk.item("before").click();
  await desk.goes("stream");
  await desk.sees(desk.went("in", "line 19"));
  const after = await desk.run((run) => run.interrupted);
  assert(after.events >= before.events, `${after.events} of ${before.events}`);
  const texts = await desk.went("in").allTextContents();
  const lines = texts.join("").match(/line \d\d/g) ?? [];
  assert.equal(lines.length, 20);
  assert.equal(new Set(lines).size, 20);
  assert((await desk.rows().count()) >= rows);
});
