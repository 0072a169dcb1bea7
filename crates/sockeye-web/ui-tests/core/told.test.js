import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createTold } from "../../ui/core/told.js";
import { createWords } from "../../ui/core/words.js";

/** @param {string} language @returns {Promise<Record<string, string>>} */
const load = async (language) => JSON.parse(await readFile(new URL(`../../../sockeye-text/words/${language}/shell.json`, import.meta.url), "utf8"));
const chinese = createWords({ load });
await chinese.use("zh-CN");

test("a sentence of the server is said in the reader's language, with what stands in it", () => {
  assert.equal(chinese.said("cannot connect to `tcp://127.0.0.1:1`: connection refused"), "无法连接 tcp://127.0.0.1:1：连接被拒绝");
  assert.equal(chinese.said("12,288 B were not yet acknowledged by the peer"), "12,288 字节尚未得到对端确认");
  assert.equal(chinese.said("1 B was not yet acknowledged by the peer"), "1 字节尚未得到对端确认");
  assert.equal(chinese.said("odd hex digit at column 3"), "HEX 数字个数为奇数（第 3 列）");
});

test("how a run was closed is told whole", () => {
  assert.equal(chinese.said("closed first by us (FIN: stopped): 37 B in, 1.2 KiB out, 2.5s"), "本端先关闭（FIN：被停止）：接收 37 B，发送 1.2 KiB，2.5s");
  assert.equal(chinese.said("closed first by the peer (FIN): 5 B in, 0 B out, 1 frame in, 0 out, 12ms"), "对端先关闭（FIN）：接收 5 B（1 帧），发送 0 B（0 帧），12ms");
});

test("what the catalogue does not know comes as it is", () => {
  for (const text of ["", "something else", "cannot connect to nobody", "stopped.", "x".repeat(10_000)]) assert.equal(chinese.said(text), text);
});

test("what a sentence holds is never read as words or as a pattern", () => {
  const told = createTold({ "shell.said.a": "cannot read `{what}`: {why} (.*)", "shell.said.why": "because" }, (key, args) => `${key} ${JSON.stringify(args)}`);
  assert.equal(told("cannot read `{why} $1 because`: because (.*)"), 'shell.said.a {"what":"{why} $1 because","why":"shell.said.why {}"}');
  assert.equal(told("cannot read `x`: because of"), "cannot read `x`: because of");
});

test("every sentence of the catalogue is found by its own pattern", async () => {
  const english = await load("en");
  for (const [key, text] of Object.entries(english).filter(([name]) => name.startsWith("shell.said."))) {
    const seen = createTold(english, (found) => found)(text.replace(/\{(\w+)\}/g, "7"));
    assert.equal(seen, key);
  }
});

test("an error is told by its code, its sentence and the hint that knows the case", () => {
  const told = chinese.error({ code: "E-usage", text: "odd hex digit at column 3", hint: "as in AA 55 or 0xAA,0x55" });
  assert.deepEqual([told.text, told.hint], ["HEX 数字个数为奇数（第 3 列）", "例如 AA 55 或 0xAA,0x55"]);
});
