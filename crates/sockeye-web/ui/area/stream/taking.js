/**
 * Rows taken whole, with all their bytes, onto the clipboard. Bounded: what is larger is saved, not copied.
 */

import { concat } from "../../core/bytes.js";
import { toast } from "../../core/dom.js";
import { bytesOf, wayOf } from "./columns.js";
import { copied } from "./copying.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Row} Row */

const MOST_ROWS = 5000;
const MOST_BYTES = 8 << 20;
const PART = 65_536;

/**
 * All bytes of a row: of a read by its event, of a frame by its place in the stream.
 * @param {App} app
 * @param {number} run
 * @param {Row} row
 * @param {{off?: number, len?: number}} [part]
 * @returns {Promise<Uint8Array>}
 */
export async function bytesOfRow(app, run, row, { off = 0, len = row.len ?? 0 } = {}) {
  const have = bytesOf(row);
  if (off + len <= have.length) return have.subarray(off, off + len);
  /** @type {Uint8Array[]} */
  const parts = [];
  for (let at = off; at < off + len; ) {
    const count = Math.min(PART, off + len - at);
    const { bytes } =
      row.kind === "frame"
        ? await app.api.bytes(`/api/runs/${run}/bytes`, { c: row.c, dir: row.dir, off: (row.off ?? 0) + at, len: count })
        : await app.api.bytes(`/api/runs/${run}/events/${row.n}`, { off: at, len: count });
    if (bytes.length === 0) break;
    parts.push(bytes);
    at += bytes.length;
  }
  return concat(parts);
}

/**
 * @param {App} app
 * @param {number} run
 * @param {{from: number, end: number, read: (k: number) => Promise<Row | undefined>, encoding: (row: Row) => string}} rows
 * @param {import("./copying.js").Form} form
 */
export async function take(app, run, { from, end, read, encoding }, form) {
  const { t, count, error } = app.words;
  if (end - from > MOST_ROWS) return toast(t("stream.copy.many", { most: count(MOST_ROWS) }), "error");
  try {
    /** @type {import("./copying.js").Whole[]} */
    const whole = [];
    let size = 0;
    for (let k = from; k < end; k += 1) {
      const row = await read(k);
      if (!row) continue;
      size += row.len ?? 0;
      if (size > MOST_BYTES) return toast(t("stream.copy.large", { most: app.words.size(MOST_BYTES) }), "error");
      whole.push({ row, bytes: wayOf(row) ? await bytesOfRow(app, run, row) : new Uint8Array(), encoding: encoding(row) });
    }
    await navigator.clipboard.writeText(copied(whole, form));
    toast(t("stream.copy.done", { n: whole.length, count: count(whole.length) }), "good");
  } catch (failure) {
    toast(error(failure).text, "error");
  }
}
