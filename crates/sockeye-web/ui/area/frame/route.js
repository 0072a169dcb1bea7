/**
 * What is shown, as an address: `#/run/3`, narrowed `#/run/3/1,2`; the lesson over a run `#/lesson/3`. Back and
 * forward go through the runs.
 */

/**
 * @param {string} hash
 * @returns {{run: number, conversations: number[]} | null}
 */
export function read(hash) {
  const found = /^#\/run\/(\d{1,15})(?:\/(\d{1,15}(?:,\d{1,15}){0,199}))?$/.exec(hash);
  if (!found) return null;
  return { run: Number(found[1]), conversations: found[2]?.split(",").map(Number) ?? [] };
}

/**
 * @param {number | null} run
 * @param {Iterable<number>} conversations
 * @returns {string}
 */
export function written(run, conversations) {
  if (run === null) return "";
  const only = [...conversations].slice(0, 200).join(",");
  return `#/run/${run}${only ? `/${only}` : ""}`;
}

/**
 * The run of the lesson that an address shows.
 * @param {string} hash
 * @returns {number | null}
 */
export function lessonOf(hash) {
  const found = /^#\/lesson\/(\d{1,15})$/.exec(hash);
  return found ? Number(found[1]) : null;
}

/** @param {number} run */
export function lessonAt(run) {
  return `#/lesson/${run}`;
}

/**
 * @param {import("../../core/types.js").App} app
 * @returns {() => void} undoes it
 */
export function mountRoute({ state }) {
  let follows = true;

  /** Shows what the address says, or else the newest that is open. */
  function go() {
    const lesson = lessonOf(location.hash);
    const wanted = lesson === null ? read(location.hash) : { run: lesson, conversations: [] };
    follows = false;
    if (wanted && state.runs.has(wanted.run)) state.show(wanted.run, wanted.conversations);
    else if (state.current === null || !state.runs.has(state.current)) {
      const runs = [...state.runs.values()];
      state.show((runs.findLast((run) => run.state !== "ended") ?? runs.at(-1))?.id ?? null);
    }
    follows = true;
    // A lesson's address is the lessons' own.
    if (lesson === null || state.current !== lesson) history.replaceState(null, "", address());
  }

  const address = () => location.pathname + location.search + written(state.current, state.conversations);

  let last = state.current;
  const off = state.on("current", () => {
    if (!follows) return;
    // Narrowing is no step to go back through; another run is.
    if (state.current === last) history.replaceState(null, "", address());
    else history.pushState(null, "", address());
    last = state.current;
  });
  addEventListener("popstate", go);
  go();
  last = state.current;
  return () => {
    off();
    removeEventListener("popstate", go);
  };
}
