/** What chosen bytes mean, and how long bytes are read by pages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { glyphs } from "../../ui/area/inspector/glyphs.js";
import { PAGE, Paged } from "../../ui/area/inspector/paged.js";
import { numbers, times } from "../../ui/area/inspector/values.js";

const value = (bytes, name) => numbers(Uint8Array.from(bytes)).find((one) => one.name === name);

test("numbers are read in both orders and with both signs", () => {
  assert.deepEqual(value([0xff, 0xfe], "u16"), { name: "u16", le: "65279", be: "65534" });
  assert.deepEqual(value([0xff, 0xfe], "i16"), { name: "i16", le: "-257", be: "-2" });
  assert.equal(value([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "u64")?.be, "18446744073709551615");
  assert.equal(value([0, 0, 0x80, 0x3f], "f32")?.le, "1");
  assert.equal(value([1], "u16"), undefined);
});

test("digits and bits are told as such", () => {
  assert.equal(value([0x2d, 0x31, 0x32, 0x2e, 0x35], "ascii")?.be, "-12.5");
  assert.equal(value([0x41, 0x42], "ascii"), undefined);
  assert.equal(value([5], "bits")?.be, "00000101");
});

test("only what can be a time is told as one", () => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, 1_700_000_000);
  assert.deepEqual(times(bytes).map((one) => [one.unit, one.little, one.unixMs]), [["s", false, 1_700_000_000_000]]);
  assert.deepEqual(times(Uint8Array.of(0, 0, 0, 1)), []);
});

test("a character of several bytes stands at its first", () => {
  const bytes = new TextEncoder().encode("a好\n");
  assert.deepEqual(glyphs(bytes, 0, bytes.length, "utf-8"), ["a", "好", " ", " ", "·"]);
  assert.deepEqual(glyphs(bytes, 2, 3, "utf-8"), [" ", " ", "·"]);
});

test("bytes are read by pages, across their edge too, and a few are held", async () => {
  const whole = Uint8Array.from({ length: PAGE * 100 }, (_, at) => at % 251);
  const paged = new Paged({ length: whole.length, read: async (off, len) => whole.slice(off, off + len), changed: () => {}, failed: assert.fail });
  assert.equal(paged.at(PAGE - 4, 8), null);
  while (paged.asked.size > 0) await null;
  assert.deepEqual(paged.at(PAGE - 4, 8), whole.slice(PAGE - 4, PAGE + 4));
  for (let page = 0; page < 100; page += 1) {
    paged.at(page * PAGE, 16);
    while (paged.asked.size > 0) await null;
  }
  assert.equal(paged.pages.size, 64);
});
