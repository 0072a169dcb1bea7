import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeepsakes } from "../../ui/core/keepsakes.js";

/** A server with one object, and two pages that keep in it. */
function bench() {
  let kept = /** @type {any} */ ({});
  let tag = 1;
  let puts = 0;
  /** @type {(() => void)[]} */
  let planned = [];
  const page = (mayAct = true) =>
    createKeepsakes({
      api: {
        tagged: async () => ({ value: structuredClone(kept), etag: String(tag) }),
        put: async (_path, body, { etag } = {}) => {
          puts += 1;
          if (etag !== String(tag)) throw Object.assign(new Error("changed"), { status: 412 });
          kept = structuredClone(body);
          tag += 1;
          return { value: null, etag: String(tag) };
        },
      },
      mayAct: () => mayAct,
      later: (run) => void planned.push(run),
    });
  const settle = async () => {
    while (planned.length > 0) {
      const now = planned;
      planned = [];
      for (const one of now) one();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { page, settle, kept: () => kept, puts: () => puts };
}

test("two pages keep different sections without losing either", async () => {
  const server = bench();
  const [one, two] = [server.page(), server.page()];
  await one.read();
  await two.read();
  one.set("eol", { a: "lf" });
  two.set("quick", [1]);
  await server.settle();
  assert.deepEqual(server.kept(), { eol: { a: "lf" }, quick: [1] });
});

test("many changes are one write", async () => {
  const server = bench();
  const one = server.page();
  await one.read();
  for (let n = 0; n < 10; n += 1) one.set("history", [n]);
  await server.settle();
  assert.deepEqual(server.kept(), { history: [9] });
  assert.equal(server.puts(), 1);
});

test("who may only look writes nothing, yet has it for himself", async () => {
  const server = bench();
  const one = server.page(false);
  await one.read();
  one.set("settings", { theme: "dark" });
  await server.settle();
  assert.equal(server.puts(), 0);
  assert.deepEqual(one.get("settings"), { theme: "dark" });
});

test("another page's change is told", async () => {
  const server = bench();
  const [one, two] = [server.page(), server.page()];
  await one.read();
  await two.read();
  /** @type {unknown[]} */
  const told = [];
  two.on("eol", (value) => told.push(value));
  one.set("eol", { a: "cr" });
  await server.settle();
  await two.read();
  await two.read();
  assert.deepEqual(told, [{ a: "cr" }]);
});
