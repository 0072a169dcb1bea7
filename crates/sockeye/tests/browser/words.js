/**
 * The words of the page, read from the sources: a test finds a control by the key of its label, in any language.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PLACE = fileURLToPath(new URL("../../../sockeye-text/words/", import.meta.url));

/**
 * @param {"en" | "zh-CN"} language
 * @returns {(key: string, args?: Record<string, string | number>) => string} throws where there is no such key
 */
export function wordsOf(language) {
  /** @type {Record<string, string>} */
  const all = {};
  for (const file of readdirSync(PLACE + language)) Object.assign(all, JSON.parse(readFileSync(`${PLACE}${language}/${file}`, "utf8")));
  return (key, args = {}) => {
    const text = (args.n === 1 ? all[`${key}.one`] : undefined) ?? all[key];
    if (text === undefined) throw new Error(`no words \`${key}\` in ${language}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in args ? String(args[name]) : whole));
  };
}
