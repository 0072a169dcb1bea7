import assert from "node:assert/strict";
import { test } from "node:test";
import { lessonAt, lessonOf, read, written } from "../../ui/area/frame/route.js";

test("an address is written as it is read", () => {
  for (const [run, only] of /** @type {[number, number[]][]} */ ([[3, []], [12, [1, 2]]])) {
    assert.deepEqual(read(written(run, only)), { run, conversations: only });
  }
  assert.equal(written(null, []), "");
});

test("what is no address of a run shows none", () => {
  for (const hash of ["", "#", "#/run/", "#/run/x", "#/run/1/", "#/run/1/2,", "#/run/1/<b>", `#/run/${"9".repeat(20)}`]) assert.equal(read(hash), null, hash);
});

test("a lesson has an address of its own", () => {
  assert.equal(lessonOf(lessonAt(7)), 7);
  assert.equal(read(lessonAt(7)), null);
  for (const hash of ["", "#/run/7", "#/lesson/", "#/lesson/x", "#/lesson/7/1", `#/lesson/${"9".repeat(20)}`]) assert.equal(lessonOf(hash), null, hash);
});
