/**
 * What is looked at: framings found and applied, search, filter, the bytes of a row and what they mean, copies.
 */

import assert from "node:assert/strict";
import { BOTH, scenario } from "./harness.js";
import { pythonServer } from "./programs.js";

/** Sends messages with a length before each: the second is cut, and goes on when a line at stdin says so. */
const FRAMES = `
messages = [b"temperature %d" % n for n in range(12)] + [b"ping"] * 3
stream = b"".join(struct.pack(">H", len(m)) + m for m in messages)
s.sendall(stream[:23])
sys.stdin.readline()
s.sendall(stream[23:])
s.recv(1)
`;

/** @param {import("./desk.js").Desk} desk */
async function framed(desk) {
  const { server, port } = pythonServer(FRAMES);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.run((run) => run.conversations[0]?.in === 23);
  server.writes("\n");
  await desk.run((run) => run.conversations[0]?.in === 15 * 2 + 10 * 13 + 2 * 14 + 12);
  await desk.goes("stream");
}

scenario("the framing is found, and one click looks by it", BOTH, async (desk) => {
  await framed(desk);
  await desk.looksAt("detect");
  const first = desk.page.locator(".detect-one").first();
  await desk.sees(first.locator("code", { hasText: /len:u16/ }));
  await first.getByRole("button", { name: desk.t("tools.detect.look"), exact: true }).click();
  await desk.goes("stream");
  if (desk.narrow) await desk.presses("stream.look");
  await desk.presses("stream.by.frames");
  await desk.sees(desk.page.locator(".is-frame", { hasText: "temperature 11" }));
  // A tick stands where a read began in the midst of a message.
  await desk.sees(desk.page.locator(".is-frame", { hasText: "│" }));
  await desk.until(() => desk.page.locator(".is-frame:not([hidden])").count(), (n) => n === 15);
});

scenario("search counts, goes from match to match, and shows only these; a filter leaves out", {}, async (desk) => {
  await framed(desk);
  await desk.page.getByLabel(desk.t("stream.lens"), { exact: true }).fill("len:u16be");
  await desk.presses("stream.by.frames");
  await desk.sees(desk.page.locator(".is-frame", { hasText: "temperature 11" }));
  const search = desk.page.locator("#stream input[type=search]");
  await search.fill("ping");
  await desk.sees(desk.page.locator(".search-said", { hasText: desk.t("stream.search.found", { total: 3 }) }));
  await search.press("Enter");
  await desk.sees(desk.page.locator(".search-said", { hasText: desk.t("stream.search.at", { at: 1, total: 3 }) }));
  await search.press("Enter");
  await desk.sees(desk.page.locator(".search-said", { hasText: desk.t("stream.search.at", { at: 2, total: 3 }) }));
  await desk.presses("stream.search.only");
  await desk.until(() => desk.rows().count(), (n) => n === 3);
  await search.fill("re:temperature 1.");
  await desk.until(() => desk.rows().count(), (n) => n === 2);
  await search.fill("hex:00 04");
  await desk.until(() => desk.rows().count(), (n) => n === 3);
  desk.guard.expects(/^refused: 400 GET .*find=/);
  await search.fill("re:(");
  await desk.sees(desk.page.locator("#stream input[type=search][aria-invalid=true]"));
  await search.press("Escape");
  await desk.presses("stream.search.only");

  await desk.presses("stream.filter");
  await desk.page.locator(".filter-panel").getByLabel(desk.t("stream.filter.way.out")).check();
  await desk.until(() => desk.page.locator(".is-frame:not([hidden])").count(), (n) => n === 0);
  await desk.page.locator(".filter-panel").getByLabel(desk.t("stream.filter.way.in")).check();
  await desk.until(() => desk.page.locator(".is-frame:not([hidden])").count(), (n) => n === 15);
});

scenario("the bytes of a row are read as numbers and checksums, and copied as hex, C and Python", BOTH, async (desk) => {
  const { server, port } = pythonServer(`s.sendall(bytes.fromhex("0103020102797a7b313233343536373839ff")); s.recv(1)`);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.goes("stream");
  await desk.selects(desk.went("in"));
  await desk.looksAt("bytes");
  const byte = (/** @type {number} */ off) => desk.page.locator(`.hex-bytes [data-off="${off}"]`);
  await byte(8).click();
  await byte(16).click({ modifiers: ["Shift"] });
  // "123456789" is what every checksum is published for.
  await desk.sees(desk.page.locator(".read-sums tr", { hasText: "crc16-modbus" }).filter({ hasText: /4B37/i }));
  await desk.sees(desk.page.locator(".read-sums tr", { hasText: "crc32" }).filter({ hasText: /CBF43926/i }));
  await byte(0).click();
  await byte(3).click({ modifiers: ["Shift"] });
  const value = (/** @type {string} */ name) => desk.page.locator(".read-values tr").filter({ has: desk.page.getByRole("rowheader", { name: desk.t(`inspector.value.${name}`), exact: true }) });
  await desk.sees(value("u16").filter({ hasText: "769" }).filter({ hasText: "259" }));
  await desk.sees(value("u32").filter({ hasText: String(0x01020301) }).filter({ hasText: String(0x01030201) }));

  const copied = async (/** @type {string} */ key) => {
    await desk.page.evaluate(() => navigator.clipboard.writeText(""));
    await desk.presses("inspector.copy");
    await desk.chooses(key);
    return desk.until(() => desk.page.evaluate(() => navigator.clipboard.readText()), (text) => text !== "");
  };
  assert.equal(await copied("inspector.copy.hex"), "01 03 02 01");
  assert.match(await copied("inspector.copy.c"), /0x01, 0x03, 0x02, 0x01/);
  assert.equal(await copied("inspector.copy.python"), 'b"\\x01\\x03\\x02\\x01"');
});
