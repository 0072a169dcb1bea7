/** Changes of the sliders on their way to the relay, with a clock moved by hand. */

import assert from "node:assert/strict";
import test from "node:test";
import { Latest } from "../../ui/area/tools/faults/latest.js";
import { Strikes, struck } from "../../ui/area/tools/faults/strikes.js";

function bench() {
  /** @type {Map<number, () => void>} */
  const timers = new Map();
  let ids = 0;
  /** @type {{ value: string, done: () => void, fail: (error: unknown) => void }[]} */
  const sent = [];
  /** @type {unknown[]} */
  const failures = [];
  const latest = new Latest({
    send: (/** @type {string} */ value) => new Promise((resolve, reject) => sent.push({ value, done: () => resolve(undefined), fail: reject })),
    failed: (error) => failures.push(error),
    later: (run) => (timers.set((ids += 1), run), ids),
    never: (timer) => timers.delete(timer),
  });
  return {
    latest, sent, failures,
    rest() {
      const due = [...timers.values()];
      timers.clear();
      for (const run of due) run();
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test("a slider that moves sends one change, when it rests", () => {
  const { latest, sent, rest } = bench();
  for (const value of ["1", "2", "3"]) latest.soon(value);
  assert.equal(sent.length, 0);
  rest();
  assert.deepEqual(sent.map(({ value }) => value), ["3"]);
});

test("the newest follows the one on its way, and none overtakes", async () => {
  const { latest, sent, rest, turn } = bench();
  latest.soon("1");
  rest();
  latest.soon("2");
  rest();
  void latest.now("");
  assert.deepEqual(sent.map(({ value }) => value), ["1"]);
  sent[0]?.done();
  await turn();
  assert.deepEqual(sent.map(({ value }) => value), ["1", ""]);
  sent[1]?.done();
  await turn();
  assert.equal(latest.busy, false);
});

test("a failure is told unless something newer goes out", async () => {
  const { latest, sent, failures, rest, turn } = bench();
  latest.soon("wrong");
  rest();
  latest.soon("right");
  sent[0]?.fail("no");
  await turn();
  assert.deepEqual(failures, []);
  sent[1]?.fail("no again");
  await turn();
  assert.deepEqual(failures, ["no again"]);
  assert.equal(latest.busy, false);
});

test("what waits is not sent once it is stopped", () => {
  const { latest, sent, rest } = bench();
  latest.soon("1");
  latest.stop();
  rest();
  assert.equal(sent.length, 0);
});

test("strikes are counted once each, page by page", async () => {
  const all = ["drop: 12 B", "corrupt: 3 B: offset 7 bit 2", "drop: 1 B", "half-close=1s: over"].map((text, k) => ({ k, text }));
  /** @type {any} */
  const api = { get: async (/** @type {string} */ _, /** @type {{ from: number }} */ { from }) => ({ first: from, total: all.length, rows: all.filter(({ k }) => k >= from).slice(0, 3) }) };
  const strikes = new Strikes(api, 1);
  assert.equal(await strikes.look(), 4);
  assert.equal(strikes.total, 3);
  await strikes.look();
  await strikes.look();
  assert.deepEqual([strikes.of("drop"), strikes.of("corrupt"), strikes.of("half-close"), strikes.total], [2, 1, 1, 4]);
  assert.equal(struck(undefined), null);
});
