import assert from "node:assert/strict";
import { test } from "node:test";
import { createSettings, taken } from "../../ui/core/settings.js";

/** @type {any} */
const silent = { get: () => undefined, set: () => undefined, on: () => () => undefined };

test("what storage holds is taken only where it makes sense", () => {
  assert.deepEqual(taken({ theme: "dark", view: "<b>", follow: "yes", other: 1, language: "zh-CN" }), { theme: "dark", language: "zh-CN" });
  assert.deepEqual(taken("x"), {});
});

test("the browser's language holds until the user chooses", () => {
  /** @type {Record<string, string>} */
  const place = {};
  const storage = { getItem: (/** @type {string} */ key) => place[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (place[key] = value) };
  const first = createSettings({ storage, languages: ["zh-CN"], keepsakes: silent });
  first.set("theme", "dark");
  assert.equal(createSettings({ storage, languages: ["en"], keepsakes: silent }).get("language"), "en");
  first.set("language", "zh-CN");
  assert.equal(createSettings({ storage, languages: ["en"], keepsakes: silent }).get("language"), "zh-CN");
});

test("broken storage is as good as none", () => {
  const storage = { getItem: () => "{", setItem: () => { throw new Error("full"); } };
  const settings = createSettings({ storage, languages: [], keepsakes: silent });
  settings.set("by", "frames");
  assert.equal(settings.get("by"), "frames");
});
