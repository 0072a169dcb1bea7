/**
 * Bytes as characters, and characters made safe to draw. Pure.
 * The rules are those of the command line (`sockeye-text`: guess, safe), so that both show the same.
 */

/** @typedef {{text: string | null, used: number, whole: boolean}} Decoded text null: these bytes are no text */

/** Code points that nobody uses: bytes that decode to them were not text of that encoding. */
const UNUSED = /[\p{Cn}\p{Co}]/u;

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding `auto` or a label that browsers know
 * @param {{clipped?: boolean}} [how] `clipped`: more bytes follow, so that a character without its end is no sign
 *   that this is no text
 * @returns {Decoded} `used`: bytes that the text stands for; `whole`: all of them
 */
export function decode(bytes, encoding, { clipped = false } = {}) {
  if (encoding === "auto") return guessed(bytes, clipped);
  try {
    return cut(bytes, encoding, false) ?? none();
  } catch {
    return none();
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} clipped
 * @returns {Decoded}
 */
function guessed(bytes, clipped) {
  const utf8 = cut(bytes, "utf-8", true);
  if (utf8) return utf8;
  const gb = cut(bytes, "gb18030", true);
  return gb && (gb.whole || clipped) && !UNUSED.test(gb.text ?? "") ? gb : none();
}

/** @returns {Decoded} */
function none() {
  return { text: null, used: 0, whole: false };
}

/**
 * Decodes up to the last whole character: at most three bytes of one may be missing their end.
 * @param {Uint8Array} bytes
 * @param {string} label
 * @param {boolean} fatal
 * @returns {Decoded | null} null: no text (only when fatal)
 */
function cut(bytes, label, fatal) {
  const decoder = new TextDecoder(label, { fatal, ignoreBOM: true });
  let text;
  try {
    text = decoder.decode(bytes, { stream: true });
  } catch {
    return null;
  }
  const held = heldBack(bytes, label, text);
  return { text, used: bytes.length - held, whole: held === 0 };
}

/**
 * How many bytes at the end are the beginning of a character.
 * @param {Uint8Array} bytes
 * @param {string} label
 * @param {string} text what they are without it
 */
function heldBack(bytes, label, text) {
  for (let held = 0; held <= Math.min(3, bytes.length); held += 1) {
    try {
      const strict = new TextDecoder(label, { fatal: false, ignoreBOM: true });
      if (strict.decode(bytes.subarray(0, bytes.length - held)) === text) return held;
    } catch {
      return 0;
    }
  }
  return 0;
}

/**
 * What a reader could not see, or what would reorder the line: controls, bidirectional and zero-width
 * characters, separators, fillers, tags. Variation selectors stay: ordinary emoji hold them.
 */
const MISLEADS = new RegExp(
  "[\\0-\\x1F\\x7F-\\x9F\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069" +
    "\\xAD\\u034F\\u180E\\u200B-\\u200D\\u2060-\\u2065\\u206A-\\u206F\\uFEFF" +
    "\\u2028\\u2029\\uFFF0-\\uFFFB\\u115F\\u1160\\u17B4\\u17B5\\u3164\\uFFA0" +
    "\\u{1BCA0}-\\u{1BCA3}\\u{1D173}-\\u{1D17A}\\u{E0000}-\\u{E00FF}\\u{E01F0}-\\u{E0FFF}\\p{Cs}]",
  "gu",
);

/**
 * Text safe to draw in one line: controls as their pictures, what misleads as ⟨U+202E⟩.
 * @param {string} text
 * @returns {string}
 */
export function shown(text) {
  return text.replace(MISLEADS, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "\u2421";
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}
