/**
 * What is kept and what runs by itself: the quick list, repetition, sequences, answers by rules.
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { BOTH, scenario } from "./harness.js";
import { python, pythonServer } from "./programs.js";

/** Says what it hears, and answers it in capitals, a line each. */
const LINES = `
f = s.makefile("rwb", buffering=0)
for line in f:
    print("got", line)
    f.write(line.upper())
`;

/** @param {import("./desk.js").Desk} desk */
async function talking(desk) {
  const { server, port } = pythonServer(LINES);
  desk.with(server);
  await desk.opens("client", { port: await port, frame: "lines" });
  await desk.run((run) => run.open === 1);
  await desk.goes("send");
  return server;
}

/** Shows a view of the composer. @param {import("./desk.js").Desk} desk @param {string} name */
const view = (desk, name) => desk.page.locator("#composer [role=tab]").filter({ hasText: desk.t(`composer.view.${name}`) }).click();

scenario("the quick list is kept over a reload, exported and imported", BOTH, async (desk) => {
  const server = await talking(desk);
  await desk.field.fill("AT+RST");
  await desk.presses("composer.quick.keep");
  const dialog = desk.page.getByRole("dialog");
  await dialog.getByLabel(desk.t("composer.name"), { exact: true }).fill("reset 复位");
  await desk.presses("composer.keep", {}, dialog);
  await desk.sees(desk.page.locator(".composer-quick", { hasText: "reset 复位" }));
  await desk.kept((kept) => JSON.stringify(kept).includes("AT+RST"));

  await desk.page.reload();
  await desk.goes("send");
  await desk.page.locator(".composer-quick", { hasText: "reset 复位" }).click();
  await server.sees("got b'AT+RST");

  await view(desk, "quick");
  await desk.page.locator("#composer").getByRole("button", { name: desk.t("composer.quick.more") }).click();
  const [download] = await Promise.all([desk.page.waitForEvent("download"), desk.chooses("composer.export")]);
  const file = `${desk.folder}/quick.json`;
  await download.saveAs(file);
  const list = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(list.groups[0].items[0].data, "AT+RST");

  list.groups[0].name = "modem";
  list.groups[0].items[0].name = "other";
  writeFileSync(file, JSON.stringify(list));
  await imports(desk, file);
  await desk.sees(desk.page.locator(".composer-row", { hasText: "other" }));

  // What cannot be read is refused with its place, and nothing is taken.
  writeFileSync(file, '{"sockeye":"quick list","version":1,"groups":[{"name":"x","items":[{"name":"y","kind":"text","data":1}]}]}');
  await imports(desk, file);
  await desk.sees(desk.page.getByRole("dialog").getByText("groups[0].items[0].data"));
});

/** @param {import("./desk.js").Desk} desk @param {string} file */
async function imports(desk, file) {
  await desk.page.locator("#composer").getByRole("button", { name: desk.t("composer.quick.more") }).click();
  const [chooser] = await Promise.all([desk.page.waitForEvent("filechooser"), desk.chooses("composer.import")]);
  await chooser.setFiles(file);
}

scenario("a message is repeated as often as it says", {}, async (desk) => {
  const server = await talking(desk);
  await desk.sets("composer.eol", "lf");
  await desk.field.fill("tick");
  const repeat = desk.page.locator(".composer-sending .composer-repeat");
  await repeat.getByLabel(desk.t("composer.every"), { exact: true }).fill("20ms");
  await repeat.getByLabel(desk.t("composer.times"), { exact: true }).fill("5");
  await repeat.locator(".composer-start").click();
  await desk.run((run) => run.sequences[0]?.state === "done" && run.sequences[0].done === 5);
  await desk.until(async () => server.out.match(/got b'tick/g)?.length, (n) => n === 5);

  // Without end, until it is stopped.
  await repeat.getByLabel(desk.t("composer.times"), { exact: true }).fill("");
  await repeat.locator(".composer-start").click();
  await desk.run((run) => run.sequences.some((/** @type {any} */ one) => one.state === "running" && one.done > 2));
  await repeat.locator(".composer-start").click();
  await desk.run((run) => run.sequences.every((/** @type {any} */ one) => one.state !== "running"));
});

scenario("a sequence goes on when its answer comes, and says where it does not", {}, async (desk) => {
  const server = await talking(desk);
  await view(desk, "sequence");
  const step = (/** @type {number} */ at) => desk.page.locator(".composer-steps > li").nth(at);
  await step(0).locator("[data-field=data]").fill("user joe");
  await step(0).locator("select").selectOption("lf");
  await step(1).locator("[data-field=text]").fill("USER JOE");
  const run = desk.page.locator("#composer").getByRole("button", { name: desk.t("composer.sequence.run"), exact: true });
  await run.click();
  await server.sees("got b'user joe");
  await desk.run((one) => one.sequences.at(-1)?.state === "done");
  await desk.sees(desk.page.locator(".composer-aside").getByText(desk.t("composer.state.done")));

  await step(1).locator("[data-field=text]").fill("WELCOME");
  await step(1).locator("[data-field=within]").fill("50ms");
  await run.click();
  const missed = await desk.run((one) => one.sequences.some((/** @type {any} */ each) => each.state === "missed"));
  assert.match(JSON.stringify(missed.sequences), /WELCOME/);
  await desk.sees(desk.page.locator(".composer-aside").getByText(desk.t("composer.state.missed")));
});

scenario("rules answer from the moment they are written, and stop when they are taken away", BOTH, async (desk) => {
  await desk.opens("server", { port: "0", frame: "lines" });
  const port = await desk.port();
  const caller = desk.with(python(`
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
f = s.makefile("rb", buffering=0)
for line in sys.stdin.buffer:
    s.sendall(line); print("got", f.readline())
`, port));
  await desk.run((run) => run.open === 1);
  await desk.goes("send");
  await view(desk, "replies");
  await desk.presses("composer.rule.add");
  await desk.page.getByLabel(desk.t("composer.rule.match", { at: 1 }), { exact: true }).fill("ping");
  await desk.page.getByLabel(desk.t("composer.rule.reply", { at: 1 }), { exact: true }).fill("pong");
  await desk.page.getByLabel(desk.t("composer.rule.reply", { at: 1 }), { exact: true }).press("Tab");
  await desk.run((run) => run.rules.length === 1);
  caller.writes("ping\n");
  await caller.sees("got b'pong");

  await desk.page.getByLabel(desk.t("composer.rule.reply", { at: 1 }), { exact: true }).fill("other");
  await desk.page.getByLabel(desk.t("composer.rule.reply", { at: 1 }), { exact: true }).press("Tab");
  await desk.run((run) => run.rules[0]?.includes("other"));
  caller.writes("ping\n");
  await caller.sees("got b'other");

  await desk.presses("composer.rule.remove", { at: 1 });
  await desk.page.getByRole("combobox", { name: desk.t("composer.reply.all") }).selectOption("upper");
  await desk.run((run) => run.rules.length === 0 && run.reply === "upper");
  caller.writes("ping\n");
  await caller.sees("got b'PING");
});
