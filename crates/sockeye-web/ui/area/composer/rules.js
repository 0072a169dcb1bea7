/**
 * Answering rules as the command line writes them, `MATCH => REPLY`, taken apart for a form and put together
 * again. Whether a pattern or hex is right is the server's to say.
 */

/** @typedef {{kind: "text" | "hex" | "re", data: string}} Match */
/** @typedef {{kind: "text" | "hex" | "echo" | "upper" | "file", data: string}} Reply `file` only where a run was opened with it */
/** @typedef {{on: boolean, match: Match, reply: Reply}} Rule */

export const MOST_RULES = 100;
const MOST_ENDPOINTS = 20;

/**
 * @param {string} text
 * @returns {Rule | null} null: it has no arrow
 */
export function parse(text) {
  const arrow = text.indexOf("=>");
  if (arrow < 0) return null;
  const left = text.slice(0, arrow).replace(/ $/, "");
  const right = text.slice(arrow + 2).replace(/^ /, "");
  const [, kind = "text", data = left] = /^(hex|re|text):(.*)$/s.exec(left) ?? [];
  return { on: true, match: { kind: /** @type {Match["kind"]} */ (kind), data }, reply: parseReply(right) };
}

/**
 * @param {string} text
 * @returns {Reply}
 */
export function parseReply(text) {
  if (text === "echo" || text === "upper") return { kind: text, data: "" };
  const [, kind = "text", data = text] = /^(hex|text|file):(.*)$/s.exec(text) ?? [];
  return { kind: /** @type {Reply["kind"]} */ (kind), data };
}

/** @param {Rule} rule */
export function write({ match, reply }) {
  const plain = match.kind === "text" && !/^(hex|re|text):/.test(match.data);
  return `${plain ? match.data : `${match.kind}:${match.data}`} => ${writeReply(reply)}`;
}

/** @param {Reply} reply */
export function writeReply({ kind, data }) {
  if (kind === "echo" || kind === "upper") return kind;
  const plain = kind === "text" && !/^(hex|text|file):|^(echo|upper|-)$/.test(data);
  return plain ? data : `${kind}:${data}`;
}

/**
 * @param {Rule} rule
 * @returns {"empty" | "arrow" | null} what keeps it from being written
 */
export function problem({ match }) {
  if (match.data === "") return "empty";
  return match.data.includes("=>") ? "arrow" : null;
}

/** @param {Rule[]} rules @returns {string[]} those that answer */
export function active(rules) {
  return rules.filter((rule) => rule.on && problem(rule) === null).map(write);
}

/**
 * The rules of a form: those the run answers by, in its order, and between them those that are kept switched off.
 * @param {Rule[]} kept as the form had them
 * @param {string[]} running the run's own
 * @returns {Rule[]}
 */
export function merge(kept, running) {
  const now = active(kept);
  if (now.length === running.length && now.every((text, at) => text === running[at])) return kept;
  const idle = kept.filter((rule) => !rule.on);
  return [...running.map(parse).filter((rule) => rule !== null), ...idle].slice(0, MOST_RULES);
}

/**
 * What is kept of the rules of one endpoint, read back.
 * @param {unknown} kept
 * @returns {Rule[]}
 */
export function read(kept) {
  if (!Array.isArray(kept)) return [];
  const rules = [];
  for (const one of kept.slice(0, MOST_RULES)) {
    const rule = typeof one?.rule === "string" && one.rule.length <= 4096 ? parse(one.rule) : null;
    if (rule) rules.push({ ...rule, on: one.on === true });
  }
  return rules;
}

/**
 * @param {unknown} kept by endpoint
 * @param {string} endpoint
 * @param {Rule[]} rules
 * @returns {Record<string, {rule: string, on: boolean}[]>}
 */
export function keep(kept, endpoint, rules) {
  const others = Object.entries(typeof kept === "object" && kept !== null ? kept : {}).filter(([name]) => name !== endpoint);
  const written = rules.filter((rule) => problem(rule) === null).map((rule) => ({ rule: write(rule), on: rule.on }));
  return Object.fromEntries([...others.slice(1 - MOST_ENDPOINTS), ...(written.length ? [[endpoint, written]] : [])]);
}
