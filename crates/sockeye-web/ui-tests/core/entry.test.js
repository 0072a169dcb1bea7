import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn, takeCode } from "../../ui/core/entry.js";

const CODE = "Zm9vYmFyYmF6cXV4MTIzNA";

test("the code is found in a link, and alone", () => {
  assert.equal(codeIn(` http://127.0.0.1:7626/#${CODE}\n`), CODE);
  assert.equal(codeIn(CODE), CODE);
  for (const text of ["", "#", "#/run/3", "http://127.0.0.1:7626/", "a b c", `#${"x".repeat(65)}`]) assert.equal(codeIn(text), null, text);
});

test("the code is taken out of the address, a deep link is left there", () => {
  /** @type {unknown[]} */
  const replaced = [];
  const history = { replaceState: (/** @type {unknown[]} */ ...args) => void replaced.push(args[2]) };
  assert.equal(takeCode({ hash: `#${CODE}`, pathname: "/", search: "?a" }, history), CODE);
  assert.equal(takeCode({ hash: "#/run/3", pathname: "/", search: "" }, history), null);
  assert.equal(takeCode({ hash: "", pathname: "/", search: "" }, history), null);
  assert.deepEqual(replaced, ["/?a"]);
});
