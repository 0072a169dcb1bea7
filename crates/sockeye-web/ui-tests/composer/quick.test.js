/** The quick list: changing it, and its file. */

import assert from "node:assert/strict";
import test from "node:test";
import { BLANK } from "../../ui/area/composer/message.js";
import { LIMIT, empty, joined, moved, replaced, withItems, without } from "../../ui/area/composer/quick.js";
import { fault } from "../../ui/area/composer/json-fault.js";
import { QuickError, kept, read, write } from "../../ui/area/composer/quick-file.js";

/** @param {object} file */
const file = (file) => JSON.stringify({ sockeye: "quick list", version: 1, ...file });
/** @param {object} item */
const withItem = (item) => file({ groups: [{ name: "g", items: [{ name: "ok", kind: "text", data: "" }, item] }] });

const QUICK = {
  groups: [
    { name: "modem", items: [{ ...BLANK, name: "reset", data: "AT+RST", eol: /** @type {const} */ ("crlf"), frame: "" }] },
  ],
  sequences: [{ name: "log in", steps: [{ wait: "1s" }, { expect: "OK", within: "2s" }], times: 3, every: null }],
};

test("a list comes back from its file as it was", () => {
  assert.deepEqual(read(write(QUICK)), QUICK);
  assert.deepEqual(read(file({})), empty());
  assert.deepEqual(kept(QUICK), QUICK);
});

test("a bad file is refused with the place", () => {
  for (const [text, place] of /** @type {[string, string][]} */ ([
    ["[]", ""],
    ["{}", "sockeye"],
    ['{"sockeye":"quick list","version":2}', "version"],
    [file({ group: [] }), "group"],
    [file({ groups: {} }), "groups"],
    [file({ groups: [{ name: " ", items: [] }] }), "groups[0].name"],
    [withItem({ name: "x", kind: "bin", data: "" }), "groups[0].items[1].kind"],
    [withItem({ name: "x", kind: "text" }), "groups[0].items[1].data"],
    [withItem({ name: "x", kind: "hex", data: "AA 5" }), "groups[0].items[1].data"],
    [withItem({ name: "x", kind: "text", data: "", eol: "CRLF" }), "groups[0].items[1].eol"],
    [withItem({ name: "x", kind: "text", data: "", escapes: "yes" }), "groups[0].items[1].escapes"],
    [withItem({ name: "x", kind: "text", data: "", colour: "red" }), "groups[0].items[1].colour"],
    [withItem({ kind: "text", data: "" }), "groups[0].items[1].name"],
    [withItem({ name: "x", kind: "text", data: "y".repeat(LIMIT.data + 1) }), "groups[0].items[1].data"],
    [file({ sequences: [{ name: "s", steps: [{ wait: "soon" }] }] }), "sequences[0].steps[0].wait"],
    [file({ sequences: [{ name: "s", steps: [{ wait: "1s", send: {} }] }] }), "sequences[0].steps[0]"],
    [file({ sequences: [{ name: "s", steps: [{ expect: "OK" }] }] }), "sequences[0].steps[0].within"],
    [file({ sequences: [{ name: "s", steps: [], times: 0 }] }), "sequences[0].times"],
    ['{\n  "sockeye": oops }', "line 2, column 14"],
  ])) {
    assert.throws(
      () => read(text),
      (error) => error instanceof QuickError && error.place === place && error.why.startsWith("composer."),
      text,
    );
  }
});

test("a file beyond the limits is refused, however it is cut into groups", () => {
  const items = Array.from({ length: 300 }, () => ({ name: "x", kind: "text", data: "" }));
  assert.throws(
    () =>
      read(
        file({
          groups: [
            { name: "a", items },
            { name: "b", items },
          ],
        }),
      ),
    { place: "groups[1].items" },
  );
  assert.throws(() => read(" ".repeat(LIMIT.all + 1)), { why: "composer.bad.large" });
});

test("hex is read as everywhere else", () => {
  for (const data of ["AA 55", "aa55", "0xAA,0x55", "\\xAA\\x55", "AA-55\n01:02"]) {
    assert.equal(read(withItem({ name: "x", kind: "hex", data })).groups[0].items[1].data, data);
  }
});

test("what the store holds and is not ours is no list", () => {
  assert.equal(kept("text"), null);
  assert.equal(kept({ groups: 7 }), null);
  assert.deepEqual(kept(undefined), empty());
  assert.deepEqual(kept({ answers: {} }), empty());
});

test("what is imported keeps its own names apart", () => {
  assert.deepEqual(
    joined(QUICK, QUICK)?.groups.map((group) => group.name),
    ["modem", "modem 2"],
  );
  const full = { groups: Array.from({ length: LIMIT.groups }, (_, at) => ({ name: `g${at}`, items: [] })), sequences: [] };
  assert.equal(joined(full, QUICK), null);
});

test("lists are changed in a copy", () => {
  const list = Object.freeze(["a", "b", "c"]);
  assert.deepEqual(moved(list, 0, 2), ["b", "c", "a"]);
  assert.deepEqual(moved(list, 2, -1), ["c", "a", "b"]);
  assert.deepEqual(moved(list, 9, 0), ["a", "b", "c"]);
  assert.deepEqual(replaced(list, 3, "d"), ["a", "b", "c", "d"]);
  assert.deepEqual(without(list, 1), ["a", "c"]);
  const next = withItems(QUICK, 0, () => []);
  assert.equal(next.groups[0].items.length, 0);
  assert.equal(QUICK.groups[0].items.length, 1);
});

test("a text stops being JSON where it does", () => {
  for (const [text, column] of /** @type {[string, number][]} */ ([
    ["", 1],
    ["[1,]", 4],
    ['{"a":1,}', 8],
    ['{"a" 1}', 2],
    ["[1 2]", 4],
    ['["\\q"]', 2],
    ["[1]]", 4],
    ["{]", 2],
    ["[".repeat(100000), 100001],
  ])) {
    assert.deepEqual(fault(text), { line: 1, column }, text.slice(0, 20));
    assert.throws(() => JSON.parse(text));
  }
  for (const text of ["[]", "{}", ' {"a":[1,{"b":null}],"c":-0.5e+3}\n', '"\\u00e9"']) assert.equal(fault(text), null, text);
});
