import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { called, named } from "../../ui/area/conversations/called.js";
import { createWords } from "../../ui/core/words.js";

const words = createWords({
  async load(language) {
    const files = ["conversations", "lessons"].map((name) => readFile(new URL(`../../../sockeye-text/words/${language}/${name}.json`, import.meta.url), "utf8"));
    return Object.assign({}, ...(await Promise.all(files)).map((text) => JSON.parse(text)));
  },
});
await words.use("zh-CN");

/** @param {object} more @returns {any} */
const run = (more) => ({ do: "connect", name: "", endpoint: null, command: "sockeye connect …", draft: {}, ...more });

test("what could not be opened is called by where it was to go", () => {
  assert.equal(called(run({ draft: { endpoint: "tcp://127.0.0.1:1" } }), words), "tcp://127.0.0.1:1");
  assert.equal(called(run({ do: "relay", draft: { a: "8080", b: "example.org:80" } }), words), "8080 → example.org:80");
  assert.equal(called(run({}), words), "sockeye connect …");
});

test("names that the server gives are in the language, names that a user gives stay", () => {
  assert.equal(named(run({ name: "demo: client" }), words), "演示：客户端");
  assert.equal(named(run({ do: "lesson", name: "chat (server)" }), words), `${words.t("lessons.chat.title")}：服务器`);
  assert.equal(named(run({ do: "lesson", name: "constructor (server)" }), words), "constructor (server)");
  assert.equal(named(run({ name: "chat (server)" }), words), "chat (server)");
});

test("a name is safe to draw", () => {
  assert.equal(called(run({ name: "a\u202eb" }), words), "a⟨U+202E⟩b");
});
