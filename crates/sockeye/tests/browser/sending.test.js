/**
 * What the composer makes of what is written: escapes, hex, encodings, checksums, line ends, files, the input
 * method; and what the other side really got.
 */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { BOTH, scenario } from "./harness.js";
import { pythonServer } from "./programs.js";

/** Prints in hex what it hears. */
const HEARS = `
while data := s.recv(65536):
    print("got", data.hex(), "end")
`;

/** A client of a server that hears. @param {import("./desk.js").Desk} desk */
async function hearing(desk) {
  const { server, port } = pythonServer(HEARS);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.run((run) => run.open === 1);
  await desk.goes("send");
  return server;
}

scenario("escapes, hex, GBK and a checksum become the bytes that were meant", BOTH, async (desk) => {
  const server = await hearing(desk);
  await desk.page.locator(".composer-sending").getByLabel(desk.t("composer.escapes")).check();
  await desk.writes("a\\r\\n\\x00\\u{4f60}\\\\");
  await desk.sees(desk.page.locator(".composer-preview", { hasText: "61 0d 0a 00 e4 bd a0 5c" }).or(desk.page.locator(".composer-preview", { hasText: "61 0D 0A 00 E4 BD A0 5C" })));
  await desk.field.press("Enter");
  await server.sees("got 610d0a00e4bda05c end");

  await desk.sets("composer.encoding", "gbk");
  await desk.writes("你好");
  await desk.field.press("Enter");
  await server.sees("got c4e3bac3 end");

  await desk.writesAs("hex");
  await desk.sets("composer.checksum", "crc16-modbus");
  await desk.writes("01 03 00 00 00 0A");
  await desk.field.press("Enter");
  await server.sees("got 01030000000ac5cd end");

  // Half a byte is not sent, and its column is said.
  desk.guard.expects(/^refused: 400 POST .*\/(preview|send)/);
  await desk.writes("01 0");
  await desk.sees(desk.page.locator(".composer-preview.bad"));
  await desk.field.press("Enter");
  await desk.writes("ff");
  await desk.sets("composer.checksum", "");
  await desk.field.press("Enter");
  await server.sees("got ff end");
  assert.equal(server.out.match(/got/g)?.length, 4);
});

scenario("GBK is read by itself, and by name where it is chosen", {}, async (desk) => {
  const { server, port } = pythonServer(`s.sendall("温度报警 25℃".encode("gbk")); s.recv(1)`);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.sees(desk.went("in", "温度报警 25℃"));
  const encoding = desk.page.locator("#stream").getByLabel(desk.t("stream.encoding"), { exact: true });
  await encoding.selectOption("windows-1252");
  await desk.sees(desk.went("in", "ÎÂ¶È"));
  await encoding.selectOption("gbk");
  await desk.sees(desk.went("in", "温度报警"));
  // Whatever it is read as, its bytes are the same.
  await desk.presses("stream.view.hex");
  await desk.sees(desk.went("in", "ce c2 b6 c8"));
});

scenario("the line end of an endpoint is remembered over a reload", {}, async (desk) => {
  const server = await hearing(desk);
  await desk.sets("composer.eol", "crlf");
  await desk.sends("one");
  await server.sees("got 6f6e650d0a end");
  await desk.kept((kept) => JSON.stringify(kept).includes("crlf"));
  await desk.page.reload();
  await desk.sends("two");
  await server.sees("got 74776f0d0a end");
});

scenario("what was being written is there after a reload, and what it would be", {}, async (desk) => {
  await hearing(desk);
  await desk.sets("composer.eol", "none");
  await desk.writes("half");
  await desk.page.reload();
  await desk.sees(desk.page.locator(".composer-preview", { hasText: /68 61 6c 66/i }));
  assert.equal(await desk.field.inputValue(), "half");
});

scenario("a file in pieces with a gap arrives whole", BOTH, async (desk) => {
  const { server, port } = pythonServer(`
import hashlib
sha, size = hashlib.sha256(), 0
while size < 300_000:
    data = s.recv(65536)
    sha.update(data); size += len(data)
print("whole", size, sha.hexdigest(), "end")
`);
  desk.with(server);
  const bytes = randomBytes(300_000);
  const path = `${desk.folder}/noise.bin`;
  writeFileSync(path, bytes);
  await desk.opens("client", { port: await port });
  await desk.run((run) => run.open === 1);
  await desk.goes("send");
  await desk.writesAs("file");
  const [chooser] = await Promise.all([desk.page.waitForEvent("filechooser"), desk.presses("composer.file.choose")]);
  await chooser.setFiles(path);
  await desk.page.getByLabel(desk.t("composer.file.piece"), { exact: true }).fill("16KiB");
  await desk.page.getByLabel(desk.t("composer.file.gap"), { exact: true }).fill("2ms");
  await desk.page.locator(".composer-send-button").click();
  await server.sees(`whole 300000 ${createHash("sha256").update(bytes).digest("hex")} end`);
  await desk.sees(desk.page.locator(".composer-said.good"));
});

scenario("a large text is offered as a file and never stalls the field", {}, async (desk) => {
  const { server, port } = pythonServer(`
size = 0
while size < 2_000_000: size += len(s.recv(65536))
print("whole", size, "end")
`);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.run((run) => run.open === 1);
  await desk.page.evaluate(() => navigator.clipboard.writeText("x".repeat(2_000_000)));
  await desk.field.focus();
  await desk.page.keyboard.press("Control+V");
  await desk.presses("composer.large.file");
  await desk.page.locator(".composer-send-button").click();
  await server.sees("whole 2000000 end");
});

scenario("Enter in an input method chooses a word and sends nothing; after it, it sends", BOTH, async (desk) => {
  const server = await hearing(desk);
  const devtools = await desk.context.newCDPSession(desk.page);
  await desk.field.focus();
  await devtools.send("Input.imeSetComposition", { text: "nihao", selectionStart: 5, selectionEnd: 5 });
  // What an input method does to a key that it takes itself: 229.
  const key = { key: "Process", code: "Enter", windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  // And an Enter that reaches the page while the composition is open.
  await desk.page.keyboard.press("Enter");
  await devtools.send("Input.insertText", { text: "你好" });
  await desk.until(() => desk.field.inputValue(), (value) => value.includes("你好"));
  await desk.field.fill("你好");
  await desk.maySend();
  await desk.page.keyboard.press("Enter");
  await server.sees("got e4bda0e5a5bd end");
  assert.equal(server.out.match(/got/g)?.length, 1, server.out);
});

scenario("the arrow brings back what was sent, and the history finds it", BOTH, async (desk) => {
  const server = await hearing(desk);
  for (const text of ["alpha", "beta"]) {
    await desk.writes(text);
    await desk.field.press("Enter");
    await server.sees(Buffer.from(text).toString("hex"));
  }
  // The server hears of it before the page knows that it was sent, and remembers it.
  await desk.until(
    async () => {
      await desk.field.fill("");
      await desk.field.press("ArrowUp");
      return desk.field.inputValue();
    },
    (brought) => brought === "beta",
  );
  await desk.field.press("ArrowUp");
  assert.equal(await desk.field.inputValue(), "alpha");
  await desk.field.fill("");
  await desk.presses("composer.history");
  const past = desk.page.locator(".composer-past");
  await past.getByRole("combobox").fill("bet");
  await past.getByRole("option").filter({ hasText: "beta" }).click();
  await desk.until(() => desk.field.inputValue(), (brought) => brought === "beta");
  await desk.field.press("Enter");
  await desk.until(async () => server.out.match(/62657461/g)?.length, (n) => n === 2);
});
