/**
 * What a peer sends to harm who looks at it: everywhere on the page, and in what is saved of it, it stays text.
 */

import assert from "node:assert/strict";
import { BOTH, browser, scenario } from "./harness.js";
import { pythonServer } from "./programs.js";

/** Sends what each line of its input says in hex; then the next caller gets the next. */
const SAYS = `
for line in sys.stdin: s.sendall(bytes.fromhex(line))
`;

const MARKUP = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><svg onload="window.pwned=1"></svg><a href="javascript:pwned=1">x</a>`;

/** @param {import("./desk.js").Desk} desk */
async function hostile(desk) {
  const { server, port } = pythonServer(SAYS);
  desk.with(server);
  await desk.opens("client", { port: await port, name: MARKUP.slice(0, 60) });
  await desk.run((run) => run.open === 1);
  await desk.goes("stream");
  return (/** @type {string | Uint8Array} */ bytes) => server.writes(`${Buffer.from(bytes).toString("hex")}\n`);
}

scenario("markup, scripts, bidi, escapes and NUL are shown as what they are", BOTH, async (desk) => {
  const says = await hostile(desk);
  says(MARKUP);
  const row = await desk.sees(desk.went("in", '<img src=x onerror="window.pwned=1">'));
  const height = (await row.boundingBox())?.height;
  says("user\u202Eexe.gpj\u202C\u200Bend");
  await desk.sees(desk.went("in", "user⟨U+202E⟩exe.gpj⟨U+202C⟩"));
  says("\x1b[31mred\x1b]0;owned\x07 a\0b");
  const escapes = await desk.sees(desk.went("in", "␛[31mred␛]0;owned␇ a␀b"));
  assert.equal((await escapes.boundingBox())?.height, height);
  says("one\r\ntwo\u2028three");
  assert.equal((await (await desk.sees(desk.went("in", "one␍␊two"))).boundingBox())?.height, height);

  await desk.selects(desk.went("in", "<script>"));
  await desk.looksAt("bytes");
  await desk.sees(desk.page.locator(".hex-list"));
  for (const tab of ["diagram", "info", "detect"]) await desk.looksAt(tab);
  assert.equal(await desk.page.locator(":is(.stream-list, #conversations, #bar, #inspector) :is(script, a[href^=javascript], img[src=x])").count(), 0);
  assert.equal(await desk.page.evaluate(() => "pwned" in window), false);
  assert.match(await desk.page.title(), /^[^\u0000-\u001f\u202a-\u202e]*$/);
});

scenario("a line of a mebibyte is one row, and its end can be looked at", {}, async (desk) => {
  const says = await hostile(desk);
  await desk.page.getByLabel(desk.t("stream.lens"), { exact: true }).fill("lines,max=2MiB");
  await desk.presses("stream.by.frames");
  says(Buffer.concat([Buffer.alloc(1 << 20, "x"), Buffer.from("END\n")]));
  const row = await desk.sees(desk.page.locator(".is-frame"));
  const box = await row.boundingBox();
  assert((box?.height ?? 99) < 40 && (box?.width ?? 9999) <= 1440, JSON.stringify(box));
  await desk.selects(row);
  await desk.looksAt("bytes");
  await desk.page.locator(".hex-list").focus();
  await desk.page.keyboard.press("Control+End");
  await desk.sees(desk.page.locator(`.hex-bytes [data-off="${(1 << 20) + 2}"]`, { hasText: "44" }));
});

scenario("what is saved as a page and as a picture is inert too", {}, async (desk) => {
  const says = await hostile(desk);
  says(MARKUP);
  await desk.sees(desk.went("in", "<script>"));
  for (const [key, args] of /** @type {[string, Record<string, string>][]} */ ([["stream.save.html", {}], ["stream.save.svg", { c: "#1" }]])) {
    await desk.presses("stream.save");
    const [download] = await Promise.all([desk.page.waitForEvent("download"), desk.chooses(key, args)]);
    const file = `${desk.folder}/${download.suggestedFilename()}`;
    await download.saveAs(file);
    const context = await (await browser()).newContext();
    try {
      const page = await context.newPage();
      /** @type {string[]} */
      const asked = [];
      page.on("request", (request) => request.url() !== `file://${file}` && asked.push(request.url()));
      await page.goto(`file://${file}`);
      assert.equal(await page.evaluate(() => "pwned" in window), false);
      assert.equal(await page.locator("img[src=x], a[href^=javascript]").count(), 0);
      assert.deepEqual(asked, []);
    } finally {
      await context.close();
    }
  }
});
