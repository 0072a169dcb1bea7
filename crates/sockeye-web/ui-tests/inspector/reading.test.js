import assert from "node:assert/strict";
import { test } from "node:test";
import { lines } from "../../ui/area/inspector/reading.js";

test("a text is read by its own lines, whatever ends them", () => {
  assert.equal(lines("a\r\nb\rc\n\td"), "a\nb\nc\n\td");
});

test("what would reorder or hide is a picture still", () => {
  assert.equal(lines("a\u202eb\x1b[2J\n\0"), "a⟨U+202E⟩b␛[2J\n␀");
});
