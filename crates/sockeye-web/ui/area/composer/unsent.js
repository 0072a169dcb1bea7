/**
 * What is being written to each run, so that neither looking at another run nor a reload loses it. Kept in this
 * tab only, for a few runs, and no long texts.
 */

/** @typedef {import("./message.js").Writing} Writing */

const KEY = "sockeye.unsent";
const MOST_RUNS = 20;
const LONGEST = 64 * 1024;

/**
 * @param {Pick<Storage, "getItem" | "setItem">} storage
 * @param {string} instance of the server: another one numbers its runs anew
 */
export function createUnsent(storage, instance) {
  /** @type {Map<number, Writing>} */
  let written = new Map();
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "null");
    if (kept?.instance === instance && Array.isArray(kept.written)) written = new Map(kept.written);
  } catch {
    // What cannot be read was not ours; there is nothing to bring back.
  }

  return {
    /** @param {number} run @returns {Writing | undefined} */
    get: (run) => written.get(run),
    /** @returns {Writing | undefined} what was written last, to any run */
    last: () => [...written.values()].at(-1),
    /** @param {number} run @param {Writing} writing */
    set(run, writing) {
      written.delete(run);
      written.set(run, writing);
      for (const oldest of [...written.keys()].slice(0, -MOST_RUNS)) written.delete(oldest);
      const short = [...written].map(([id, one]) => [id, one.data.length > LONGEST ? { ...one, data: "" } : one]);
      try {
        storage.setItem(KEY, JSON.stringify({ instance, written: short }));
      } catch {
        // No room, or no storage in this browser: it is kept until the reload.
      }
    },
  };
}
