/**
 * What is written of an event that is not bytes: who called, who hung up, what went wrong. Pure but for the words.
 */

import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {Pick<import("../../core/types.js").Words, "t" | "has" | "said" | "language">} Words */

/**
 * @param {Row} row
 * @param {Words} words
 * @returns {string}
 */
export function happening(row, words) {
  if (row.open) return opened(row.open, words);
  if (row.close) return closed(row.close, words);
  // What the server says is English: the catalogue knows its code in the reader's language.
  const title = row.code && words.language !== "en" && words.has(row.code) ? `${words.t(row.code)} · ` : "";
  return title + shown(words.said(row.text ?? ""));
}

/** @param {NonNullable<Row["open"]>} open @param {Words} words */
function opened({ role, local, peer }, { t }) {
  const key = role === "accept" ? "stream.open.accept" : "stream.open.dial";
  return local ? t(key, { peer: shown(peer), local: shown(local) }) : t(`${key}.alone`, { peer: shown(peer) });
}

/** @param {NonNullable<Row["close"]>} close @param {Words} words */
export function closed({ by, how, why }, { t, has, said }) {
  const key = `stream.close.${by}.${how}`;
  const done = has(key) ? t(key) : shown(`${by}, ${how}`);
  // Reasons stand one after another; each is a sentence.
  const reasons = why ? why.split("; ").map((one) => shown(said(one))).join(t("stream.close.and")) : "";
  return reasons ? t("stream.close.why", { done, why: reasons }) : done;
}
