/**
 * Where a text stops being JSON. Engines tell it each in its own way, or not at all; this reads the grammar
 * (RFC 8259) and builds no value.
 */

const SPACE = /[ \t\n\r]*/y;
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const NAME = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"[ \t\n\r]*:/y;

/**
 * @param {string} text
 * @returns {{line: number, column: number} | null} from 1; null: it is JSON
 */
export function fault(text) {
  const at = offset(text);
  if (at < 0) return null;
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** @param {string} text @returns {number} -1: none */
function offset(text) {
  /** @type {string[]} what closes each list and object that is open */
  const closers = [];
  /** @type {"value" | "name" | "after"} */
  let wanted = "value";
  let mayClose = false;
  let at = 0;
  /** @param {RegExp} what */
  const take = (what) => {
    what.lastIndex = at;
    if (!what.test(text)) return false;
    at = what.lastIndex;
    return true;
  };
  for (;;) {
    take(SPACE);
    if (wanted === "after" && closers.length === 0) return at === text.length ? -1 : at;
    if ((wanted === "after" || mayClose) && text[at] === closers.at(-1)) {
      closers.pop();
      at += 1;
      wanted = "after";
    } else if (wanted === "after") {
      if (text[at] !== ",") return at;
      at += 1;
      wanted = closers.at(-1) === "}" ? "name" : "value";
    } else if (wanted === "name") {
      if (!take(NAME)) return at;
      wanted = "value";
    } else if (text[at] === "{" || text[at] === "[") {
      const isObject = text[at] === "{";
      closers.push(isObject ? "}" : "]");
      at += 1;
      wanted = isObject ? "name" : "value";
      mayClose = true;
      continue;
    } else {
      if (!take(SCALAR)) return at;
      wanted = "after";
    }
    mayClose = false;
  }
}
