/**
 * Why nothing can be sent right now, as a words key, so that a control that is off always says why.
 * Pure; the server judges again.
 */

/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {import("../../core/types.js").To} To */

/** Runs that talk by themselves: what they do is not ours to interrupt. */
const DEAF = new Set(["relay", "replay", "shake", "capture", "lesson", "tape"]);
/** Whose empty message is a message all the same. */
const WHOLE = new Set(["udp", "unixgram", "ws", "wss"]);

/**
 * @param {Run | null} run
 * @param {{act: boolean, connected: boolean}} page
 * @returns {string | null}
 */
export function closed(run, { act, connected }) {
  if (!act) return "composer.off.look";
  if (!run) return "composer.off.none";
  if (DEAF.has(run.do)) return `composer.off.${run.do}`;
  if (!connected) return "composer.off.offline";
  if (run.state === "ended") return "composer.off.ended";
  return run.state === "starting" ? "composer.off.starting" : null;
}

/**
 * @param {Run} run
 * @param {To} to
 * @returns {string | null}
 */
export function unheard(run, to) {
  if (to !== "all" && to.length === 0) return "composer.off.gone";
  if (run.open > 0) return null;
  if (run.do !== "listen") return "composer.off.shut";
  return run.conversations.length > 0 ? "composer.off.left" : "composer.off.nobody";
}

/**
 * Whether a message without any text is worth sending.
 * @param {Run} run
 * @param {import("./message.js").Writing} writing
 */
export function isNothing(run, writing) {
  return writing.data === "" && (writing.kind === "hex" || writing.eol === "none") && !WHOLE.has(run.proto);
}

/**
 * Those of the chosen that are still there.
 * @param {Run} run
 * @param {To} to
 * @returns {To}
 */
export function present(run, to) {
  if (to === "all") return to;
  const open = new Set(run.conversations.filter((one) => one.open).map((one) => one.c));
  return to.filter((c) => open.has(c));
}
