/**
 * The time column: the clock in milliseconds, seconds since the run began, or since the row before. Pure.
 * Every text of a kind has its point in the same column.
 */

/** @param {number} ns @param {number} digits before the point */
function seconds(ns, digits) {
  const micro = Math.max(0, Math.round(ns / 1000));
  const whole = Math.floor(micro / 1e6);
  return `${String(whole).padStart(digits, "\u2007")}.${String(micro % 1e6).padStart(6, "0")}`;
}

/**
 * @param {{
 *   mode: "clock" | "since" | "delta" | "off",
 *   t: number,
 *   before: number | null,
 *   began: number,
 *   clock: (unixMs: number) => string,
 * }} what `t`, `before` in nanoseconds since `began`, which is in Unix milliseconds; `before` null: not known
 * @returns {string}
 */
export function time({ mode, t, before, began, clock }) {
  switch (mode) {
    case "clock":
      return clock(began + t / 1e6);
    case "since":
      return seconds(t, 5);
    case "delta":
      return before === null ? "" : `+${seconds(t - before, 4)}`;
    default:
      return "";
  }
}
