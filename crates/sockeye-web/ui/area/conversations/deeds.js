/**
 * What can be done to a run or to one of its conversations, and the words for it.
 */

import { dialog, el, field, toast } from "../../core/dom.js";
import { copy } from "../frame/clipboard.js";
import { called } from "./called.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {import("../../core/types.js").Conversation} Conversation */
/** @typedef {import("../../core/menu.js").Entry} Entry */

/**
 * Does it, and tells what failed.
 * @template T
 * @param {App} app
 * @param {() => Promise<T>} deed
 * @returns {Promise<T | null>}
 */
async function attempt(app, deed) {
  try {
    return await deed();
  } catch (error) {
    const told = app.words.error(error);
    toast([told.title, told.text, told.hint].filter(Boolean).join(" — "), "error");
    return null;
  }
}

/** @param {App} app */
export async function demo(app) {
  await opened(app, () => app.api.post("/api/runs", { do: "demo" }));
}

/**
 * @param {App} app
 * @param {Run} run
 */
export async function again(app, run) {
  await opened(app, () => app.api.post(`/api/runs/${run.id}/again`));
}

/**
 * @param {App} app
 * @param {() => Promise<Run>} deed
 */
async function opened(app, deed) {
  const run = await attempt(app, deed);
  if (!run) return;
  app.state.put(run);
  app.state.show(run.id);
}

/**
 * @param {App} app
 * @param {Run} run
 */
export async function rename(app, run) {
  const { t } = app.words;
  const input = el("input", { type: "text", value: run.name, maxlength: "80", autofocus: true });
  const done = await dialog({
    title: t("conversations.rename"),
    body: field({ label: t("conversations.name"), control: input, hint: t("conversations.name.hint") }),
    actions: [
      { label: t("shell.cancel"), value: false },
      { label: t("conversations.rename"), value: true, kind: "primary" },
    ],
  });
  if (!done) return;
  const changed = await attempt(app, () => app.api.post(`/api/runs/${run.id}/name`, { name: input.value.trim() }));
  if (changed) app.state.put(changed);
}

/**
 * @param {App} app
 * @param {Run} run
 */
export async function end(app, run) {
  await attempt(app, () => app.api.post(`/api/runs/${run.id}/end`));
}

/**
 * @param {App} app
 * @param {Run} run
 */
export async function forget(app, run) {
  const { t } = app.words;
  const sure = await dialog({
    title: t("conversations.forget.title", { name: called(run, app.words) }),
    body: el("p", null, t(run.state === "ended" ? "conversations.forget.text" : "conversations.forget.text-open")),
    actions: [
      { label: t("shell.cancel"), value: false },
      { label: t("conversations.forget"), value: true, kind: "primary" },
    ],
  });
  if (!sure) return;
  const done = await attempt(app, async () => {
    await app.api.remove(`/api/runs/${run.id}`);
    return true;
  });
  if (done) app.state.forget(run.id);
}

/** @param {App} app forgets every run that has ended */
export async function forgetEnded(app) {
  const { t } = app.words;
  const ended = [...app.state.runs.values()].filter((run) => run.state === "ended");
  const sure = await dialog({
    title: t("conversations.forget-ended"),
    body: el("p", null, t("conversations.forget-ended.text", { n: ended.length })),
    actions: [
      { label: t("shell.cancel"), value: false },
      { label: t("conversations.forget"), value: true, kind: "primary" },
    ],
  });
  if (!sure) return;
  for (const run of ended) {
    const done = await attempt(app, async () => {
      await app.api.remove(`/api/runs/${run.id}`);
      return true;
    });
    if (!done) return;
    app.state.forget(run.id);
  }
}

/**
 * @param {App} app
 * @param {Run} run
 * @returns {Entry[]}
 */
export function ofRun(app, run) {
  const { t } = app.words;
  const may = app.state.may("act");
  const runs = run.state !== "ended";
  /** @type {(Entry | false)[]} */
  const entries = [
    run.do === "lesson" && { label: t("conversations.lesson.go"), run: () => app.learn(undefined, run.id) },
    { label: t("conversations.copy-command"), run: () => void copy(run.command, app) },
    run.endpoint !== null && { label: t("conversations.copy-endpoint"), run: () => void copy(run.endpoint ?? "", app) },
    { label: t("conversations.rename…"), run: () => void rename(app, run), disabled: !may },
    // A tape's file was given once: what is opened anew is chosen anew.
    run.do !== "tape" && { label: t("conversations.again"), run: () => void again(app, run), disabled: !may, line: true },
    run.do !== "tape" && { label: t("conversations.alike…"), run: () => app.open(run.draft), disabled: !may },
    runs && run.accepting && { label: t("conversations.stop-accepting"), run: () => void attempt(app, () => app.api.post(`/api/runs/${run.id}/stop-accepting`)), disabled: !may },
    runs && { label: t("conversations.end"), run: () => void end(app, run), disabled: !may, line: true },
    { label: t("conversations.forget…"), run: () => void forget(app, run), disabled: !may, kind: "danger", line: !runs },
  ];
  return entries.filter((one) => one !== false);
}

/**
 * @param {App} app
 * @param {Run} run
 * @param {Conversation} conversation
 * @param {{only: () => void, more: () => void}} show
 * @returns {Entry[]}
 */
export function ofConversation(app, run, conversation, { only, more }) {
  const { t } = app.words;
  const acts = app.state.may("act") && conversation.open;
  const to = { to: [conversation.c] };
  const chosen = app.state.current === run.id && app.state.conversations.has(conversation.c);
  return [
    { label: t("conversations.only"), run: only },
    { label: t(chosen ? "conversations.less" : "conversations.more"), run: more },
    { label: t("conversations.copy-peer"), run: () => void copy(conversation.peer, app), line: true },
    { label: t("conversations.finish"), run: () => void attempt(app, () => app.api.post(`/api/runs/${run.id}/finish`, to)), disabled: !acts, line: true },
    { label: t("conversations.kick"), run: () => void attempt(app, () => app.api.post(`/api/runs/${run.id}/kick`, to)), disabled: !acts, kind: "danger" },
  ];
}
