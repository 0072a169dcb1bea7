/**
 * The tools beside the stream: faults of a relay, diagram, charts, what the system knows, and shake.
 */

import assert from "node:assert/strict";
import { BOTH, scenario } from "./harness.js";
import { PYTHON, ROOT, python, pythonServer } from "./programs.js";

const UPPER = `
while data := s.recv(4096): s.sendall(data.upper())
`;

/** Says each line that it reads, and prints the answer with the time it took. */
const ASKS = `
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for line in sys.stdin.buffer:
    began = time.monotonic()
    s.sendall(line)
    print("got", s.recv(4096), "slow" if time.monotonic() - began > 0.35 else "quick")
`;

scenario("a relay's faults are set by slider and by text, and strike at once", BOTH, async (desk) => {
  const { server, port } = pythonServer(UPPER);
  desk.with(server);
  await desk.opens("relay", { a: "127.0.0.1:0", b: `127.0.0.1:${await port}` });
  const client = desk.with(python(ASKS, await desk.port()));
  client.writes("first\n");
  await client.sees("got b'FIRST\\n' quick");
  await desk.goes("stream");
  await desk.sees(desk.rows("FIRST"));

  await desk.looksAt("faults");
  const delay = desk.page.locator(".fault[data-fault=delay]");
  await delay.getByRole("switch").check();
  await desk.run((run) => /delay/.test(run.faults ?? ""));
  const slider = delay.getByRole("slider").first();
  const before = await slider.getAttribute("aria-valuetext");
  await slider.press("ArrowRight");
  await desk.until(() => slider.getAttribute("aria-valuetext"), (value) => value !== before);
  const text = desk.page.locator(".fault-text");
  const said = await text.inputValue();
  await desk.run((run) => run.faults !== null && said.includes("delay"));

  await text.fill("delay=400ms");
  await desk.run((run) => /400/.test(run.faults ?? ""));
  assert.equal(await delay.locator(".dial-exact").first().inputValue(), "400ms");
  client.writes("second\n");
  await client.sees("got b'SECOND\\n' slow");

  // What is no fault is said at the field, and the relay goes on with what it had.
  desk.guard.expects(/^refused: 400 POST .*\/faults/);
  await text.fill("delay=banana");
  await desk.sees(desk.page.locator("#inspector .field-error", { hasText: /./ }));
  await desk.presses("tools.faults.off");
  await desk.run((run) => !run.faults);
  client.writes("third\n");
  await client.sees("got b'THIRD\\n' quick");
});

scenario("the diagram is a picture, the charts have been drawn, and the socket says how it is", BOTH, async (desk) => {
  const { server, port } = pythonServer(UPPER);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.sends("hello 你好");
  await desk.sees(desk.went("in", "HELLO 你好"));

  await desk.looksAt("diagram");
  const picture = await desk.sees(desk.page.locator(".diagram-picture"));
  await desk.until(() => picture.evaluate((/** @type {any} */ image) => image.naturalWidth), (width) => width > 100);

  await desk.looksAt("charts");
  const canvas = await desk.sees(desk.page.locator(".chart-rates"));
  const colours = () => canvas.evaluate((/** @type {any} */ node) => new Set(new Uint32Array(node.getContext("2d").getImageData(0, 0, node.width, node.height).data.buffer)).size);
  await desk.until(colours, (n) => n > 3);

  await desk.looksAt("info");
  const info = desk.page.locator(".info-card");
  await desk.sees(info.getByText(`127.0.0.1:${await port}`).first());
  await desk.sees(info.getByText(desk.t("tools.info.tcp")));
});

scenario("shake finds where a Python server trusts that a header comes in one piece", {}, async (desk) => {
  const server = desk.starts(PYTHON, "-u", `${ROOT}crates/sockeye/tests/python/shake/header_once.py`, "server");
  await desk.opens("client", { port: await server.says(/^(\d+)\n/), frame: "len:u32be" });
  await desk.sends("hello");
  await desk.run((run) => run.conversations[0]?.in === 9);
  await desk.sends("again");
  await desk.run((run) => run.conversations[0]?.in === 18);
  await desk.looksAt("shake");
  const form = desk.page.locator("#inspector");
  await form.getByLabel(desk.t("tools.shake.budget"), { exact: true }).fill("15s");
  await form.getByRole("button", { name: desk.t("tools.shake.start"), exact: true }).click();
  await desk.sees(desk.page.locator("div.shake-found .shake-why"));
  await desk.sees(desk.page.locator(".shake-ruler"));
});
