/** The words of the tools: the same keys in both languages, and one for each thing that is named by its key. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { KNOBS } from "../../ui/area/tools/faults/knobs.js";
import { alarming, meaning, NAMES } from "../../ui/area/tools/info/meaning.js";

/** @param {string} language @returns {Promise<Record<string, string>>} */
async function words(language) {
  return JSON.parse(await readFile(new URL(`../../../sockeye-text/words/${language}/tools.json`, import.meta.url), "utf8"));
}
const [english, chinese] = await Promise.all([words("en"), words("zh-CN")]);

test("both languages have the same keys and the same arguments", () => {
  assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
  /** @param {string | undefined} text */
  const args = (text) => [...(text ?? "").matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [key, text] of Object.entries(english)) assert.deepEqual(args(chinese[key]), args(text), key);
});

test("every fault and every row of a socket has its words", () => {
  for (const { name, group, bare } of KNOBS) {
    for (const key of [`${name}`, `${name}.what`, `group.${group}`, ...(bare ? [`bare.${name}`] : [])]) assert.ok(english[`tools.faults.${key}`], key);
  }
  for (const name of NAMES) assert.ok(english[meaning(name) ?? ""], name);
  assert.equal(meaning("constructor"), null);
});

test("loss and what nobody takes stand out", () => {
  assert.deepEqual(["3", "0", "1,024 B", "unknown"].map((value) => alarming("unread", value)), [true, false, true, false]);
  assert.equal(alarming("retransmits", "1"), true);
  assert.equal(alarming("cwnd", "10 segments"), false);
});
