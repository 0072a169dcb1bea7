/**
 * Bytes as text that can be copied, and back: base64, hex, C, Python. Pure.
 * It decodes no characters: that is text.js.
 */

/** A place in typed hex that is none. */
export class HexError extends Error {
  /**
   * @param {string} why
   * @param {number} column counted from 1
   */
  constructor(why, column) {
    super(why);
    this.name = "HexError";
    this.column = column;
  }
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function fromBase64(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  // In pieces: the arguments of one call are limited.
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return btoa(pieces.join(""));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * @param {Uint8Array} bytes
 * @param {{separator?: string}} [how]
 * @returns {string}
 */
export function toHex(bytes, { separator = " " } = {}) {
  return Array.from(bytes, (byte) => HEX[byte]).join(separator);
}

/**
 * Hex as the command line reads it: spaces, commas, colons, hyphens and line ends between bytes, `0x` and `\x` before them.
 * @param {string} text
 * @returns {Uint8Array} or throws a {@link HexError}
 */
export function fromHex(text) {
  const bytes = [];
  let high = -1;
  let highAt = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    const digit = /^[0-9a-f]$/i.test(letter) ? Number.parseInt(letter, 16) : -1;
    if (digit < 0) {
      if (/[\s,:-]/.test(letter)) {
        if (high < 0) continue;
        throw new HexError("half a byte", highAt + 1);
      }
      if (letter === "\\" && high < 0 && /^x[0-9a-f]/i.test(text.slice(at + 1))) {
        at += 1;
        continue;
      }
      throw new HexError("not a hex digit", at + 1);
    }
    if (high < 0 && letter === "0" && /^x[0-9a-f]/i.test(text.slice(at + 1))) {
      at += 1;
      continue;
    }
    if (high < 0) {
      high = digit;
      highAt = at;
    } else {
      bytes.push(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0) throw new HexError("half a byte", highAt + 1);
  return Uint8Array.from(bytes);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} [name]
 * @returns {string} a C array, twelve bytes a line
 */
export function cArray(bytes, name = "data") {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 12) {
    lines.push("    " + Array.from(bytes.subarray(at, at + 12), (byte) => `0x${HEX[byte]}`).join(", "));
  }
  return `const unsigned char ${name}[${bytes.length}] = {\n${lines.join(",\n")}\n};\n`;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} a bytes literal of Python
 */
export function pythonBytes(bytes) {
  /** @type {Record<number, string>} */
  const named = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
  const letters = Array.from(bytes, (byte) => {
    if (named[byte]) return named[byte];
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${HEX[byte]}`;
  });
  return `b"${letters.join("")}"`;
}

/**
 * @param {Uint8Array[]} list
 * @returns {Uint8Array}
 */
export function concat(list) {
  const whole = new Uint8Array(list.reduce((sum, bytes) => sum + bytes.length, 0));
  let at = 0;
  for (const bytes of list) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
