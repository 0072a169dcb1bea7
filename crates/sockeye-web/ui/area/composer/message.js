/**
 * What is written in a form, and the message that it asks the server for. Turning a message into bytes is the
 * server's work alone: nothing here encodes, escapes or frames.
 */

/** @typedef {import("../../core/types.js").Message} Message */
/** @typedef {import("../../core/types.js").Eol} Eol */

/**
 * How a message is written. null: as the run has it.
 * @typedef {object} Writing
 * @property {"text" | "hex"} kind
 * @property {string} data
 * @property {boolean} escapes
 * @property {Eol} eol
 * @property {string | null} encoding
 * @property {string | null} checksum
 * @property {string | null} frame
 */

/** @type {readonly Eol[]} */
export const EOLS = Object.freeze(["none", "lf", "crlf", "cr"]);
/** @type {Readonly<Record<Eol, string>>} */
const LINE_ENDS = { none: "", lf: "\n", crlf: "\r\n", cr: "\r" };
/** UTF-16 units in the field; beyond, a file is the better way. */
export const MOST_TYPED = 1024 * 1024;
const MOST_ENDPOINTS = 200;

/** @type {Readonly<Writing>} */
export const BLANK = Object.freeze({
  kind: "text",
  data: "",
  escapes: false,
  eol: "none",
  encoding: null,
  checksum: null,
  frame: null,
});

/**
 * @param {Writing} writing
 * @returns {Message}
 */
export function message(writing) {
  // A field of the page ends its lines by LF, whatever was chosen: each line's end is the one that was chosen.
  const end = writing.kind === "text" ? LINE_ENDS[writing.eol] : "";
  /** @type {Message} */
  const asked = { kind: writing.kind, data: end ? writing.data.replace(/\r\n|\r|\n/g, end) : writing.data };
  if (writing.kind === "text") {
    asked.escapes = writing.escapes;
    if (writing.encoding !== null) asked.encoding = writing.encoding;
  }
  // Bytes are sent as they are written; whoever writes hex writes 0D 0A too.
  asked.eol = writing.kind === "hex" ? "none" : writing.eol;
  if (writing.checksum !== null) asked.checksum = writing.checksum;
  if (writing.frame !== null) asked.frame = writing.frame;
  return asked;
}

/**
 * The line end of an endpoint: as it was chosen last, else as the run was opened with.
 * @param {unknown} kept the keepsakes' section
 * @param {string} endpoint
 * @param {string | undefined} drafted
 * @returns {Eol}
 */
export function eolOf(kept, endpoint, drafted) {
  const chosen = isObject(kept) && Object.hasOwn(kept, endpoint) ? kept[endpoint] : drafted;
  return EOLS.find((eol) => eol === chosen) ?? "none";
}

/**
 * @param {unknown} kept
 * @param {string} endpoint
 * @param {Eol} eol
 * @returns {Record<string, Eol>} with it; the endpoints longest untouched are forgotten
 */
export function withEol(kept, endpoint, eol) {
  /** @type {[string, Eol][]} */
  const others = [];
  for (const [name, value] of Object.entries(isObject(kept) ? kept : {})) {
    const known = EOLS.find((one) => one === value);
    if (known && name !== endpoint) others.push([name, known]);
  }
  return Object.fromEntries([...others.slice(1 - MOST_ENDPOINTS), [endpoint, eol]]);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
