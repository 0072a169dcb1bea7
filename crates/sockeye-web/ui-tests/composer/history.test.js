/** The history of what was sent. */

import assert from "node:assert/strict";
import test from "node:test";
import { LONGEST, MOST_CHARACTERS, MOST_ENTRIES, Walk, add, read, remove, search } from "../../ui/area/composer/history.js";

/** @param {string} data */
const text = (data) => ({ kind: /** @type {const} */ ("text"), data });

/** @param {string[]} said oldest first */
const history = (...said) => said.reduce((all, one) => add(all, text(one)), /** @type {ReturnType<typeof text>[]} */ ([]));

/** @param {{data: string}[]} entries */
const texts = (entries) => entries.map((entry) => entry.data);

test("a text that is sent again stands first, and once", () => {
  assert.deepEqual(texts(history("a", "b", "a")), ["a", "b"]);
  const both = add(history("0A"), { kind: "hex", data: "0A" });
  assert.equal(both.length, 2, "the same digits as text and as hex are two messages");
});

test("nothing empty is remembered, and nothing that is very long", () => {
  assert.deepEqual(add([], text("")), []);
  assert.deepEqual(add([], text("x".repeat(LONGEST + 1))), []);
});

test("it is bounded in entries and in characters", () => {
  const many = history(...Array.from({ length: MOST_ENTRIES + 20 }, (_, at) => `n${at}`));
  assert.equal(many.length, MOST_ENTRIES);
  assert.equal(many[0].data, `n${MOST_ENTRIES + 19}`);
  const long = history(...Array.from({ length: 40 }, (_, at) => `${at} ${"x".repeat(LONGEST - 10)}`));
  assert.ok(long.reduce((sum, entry) => sum + entry.data.length, 0) <= MOST_CHARACTERS);
});

test("what others left in the store does no harm", () => {
  assert.deepEqual(read(null), []);
  assert.deepEqual(read({ 0: "x" }), []);
  assert.deepEqual(read([null, 7, { kind: "exe", data: "x" }, { kind: "text", data: 3 }, { kind: "hex", data: "AA", more: 1 }]), [
    { kind: "hex", data: "AA" },
  ]);
});

test("all words of a search must be there", () => {
  const entries = history("AT+CWMODE=1", "AT+RST", "hello");
  assert.deepEqual(texts(search(entries, "at+ rst")), ["AT+RST"]);
  assert.equal(search(entries, "  ").length, 3);
  assert.deepEqual(texts(remove(entries, text("AT+RST"))), ["hello", "AT+CWMODE=1"]);
});

test("the arrows walk back, and return to what was being written", () => {
  const entries = history("one", "two");
  const walk = new Walk();
  assert.equal(walk.newer(entries, text("draft")), null);
  assert.equal(walk.older(entries, text("draft"))?.data, "two");
  assert.equal(walk.older(entries, text("two"))?.data, "one");
  assert.equal(walk.older(entries, text("one")), null);
  assert.equal(walk.newer(entries, text("one"))?.data, "two");
  assert.equal(walk.newer(entries, text("two"))?.data, "draft");
  assert.equal(walk.newer(entries, text("draft")), null);
});

test("what still stands in the field after sending is not walked to again", () => {
  assert.equal(new Walk().older(history("one", "two"), text("two"))?.data, "one");
});
