import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, pressed } from "../../ui/core/keys.js";

/** @param {Partial<KeyboardEvent>} event */
const is = (event, mac = false) =>
  pressed(/** @type {KeyboardEvent} */ (/** @type {unknown} */ ({ key: "", code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...event })), mac);

test("mod is Ctrl, and Command on a Mac", () => {
  assert.ok(matches("mod+k", is({ key: "k", ctrlKey: true })));
  assert.ok(matches("mod+k", is({ key: "k", metaKey: true }, true)));
  assert.ok(!matches("mod+k", is({ key: "k" })));
  assert.ok(!matches("k", is({ key: "k", ctrlKey: true })));
});

test("a sign is what was typed, whether its layout wants Shift or not", () => {
  assert.ok(matches("?", is({ key: "?", shiftKey: true })));
  assert.ok(matches("/", is({ key: "/" })));
  assert.ok(matches("/", is({ key: "/", shiftKey: true })));
  assert.ok(!matches("n", is({ key: "N", shiftKey: true })));
});

test("Alt and a digit are the digit's key, whatever the layout types", () => {
  assert.ok(matches("alt+1", is({ key: "¡", code: "Digit1", altKey: true })));
  assert.ok(matches("space", is({ key: " " })));
});
