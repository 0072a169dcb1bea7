import assert from "node:assert/strict";
import { test } from "node:test";
import { createState } from "../../ui/core/state.js";

const run = (/** @type {number} */ id, more = {}) => /** @type {any} */ ({ id, v: 1, events: 0, said: 0, conversations: [], state: "open", ...more });

/** @param {ReturnType<typeof createState>} state */
function heard(state) {
  /** @type {string[]} */
  const all = [];
  for (const topic of /** @type {const} */ (["runs", "run", "grew", "current", "selection", "connected"])) state.on(topic, (...args) => all.push([topic, ...args].join(" ")));
  return all;
}

test("a second hello brings no run twice and takes away what is gone", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1), run(2)] });
  state.show(2);
  assert.equal(state.news({ e: "hello", instance: "a", runs: [run(1), run(3)] }), null);
  assert.deepEqual([...state.runs.keys()], [1, 3]);
  assert.equal(state.current, null);
});

test("another instance is told, and what was selected is let go", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1)] });
  state.show(1);
  state.select(/** @type {any} */ ({ run: 1 }));
  assert.equal(state.news({ e: "hello", instance: "b", runs: [run(1)] }), "other instance");
  assert.equal(state.selection, null);
});

test("news change the run they are of and nothing else", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1)] });
  const all = heard(state);
  state.news({ e: "grew", id: 1, events: 5, said: 1 });
  state.news({ e: "grew", id: 9, events: 5, said: 1 });
  state.news({ e: "run", run: run(2) });
  state.news({ e: "run", run: run(2, { v: 2, name: "x" }) });
  state.news({ e: "gone", id: 1 });
  state.news({ e: "unheard of" });
  assert.deepEqual(all, ["grew 1", "runs", "run 2", "run 2", "runs"]);
  assert.equal(state.runs.get(2)?.name, "x");
});

test("changes are taken once, in order, and not into a run that has them already", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1, { v: 5, name: "x" })] });
  const all = heard(state);
  state.news({ e: "changed", id: 1, v: 5, run: { name: "old" } });
  state.news({ e: "changed", id: 9, v: 9, run: { name: "of none" } });
  assert.deepEqual(all, []);
  state.news({ e: "changed", id: 1, v: 6, run: { name: "y" }, conversations: [{ c: 2, in: 0 }], here: [[2, 2]] });
  state.put(run(1, { v: 4, name: "older" }));
  assert.deepEqual(all, ["run 1"]);
  const { name, v, said, conversations } = state.runs.get(1) ?? {};
  assert.deepEqual({ name, v, said, conversations }, { name: "y", v: 6, said: 0, conversations: [{ c: 2, in: 0 }] });
});

test("that a run began is no news of one that is known, and an answer is", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [] });
  state.put(run(1, { v: 0 }));
  state.news({ e: "run", run: run(1, { v: 0, state: "starting" }) });
  assert.equal(state.runs.get(1)?.state, "open");
  state.news({ e: "run", run: run(2, { v: 0, state: "starting" }) });
  state.put(run(2, { v: 0 }));
  assert.equal(state.runs.get(2)?.state, "open");
});

test("counts never go back", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1, { events: 9 })] });
  state.news({ e: "grew", id: 1, events: 5, said: 0 });
  assert.equal(state.runs.get(1)?.events, 9);
});

test("showing what is shown already is no news", () => {
  const state = createState();
  state.news({ e: "hello", instance: "a", runs: [run(1)] });
  const all = heard(state);
  state.show(1, [2, 3]);
  state.show(1, [3, 2]);
  state.show(1);
  assert.deepEqual(all, ["current", "current"]);
});
