/**
 * The fields that every conversation has, whatever it is opened on: how messages are found and written,
 * what answers by itself, and limits. Data, no page.
 */

/** @typedef {import("./kinds.js").Field} Field */
/** @typedef {import("./kinds.js").Values} Values */

/**
 * @param {Field["name"]} name
 * @param {Partial<Field>} [more]
 * @returns {Field}
 */
const text = (name, more = {}) => ({ name, type: "text", ...more });

/** @type {Field[]} */
const MESSAGES = [
  text("frame", { example: "len:u16", suggest: (about) => about.framings.map(({ write, what }) => [write, what]) }),
  { name: "encoding", type: "select", start: "", options: (about) => about.encodings.map((one) => [one === "auto" ? "" : one, one]) },
  text("checksum", { example: "crc16-modbus", suggest: (about) => about.checksums.map((one) => [one, ""]) }),
  { name: "eol", type: "select", start: "", options: () => [["", "open.eol.as-is"], ["lf", "LF  \\n"], ["crlf", "CR LF  \\r\\n"], ["cr", "CR  \\r"], ["none", "open.eol.none"]] },
];

/** @type {Field[]} */
const ANSWERS = [
  { name: "on", type: "lines", example: "ping => pong" },
  text("reply", { example: "echo", suggest: () => [["echo", ""], ["upper", ""], ["text:OK", ""], ["hex:06", ""]] }),
  { name: "close-after-reply", type: "check", when: (v) => Boolean(v.reply) },
];

/** @type {Field[]} */
const LIMITS_OF_BOTH = [text("name"), text("idle-timeout", { example: "30s", short: true }), text("read-size", { example: "2,10", short: true })];

/** @type {Field[]} */
const LIMITS_OF_CLIENT = [text("reconnect", { example: "1s", short: true }), text("wait", { example: "10s", short: true })];

/** @type {Field[]} */
const LIMITS_OF_SERVER = [
  { name: "max-conns", type: "number", example: "10", short: true },
  text("allow", { example: "192.168.1.0/24" }),
  text("deny", { example: "10.0.0.0/8" }),
  text("exec", { example: "cat" }),
];

/**
 * @param {import("../../core/types.js").Draft["do"]} does
 * @param {import("../../core/types.js").About} about
 * @returns {{id: string, fields: Field[]}[]} groups; none where they would mean nothing
 */
export function groups(does, about) {
  if (does === "relay") return [{ id: "messages", fields: MESSAGES.filter(({ name }) => name === "frame") }];
  if (does !== "connect" && does !== "listen") return [];
  const server = does === "listen";
  return [
    { id: "messages", fields: MESSAGES },
    { id: "answers", fields: server ? ANSWERS : ANSWERS.filter(({ name }) => name === "on") },
    { id: "limits", fields: [...LIMITS_OF_BOTH, ...(server ? LIMITS_OF_SERVER : LIMITS_OF_CLIENT)].filter(({ name }) => name !== "exec" || about.exec) },
  ];
}

/** What is a list in a draft: one a line, or after commas. */
const LISTS = new Map([["on", /\n/], ["allow", /[,\s]+/], ["deny", /[,\s]+/]]);

/**
 * The part of a draft that these fields are; what is empty is not given.
 * @param {Field[]} fields
 * @param {Values} values
 * @returns {Record<string, string | string[] | boolean>}
 */
export function given(fields, values) {
  /** @type {Record<string, string | string[] | boolean>} */
  const draft = {};
  for (const field of fields) {
    const value = (values[field.name] ?? "").trim();
    if (!value || (field.when && !field.when(values))) continue;
    const list = LISTS.get(field.name);
    if (list) draft[field.name] = value.split(list).map((one) => one.trim()).filter(Boolean);
    else draft[field.name] = field.type === "check" ? true : value;
  }
  return draft;
}
