/** Steps, times, rules and places: what is typed, and what the server is asked. */

import assert from "node:assert/strict";
import test from "node:test";
import { BLANK, eolOf, message, withEol } from "../../ui/area/composer/message.js";
import { place } from "../../ui/area/composer/place.js";
import { active, keep, merge, parse, parseReply, problem, read, write, writeReply } from "../../ui/area/composer/rules.js";
import { cycle, line, steps } from "../../ui/area/composer/steps.js";
import { duration, size, times } from "../../ui/area/composer/times.js";

/** @param {string} data */
const sends = (data) => ({ do: /** @type {const} */ ("send"), writing: { ...BLANK, data } });

test("steps become what the server runs", () => {
  const lines = [
    sends("AT"),
    { do: /** @type {const} */ ("wait"), time: "100" },
    { do: /** @type {const} */ ("expect"), text: "re:^OK", within: "2s" },
  ];
  const read = steps(lines);
  assert.deepEqual(read, {
    steps: [
      { send: { kind: "text", data: "AT", escapes: false, eol: "none" } },
      { wait: "100ms" },
      { expect: "re:^OK", within: "2s" },
    ],
    problems: [],
  });
  assert.deepEqual(read.steps.map(line)[2], lines[2]);
  assert.deepEqual(line(read.steps[0]), sends("AT"));
});

test("each step that cannot run is named, and none runs", () => {
  const bad = [
    sends(""),
    { do: /** @type {const} */ ("wait"), time: "soon" },
    { do: /** @type {const} */ ("expect"), text: "", within: "1s" },
  ];
  const read = steps(bad);
  assert.deepEqual(
    read.problems.map(({ line, field }) => [line, field]),
    [
      [0, "data"],
      [1, "time"],
      [2, "text"],
    ],
  );
  assert.deepEqual(read.steps, []);
  assert.equal(steps([]).problems.length, 1);
});

test("a cycle pauses after each message", () => {
  assert.deepEqual(
    cycle([{ ...BLANK, data: "a" }], "1s").map((step) => Object.keys(step)[0]),
    ["send", "wait"],
  );
});

test("a number alone is milliseconds and says so", () => {
  assert.deepEqual(duration(" 100 "), { write: "100ms", ns: 1e8 });
  assert.deepEqual(duration("1m 30s"), { write: "1m 30s", ns: 9e10 });
  assert.equal(duration("1.5s")?.ns, 1.5e9);
  for (const text of ["", "s", "1s 2h", "1 hour", "-1s", "1s 1s", "1e3ms"]) assert.equal(duration(text), null, text);
});

test("sizes and numbers of times", () => {
  assert.deepEqual(["1KiB", "64", "1.5 MB"].map(size), ["1KiB", "64", "1.5 MB"]);
  assert.deepEqual(["", "0", "x", "1 pound"].map(size), [null, null, null, null]);
  assert.deepEqual(times(""), { times: null });
  assert.deepEqual(times("12"), { times: 12 });
  assert.deepEqual([times("0"), times("-1"), times("1.5")], [null, null, null]);
});

test("a rule is written as the command line reads it", () => {
  for (const text of [
    "ping => pong",
    "hex:AA55 => hex:55AA",
    "re:^AT\\+ => OK",
    "text:hex:AA => text:echo",
    "a => upper",
    "a => file:/tmp/x",
    "a => text:file:x",
    "a =>  b",
    "a  =>  ",
  ]) {
    const rule = parse(text);
    assert.ok(rule, text);
    assert.equal(write(rule), text);
  }
  assert.equal(parse("no arrow"), null);
  assert.deepEqual(parse("a=>b"), { on: true, match: { kind: "text", data: "a" }, reply: { kind: "text", data: "b" } });
  assert.equal(writeReply(parseReply("text:upper")), "text:upper");
});

test("a rule without a match, or with an arrow in it, does not answer", () => {
  const rules = ["a => b", "c => d"].map((text) => /** @type {NonNullable<ReturnType<typeof parse>>} */ (parse(text)));
  rules[0].match.data = "x=>y";
  assert.equal(problem(rules[0]), "arrow");
  rules[1].match.data = "";
  assert.equal(problem(rules[1]), "empty");
  assert.deepEqual(active(rules), []);
});

test("the run's rules win, and those switched off stay at hand", () => {
  const kept = read([{ rule: "a => 1", on: true }, { rule: "b => 2", on: false }, { rule: 7 }, { rule: "c", on: true }]);
  assert.deepEqual(merge(kept, ["a => 1"]), kept);
  assert.deepEqual(
    merge(kept, ["z => 9"]).map((rule) => [write(rule), rule.on]),
    [
      ["z => 9", true],
      ["b => 2", false],
    ],
  );
  const all = keep({ old: [] }, "tcp://h:1", kept);
  assert.deepEqual(read(all["tcp://h:1"]), kept);
  let many = {};
  for (let at = 0; at < 30; at += 1) many = keep(many, `e${at}`, kept);
  assert.equal(Object.keys(many).length, 20);
});

test("a message asks for no more than was chosen", () => {
  assert.deepEqual(message({ ...BLANK, kind: "hex", data: "AA", eol: "crlf", encoding: "gbk", checksum: "" }), {
    kind: "hex",
    data: "AA",
    eol: "none",
    checksum: "",
  });
  assert.deepEqual(message({ ...BLANK, data: "a", eol: "cr", encoding: "gbk", frame: "" }), {
    kind: "text",
    data: "a",
    escapes: false,
    encoding: "gbk",
    eol: "cr",
    frame: "",
  });
});

test("the line end is remembered by endpoint, for so many", () => {
  assert.equal(eolOf({ "tcp://h:1": "crlf" }, "tcp://h:1", "lf"), "crlf");
  assert.equal(eolOf({}, "tcp://h:1", "lf"), "lf");
  assert.equal(eolOf({}, "constructor", undefined), "none");
  assert.equal(eolOf(["x"], "0", "CRLF"), "none");
  let kept = {};
  for (let at = 0; at < 250; at += 1) kept = withEol(kept, `tcp://h:${at}`, "lf");
  assert.equal(Object.keys(kept).length, 200);
  assert.equal(Object.keys(withEol(kept, "tcp://h:60", "cr")).at(-1), "tcp://h:60");
});

test("an error's column is found in the text, in characters", () => {
  assert.deepEqual(place("温\\q!", "unknown escape `\\q` at column 2"), {
    offset: 1,
    length: 1,
    before: "温",
    at: "\\",
    after: "q!",
  });
  assert.equal(place("😀😀x", "at column 3")?.offset, 4);
  assert.deepEqual(place("AA\nB B", "odd hex digit at line 2, column 1"), {
    offset: 3,
    length: 1,
    before: "",
    at: "B",
    after: " B",
  });
  assert.equal(place("AA", "no place"), null);
  assert.equal(place("AA", "at column 9"), null);
  assert.equal(place("AA", "at line 4, column 1"), null);
});
