import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { happening } from "../../ui/area/stream/happening.js";
import { createWords } from "../../ui/core/words.js";

const words = createWords({
  async load(language) {
    const files = ["stream", "shell", "errors"].map((name) => readFile(new URL(`../../../sockeye-text/words/${language}/${name}.json`, import.meta.url), "utf8"));
    return Object.assign({}, ...(await Promise.all(files)).map((text) => JSON.parse(text)));
  },
});
await words.use("zh-CN");

/** @param {object} more @returns {any} */
const row = (more) => ({ k: 0, n: 0, t: 0, c: 1, kind: "note", ...more });

test("who called is told in the language, and no end that has no name", () => {
  const open = { role: "accept", local: "127.0.0.1:8888", peer: "127.0.0.1:5000", proto: "tcp" };
  assert.equal(happening(row({ open }), words), "127.0.0.1:5000 连入 127.0.0.1:8888");
  assert.equal(happening(row({ open: { ...open, role: "dial", local: "" } }), words), "连接到 127.0.0.1:5000");
});

test("who hung up, and each reason, in the language", () => {
  const close = { by: "peer", how: "rst", why: "stopped; 3 B were never acknowledged by the peer" };
  assert.equal(happening(row({ close }), words), "对端强行断开（RST）：被停止；3 字节始终未得到对端确认");
  assert.equal(happening(row({ close: { by: "us", how: "warp", why: null } }), words), "us, warp");
});

test("an error has its title before it; what the peer put into a text cannot reorder the line", () => {
  assert.equal(happening(row({ code: "E-reset", text: "odd" }), words), "连接被重置 · odd");
  assert.equal(happening(row({ text: "a\u202eb" }), words), "a⟨U+202E⟩b");
});
