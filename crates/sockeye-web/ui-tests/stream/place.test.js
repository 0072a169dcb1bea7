/** In which row of a view an event stands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { place } from "../../ui/area/stream/place.js";

/** @param {number[]} events */
function view(events) {
  const it = { first: 0, total: events.length, asked: 0, read: async (k) => ((it.asked += 1), { n: events[k] }) };
  return it;
}

test("finds the row of every event, and for one that was left out the row after it", async () => {
  const events = Array.from({ length: 500 }, (_, k) => k * 3 + (k > 100 ? 1000 : 0));
  for (let n = -1; n < 2600; n += 1) {
    const expected = events.findIndex((one) => one >= n);
    assert.equal(await place(view(events), n, { events: 2600 }), expected < 0 ? events.length : expected);
  }
});

test("asks for few rows of a million", async () => {
  const events = Array.from({ length: 1_000_000 }, (_, k) => k * 2);
  const one = view(events);
  assert.equal(await place(one, 777_777, { events: 2_000_000 }), 388_889);
  assert.ok(one.asked < 24, String(one.asked));
});

test("an empty view has no row", async () => {
  assert.equal(await place(view([]), 5, { events: 10 }), 0);
});
