/**
 * From which event on each run is shown, where what was before was cleared: for this tab, over a reload.
 */

/** The name in the tab's storage. */
const PLACE = "sockeye.cleared";
/** Runs that are remembered. */
const MOST = 100;

/**
 * @param {Pick<Storage, "getItem" | "setItem"> | null} storage null: the browser forbids it
 * @param {string} instance of the server: another one has other runs
 */
export function createCleared(storage, instance) {
  /** @returns {[number, number][]} the oldest first */
  function all() {
    try {
      const kept = JSON.parse(storage?.getItem(PLACE) ?? "null");
      return kept?.instance === instance && Array.isArray(kept.runs) ? kept.runs : [];
    } catch {
      return [];
    }
  }

  return {
    /** @param {number} run @returns {number} 0: nothing was cleared */
    of: (run) => Number(all().find(([id]) => id === run)?.[1]) || 0,
    /** @param {number} run @param {number} event 0: shown again */
    set(run, event) {
      const runs = all().filter(([id]) => id !== run);
      if (event > 0) runs.push([run, event]);
      try {
        storage?.setItem(PLACE, JSON.stringify({ instance, runs: runs.slice(-MOST) }));
      } catch {
        // Full, or forbidden: then a reload shows it all again.
      }
    },
  };
}
