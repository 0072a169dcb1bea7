import assert from "node:assert/strict";
import { test } from "node:test";
import { createWords, duration, filled, fitting, size } from "../../ui/core/words.js";

test("Chinese of any kind is given Chinese, everybody else English", () => {
  assert.equal(fitting(["zh-TW", "en"]), "zh-CN");
  assert.equal(fitting(["de", "zh"]), "zh-CN");
  assert.equal(fitting(["en-GB", "zh"]), "en");
  assert.equal(fitting(["fr"]), "en");
});

test("sizes keep three digits at most", () => {
  for (const [bytes, text] of /** @type {[number, string][]} */ ([[0, "0 B"], [1023, "1023 B"], [1024, "1.0 KiB"], [10189, "10 KiB"], [1048575, "1.0 MiB"], [5 * 1024 ** 3, "5.0 GiB"]])) {
    assert.equal(size(bytes), text);
  }
});

test("durations are told in the unit that fits", () => {
  for (const [ns, text] of /** @type {[number, string][]} */ ([[0, "0 ns"], [850, "850 ns"], [1200, "1.2 µs"], [34e6, "34 ms"], [3.4e9, "3.4 s"], [125e9, "2 m 05 s"], [3661e9, "1 h 01 m"]])) {
    assert.equal(duration(ns), text);
  }
});

test("a text is filled once: what is filled in is not read again", () => {
  assert.equal(filled("{a} and {b}, {c}", { a: "{b}", b: 2 }), "{b} and 2, {c}");
});

test("one is told apart, and a key without words shows itself", async () => {
  const words = createWords({ load: async () => ({ n: "{n} events", "n.one": "one event" }) });
  await words.use("en");
  assert.equal(words.t("n", { n: 1 }), "one event");
  assert.equal(words.t("n", { n: 2 }), "2 events");
  assert.equal(words.t("nothing"), "nothing");
});

test("the language chosen last wins, whichever catalogue comes first", async () => {
  /** @type {[string, (words: Record<string, string>) => void][]} */
  const waiting = [];
  const words = createWords({ load: (language) => new Promise((resolve) => waiting.push([language, resolve])) });
  const first = words.use("zh-CN");
  const second = words.use("en");
  for (const [language, come] of waiting.reverse()) come({ a: language === "en" ? "english" : "chinese" });
  await Promise.all([first, second]);
  assert.equal(words.t("a"), "english");
  assert.equal(words.language, "en");
});

test("an error has its title and hint from the catalogue, the text as the server says it", async () => {
  const catalogue = { "E-refused": "标题", "E-refused.hint": "提示" };
  const words = createWords({ load: async () => catalogue });
  await words.use("zh-CN");
  assert.deepEqual(words.error({ code: "E-refused", text: "refused", hint: "try" }), { title: "标题", text: "refused", hint: "提示" });
  await words.use("en");
  assert.equal(words.error({ code: "E-refused", text: "refused", hint: "try" }).hint, "try");
  assert.equal(words.error(new Error("odd")).text, "odd");
});
