/**
 * Which rows the list has: runs, and under those with callers their conversations. Pure.
 */

/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {import("../../core/types.js").Conversation} Conversation */
/**
 * @typedef {{key: string, type: "run", run: Run, expandable: boolean, expanded: boolean}
 *   | {key: string, type: "conversation", run: Run, conversation: Conversation}
 *   | {key: string, type: "more", run: Run, n: number, what: "open" | "ended" | "unlisted"}} Item
 */
/** @typedef {{folded: Set<number>, most: Map<string, number>}} Unfolding what the user unfolded: runs, and how many rows of `RUN open|ended` */

/** So many rows of one run are drawn before "more" is asked for. */
export const STEP = { open: 100, ended: 3 };

/**
 * Whether its conversations are worth rows of their own.
 * @param {Run} run
 */
export function hasCallers(run) {
  return run.do === "listen" || run.do === "relay" || run.do === "lesson" || run.conversations.length > 1;
}

/**
 * A relay's two sides are one row: the caller's, named with its pair.
 * @param {Run} run
 * @returns {Conversation[]}
 */
export function callers(run) {
  const here = new Set(run.conversations.map((one) => one.c));
  return run.conversations.filter((one) => one.pair === null || one.role === "accept" || !here.has(one.pair));
}

/**
 * @param {Iterable<Run>} runs
 * @param {Unfolding} unfolding
 * @returns {Item[]}
 */
export function listed(runs, { folded, most }) {
  /** @type {Item[]} */
  const items = [];
  for (const run of runs) {
    const all = hasCallers(run) ? callers(run) : [];
    const expanded = all.length > 0 && !folded.has(run.id);
    items.push({ key: `run ${run.id}`, type: "run", run, expandable: all.length > 0, expanded });
    if (!expanded) continue;
    for (const what of /** @type {const} */ (["open", "ended"])) {
      const some = all.filter((one) => one.open === (what === "open"));
      const limit = most.get(`${run.id} ${what}`) ?? STEP[what];
      // The newest of those that ended, all in the order in which they came.
      const drawn = what === "open" ? some.slice(0, limit) : some.slice(Math.max(0, some.length - limit));
      for (const conversation of drawn) items.push({ key: `conversation ${run.id} ${conversation.c}`, type: "conversation", run, conversation });
      const n = some.length - drawn.length;
      if (n > 0) items.push({ key: `more ${run.id} ${what}`, type: "more", run, n, what });
      // The server lists the newest alone.
      const unlisted = what === "open" ? run.open - run.conversations.filter((one) => one.open).length : 0;
      if (unlisted > 0) items.push({ key: `more ${run.id} unlisted`, type: "more", run, n: unlisted, what: "unlisted" });
    }
  }
  return items;
}

/**
 * The shape that stands for how a run is: a word of icons.js, and a words key.
 * @param {Run} run
 * @returns {{sign: string, key: string}}
 */
export function standing(run) {
  if (run.interrupted) return { sign: "broken", key: "conversations.state.interrupted" };
  if (run.state === "starting") return { sign: "starting", key: "conversations.state.starting" };
  if (run.state === "open") return { sign: "open", key: run.do === "listen" && !run.accepting ? "conversations.state.closed-to-new" : "conversations.state.open" };
  return run.error ? { sign: "failed", key: "conversations.state.failed" } : { sign: "ended", key: "conversations.state.ended" };
}

/**
 * The conversations that are shown once `c` was chosen; a relay's pair goes together.
 * @param {Run} run
 * @param {ReadonlySet<number>} now
 * @param {number} c
 * @param {boolean} more to those chosen already; else alone
 * @returns {Set<number>}
 */
export function narrowed(run, now, c, more) {
  const pair = run.conversations.find((one) => one.c === c)?.pair ?? null;
  const both = pair === null ? [c] : [c, pair];
  if (!more) return new Set(both);
  const next = new Set(now);
  for (const one of both) {
    if (now.has(c)) next.delete(one);
    else next.add(one);
  }
  return next;
}
