import assert from "node:assert/strict";
import { test } from "node:test";
import { kept } from "../../ui/core/callers.js";

const one = (/** @type {number} */ c, more = {}) => /** @type {any} */ ({ c, open: true, in: 0, out: 0, reads: 0, writes: 0, peer: `p${c}`, ...more });

test("what is told of callers is taken in, by number, and the others stay as they are", () => {
  const known = [one(1), one(3)];
  const next = kept(known, { conversations: [one(2), one(3, { open: false })], counts: [[1, 5, 6, 7, 8], [9, 1, 1, 1, 1]] });
  assert.deepEqual(next, [one(1, { in: 5, out: 6, reads: 7, writes: 8 }), one(2), one(3, { open: false })]);
  assert.equal(kept(known, {}), known);
  assert.equal(kept(known, { counts: [[3, 1, 0, 1, 0]] })[0], known[0]);
});

test("who is no longer listed is let go", () => {
  const known = [1, 2, 3, 5, 8, 9, 12].map((c) => one(c));
  const next = kept(known, { here: [[2, 3], [6, 8], [9, 9], [20, 30]] });
  assert.deepEqual(next.map(({ c }) => c), [2, 3, 8, 9]);
});
