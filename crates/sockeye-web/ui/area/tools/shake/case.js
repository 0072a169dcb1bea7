/**
 * A case of shake as it is written (`cut=5,cut=17-19,glue=2`), and the pieces into which it
 * cuts what is said. What the cuts do to the other side is in the report.
 */

/** So many places of one range are read; a longer one is drawn as far as that. */
const MOST = 4096;

/**
 * @param {string} text
 * @returns {{ cuts: number[], glues: number[] }} offsets in bytes of all that is said; messages, from 1, that come with the one before
 */
export function readCase(text) {
  /** @type {{ cuts: number[], glues: number[] }} */
  const found = { cuts: [], glues: [] };
  for (const part of text.split(",")) {
    const read = /^\s*(cut|glue)=(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (!read) continue;
    const [from, to] = [Number(read[2]), Number(read[3] ?? read[2])];
    const list = read[1] === "cut" ? found.cuts : found.glues;
    for (let at = from; at <= to && list.length < MOST; at += 1) list.push(at);
  }
  // Written by kind: their numbers are in order already.
  return found;
}

/**
 * The numbers of glued messages as spans: message 2 and 3 glued means 1 to 3 come together.
 * @param {readonly number[]} glues
 * @returns {[from: number, to: number][]}
 */
export function together(glues) {
  /** @type {[number, number][]} */
  const spans = [];
  for (const glue of glues) {
    const last = spans.at(-1);
    if (last && last[1] === glue - 1) last[1] = glue;
    else spans.push([glue - 1, glue]);
  }
  return spans;
}

/**
 * @param {readonly number[]} cuts
 * @param {number} bytes of all that is said
 * @returns {[from: number, to: number][]}
 */
export function pieces(cuts, bytes) {
  const edges = [0, ...cuts.filter((at) => at > 0 && at < bytes), bytes];
  return edges.slice(1).map((to, at) => [edges[at] ?? 0, to]);
}
