import assert from "node:assert/strict";
import { test } from "node:test";
import { listed, narrowed, standing } from "../../ui/area/conversations/rows.js";

const one = (/** @type {number} */ c, more = {}) => ({ c, open: true, pair: null, role: "accept", ...more });
const run = (/** @type {number} */ id, more = {}) => /** @type {any} */ ({ id, do: "listen", state: "open", accepting: true, conversations: [], error: null, interrupted: false, ...more });
const unfolding = () => ({ folded: new Set(), most: new Map() });

test("a server's callers stand under it, a client's one conversation does not", () => {
  const runs = [run(1, { conversations: [one(1), one(2)] }), run(2, { do: "connect", conversations: [one(1)] })];
  assert.deepEqual(listed(runs, unfolding()).map((item) => item.key), ["run 1", "conversation 1 1", "conversation 1 2", "run 2"]);
});

test("ten thousand callers are a hundred rows, and a row that says so", () => {
  const many = run(1, { conversations: Array.from({ length: 10_000 }, (_, at) => one(at + 1)) });
  const items = listed([many], unfolding());
  assert.equal(items.length, 102);
  assert.deepEqual(items.at(-1)?.type === "more" && items.at(-1), { key: "more 1 open", type: "more", run: many, n: 9900, what: "open" });
});

test("callers that the server does not list are counted", () => {
  const many = run(1, { open: 9_500, conversations: [one(9_999), one(10_000), one(7, { open: false })] });
  assert.deepEqual(listed([many], unfolding()).map((item) => [item.key, item.type === "more" && item.n]).at(3), ["more 1 unlisted", 9_498]);
});

test("of those that ended the newest are shown", () => {
  const ended = run(1, { conversations: [1, 2, 3, 4, 5].map((c) => one(c, { open: false })) });
  assert.deepEqual(listed([ended], unfolding()).map((item) => item.key), ["run 1", "conversation 1 3", "conversation 1 4", "conversation 1 5", "more 1 ended"]);
});

test("a folded run hides its callers", () => {
  assert.equal(listed([run(1, { conversations: [one(1)] })], { folded: new Set([1]), most: new Map() }).length, 1);
});

test("both sides of a relayed caller are one row, and are shown together", () => {
  const relay = run(1, { do: "relay", conversations: [one(1, { pair: 2 }), one(2, { pair: 1, role: "dial" })] });
  assert.deepEqual(listed([relay], unfolding()).map((item) => item.key), ["run 1", "conversation 1 1"]);
  assert.deepEqual([...narrowed(relay, new Set(), 1, false)], [1, 2]);
  assert.deepEqual([...narrowed(relay, new Set([1, 2]), 1, true)], []);
});

test("a second caller is added, and taken away again", () => {
  const server = run(1, { conversations: [one(1), one(2)] });
  const both = narrowed(server, new Set([1]), 2, true);
  assert.deepEqual([...both], [1, 2]);
  assert.deepEqual([...narrowed(server, both, 1, true)], [2]);
  assert.deepEqual([...narrowed(server, both, 1, false)], [1]);
});

test("every standing has a shape of its own", () => {
  const signs = [run(1), run(1, { state: "starting" }), run(1, { state: "ended" }), run(1, { state: "ended", error: {} }), run(1, { state: "ended", interrupted: true })].map((each) => standing(each).sign);
  assert.equal(new Set(signs).size, 5);
});
