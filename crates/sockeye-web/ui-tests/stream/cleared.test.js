import assert from "node:assert/strict";
import { test } from "node:test";
import { createCleared } from "../../ui/area/stream/cleared.js";

/** @returns {any} */
function storage() {
  const kept = new Map();
  return { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value) };
}

test("what was cleared of a run stays so over a reload, until it is shown again", () => {
  const tab = storage();
  createCleared(tab, "one").set(3, 46);
  const reloaded = createCleared(tab, "one");
  assert.deepEqual([reloaded.of(3), reloaded.of(4)], [46, 0]);
  reloaded.set(3, 0);
  assert.equal(reloaded.of(3), 0);
});

test("another server has other runs, and what cannot be read is nothing", () => {
  const tab = storage();
  createCleared(tab, "one").set(3, 46);
  assert.equal(createCleared(tab, "two").of(3), 0);
  for (const odd of ["{", "null", '{"instance":"one","runs":7}', '{"instance":"one","runs":[[3,"x"]]}']) {
    tab.setItem("sockeye.cleared", odd);
    assert.equal(createCleared(tab, "one").of(3), 0, odd);
  }
  assert.equal(createCleared(null, "one").of(3), 0);
});
