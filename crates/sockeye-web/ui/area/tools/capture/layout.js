/**
 * Where the pieces of several rulers over the same bytes are drawn, so that a byte is in one
 * column of all of them. Wide enough for its number where there is room; longer pieces are
 * longer, but none is very long; what does not fit goes on in the next block. Numbers only;
 * the command line lays its rulers in the same way (`capture/rulers.rs`).
 */

/**
 * @typedef {{ name: string, pieces: [from: number, to: number][] }} Ruler
 * @typedef {{ from: number, to: number, bytes: number, begun: boolean, goes: boolean }} Drawn in pixels; `begun` in an earlier block, `goes` on in the next
 * @typedef {{ width: number, first: number, last: number, rows: { name: string, pieces: Drawn[] }[] }} Block
 */

const LETTER = 7;
const LEAST = 12;
const PAD = 10;

/** @param {number} bytes */
function stretch(bytes) {
  return Math.max(0, Math.floor(Math.log2(Math.max(1, bytes))) - 2) * LETTER;
}

/** @param {number} bytes */
function label(bytes) {
  return String(bytes).length * LETTER + PAD;
}

/**
 * @param {readonly Ruler[]} rulers each in order, no byte twice in one
 * @param {number} room in pixels
 * @param {number} [most] blocks
 * @returns {Block[]}
 */
export function layout(rulers, room, most = 100) {
  const edges = [...new Set(rulers.flatMap(({ pieces }) => pieces.flat()))].sort((a, b) => a - b);
  const ending = rulers.map(({ pieces }) => new Map(pieces.map((piece) => [piece[1], piece])));
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  while (at + 1 < edges.length && blocks.length < most) {
    const columns = placed(edges, at, ending, room);
    blocks.push(block(rulers, edges, at, columns));
    at += columns.length - 1;
  }
  return blocks;
}

/**
 * The columns of the edges from `at` on, as many as there is room for; two at least.
 * @param {number[]} edges
 * @param {number} at
 * @param {Map<number, [number, number]>[]} ending
 * @param {number} room
 */
function placed(edges, at, ending, room) {
  const first = edges[at] ?? 0;
  const columns = [0];
  const where = new Map([[first, 0]]);
  for (let index = at + 1; index < edges.length; index += 1) {
    const edge = edges[index] ?? 0;
    const before = columns[columns.length - 1] ?? 0;
    let column = before + Math.max(LEAST, stretch(edge - (edges[index - 1] ?? 0)));
    for (const ends of ending) {
      const piece = ends.get(edge);
      // Begun in an earlier block: its number may stand there or here.
      if (piece) column = Math.max(column, (where.get(Math.max(piece[0], first)) ?? 0) + label(piece[1] - piece[0]));
    }
    if (column > room && columns.length > 1) break;
    columns.push(column);
    where.set(edge, column);
  }
  return columns;
}

/**
 * @param {readonly Ruler[]} rulers
 * @param {number[]} edges
 * @param {number} at
 * @param {number[]} columns
 * @returns {Block}
 */
function block(rulers, edges, at, columns) {
  const shown = edges.slice(at, at + columns.length);
  const first = shown[0] ?? 0;
  const last = shown[shown.length - 1] ?? 0;
  const where = new Map(shown.map((edge, index) => [edge, columns[index] ?? 0]));
  const rows = rulers.map(({ name, pieces }) => ({
    name,
    pieces: pieces.filter(([from, to]) => to > first && from < last).map(([from, to]) => ({
      from: where.get(Math.max(from, first)) ?? 0,
      to: where.get(Math.min(to, last)) ?? 0,
      bytes: to - from,
      begun: from < first,
      goes: to > last,
    })),
  }));
  return { width: columns[columns.length - 1] ?? 0, first, last, rows };
}
