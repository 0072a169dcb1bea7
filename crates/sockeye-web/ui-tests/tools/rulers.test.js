/** Rulers over the same bytes, and pictures that are zoomed. */

import assert from "node:assert/strict";
import test from "node:test";
import { groups } from "../../ui/area/tools/capture/groups.js";
import { layout } from "../../ui/area/tools/capture/layout.js";
import { bounded, fitted, held, LEAST, MOST, readable } from "../../ui/area/tools/diagram/zoom.js";

/** @param {string} name @param {number[]} lengths */
function ruler(name, lengths) {
  let at = 0;
  return { name, pieces: lengths.map((length) => /** @type {[number, number]} */ ([at, (at += length)])) };
}

test("three rulers lie over the same bytes", () => {
  const [block, ...more] = layout([ruler("segments", [1448, 1448]), ruler("reads", [2896]), ruler("frames", [12, 1436, 1448])], 800);
  assert.ok(block);
  assert.equal(more.length, 0);
  const [segments, reads, frames] = block.rows.map(({ pieces }) => pieces);
  assert.equal(segments?.[0]?.to, frames?.[1]?.to);
  assert.equal(reads?.[0]?.to, block.width);
  assert.equal(segments?.[1]?.to, frames?.[2]?.to);
});

test("what does not fit goes on below, marked as cut, and none is lost", () => {
  const blocks = layout([ruler("segments", Array(40).fill(10)), ruler("reads", [400])], 200);
  assert.ok(blocks.length > 1);
  assert.ok(blocks.every(({ width }) => width <= 200));
  const drawn = blocks.flatMap(({ rows }) => rows[0]?.pieces ?? []);
  assert.equal(drawn.length, 40);
  assert.ok(blocks[0]?.rows[1]?.pieces[0]?.goes);
  assert.ok(blocks.at(-1)?.rows[1]?.pieces[0]?.begun);
  blocks.slice(1).forEach((block, at) => assert.equal(block.first, blocks[at]?.last));
});

test("any rulers end in bounded time, with every piece as wide as one can see", () => {
  let seed = 7;
  const draw = () => (seed = (seed * 48_271) % 2_147_483_647);
  for (let turn = 0; turn < 50; turn += 1) {
    const rulers = ["writes", "segments"].map((name) => ruler(name, Array.from({ length: 60 }, () => 1 + (draw() % 10 ** (1 + (draw() % 9))))));
    for (const { rows } of layout(rulers, draw() % 500)) {
      for (const { pieces } of rows) for (const { from, to } of pieces) assert.ok(to - from >= 12, `${from} to ${to}`);
    }
  }
  assert.deepEqual(layout([], 100), []);
  assert.equal(layout([ruler("reads", Array(1000).fill(1))], 10, 3).length, 3);
});

test("rulers come by direction, or bare", () => {
  const one = { name: "reads", pieces: [[0, 1]] };
  assert.deepEqual(groups([one]), [{ title: null, rulers: [one] }]);
  assert.deepEqual(groups([{ title: "#1 out", rulers: [one, null, { name: 7 }] }]), [{ title: "#1 out", rulers: [one] }]);
  assert.deepEqual(groups([null, 5, "x", {}]), []);
});

test("a zoom is bounded and keeps the point that is looked at", () => {
  assert.deepEqual([bounded(0), bounded(99), fitted(1000, 500), fitted(100, 500), fitted(0, 500), readable(1000, 300)], [LEAST, MOST, 0.5, 1, 1, 0.6]);
  assert.equal(held(100, 50, 1, 2), 250);
  assert.equal(held(250, 50, 2, 1), 100);
});
