/**
 * The two runs of a report, taken out of its text: what `sockeye shake` prints side by side
 * becomes rows of two cells again. A text without them gives none.
 */

/** @typedef {{ left: string, right: string, lost: boolean, added: boolean }} Beside `lost`: the right has no such row there; `added`: the left has none */

/** Characters that fill two columns: those that the boundary view pads for. */
const WIDE = /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;
const NONE = /\p{Mn}/u;

/**
 * A line cut after so many columns.
 * @param {string} line
 * @param {number} columns
 * @returns {[left: string, right: string] | null} null where it has no bar there
 */
function parted(line, columns) {
  let column = 0;
  let at = 0;
  for (const letter of line) {
    if (column >= columns) break;
    column += NONE.test(letter) ? 0 : (WIDE.test(letter) ? 2 : 1);
    at += letter.length;
  }
  // A letter whose width another table sees otherwise: the bar is a column or two away.
  const bar = line.indexOf(" │", Math.max(0, at - 2));
  if (bar < 0 || bar > at + 2) return null;
  return [line.slice(0, bar).trimEnd(), line.slice(bar + 2).replace(/^ /, "").trimEnd()];
}

/**
 * @param {string} text the report as the command line prints it
 * @returns {Beside[]}
 */
export function beside(text) {
  const lines = text.split("\n");
  const rule = lines.findIndex((line) => /^─+ │ ─+$/.test(line));
  if (rule < 1) return [];
  const columns = lines[rule]?.indexOf(" │") ?? 0;
  /** @type {[left: string, right: string][]} */
  const rows = [];
  for (const line of lines.slice(rule + 1)) {
    const cells = parted(line, columns);
    if (!cells) break;
    rows.push(cells);
  }
  return compared(rows);
}

/**
 * What only one side has: rows that are not in the longest run of rows that both have.
 * @param {readonly [left: string, right: string][]} rows
 * @returns {Beside[]}
 */
function compared(rows) {
  const left = rows.map(([one]) => one);
  const right = rows.map(([, other]) => other);
  // common[a][b]: how many rows the sides share from there on. A report has few rows.
  const common = Array.from({ length: rows.length + 1 }, () => new Array(rows.length + 1).fill(0));
  const at = (/** @type {number} */ a, /** @type {number} */ b) => common[a]?.[b] ?? 0;
  for (let a = rows.length - 1; a >= 0; a -= 1) {
    for (let b = rows.length - 1; b >= 0; b -= 1) {
      const row = common[a];
      if (row) row[b] = left[a] === right[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  const found = rows.map(([one, other]) => ({ left: one, right: other, lost: one !== "", added: other !== "" }));
  for (let a = 0, b = 0; a < rows.length && b < rows.length;) {
    const [mine, other] = [found[a], found[b]];
    if (left[a] === right[b]) {
      if (mine) mine.lost = false;
      if (other) other.added = false;
      a += 1;
      b += 1;
    } else if (at(a + 1, b) >= at(a, b + 1)) a += 1;
    else b += 1;
  }
  return found;
}

/**
 * The line that runs the case again.
 * @param {string} text
 */
export function again(text) {
  return /^again: (.+)$/m.exec(text)?.[1] ?? null;
}

/**
 * Which rows of the right side end at a cut: writes, counted from the start. Only where the
 * text has all rows, for the offsets of others are not known.
 * @param {readonly Beside[]} rows
 * @param {readonly number[]} cuts
 * @returns {Set<number>} places in `rows`
 */
export function cutRows(rows, cuts) {
  /** @type {Set<number>} */
  const found = new Set();
  if (rows[0]?.right.startsWith("…")) return found;
  const wanted = new Set(cuts);
  let offset = 0;
  rows.forEach(({ right }, at) => {
    const size = /^→\s*([\d,]+) B\b/.exec(right)?.[1];
    if (size === undefined) return;
    offset += Number(size.replaceAll(",", ""));
    if (wanted.has(offset)) found.add(at);
  });
  return found;
}
