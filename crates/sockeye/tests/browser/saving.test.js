/**
 * What is saved, read again by the programs that it is meant for.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { BOTH, scenario } from "./harness.js";
import { SOCKEYE, pythonServer } from "./programs.js";

/** @param {import("./desk.js").Desk} desk @param {string} key @param {Record<string, string>} [args] */
async function saves(desk, key, args) {
  await desk.presses("stream.save");
  const [download] = await Promise.all([desk.page.waitForEvent("download"), desk.chooses(key, args)]);
  const file = `${desk.folder}/${download.suggestedFilename()}`;
  await download.saveAs(file);
  return file;
}

scenario("a talk is saved as a tape, for Wireshark, as a page and as raw bytes", BOTH, async (desk) => {
  const { server, port } = pythonServer(`
while data := s.recv(4096): s.sendall(data.upper())
`);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.sends("hello 你好");
  await desk.sees(desk.went("in", "HELLO 你好"));

  const tape = await saves(desk, "stream.save.tape");
  const shown = execFileSync(SOCKEYE, ["tape", "show", tape], { encoding: "utf8" });
  assert.match(shown, /hello 你好/);
  assert.match(shown, /HELLO 你好/);

  const pcapng = await saves(desk, "stream.save.pcapng");
  const told = execFileSync("tshark", ["-r", pcapng, "-T", "fields", "-e", "tcp.payload"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  assert.match(told, new RegExp(Buffer.from("hello 你好").toString("hex")));
  assert.match(told, new RegExp(Buffer.from("HELLO 你好").toString("hex")));

  assert.match(readFileSync(await saves(desk, "stream.save.html"), "utf8"), /^<!doctype html>[^]*HELLO 你好/i);
  assert.equal(readFileSync(await saves(desk, "stream.save.raw-in", { c: "#1" }), "utf8"), "HELLO 你好");
  assert.equal(readFileSync(await saves(desk, "stream.save.raw-out", { c: "#1" }), "utf8"), "hello 你好");

  // And the tape is looked at again, from disk.
  await desk.asksToOpen();
  const dialog = desk.page.getByRole("dialog");
  await dialog.locator(".kinds input[value=tape]").check({ force: true });
  await dialog.locator("input[type=file]").setInputFiles(tape);
  await dialog.getByRole("button", { name: desk.t("open.open"), exact: true }).click();
  await desk.misses(dialog);
  await desk.goes("stream");
  await desk.run((run) => run.do === "tape");
  await desk.sees(desk.went("in", "HELLO 你好"));
});
