/**
 * The quick list as it is kept with the server, shared by the strip, its editor and the sequences. Rules that are
 * switched off live beside it, in the same section.
 */

import { empty } from "./quick.js";
import { kept as readKept } from "./quick-file.js";
import * as rules from "./rules.js";

/** @typedef {import("./quick.js").Quick} Quick */
/** @typedef {ReturnType<typeof createQuickStore>} QuickStore */

/** @param {import("../../core/types.js").Keepsakes} keepsakes */
export function createQuickStore(keepsakes) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let quick = /** @type {Quick | null} */ (readKept(keepsakes.get("quick")));
  let group = 0;

  function tell() {
    for (const listener of [...listeners]) listener();
  }

  const off = keepsakes.on("quick", () => {
    quick = readKept(keepsakes.get("quick"));
    tell();
  });

  return {
    /** @returns {Quick} */
    get: () => quick ?? empty(),
    /** What is kept is not a list that this page can read: it is left alone until `set`. */
    isForeign: () => quick === null,
    /** @param {Quick} next */
    set(next) {
      quick = next;
      keepsakes.set("quick", { ...keepsakes.get("quick"), ...next });
      tell();
    },
    /** The group that is shown. */
    group() {
      return Math.max(0, Math.min(group, (quick?.groups.length ?? 0) - 1));
    },
    /** @returns {import("./quick.js").Item[]} */
    items() {
      return quick?.groups[this.group()]?.items ?? [];
    },
    /** @param {number} at */
    show(at) {
      group = at;
      tell();
    },
    /** @param {string} endpoint @returns {rules.Rule[]} */
    rules: (endpoint) => rules.read(Object(keepsakes.get("quick")?.answers)[endpoint]),
    /** @param {string} endpoint @param {rules.Rule[]} kept */
    keepRules(endpoint, kept) {
      const all = keepsakes.get("quick");
      keepsakes.set("quick", { ...all, answers: rules.keep(all?.answers, endpoint, kept) });
    },
    /** @param {() => void} listener @returns {() => void} */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    destroy() {
      off();
      listeners.clear();
    },
  };
}
