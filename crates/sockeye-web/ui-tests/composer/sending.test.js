/** What surrounds sending: why not, bringing a file, and what is not sent yet. */

import assert from "node:assert/strict";
import test from "node:test";
import { BLANK, message } from "../../ui/area/composer/message.js";
import { closed, isNothing, present, unheard } from "../../ui/area/composer/refusal.js";
import { createUnsent } from "../../ui/area/composer/unsent.js";
import { PIECE, upload } from "../../ui/area/composer/upload.js";

/** @param {object} [part] @returns {any} */
const run = (part) => ({
  id: 1,
  do: "listen",
  state: "open",
  proto: "tcp",
  open: 1,
  conversations: [conversation(1), conversation(2, false)],
  ...part,
});
/** @param {number} c @param {boolean} [open] @param {number} [out] @returns {any} */
const conversation = (c, open = true, out = 0) => ({ c, open, out });
const page = { act: true, connected: true };

test("the first thing that forbids sending is said", () => {
  assert.equal(closed(run(), page), null);
  assert.equal(closed(run({ state: "ended" }), { act: false, connected: false }), "composer.off.look");
  assert.equal(closed(null, page), "composer.off.none");
  assert.equal(closed(run({ do: "relay" }), page), "composer.off.relay");
  assert.equal(closed(run(), { act: true, connected: false }), "composer.off.offline");
  assert.equal(closed(run({ state: "starting" }), page), "composer.off.starting");
});

test("who left is not sent to, and not everybody in their place", () => {
  assert.deepEqual(present(run(), [1, 2]), [1]);
  assert.deepEqual(present(run(), [2]), []);
  assert.equal(unheard(run(), []), "composer.off.gone");
  assert.equal(unheard(run({ open: 0, conversations: [] }), "all"), "composer.off.nobody");
  assert.equal(unheard(run({ open: 0 }), "all"), "composer.off.left");
  assert.equal(unheard(run({ open: 0, do: "connect" }), "all"), "composer.off.shut");
});

test("an empty message is one where messages are whole, or a line ends", () => {
  assert.equal(isNothing(run(), BLANK), true);
  assert.equal(isNothing(run(), { ...BLANK, eol: "lf" }), false);
  assert.equal(isNothing(run(), { ...BLANK, kind: "hex", eol: "lf" }), true);
  assert.equal(isNothing(run({ proto: "udp" }), BLANK), false);
});

test("each line of a text ends as was chosen, not only the last", () => {
  const written = { ...BLANK, data: "a\nb\r\nc" };
  assert.equal(message({ ...written, eol: "crlf" }).data, "a\r\nb\r\nc");
  assert.equal(message({ ...written, eol: "cr" }).data, "a\rb\rc");
  assert.equal(message(written).data, written.data);
  assert.equal(message({ ...written, kind: "hex", eol: "crlf" }).data, written.data);
});

/** A server that keeps what it is given. @param {{fails?: number}} [how] */
function server({ fails = Infinity } = {}) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  /** @type {string[]} */
  const removed = [];
  return {
    pieces,
    removed,
    post: async () => ({ file: 7 }),
    /** @param {string} path @param {any} params @param {Uint8Array} bytes */
    async putBytes(path, params, bytes) {
      if (pieces.length === fails) throw new Error("no room");
      assert.equal(path, "/api/files/7");
      pieces.push(bytes);
      return { have: params.off + bytes.length };
    },
    /** @param {string} path */
    async remove(path) {
      removed.push(path);
    },
  };
}

test("a file is brought in pieces, in order", async () => {
  const to = server();
  /** @type {number[]} */
  const told = [];
  const file = new Blob([new Uint8Array(PIECE + 3).fill(1)]);
  const id = await upload(to, file, { name: "x", signal: new AbortController().signal, progress: (bytes) => told.push(bytes) });
  assert.equal(id, 7);
  assert.deepEqual(
    to.pieces.map((piece) => piece.length),
    [PIECE, 3],
  );
  assert.deepEqual(told, [PIECE, PIECE + 3]);
  assert.deepEqual(to.removed, []);
});

test("what fails or is stopped on the way is taken away again", async () => {
  const file = new Blob([new Uint8Array(PIECE * 3)]);
  const full = server({ fails: 1 });
  await assert.rejects(upload(full, file, { name: "x", signal: new AbortController().signal, progress: () => {} }), /no room/);
  assert.deepEqual(full.removed, ["/api/files/7"]);
  const stopped = server();
  const stop = new AbortController();
  await assert.rejects(upload(stopped, file, { name: "x", signal: stop.signal, progress: () => stop.abort() }), {
    name: "AbortError",
  });
  assert.equal(stopped.pieces.length, 1);
  assert.deepEqual(stopped.removed, ["/api/files/7"]);
});


test("what is not sent yet outlives a reload, for a few runs, and not another server", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  };
  const unsent = createUnsent(storage, "a");
  for (let id = 0; id < 25; id += 1) unsent.set(id, { ...BLANK, data: `to ${id}` });
  unsent.set(24, { ...BLANK, data: "x".repeat(70_000) });
  assert.equal(unsent.get(0), undefined);
  const again = createUnsent(storage, "a");
  assert.equal(again.get(23)?.data, "to 23");
  assert.equal(again.get(24)?.data, "", "a long text stays in the page only");
  assert.equal(createUnsent(storage, "b").get(23), undefined);
  kept.set("sockeye.unsent", "{");
  assert.equal(createUnsent(storage, "a").last(), undefined);
});

test("a browser without room keeps it until the reload", () => {
  const unsent = createUnsent(
    {
      getItem: () => null,
      setItem: () => {
        throw new Error("quota");
      },
    },
    "a",
  );
  unsent.set(1, { ...BLANK, data: "x" });
  assert.equal(unsent.get(1)?.data, "x");
});
