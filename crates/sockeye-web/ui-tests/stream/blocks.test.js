/** What is fetched, kept and let go of a long list of rows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Blocks, SIZE } from "../../ui/area/stream/blocks.js";

/** A server of `total` rows that counts what it is asked. */
function server(total, { first = 0 } = {}) {
  const it = { total, first, asked: /** @type {[number, number][]} */ ([]), open: 0, most: 0 };
  const ask = async (from, count) => {
    it.open += 1;
    it.most = Math.max(it.most, it.open);
    const start = Math.max(it.first, from === "tail" ? Math.max(0, it.total - count) : from);
    it.asked.push([start, count]);
    const length = Math.max(0, Math.min(count, it.total - start));
    const rows = Array.from({ length }, (_, i) => ({ k: start + i, n: start + i, t: 0, c: 1, kind: "in" }));
    await null;
    it.open -= 1;
    return { first: start, total: it.total, events: it.total, searched: it.total, forgotten: it.first, rows };
  };
  return { it, ask };
}

/** Until nothing is asked any more. */
async function quiet(blocks) {
  do await new Promise((done) => setImmediate(done));
  while (blocks.asked.size > 0);
}

function made(total, more) {
  const { it, ask } = server(total, more);
  const failures = [];
  const blocks = new Blocks({ ask, changed: () => {}, failed: (error) => failures.push(error) });
  return { it, blocks, failures };
}

test("fetches the blocks that are looked at, two at a time, and none twice", async () => {
  const { it, blocks } = made(1_000_000);
  await blocks.tail(50);
  blocks.want(500_100, 500_900);
  blocks.want(500_100, 500_900);
  await quiet(blocks);
  assert.equal(blocks.row(500_450)?.k, 500_450);
  assert.equal(it.most, 2);
  const asked = it.asked.length;
  blocks.want(500_100, 500_900);
  await quiet(blocks);
  assert.equal(it.asked.length, asked);
});

test("scrolled row by row, backwards too, asks for a block once", async () => {
  const { it, blocks } = made(1_000_000);
  await blocks.tail(50);
  for (let k = 500_900; k > 500_000; k -= 7) {
    blocks.want(k, k + 60);
    await quiet(blocks);
  }
  assert.ok(it.asked.length <= 9, JSON.stringify(it.asked));
});

test("keeps twenty blocks however far one scrolls", async () => {
  const { blocks } = made(1_000_000);
  await blocks.tail(50);
  for (let k = 0; k < 20_000; k += SIZE) {
    blocks.want(k, k + 60);
    await quiet(blocks);
  }
  assert.equal(blocks.blocks.size, 20);
  assert.ok(blocks.row(19_850));
  assert.equal(blocks.row(0), undefined);
});

test("asks again for rows that were the last when they came, once more came after them", async () => {
  const { it, blocks } = made(100);
  await blocks.tail(50);
  it.total = 130;
  await blocks.tail(10);
  blocks.want(80, 130);
  await quiet(blocks);
  assert.ok(it.asked.slice(2).some(([from, count]) => from <= 84 && from + count >= 130), JSON.stringify(it.asked));
  const asked = it.asked.length;
  blocks.want(80, 130);
  await quiet(blocks);
  assert.equal(it.asked.length, asked);
});

test("does not ask for rows that were forgotten again and again", async () => {
  const { it, blocks } = made(10_000, { first: 5_000 });
  await blocks.tail(50);
  blocks.want(0, 50);
  await quiet(blocks);
  const asked = it.asked.length;
  blocks.want(0, 50);
  await quiet(blocks);
  assert.equal(it.asked.length, asked);
  assert.equal(blocks.first, 5_000);
});

test("rests after a failure until it is woken", async () => {
  let broken = true;
  const { ask } = server(1000);
  const failures = [];
  const blocks = new Blocks({
    ask: (from, count) => (broken ? Promise.reject(new Error("offline")) : ask(from, count)),
    changed: () => {},
    failed: (error) => failures.push(error),
  });
  blocks.total = 1000;
  blocks.want(0, 50);
  await quiet(blocks);
  blocks.want(0, 50);
  await quiet(blocks);
  // One a lane.
  assert.equal(failures.length, 2);
  broken = false;
  blocks.wake();
  await quiet(blocks);
  assert.equal(blocks.row(10)?.k, 10);
});

test("a server that counts rows and brings none is not asked for ever", async () => {
  const failures = [];
  let asked = 0;
  const blocks = new Blocks({
    ask: async () => ((asked += 1), { first: 0, total: 500, events: 500, searched: 500, forgotten: 0, rows: [] }),
    changed: () => {},
    failed: (error) => failures.push(error),
  });
  blocks.total = 500;
  blocks.want(0, 50);
  await quiet(blocks);
  assert.equal(asked, 2);
  assert.equal(failures.length, 2);
});

test("an older answer that comes late does not take rows back", () => {
  const { blocks } = made(0);
  const page = { first: 0, searched: 9, forgotten: 0, rows: [] };
  blocks.put({ ...page, total: 90, events: 90 });
  blocks.put({ ...page, total: 50, events: 50 });
  assert.equal(blocks.total, 90);
});
