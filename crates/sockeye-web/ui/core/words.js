/**
 * The words of the page in its language, and numbers as people read them.
 * The catalogue is the server's (`/words/LANGUAGE.json`), the one of the command line.
 */

import { ApiError } from "./api.js";
import { createTold } from "./told.js";

/** @typedef {import("./types.js").Language} Language */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/**
 * The language that fits the browser's wishes.
 * @param {readonly string[]} wishes
 * @returns {Language}
 */
export function fitting(wishes) {
  const known = wishes.find((wish) => /^(zh|en)\b/i.test(wish));
  return known && /^zh\b/i.test(known) ? "zh-CN" : "en";
}

/**
 * @param {string} text
 * @param {import("./types.js").Args} args
 */
export function filled(text, args) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in args ? String(args[name]) : whole));
}

/**
 * `1.2 KiB`: three digits at most, so that columns stay narrow.
 * @param {number} bytes
 */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  // 1023.5 would be written 1024: it belongs to the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${UNITS[unit]}`;
}

/**
 * `850 ns`, `1.2 ms`, `3.4 s`, `2 m 05 s`.
 * @param {number} ns
 */
export function duration(ns) {
  /** @type {[number, string][]} */
  const units = [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]];
  if (ns >= 60e9) {
    const seconds = Math.round(ns / 1e9);
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
    return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
  }
  const found = units.findLast(([unit]) => ns >= unit) ?? [1, "ns"];
  const value = ns / found[0];
  return `${found[0] > 1 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${found[1]}`;
}

/**
 * `14:03:22.041`, in the time zone of this browser.
 * @param {number} unixMs
 */
export function clock(unixMs) {
  const at = new Date(unixMs);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const ms = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/**
 * @param {{load: (language: Language) => Promise<Record<string, string>>}} from
 * @returns {import("./types.js").Words}
 */
export function createWords({ load }) {
  /** @type {Record<string, string>} */
  let catalogue = {};
  /** @type {Language} */
  let language = "en";
  let asked = 0;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {(text: string) => string} */
  let said = (text) => text;
  let numbers = new Intl.NumberFormat("en");

  /** @type {import("./types.js").Words["t"]} */
  function t(key, args = {}) {
    const one = args.n === 1 ? catalogue[`${key}.one`] : undefined;
    return filled(one ?? catalogue[key] ?? key, args);
  }

  return {
    t,
    has: (key) => key in catalogue,
    get language() {
      return language;
    },
    async use(wanted) {
      asked += 1;
      const mine = asked;
      const [loaded, english] = await Promise.all([load(wanted), wanted === "en" ? null : load("en").catch(() => null)]);
      // Somebody chose again meanwhile.
      if (mine !== asked) return;
      catalogue = loaded;
      language = wanted;
      numbers = new Intl.NumberFormat(wanted);
      said = english ? createTold(english, t) : (text) => text;
      for (const listener of [...listeners]) listener();
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    size,
    count: (n) => numbers.format(n),
    duration,
    rate: (bytes) => `${size(bytes)}/s`,
    clock,
    said: (text) => said(text),
    error(failure) {
      const failed = /** @type {Partial<import("./types.js").Failure>} */ (
        failure !== null && typeof failure === "object" ? failure : {}
      );
      const code = failed.code ?? (failure instanceof ApiError ? failure.code : "E-io");
      const text = said(failed.text ?? (failure instanceof Error ? failure.message : String(failure)));
      const title = catalogue[code] ?? code;
      const ours = catalogue[`${code}.hint`] ?? null;
      // The server's hint knows the case, where it can be read; else the catalogue's is better than none.
      const theirs = failed.hint ? said(failed.hint) : null;
      const hint = theirs !== null && (language === "en" || theirs !== failed.hint) ? theirs : (ours ?? theirs);
      return { title, text, hint };
    },
  };
}
