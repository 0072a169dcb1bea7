/**
 * Below the form of a tab: the newest of the runs that it started, as it goes. Not a tab itself.
 */

/**
 * @typedef {import("../../core/types.js").Run} Run
 * @typedef {import("../../core/types.js").App["state"]} State
 */

/**
 * Shows the newest run that is `mine` in a place, until it is forgotten.
 * @param {State} state
 * @param {Element} place
 * @param {{ mine: (run: Run) => boolean, view: (id: number) => { node: Node, destroy: () => void } }} what
 */
export function watched(state, place, { mine, view }) {
  /** @type {{ id: number, destroy: () => void } | null} */
  let shown = null;

  /** @param {number} id of a run that may not be among the runs yet */
  function watch(id) {
    if (shown?.id === id) return;
    shown?.destroy();
    const { node, destroy } = view(id);
    shown = { id, destroy };
    place.replaceChildren(node);
  }

  function settle() {
    const [newest] = [...state.runs.values()].filter(mine).map((run) => run.id).sort((a, b) => b - a);
    if (newest !== undefined) watch(newest);
    else if (shown && !state.runs.has(shown.id)) {
      shown.destroy();
      shown = null;
      place.replaceChildren();
    }
  }

  const off = state.on("runs", settle);
  settle();
  return {
    watch,
    destroy() {
      off();
      shown?.destroy();
    },
  };
}
