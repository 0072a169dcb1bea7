/**
 * The pictures of docs/images, taken of the real page at the real binary: `cargo xtask screenshots`. Each in a
 * scenario as the tests play them, so a picture of a page with trouble is never taken. No test.
 */

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { scenario } from "./harness.js";
import { PYTHON, ROOT, python, pythonServer } from "./programs.js";

const IMAGES = `${ROOT}docs/images`;
/** So large may a picture be. */
const MOST = 300 * 1024;

mkdirSync(IMAGES, { recursive: true });

/** @param {import("./desk.js").Desk} desk @param {string} name */
async function picture(desk, name) {
  // A notice that is about to go is no part of the page.
  await desk.page.evaluate(() => document.getElementById("toasts")?.replaceChildren());
  await desk.page.mouse.move(2, 2);
  const path = `${IMAGES}/${name}.png`;
  await desk.page.screenshot({ path, caret: "hide", animations: "disabled" });
  const { size } = statSync(path);
  assert(size <= MOST, `${path} has ${size} bytes`);
}

/** @param {import("./desk.js").Desk} desk */
async function demo(desk) {
  await desk.page.getByRole("button", { name: desk.t("shell.welcome.demo") }).last().click();
  await desk.goes("stream");
  await desk.sees(desk.went("in", /⟦你好\S*⟧/));
}

for (const [name, how] of /** @type {const} */ ([
  ["workbench-light", { theme: "light" }],
  ["workbench-dark", { theme: "dark" }],
  ["workbench-zh-CN", { theme: "light", language: "zh-CN" }],
  ["workbench-narrow", { theme: "dark", width: 390 }],
])) {
  scenario(name, how, async (desk) => {
    await demo(desk);
    if (!desk.narrow) {
      await desk.selects(desk.went("out", /two/));
      await desk.looksAt("bytes");
      await desk.page.locator('.hex-bytes [data-off="0"]').click();
      await desk.page.locator('.hex-bytes [data-off="3"]').click({ modifiers: ["Shift"] });
      await desk.sees(desk.page.locator(".read-sums tr"));
    }
    await picture(desk, name);
  });
}

scenario("lesson", { theme: "light" }, async (desk) => {
  await desk.button("shell.lessons").first().click();
  await desk.page.locator(".lesson-entry").filter({ has: desk.page.locator('.entry-name:text-is("sticky")') }).click();
  const next = desk.page.locator("#lessons [data-deed=next]");
  const status = desk.page.locator(".steps-head [role=status]");
  for (let step = 1; step <= 5; step += 1) {
    await desk.sees(next);
    const before = await status.textContent();
    await next.click();
    await desk.until(async () => (await status.textContent()) !== before && (await next.getAttribute("aria-disabled")) === null, (moved) => moved);
  }
  await desk.sees(desk.page.locator(".moves li.in"));
  await picture(desk, "lesson");
});

scenario("faults", { theme: "dark" }, async (desk) => {
  const { server, port } = pythonServer("while data := s.recv(4096): s.sendall(data.upper())");
  desk.with(server);
  await desk.opens("relay", { a: "127.0.0.1:0", b: `127.0.0.1:${await port}` });
  await desk.looksAt("faults");
  await desk.page.locator(".fault-text").fill("delay=40ms±20ms; split=3");
  await desk.run((run) => /split/.test(run.faults ?? ""));
  const client = desk.with(python(`
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for line in (b"temperature?\\n", b"pressure?\\n", b"status?\\n"):
    s.sendall(line)
    got = b""
    while not got.endswith(b"\\n"): got += s.recv(100)
print("done"); s.recv(1)
`, await desk.port()));
  await client.sees("done");
  await desk.sees(desk.rows("STATUS").or(desk.rows("?␊")).or(desk.rows("?")));
  await picture(desk, "faults");
});

scenario("charts", { theme: "light" }, async (desk) => {
  const { server, port } = pythonServer(`
import random, time
random.seed(7)
for n in range(400):
    s.sendall(b"sample %04d %s\\n" % (n, b"#" * random.randrange(400)))
    time.sleep(0.01)
print("done"); s.recv(1)
`);
  desk.with(server);
  await desk.opens("client", { port: await port, frame: "lines", name: "sensor" });
  await desk.looksAt("charts");
  await server.sees("done");
  await picture(desk, "charts");
});

scenario("shake", { theme: "light" }, async (desk) => {
  const server = desk.starts(PYTHON, "-u", `${ROOT}crates/sockeye/tests/python/shake/delimiter_edge.py`, "server");
  await desk.opens("client", { port: await server.says(/^(\d+)\n/), frame: "crlf", name: "server under test" });
  for (const [n, text] of ["hello", "a second message"].entries()) {
    await desk.sends(text);
    await desk.run((run) => run.conversations[0]?.reads > n);
  }
  await desk.looksAt("shake");
  await desk.page.locator("#inspector").getByRole("button", { name: desk.t("tools.shake.start"), exact: true }).click();
  const found = await desk.sees(desk.page.locator("div.shake-found"));
  await found.scrollIntoViewIfNeeded();
  await picture(desk, "shake");
});
