import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKOFF, SILENCE, createWatch } from "../../ui/core/watch.js";

/** A clock moved by hand, sockets that do what the test says. */
function bench({ worth = () => true } = {}) {
  let now = 0;
  let ids = 0;
  /** @type {Map<number, {at: number, run: () => void}>} */
  const timers = new Map();
  /** @type {any[]} */
  const sockets = [];
  /** @type {any[]} */
  const news = [];
  /** @type {[boolean, number | null][]} */
  const changes = [];
  const watch = createWatch({
    open: () => {
      const socket = { readyState: 0, closed: false, close() { this.closed = true; }, onopen: null, onmessage: null, onclose: null, onerror: null };
      sockets.push(socket);
      return socket;
    },
    probe: async () => worth(),
    news: (message) => news.push(message),
    changed: (connected, next) => changes.push([connected, next]),
    clock: {
      after: (run, ms) => (timers.set((ids += 1), { at: now + ms, run }), ids),
      cancel: (id) => void timers.delete(id),
      now: () => now,
    },
  });
  // Lets what was awaited go on.
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    watch, sockets, news, changes, settle,
    async pass(/** @type {number} */ ms) {
      now += ms;
      for (const [id, timer] of [...timers]) if (timer.at <= now && timers.delete(id)) timer.run();
      await settle();
    },
    say: (/** @type {unknown} */ message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) }),
  };
}

test("hello connects; beats are kept from the listeners", async () => {
  const one = bench();
  one.watch.start();
  await one.settle();
  one.say({ e: "hello", runs: [] });
  one.say({ e: "beat" });
  one.say({ e: "grew", id: 1 });
  assert.deepEqual(one.news.map((message) => message.e), ["hello", "grew"]);
  assert.deepEqual(one.changes, [[true, null]]);
});

test("silence is a dead line, beats keep it alive", async () => {
  const one = bench();
  one.watch.start();
  await one.settle();
  one.say({ e: "hello" });
  for (let at = 0; at < 5; at += 1) {
    await one.pass(SILENCE - 1);
    one.say({ e: "beat" });
  }
  assert.equal(one.sockets.length, 1);
  await one.pass(SILENCE);
  assert.equal(one.sockets[0].closed, true);
  assert.equal(one.changes.at(-1)?.[0], false);
});

test("attempts come ever more slowly, and at once when asked for", async () => {
  let up = false;
  const one = bench({ worth: () => up });
  one.watch.start();
  await one.settle();
  for (const wait of BACKOFF.slice(0, 4)) {
    const before = one.changes.length;
    await one.pass(wait - 1);
    assert.equal(one.changes.length, before, `before ${wait}`);
    await one.pass(1);
    assert.equal(one.changes.length, before + 1, `after ${wait}`);
  }
  assert.equal(one.sockets.length, 0);
  up = true;
  one.watch.now();
  await one.settle();
  assert.equal(one.sockets.length, 1);
});

test("a socket given up says nothing any more", async () => {
  const one = bench();
  one.watch.start();
  await one.settle();
  const [old] = one.sockets;
  const late = old.onmessage;
  one.say({ e: "hello" });
  await one.pass(SILENCE);
  await one.pass(BACKOFF[0] ?? 0);
  assert.equal(one.sockets.length, 2);
  late({ data: JSON.stringify({ e: "grew", id: 9 }) });
  assert.deepEqual(one.news.map((message) => message.e), ["hello"]);
});

test("what is no JSON is left out, and a watch that was stopped stays so", async () => {
  const one = bench();
  one.watch.start();
  await one.settle();
  one.sockets[0].onmessage({ data: "{" });
  one.sockets[0].onmessage({ data: new ArrayBuffer(1) });
  one.watch.stop();
  await one.pass(SILENCE * 2);
  assert.equal(one.sockets.length, 1);
  assert.deepEqual(one.news, []);
});
