/**
 * A row as the one sentence that a screen reader says. Pure but for the words.
 */

import { decode, shown } from "../../core/text.js";
import { toHex } from "../../core/bytes.js";
import { happening } from "./happening.js";

/** @typedef {import("../../core/types.js").Row} Row */

/** More than this is not listened to. */
const SAID = 120;

/**
 * @param {Row} row
 * @param {Uint8Array} bytes
 * @param {{words: Pick<import("../../core/types.js").Words, "t" | "count" | "has" | "said" | "language">, time: string, encoding: string}} how
 * @returns {string}
 */
export function sentence(row, bytes, { words, time, encoding }) {
  const when = time ? `${time.trim()}, ` : "";
  const who = row.c === null || row.c === undefined ? "" : `${words.t("stream.said.conversation", { c: row.c })}, `;
  return when + who + happened(row, bytes, words, encoding);
}

/**
 * @param {Row} row
 * @param {Uint8Array} bytes
 * @param {Pick<import("../../core/types.js").Words, "t" | "count" | "has" | "said" | "language">} words
 * @param {string} encoding
 */
function happened(row, bytes, words, encoding) {
  const way = row.kind === "frame" ? row.dir : row.kind;
  if (way !== "in" && way !== "out") {
    return words.t("stream.said.other", { kind: words.t(`stream.kind.${row.kind}`), text: happening(row, words) });
  }
  const { text } = decode(bytes, encoding, { clipped: (row.len ?? 0) > bytes.length });
  const what = text === null ? toHex(bytes.subarray(0, SAID / 4)) : shown(text).slice(0, SAID);
  const key = row.kind === "frame" ? `stream.said.frame-${way}` : `stream.said.${way}`;
  const peer = row.from ? `${words.t("stream.said.peer", { peer: row.from })}, ` : "";
  const frames = row.frames?.length ? `, ${words.t("stream.said.frames", { n: row.frames.length })}` : "";
  return `${peer}${words.t(key, { bytes: words.count(row.len ?? bytes.length), n: row.len ?? bytes.length })}: ${what}${frames}`;
}
