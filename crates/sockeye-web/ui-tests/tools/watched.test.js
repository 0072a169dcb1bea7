/** The newest run of a tab's own, below its form. */

import assert from "node:assert/strict";
import test from "node:test";
import { watched } from "../../ui/area/tools/watched.js";

function bench() {
  /** @type {Map<number, any>} */
  const runs = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {any} */
  const state = { runs, on: (/** @type {string} */ _, /** @type {() => void} */ told) => (listeners.add(told), () => listeners.delete(told)) };
  /** @type {unknown[]} */
  let there = [];
  /** @type {any} */
  const place = { replaceChildren: (/** @type {unknown[]} */ ...nodes) => (there = nodes) };
  /** @type {string[]} */
  const told = [];
  return {
    runs, listeners, told,
    /** @param {...[number, string]} given */
    stand(...given) {
      runs.clear();
      for (const [id, kind] of given) runs.set(id, { id, do: kind });
      for (const listener of [...listeners]) listener();
    },
    shown: () => there,
    watched: () => watched(state, place, {
      mine: (run) => run.do === "shake",
      view: (id) => (told.push(`+${id}`), { node: /** @type {any} */ (id), destroy: () => told.push(`-${id}`) }),
    }),
  };
}

test("the newest of one's own is shown, whatever the order, and each once", () => {
  const { stand, shown, told, watched } = bench();
  stand([3, "shake"], [12, "shake"], [20, "listen"], [5, "shake"]);
  watched();
  assert.deepEqual(shown(), [12]);
  stand([3, "shake"], [12, "shake"], [20, "listen"], [21, "shake"]);
  assert.deepEqual(shown(), [21]);
  stand([21, "shake"], [22, "listen"]);
  assert.deepEqual(told, ["+12", "-12", "+21"]);
});

test("one that has just begun is shown before it is told of, and stays", () => {
  const { stand, shown, told, watched } = bench();
  const { watch } = watched();
  assert.deepEqual(shown(), []);
  watch(4);
  assert.deepEqual(shown(), [4]);
  stand([1, "listen"], [4, "shake"]);
  assert.deepEqual([shown(), told], [[4], ["+4"]]);
});

test("one that is forgotten goes, for the one before it where there is one", () => {
  const { stand, shown, told, watched } = bench();
  stand([3, "shake"], [4, "shake"]);
  watched();
  stand([3, "shake"]);
  assert.deepEqual(shown(), [3]);
  stand([9, "listen"]);
  assert.deepEqual([shown(), told], [[], ["+4", "-4", "+3", "-3"]]);
});

test("nothing is followed any more after its end", () => {
  const { stand, listeners, told, watched } = bench();
  stand([3, "shake"]);
  watched().destroy();
  stand([4, "shake"]);
  assert.deepEqual([told, listeners.size], [["+3", "-3"], 0]);
});
