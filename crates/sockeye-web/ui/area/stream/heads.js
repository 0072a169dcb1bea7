/**
 * Which bytes of a row are the heads of frames: lengths, that decode as letters by chance at most. Pure.
 */

/** @typedef {import("../../core/types.js").Row} Row */

const WIDTHS = /** @type {Record<string, number>} */ ({ u8: 1, u16: 2, u24: 3, u32: 4, u64: 8 });
const BEGAN = 1;

/**
 * How many bytes stand before the payload of each frame.
 * @param {string | null | undefined} spec as `len:u16le,offset=2`
 * @returns {number} 0: none, or not to be told from the spec alone
 */
export function headOf(spec) {
  const found = /^len:(u8|u16|u24|u32|u64)(?:be|le)?(?:,|$)/.exec(spec ?? "");
  if (!found) return /^modbus-tcp\b/.test(spec ?? "") ? 7 : 0;
  const offset = /,offset=(\d{1,4})(?:,|$)/.exec(spec ?? "");
  return Number(offset?.[1] ?? 0) + (WIDTHS[found[1] ?? ""] ?? 0);
}

/**
 * @param {Row} row
 * @param {number} have how many bytes of it are here
 * @param {number} head
 * @returns {[from: number, end: number][]} in order
 */
export function headsOf(row, have, head) {
  if (head === 0) return [];
  /** @type {[number, number][]} */
  const all = row.kind === "frame" ? [[0, head]] : (row.frames ?? []).filter(([, , flags]) => !(flags & BEGAN)).map(([from, length]) => [from, from + Math.min(head, length)]);
  return all.map(([from, end]) => /** @type {[number, number]} */ ([from, Math.min(end, have)])).filter(([from, end]) => end > from);
}

/**
 * The bytes that are not heads.
 * @param {Uint8Array} bytes
 * @param {[number, number][]} heads
 * @returns {Uint8Array}
 */
export function payload(bytes, heads) {
  if (heads.length === 0) return bytes;
  return bytes.filter((_, at) => !heads.some(([from, end]) => at >= from && at < end));
}
