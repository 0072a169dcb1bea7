/**
 * What was sent and what came, laid along the same bytes.
 */

import assert from "node:assert/strict";
import test from "node:test";
import { columns, grid, textOf, ways } from "../../ui/area/lessons/segments.js";

let n = 0;
const move = (kind, c, off, text, len = Buffer.byteLength(text)) => ({
  n: (n += 1), at: 0, t: 0, c, kind, off, len, data: Buffer.from(text).toString("base64"), text: "",
});
const side = (...moves) => ({ run: null, state: "open", endpoint: null, types: false, choices: [], waiting: 0, lines: [], moves });
const lesson = (client, server) => /** @type {any} */ ({ client, server });
const open = (c) => move("open", c, 0, "");

test("two sends that one recv took, and one that took two, stand along the same bytes", () => {
  const sent = side(open(1), move("out", 1, 0, "hello"), move("out", 1, 5, "feng"));
  const came = side(open(7), move("in", 7, 0, "he"), move("in", 7, 2, "llofeng"));
  const [way, ...rest] = ways(lesson(sent, came));
  assert.equal(rest.length, 0);
  assert.equal(way.to, "server");
  const { cuts, widths } = grid(way);
  assert.deepEqual(cuts, [0, 2, 5, 9]);
  assert.deepEqual(widths, [2, 3, 4]);
  assert.deepEqual(way.sent.map((one) => columns(one, cuts)), [[1, 3], [3, 4]]);
  assert.deepEqual(way.received.map((one) => columns(one, cuts)), [[1, 2], [2, 4]]);
});

test("what has been sent and not been received yet is there all the same", () => {
  const [way] = ways(lesson(side(open(1), move("out", 1, 0, "hello")), side()));
  assert.deepEqual([way.sent.length, way.received.length, way.total], [1, 0, 5]);
});

test("the conversations of both sides are joined in the order in which they began", () => {
  const client = side(open(1), move("out", 1, 0, "a"), open(2), move("out", 2, 0, "b"));
  const server = side(open(4), move("in", 4, 0, "a"), open(5), move("in", 5, 0, "b"));
  const found = ways(lesson(client, server));
  assert.deepEqual(found.map((way) => [way.conversation, way.sent[0].text, way.received[0].text]), [[1, "a", "a"], [2, "b", "b"]]);
});

test("of many conversations the newest are laid out", () => {
  const moves = [1, 2, 3, 4, 5].flatMap((c) => [open(c), move("out", c, 0, "x")]);
  assert.deepEqual(ways(lesson(side(...moves), side())).map((way) => way.conversation), [3, 4, 5]);
});

test("bytes that are no text are shown as hex, and what misleads is made visible", () => {
  assert.equal(textOf({ ...move("out", 1, 0, ""), data: Buffer.from([6, 0, 0, 0]).toString("base64"), len: 4 }), "06 00 00 00");
  assert.equal(textOf(move("out", 1, 0, "a\u202Eb")), "a⟨U+202E⟩b");
  assert.equal(textOf(move("out", 1, 0, "x".repeat(60))), `${"x".repeat(48)}…`);
  assert.equal(textOf({ ...move("out", 1, 0, "abc"), len: 3000 }), "abc…");
});
