/** What is drawn of a row: its pieces, its time, its question, its copy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { headOf, headsOf, payload } from "../../ui/area/stream/heads.js";
import { lettered, pieces, reads } from "../../ui/area/stream/pieces.js";
import { time } from "../../ui/area/stream/time.js";
import { everything, narrows, needle, params, same } from "../../ui/area/stream/query.js";
import { createEncodings } from "../../ui/area/stream/encodings.js";
import { copied } from "../../ui/area/stream/copying.js";

const bytes = (text) => new TextEncoder().encode(text);
const row = (text, more = {}) => ({ k: 0, n: 7, t: 0, c: 1, kind: "in", len: bytes(text).length, ...more });
const line = (list) => list.map((piece) => piece.text).join("");

test("frames stand in brackets, and one that began before or goes on says so", () => {
  const one = row("abcdef", { frames: [[0, 2, 1], [2, 2, 0], [4, 2, 2]] });
  assert.equal(line(pieces(one, bytes("abcdef"), { as: "text", encoding: "auto" })), "⋯⟦ab⟧⟦cd⟧⟦ef⟧⋯");
});

test("a frame shows where a new read began", () => {
  const one = row("hello", { kind: "frame", dir: "in", cuts: [2, 4] });
  assert.equal(line(pieces(one, bytes("hello"), { as: "hex", encoding: "auto" })), "68 65│6c 6c│6f");
});

test("a character whose end is in the next read is shown as bytes, not as a question mark", () => {
  const cut = bytes("好").subarray(0, 2);
  assert.equal(line(pieces({ ...row(""), len: 2 }, cut, { as: "text", encoding: "utf-8" })), "‹e5 a5›");
});

test("controls and what reorders a line are drawn as marks", () => {
  const text = "a\u202eb\x1b[2J\r\n";
  assert.equal(line(pieces(row(text), bytes(text), { as: "text", encoding: "auto" })), "a⟨U+202E⟩b␛[2J␍␊");
});

test("what is beyond the first bytes is told", () => {
  assert.equal(line(pieces({ ...row("abc"), len: 900 }, bytes("abc"), { as: "text", encoding: "auto" })), "abc…");
});

test("what is looked for is marked in text and in hex", () => {
  const text = pieces(row("one two"), bytes("one two"), { as: "text", encoding: "auto", needle: needle("two") });
  assert.deepEqual(text.at(-1), { text: "two", is: "hit" });
  const hex = pieces(row("abc"), bytes("abc"), { as: "hex", encoding: "auto", needle: needle("hex:62") });
  assert.deepEqual(hex.map((piece) => piece.is), ["hex", "hit", "hex"]);
});

test("bytes that decode but are mostly controls are read as hex", () => {
  assert.equal(reads(Uint8Array.of(0, 5, 1, 0x41), "auto", false), false);
  assert.equal(reads(bytes("OK\r\n"), "auto", false), true);
  assert.equal(reads(Uint8Array.of(0xff, 0xfe, 0xff), "auto", false), false);
  assert.equal(reads(Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3), "auto", false), true);
});

test("the times of a column have one width", () => {
  const clock = () => "14:03:22.041";
  const all = (mode) => [0, 999_999, 61e9].map((t) => time({ mode, t, before: 0, began: 0, clock }).length);
  for (const mode of ["clock", "since", "delta"]) assert.equal(new Set(all(mode)).size, 1);
  assert.equal(time({ mode: "delta", t: 5, before: null, began: 0, clock }), "");
});

test("a question leaves out what is as usual", () => {
  const query = everything();
  assert.deepEqual(Object.values(params(query)).filter((value) => value !== null && value.length > 0), ["reads"]);
  assert.ok(!narrows(query));
  assert.ok(narrows({ ...query, dir: "in" }));
  assert.ok(same(query, everything()));
});

test("a pattern is never run in the page", () => {
  assert.equal(needle("re:(a+)+$"), null);
  assert.equal(needle("hex:0"), null);
  assert.deepEqual(needle("hex:0D 0a"), { bytes: Uint8Array.of(13, 10) });
});

test("rows are copied whole, with bytes that are no text as escapes or hex", () => {
  const one = { row: row("hi\r\n"), bytes: bytes("hi\r\n"), encoding: "auto" };
  const note = { row: { k: 1, n: 8, t: 0, c: 1, kind: "note", text: "said" }, bytes: new Uint8Array(), encoding: "auto" };
  assert.equal(copied([one, note], "text"), "hi\nsaid");
  assert.equal(copied([one, note], "hex"), "68 69 0d 0a");
  assert.match(copied([one], "c"), /row_7\[4\]/);
  assert.equal(copied([one], "python"), 'b"hi\\r\\n"');
  assert.equal(JSON.parse(copied([one, note], "json"))[0].hex, "68690d0a");
});

test("a row's own encoding comes before its conversation's, and that before its endpoint's", () => {
  const kept = {};
  const keepsakes = { get: (name) => kept[name], set: (name, value) => (kept[name] = value), on: () => () => {} };
  const encodings = createEncodings(keepsakes);
  const run = { id: 1, name: "x", draft: { endpoint: "8888" }, encoding: "auto" };
  let told = 0;
  encodings.on(() => (told += 1));
  encodings.set(run, [], "gbk");
  encodings.set(run, [2], "big5");
  encodings.setRow(run, 7, "utf-16le");
  assert.equal(told, 3);
  assert.equal(encodings.of(run, { n: 1, c: 1 }), "gbk");
  assert.equal(encodings.of(run, { n: 1, c: 2 }), "big5");
  assert.equal(createEncodings(keepsakes).of(run, { n: 7, c: 2 }), "utf-16le");
  assert.deepEqual(kept.encodings, { 8888: "gbk" });
});

test("the head of a frame is drawn as bytes and is no part of its text", () => {
  const one = Uint8Array.of(0, 5, ...bytes("alpha"), 0x0b, 0xb8, ...bytes("LLL"));
  const read = { ...row(""), len: one.length, frames: [[0, 7, 0], [7, 5, 2]] };
  const head = headOf("len:u16be");
  assert.equal(line(pieces(read, one, { as: "text", encoding: "auto", head })), "⟦‹00 05›alpha⟧⟦‹0b b8›LLL⟧⋯");
  assert.equal(reads(payload(one, headsOf(read, one.length, head)), "auto", false), true);
});

test("a frame that began before has its head before too", () => {
  const read = { ...row("ab"), frames: [[0, 2, 1]] };
  assert.equal(line(pieces(read, bytes("ab"), { as: "text", encoding: "auto", head: 2 })), "⋯⟦ab⟧");
});

test("heads are as long as the framing says", () => {
  const heads = { "len:u8": 1, "len:u32le,adjust=2": 4, "len:u16,offset=3": 5, "modbus-tcp": 7, lines: 0, "len:varint": 0, "": 0 };
  for (const [spec, length] of Object.entries(heads)) assert.equal(headOf(spec), length, spec);
  assert.equal(headOf(null), 0);
});

test("a text that is drawn as hex is marked where it was found", () => {
  const hex = pieces(row("abc"), bytes("abc"), { as: "hex", encoding: "auto", needle: needle("b") });
  assert.deepEqual(hex.map((piece) => piece.is), ["hex", "hit", "hex"]);
});

test("controls are written by their names", () => {
  assert.equal(lettered("␍␊"), "CR\u2009LF");
  assert.equal(lettered("␡␀"), "DEL\u2009NUL");
  assert.equal(lettered("⟨U+202E⟩"), null);
});

test("one row is copied as it came", () => {
  const one = { row: row("a\r\n"), bytes: bytes("a\r\n"), encoding: "utf-8" };
  assert.equal(copied([one], "text"), "a\r\n");
  assert.equal(copied([one, one], "text"), "a\na");
});

test("controls stay marks beside what was found, also where it reaches across one", () => {
  const how = { as: "text", encoding: "auto" };
  assert.deepEqual(pieces(row("ab\r\n"), bytes("ab\r\n"), { ...how, needle: needle("a") }).map((piece) => piece.is), ["hit", "text", "control"]);
  assert.deepEqual(pieces(row("a\r\nb"), bytes("a\r\nb"), { ...how, needle: needle("a\r\nb") }).map((piece) => piece.is), ["hit"]);
});
