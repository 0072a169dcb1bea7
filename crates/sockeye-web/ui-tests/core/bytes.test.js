import assert from "node:assert/strict";
import { test } from "node:test";
import { HexError, cArray, concat, fromBase64, fromHex, pythonBytes, toBase64, toHex } from "../../ui/core/bytes.js";

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test("every byte comes back from hex and from base64", () => {
  assert.deepEqual(fromHex(toHex(all)), all);
  assert.deepEqual(fromBase64(toBase64(all)), all);
});

test("hex is read as people write it", () => {
  for (const text of ["AA 55", "aa55", "0xAA,0x55", "\\xAA\\x55", "AA-55", "AA:55", "aa\n55\t"]) {
    assert.deepEqual([...fromHex(text)], [0xaa, 0x55], text);
  }
  assert.deepEqual([...fromHex("")], []);
});

test("what is no hex is told with its column", () => {
  for (const [text, column] of /** @type {[string, number][]} */ ([["AA 5", 4], ["AA G5", 4], ["A A", 1], ["0x", 2], ["AA;55", 3]])) {
    assert.throws(() => fromHex(text), (error) => error instanceof HexError && error.column === column, text);
  }
});

test("bytes become source of C and of Python", () => {
  assert.equal(cArray(Uint8Array.of(0, 255), "x"), "const unsigned char x[2] = {\n    0x00, 0xff\n};\n");
  assert.equal(pythonBytes(Uint8Array.of(0x41, 0x22, 0x5c, 0x0a, 0x00, 0xff)), 'b"A\\"\\\\\\n\\x00\\xff"');
  assert.deepEqual([...concat([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)])], [1, 2, 3]);
});
