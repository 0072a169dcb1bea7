/**
 * Where in a text an error lies that names a column, or a line and a column, counted in characters from 1.
 * It reads the server's sentence; it does not judge the text itself.
 */

/**
 * @typedef {object} Place
 * @property {number} offset in UTF-16 units, as a text field counts
 * @property {number} length
 * @property {string} before of the same line, shortened
 * @property {string} at empty at the end of the line
 * @property {string} after
 */

const AROUND = 24;

/**
 * @param {string} text what was typed
 * @param {string} sentence `… at column 3`, `… at line 2, column 3`
 * @returns {Place | null} null: the sentence names no place, or none that the text has
 */
export function place(text, sentence) {
  const found = /(?:line (\d+),? (?:and )?)?column (\d+)/.exec(sentence);
  if (!found) return null;
  const start = found[1] ? startOfLine(text, Number(found[1])) : 0;
  if (start < 0) return null;
  const offset = forward(text, start, Number(found[2]) - 1);
  if (offset > text.length) return null;
  const at = text.slice(offset, forward(text, offset, 1));
  const line = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return {
    offset,
    length: at.length,
    before: tail([...text.slice(line, offset)]),
    at: at === "\n" ? "" : at,
    after: head([...text.slice(offset + at.length, end < 0 ? text.length : end)]),
  };
}

/** @param {string} text @param {number} line from 1 */
function startOfLine(text, line) {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return -1;
    start = end + 1;
  }
  return start;
}

/** @param {string} text @param {number} offset @param {number} characters */
function forward(text, offset, characters) {
  let to = offset;
  for (let left = characters; left > 0; left -= 1) {
    const unit = text.codePointAt(to);
    if (unit === undefined) return to + left;
    to += unit > 0xffff ? 2 : 1;
  }
  return to;
}

/** @param {string[]} characters */
function tail(characters) {
  return characters.length > AROUND ? `…${characters.slice(-AROUND).join("")}` : characters.join("");
}

/** @param {string[]} characters */
function head(characters) {
  return characters.length > AROUND ? `${characters.slice(0, AROUND).join("")}…` : characters.join("");
}
