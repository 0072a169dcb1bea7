/**
 * What a run is called where there is room for one line. Pure.
 */

import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {Pick<import("../../core/types.js").Words, "t" | "has">} Words */

/**
 * @param {Run} run
 * @param {Words} words
 */
export function called(run, words) {
  return shown(named(run, words) || run.endpoint || whither(run.draft) || run.command);
}

/**
 * Its name; the ones that the server gives by itself are English, and are worded here.
 * @param {Run} run
 * @param {Words} words
 */
export function named({ do: does, name }, { t, has }) {
  const demo = /^demo: (server|client)$/.exec(name);
  if (demo) return t(`conversations.demo.${demo[1]}`);
  const lesson = does === "lesson" ? /^([\w-]+) \((server|client)\)$/.exec(name) : null;
  const title = `lessons.${lesson?.[1]}.title`;
  return lesson && has(title) ? t(`conversations.lesson.${lesson[2]}`, { title: t(title) }) : name;
}

/**
 * Where it was to go. What could not be opened has no endpoint of its own.
 * @param {Run["draft"]} draft
 */
function whither({ endpoint, a, b, endpoints }) {
  return endpoint || (a && b ? `${a} → ${b}` : "") || (endpoints ?? []).join(" ");
}
