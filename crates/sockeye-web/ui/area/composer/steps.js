/**
 * The steps of a sequence as a form has them, and as the server is asked to run them. It finds what is missing
 * or miswritten, step by step; it runs nothing.
 */

import { EOLS, message } from "./message.js";
import { duration } from "./times.js";

/** @typedef {import("../../core/types.js").Step} Step */
/** @typedef {import("./message.js").Writing} Writing */

/**
 * @typedef {{do: "send", writing: Writing}
 *   | {do: "wait", time: string}
 *   | {do: "expect", text: string, within: string}} Line one line of the form
 */
/** @typedef {{line: number, field: "data" | "time" | "text" | "within" | "steps", why: string}} Problem `why` is a words key */

export const MOST_STEPS = 200;

/**
 * @param {Line[]} lines
 * @returns {{steps: Step[], problems: Problem[]}} steps only if there are no problems
 */
export function steps(lines) {
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Step[]} */
  const read = [];
  if (lines.length === 0) problems.push({ line: 0, field: "steps", why: "composer.step.none" });
  for (const [at, line] of lines.entries()) {
    const found = step(line);
    if ("why" in found) problems.push({ line: at, ...found });
    else read.push(found);
  }
  return { steps: problems.length ? [] : read, problems };
}

/**
 * @param {Line} line
 * @returns {Step | Omit<Problem, "line">}
 */
function step(line) {
  switch (line.do) {
    case "send":
      return line.writing.data === "" ? { field: "data", why: "composer.step.empty" } : { send: message(line.writing) };
    case "wait": {
      const time = duration(line.time);
      return time ? { wait: time.write } : { field: "time", why: "composer.time.bad" };
    }
    case "expect": {
      if (line.text === "") return { field: "text", why: "composer.step.nothing" };
      const within = duration(line.within);
      return within ? { expect: line.text, within: within.write } : { field: "within", why: "composer.time.bad" };
    }
  }
}

/**
 * @param {Step} step
 * @returns {Line}
 */
export function line(step) {
  if ("wait" in step) return { do: "wait", time: step.wait };
  if ("expect" in step) return { do: "expect", text: step.expect, within: step.within };
  return { do: "send", writing: writing(step.send) };
}

/**
 * @param {import("../../core/types.js").Message} asked
 * @returns {Writing}
 */
export function writing(asked) {
  return {
    kind: asked.kind,
    data: asked.data,
    escapes: asked.escapes ?? false,
    eol: EOLS.find((eol) => eol === asked.eol) ?? "none",
    encoding: asked.encoding ?? null,
    checksum: asked.checksum ?? null,
    frame: asked.frame ?? null,
  };
}

/**
 * Each message of a list, and a pause after each: what 循环周期 does in the assistants.
 * @param {Writing[]} writings
 * @param {string} every
 * @returns {Step[]}
 */
export function cycle(writings, every) {
  return writings.flatMap((one) => [{ send: message(one) }, { wait: every }]);
}
