/**
 * Durations and sizes as a person types them into a field, brought into the form the server reads. It checks
 * the writing only; what is too long or too large is the server's to say.
 */

const NANOSECONDS = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, μs: 1e3, ns: 1 };

/**
 * A number alone is milliseconds, as in every serial assistant, and gets its unit written out: the command
 * line would read it as seconds.
 * @param {string} text
 * @returns {{write: string, ns: number} | null} null: no duration
 */
export function duration(text) {
  const typed = text.trim().replace(/\s+/g, " ");
  if (/^\d+(\.\d+)?$/.test(typed)) return { write: `${typed}ms`, ns: Number(typed) * 1e6 };
  if (!/^(\d+(\.\d+)? ?(h|ms|m|s|us|µs|μs|ns) ?)+$/.test(typed)) return null;
  let ns = 0;
  let above = Infinity;
  for (const [, number, unit] of typed.matchAll(/(\d+(?:\.\d+)?) ?(ms|us|µs|μs|ns|h|m|s)/g)) {
    const size = NANOSECONDS[/** @type {keyof typeof NANOSECONDS} */ (unit)];
    if (size >= above) return null;
    ns += Number(number) * size;
    above = size;
  }
  return { write: typed, ns };
}

/**
 * @param {string} text
 * @returns {string | null} null: no size, or none at all
 */
export function size(text) {
  const typed = text.trim();
  const match = /^(\d+(?:\.\d+)?) ?(?:b|[kmg](?:i?b)?)?$/i.exec(typed);
  return match && Number(match[1]) > 0 ? typed : null;
}

/**
 * @param {string} text empty: without end
 * @returns {{times: number | null} | null} null: no number of times
 */
export function times(text) {
  const typed = text.trim();
  if (typed === "" || typed === "∞") return { times: null };
  const count = Number(typed);
  return /^\d{1,9}$/.test(typed) && count > 0 ? { times: count } : null;
}
