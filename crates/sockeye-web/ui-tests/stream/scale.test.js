/** How a list of any length stands in a box of a bounded height. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Scale, TALLEST } from "../../ui/area/stream/scale.js";

/** @param {number} total */
function scaled(total) {
  const scale = new Scale(24);
  scale.resize(total, 720);
  return scale;
}

test("a short list scrolls pixel by pixel", () => {
  const scale = scaled(1000);
  assert.equal(scale.height, 24_000);
  scale.scrolled(480);
  assert.equal(scale.first, 20);
  assert.equal(scale.at(20), 480);
});

test("a wheel moves a list of a hundred million rows by whole rows", () => {
  const scale = scaled(100_000_000);
  assert.equal(scale.height, TALLEST);
  scale.settled(scale.seek(50_000_000 * 24));
  for (let turn = 1; turn <= 40; turn += 1) {
    scale.scrolled(scale.box + 120);
    assert.equal(scale.first, 50_000_000 + turn * 5);
    assert.equal(scale.at(scale.first), scale.box);
  }
});

test("the thumb reaches both ends", () => {
  const scale = scaled(100_000_000);
  scale.scrolled(TALLEST - 720);
  assert.equal(scale.end, 100_000_000);
  scale.scrolled(0);
  assert.equal(scale.first, 0);
});

test("the box at its end while rows remain is stuck until it is put where it is due", () => {
  const scale = scaled(100_000_000);
  scale.settled(scale.seek(240));
  scale.scrolled(0);
  assert.equal(scale.top, 240 - 1);
  assert.ok(scale.stuck);
  scale.settled(scale.due);
  assert.ok(!scale.stuck);
  assert.equal(scale.top, 239);
});

test("rows that are added move nothing that is looked at", () => {
  for (const total of [10_000, 10_000_000]) {
    const scale = scaled(total);
    scale.settled(scale.seek(5000 * 24));
    const before = scale.first;
    scale.resize(total + 50_000, 720);
    scale.settled(scale.due);
    assert.equal(scale.first, before);
  }
});

test("a list that became shorter ends where its rows end", () => {
  const scale = scaled(10_000);
  scale.settled(scale.seek(9_000 * 24));
  scale.resize(100, 720);
  assert.equal(scale.end, 100);
});
