/**
 * The quick list as a JSON file, and read back with nothing taken on trust: a field that is missing, unknown,
 * of another type or too long is refused with its place. The form:
 *
 *     { "sockeye": "quick list", "version": 1,
 *       "groups": [ { "name": "modem", "items": [
 *         { "name": "reset", "kind": "text", "data": "AT+RST", "eol": "crlf" },
 *         { "name": "poll", "kind": "hex", "data": "01 03 00 00 00 02", "checksum": "crc16-modbus,le" } ] } ],
 *       "sequences": [ { "name": "log in", "times": 3, "every": "1s", "steps": [
 *         { "send": { "kind": "text", "data": "USER joe", "eol": "crlf" } },
 *         { "expect": "re:^331", "within": "2s" }, { "wait": "100ms" } ] } ] }
 *
 * A message may also have `escapes` (true, false), `encoding`, and `frame` ("" is no framing; without it, as with
 * `encoding` and `checksum`, the run's own is taken). `eol` is none, lf, crlf or cr; without it none.
 * `times` null or missing: until stopped.
 */

import { fault } from "./json-fault.js";
import { EOLS } from "./message.js";
import { LIMIT } from "./quick.js";
import { writing } from "./steps.js";
import { duration } from "./times.js";

/** @typedef {import("./quick.js").Quick} Quick */
/** @typedef {import("../../core/types.js").Message} Message */
/** @typedef {import("../../core/types.js").Step} Step */

/** What is wrong with a file, and where: `groups[0].items[2].eol`, `line 3, column 7`, or empty for all of it. */
export class QuickError extends Error {
  /**
   * @param {string} place
   * @param {string} why a words key
   * @param {Record<string, string | number>} [args]
   */
  constructor(place, why, args = {}) {
    super(`${place}: ${why}`);
    this.name = "QuickError";
    this.place = place;
    this.why = why;
    this.args = args;
  }
}

const HEX = /^(?:[\s,:-]|0x(?=[\da-f])|\\x(?=[\da-f])|[\da-f]{2})*$/i;
const MESSAGE = ["kind", "data", "escapes", "eol", "encoding", "checksum", "frame"];

/**
 * @param {string} text of a file
 * @returns {Quick}
 */
export function read(text) {
  if (text.length > LIMIT.all) throw new QuickError("", "composer.bad.large", { most: LIMIT.all });
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    const at = fault(text);
    throw new QuickError(at ? `line ${at.line}, column ${at.column}` : "", "composer.bad.json");
  }
  const file = object(value, "", ["sockeye", "version", "groups", "sequences"]);
  if (file.sockeye !== "quick list") throw new QuickError("sockeye", "composer.bad.other");
  if (file.version !== 1) throw new QuickError("version", "composer.bad.version");
  return lists(file);
}

/**
 * What the keepsakes have; another hand may have been there.
 * @param {unknown} kept
 * @returns {Quick | null} null: it is not a quick list
 */
export function kept(kept) {
  try {
    const value = object(kept ?? {}, "", null);
    return lists({ groups: value.groups, sequences: value.sequences });
  } catch (error) {
    if (error instanceof QuickError) return null;
    throw error;
  }
}

/** @param {Quick} quick @returns {string} */
export function write(quick) {
  const groups = quick.groups.map(({ name, items }) => ({
    name,
    items: items.map((item) => ({ name: item.name, ...short(item) })),
  }));
  const file = { sockeye: "quick list", version: 1, groups, sequences: quick.sequences };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @param {import("./message.js").Writing} item only what differs from the usual */
function short(item) {
  const { kind, data, escapes, eol, encoding, checksum, frame } = item;
  return {
    kind,
    data,
    ...(escapes && { escapes }),
    ...(eol !== "none" && { eol }),
    ...(encoding !== null && { encoding }),
    ...(checksum !== null && { checksum }),
    ...(frame !== null && { frame }),
  };
}

/** @param {Record<string, unknown>} file @returns {Quick} */
function lists(file) {
  let left = LIMIT.items;
  const groups = array(file.groups ?? [], "groups", LIMIT.groups).map((one, at) => {
    const place = `groups[${at}]`;
    const group = object(one, place, ["name", "items"]);
    const items = array(group.items ?? [], `${place}.items`, left);
    left -= items.length;
    return { name: name(group.name, place), items: items.map((item, n) => readItem(item, `${place}.items[${n}]`)) };
  });
  const sequences = array(file.sequences ?? [], "sequences", LIMIT.sequences).map((one, at) =>
    readSequence(one, `sequences[${at}]`),
  );
  return { groups, sequences };
}

/** @param {unknown} value @param {string} place @returns {import("./quick.js").Item} */
function readItem(value, place) {
  const item = object(value, place, ["name", ...MESSAGE]);
  const { name: _, ...rest } = item;
  return { name: name(item.name, place), ...writing(readMessage(rest, place)) };
}

/** @param {unknown} value @param {string} place @returns {Message} */
function readMessage(value, place) {
  const given = object(value, place, MESSAGE);
  if (given.kind !== "text" && given.kind !== "hex")
    throw new QuickError(`${place}.kind`, "composer.bad.one", { of: "text, hex" });
  const data = string(given.data, `${place}.data`, LIMIT.data);
  if (given.kind === "hex" && !HEX.test(data)) throw new QuickError(`${place}.data`, "composer.bad.hex");
  /** @type {Message} */
  const message = { kind: given.kind, data };
  if (given.escapes !== undefined && given.escapes !== null) {
    if (typeof given.escapes !== "boolean") throw new QuickError(`${place}.escapes`, "composer.bad.switch");
    message.escapes = given.escapes;
  }
  if (given.eol !== undefined && given.eol !== null) {
    const eol = EOLS.find((one) => one === given.eol);
    if (!eol) throw new QuickError(`${place}.eol`, "composer.bad.one", { of: EOLS.join(", ") });
    message.eol = eol;
  }
  for (const field of /** @type {const} */ (["encoding", "checksum", "frame"])) {
    const one = given[field];
    if (one !== undefined && one !== null) message[field] = string(one, `${place}.${field}`, LIMIT.name);
  }
  return message;
}

/** @param {unknown} value @param {string} place @returns {import("./quick.js").Sequence} */
function readSequence(value, place) {
  const given = object(value, place, ["name", "steps", "times", "every"]);
  const times = given.times ?? null;
  if (times !== null && !(typeof times === "number" && Number.isInteger(times) && times > 0 && times < 1e9)) {
    throw new QuickError(`${place}.times`, "composer.bad.times");
  }
  const every = (given.every ?? null) === null ? null : time(given.every, `${place}.every`);
  const steps = array(given.steps, `${place}.steps`, LIMIT.steps).map((one, at) => readStep(one, `${place}.steps[${at}]`));
  return { name: name(given.name, place), steps, times, every };
}

/** @param {unknown} value @param {string} place @returns {Step} */
function readStep(value, place) {
  const step = object(value, place, ["send", "wait", "expect", "within"]);
  const does = ["send", "wait", "expect"].filter((one) => step[one] !== undefined);
  if (does.length !== 1) throw new QuickError(place, "composer.bad.one", { of: "send, wait, expect" });
  if (does[0] !== "expect" && step.within !== undefined) throw new QuickError(`${place}.within`, "composer.bad.unknown");
  if (step.send !== undefined) return { send: readMessage(step.send, `${place}.send`) };
  if (step.wait !== undefined) return { wait: time(step.wait, `${place}.wait`) };
  return { expect: string(step.expect, `${place}.expect`, LIMIT.data), within: time(step.within, `${place}.within`) };
}

/** @param {unknown} value @param {string} place @param {string[] | null} fields null: any @returns {Record<string, unknown>} */
function object(value, place, fields) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new QuickError(place, "composer.bad.object");
  const unknown = fields && Object.keys(value).find((field) => !fields.includes(field));
  if (unknown) throw new QuickError(place ? `${place}.${unknown}` : unknown, "composer.bad.unknown");
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} place @param {number} most @returns {unknown[]} */
function array(value, place, most) {
  if (!Array.isArray(value)) throw new QuickError(place, "composer.bad.list");
  if (value.length > most) throw new QuickError(place, "composer.bad.many", { most });
  return value;
}

/** @param {unknown} value @param {string} place @param {number} most @returns {string} */
function string(value, place, most) {
  if (typeof value !== "string") throw new QuickError(place, "composer.bad.text");
  if (value.length > most) throw new QuickError(place, "composer.bad.long", { most });
  return value;
}

/** @param {unknown} value @param {string} place */
function name(value, place) {
  const text = string(value, `${place}.name`, LIMIT.name).trim();
  if (!text) throw new QuickError(`${place}.name`, "composer.bad.name");
  return text;
}

/** @param {unknown} value @param {string} place */
function time(value, place) {
  const read = duration(string(value, place, LIMIT.name));
  if (!read) throw new QuickError(place, "composer.time.bad");
  return read.write;
}
