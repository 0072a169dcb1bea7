import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, shown } from "../../ui/core/text.js";

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** 你好 */
const GBK = Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3);

test("auto takes UTF-8, then GB18030, and else says that it is no text", () => {
  assert.deepEqual(decode(utf8("héllo 你"), "auto"), { text: "héllo 你", used: 10, whole: true });
  assert.deepEqual(decode(GBK, "auto"), { text: "你好", used: 4, whole: true });
  assert.deepEqual(decode(Uint8Array.of(0xff, 0xfe, 0x00), "auto"), { text: null, used: 0, whole: false });
});

test("a character without its end is held back", () => {
  assert.deepEqual(decode(utf8("a你").subarray(0, 3), "utf-8"), { text: "a", used: 1, whole: false });
  assert.deepEqual(decode(GBK.subarray(0, 3), "gbk"), { text: "你", used: 2, whole: false });
});

test("of clipped bytes GB18030 is believed without its last character's end", () => {
  assert.equal(decode(GBK.subarray(0, 3), "auto").text, null);
  assert.deepEqual(decode(GBK.subarray(0, 3), "auto", { clipped: true }), { text: "你", used: 2, whole: false });
});

test("an encoding that the browser does not know is no text", () => {
  assert.equal(decode(utf8("a"), "ebcdic").text, null);
});

test("what would be obeyed or could not be seen is drawn as a mark", () => {
  assert.equal(shown("a\0\x1b\x7f\r\n\t"), "a␀␛␡␍␊␉");
  assert.equal(shown("\u202egnp.exe\u2066\u200b\ufeff"), "⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200B⟩⟨U+FEFF⟩");
  assert.equal(shown("\u{e0041}\x85"), "⟨U+E0041⟩⟨U+0085⟩");
  assert.equal(shown("<b>你好 ❤️</b>"), "<b>你好 ❤️</b>");
});
