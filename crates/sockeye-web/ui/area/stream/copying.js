/**
 * Rows and bytes as text for the clipboard. Pure.
 */

import { cArray, pythonBytes, toBase64, toHex } from "../../core/bytes.js";
import { decode } from "../../core/text.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {"text" | "hex" | "c" | "python" | "base64" | "json"} Form */
/** @typedef {{row: Row, bytes: Uint8Array, encoding: string}} Whole a row with all its bytes */

/** The forms that rows can be copied in, in the order of the menu. */
export const FORMS = /** @type {const} */ (["text", "hex", "c", "python", "json"]);

/**
 * @param {Whole} whole
 * @returns {string}
 */
function asText({ row, bytes, encoding }) {
  if (row.len === undefined && !row.data) return row.text ?? "";
  const { text, used } = decode(bytes, encoding);
  if (text === null) return toHex(bytes);
  const rest = Array.from(bytes.subarray(used), (byte) => `\\x${toHex(Uint8Array.of(byte))}`);
  return text + rest.join("");
}

/**
 * @param {Whole} whole
 * @returns {object} what JSON says of a row; text only where the bytes are text
 */
function asObject({ row, bytes, encoding }) {
  const { k: _, data: __, frames: ___, ...rest } = row;
  if (row.len === undefined && !row.data) return rest;
  const { text, whole } = decode(bytes, encoding);
  return { ...rest, hex: toHex(bytes, { separator: "" }), ...(text !== null && whole ? { text } : {}) };
}

/**
 * @param {Whole[]} rows
 * @param {Form} form
 * @returns {string}
 */
export function copied(rows, form) {
  const data = rows.filter(({ row }) => row.len !== undefined || row.data);
  switch (form) {
    case "text":
      // One row is copied as it came; of several, each begins a line of its own.
      return rows.length === 1 && rows[0] ? asText(rows[0]) : rows.map((one) => asText(one).replace(/\r?\n$/, "")).join("\n");
    case "hex":
      return data.map(({ bytes }) => toHex(bytes)).join("\n");
    case "c":
      return data.map(({ row, bytes }) => cArray(bytes, `row_${row.n}`)).join("\n");
    case "python":
      return data.length === 1 ? pythonBytes(data[0].bytes) : `[\n${data.map(({ bytes }) => `    ${pythonBytes(bytes)},\n`).join("")}]`;
    case "base64":
      return data.map(({ bytes }) => toBase64(bytes)).join("\n");
    default:
      return JSON.stringify(rows.map(asObject), null, 2);
  }
}
