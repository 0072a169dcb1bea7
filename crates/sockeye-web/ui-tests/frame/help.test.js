import assert from "node:assert/strict";
import { test } from "node:test";
import { caps, written } from "../../ui/area/frame/help.js";

test("keys are written as they stand on the keyboard", () => {
  assert.deepEqual(caps("shift+f3", false), ["Shift", "F3"]);
  assert.deepEqual(caps("mod+,", false), ["Ctrl", ","]);
  assert.deepEqual(caps("mod+k", true), ["⌘", "K"]);
  assert.deepEqual(caps("+", false), ["+"]);
});

test("a row of digits is written by its ends", () => {
  const all = [1, 2, 3, 4].map((digit) => `alt+${digit}`);
  assert.deepEqual(written(all, false), [{ caps: ["Alt", "1"], after: "to" }, { caps: ["4"], after: "" }]);
  assert.equal(written(["alt+1", "alt+3", "alt+4"], false).length, 3);
  assert.deepEqual(written(["f3", "mod+g"], false).map((one) => one.after), ["or", ""]);
});
