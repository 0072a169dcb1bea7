/**
 * The conversations of a run, after a message of what has changed of them. Pure.
 */

/** @typedef {import("./types.js").Conversation} Conversation */

/**
 * @param {Conversation[]} known by number
 * @param {{conversations?: Conversation[], counts?: [number, number, number, number, number][], here?: [number, number][]}} message
 * @returns {Conversation[]} by number; those that have not changed are the same objects
 */
export function kept(known, { conversations = [], counts = [], here }) {
  if (conversations.length === 0 && counts.length === 0 && !here) return known;
  const all = new Map(known.map((one) => [one.c, one]));
  for (const one of conversations) all.set(one.c, one);
  for (const [c, into, out, reads, writes] of counts) {
    const one = all.get(c);
    if (one) all.set(c, { ...one, in: into, out, reads, writes });
  }
  const list = [...all.values()].sort((a, b) => a.c - b.c);
  return here ? list.filter(within(here)) : list;
}

/**
 * @param {[number, number][]} ranges ascending, and so must be who is asked about
 * @returns {(one: Conversation) => boolean}
 */
function within(ranges) {
  let at = 0;
  return ({ c }) => {
    for (let range = ranges[at]; range && range[1] < c; range = ranges[at]) at += 1;
    const range = ranges[at];
    return range !== undefined && range[0] <= c;
  };
}
