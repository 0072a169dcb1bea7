/**
 * In which encoding a row is read: its own, its conversation's, its endpoint's (remembered), the run's.
 */

/** @typedef {import("../../core/types.js").Run} Run */

/** Endpoints that are remembered, and rows with an encoding of their own. */
const MOST = 200;

/** @param {Run} run */
function placeOf(run) {
  return run.draft.endpoint ?? run.endpoint ?? run.name;
}

/** @type {WeakMap<object, ReturnType<typeof made>>} one for a page: the stream and the inspector read a row alike */
const known = new WeakMap();

/** @param {import("../../core/types.js").Keepsakes} keepsakes */
export function createEncodings(keepsakes) {
  const one = known.get(keepsakes) ?? made(keepsakes);
  known.set(keepsakes, one);
  return one;
}

/** @param {import("../../core/types.js").Keepsakes} keepsakes */
function made(keepsakes) {
  /** @type {Map<string, string>} */
  const own = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const tell = () => listeners.forEach((listener) => listener());
  keepsakes.on("encodings", tell);

  /** @returns {Record<string, string>} */
  function kept() {
    const stored = keepsakes.get("encodings");
    return stored !== null && typeof stored === "object" ? stored : {};
  }

  /** @param {Run} run @param {number | null | undefined} c */
  function ofConversation(run, c) {
    const remembered = kept()[placeOf(run)];
    return own.get(`${run.id}#${c}`) ?? (typeof remembered === "string" ? remembered : (run.encoding || "auto"));
  }

  /** @param {string} key @param {string | null} encoding */
  function put(key, encoding) {
    own.delete(key);
    if (encoding !== null) own.set(key, encoding);
    const [oldest] = own.keys();
    if (own.size > MOST && oldest !== undefined) own.delete(oldest);
  }

  return {
    /** @param {() => void} listener called after any of them changed @returns {() => void} */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ofConversation,
    /** @param {Run} run @param {{n: number, c: number | null}} row */
    of: (run, row) => own.get(`${run.id}:${row.n}`) ?? ofConversation(run, row.c),
    /** @param {Run} run @param {number} n */
    ofRow: (run, n) => own.get(`${run.id}:${n}`) ?? null,
    /** @param {Run} run @param {number} n @param {string | null} encoding null: as its conversation */
    setRow(run, n, encoding) {
      put(`${run.id}:${n}`, encoding);
      tell();
    },
    /** @param {Run} run @param {Iterable<number>} conversations none: all of its endpoint, from now on @param {string} encoding */
    set(run, conversations, encoding) {
      const some = [...conversations];
      for (const c of some) put(`${run.id}#${c}`, encoding);
      if (some.length > 0) return tell();
      for (const key of [...own.keys()]) if (key.startsWith(`${run.id}#`)) own.delete(key);
      const { [placeOf(run)]: _, ...rest } = kept();
      const newest = Object.entries(rest).slice(-(MOST - 1));
      keepsakes.set("encodings", { ...Object.fromEntries(newest), [placeOf(run)]: encoding });
      tell();
    },
  };
}
