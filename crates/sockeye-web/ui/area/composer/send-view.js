/**
 * The field, its options, and the ways to send what is in it: once, again and again, or as a file.
 */

import { dialog, el, icon } from "../../core/dom.js";
import { segments } from "./choice.js";
import { createEditor } from "./editor.js";
import { createFileView } from "./file-view.js";
import { openHistory } from "./history-dialog.js";
import { Walk } from "./history.js";
import { BLANK, message } from "./message.js";
import { createOptions } from "./options.js";
import { createPreview } from "./preview.js";
import { LIMIT, hasRoom } from "./quick.js";
import { editMessage, firstWords } from "./quick-dialog.js";
import { createQuickStrip } from "./quick-strip.js";
import { keepItem } from "./quick-view.js";
import { isNothing } from "./refusal.js";
import { createRepeat } from "./repeat.js";
import { createSerialLines } from "./serial-lines.js";

/** @typedef {import("./message.js").Writing} Writing */

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./quick-store.js").QuickStore} store
 * @param {import("./jobs.js").Jobs} jobs
 * @param {ReturnType<typeof import("./unsent.js").createUnsent>} unsent
 * @param {() => void} editQuick
 */
export function createSendView(desk, store, jobs, unsent, editQuick) {
  const { t } = desk;
  /** @type {Writing} */
  let writing = { ...BLANK };
  /** @type {number | null} */
  let loaded = null;
  /** Whether nothing could be sent. */
  let shut = true;
  let asFile = false;
  /** The runs that were last sent a file. @type {Set<number>} */
  const filing = new Set();
  /** What stood in the field as the other kind. @type {Record<"text" | "hex", string>} */
  const other = { text: "", hex: "" };
  const walk = new Walk();
  const options = createOptions(desk, (part) => {
    if (part.eol) desk.keepEol(part.eol);
    change(part);
  });
  const editor = createEditor({
    label: t("composer.message"),
    input(data) {
      walk.leave();
      change({ data });
    },
    send: () => void send(),
    walk(way) {
      const entry = way === "older" ? walk.older(desk.history(), writing) : walk.newer(desk.history(), writing);
      if (entry) take(entry);
      return entry !== null;
    },
    large: (text) => void offerFile(text),
  });
  const preview = createPreview(desk, { wrong: options.mark, go: editor.go, idle: t("composer.idle") });
  const files = createFileView(desk, () => queueMicrotask(permit), () => writing.data === "" && setKind("file"));
  const kind = segments({
    label: t("composer.kind"),
    options: /** @type {const} */ (["text", "hex", "file"]).map((value) => ({ value, label: t(`composer.kind.${value}`) })),
    value: /** @type {"text" | "hex" | "file"} */ ("text"),
    change: setKind,
  });
  const sendButton = el(
    "button",
    { type: "button", class: "button primary composer-send-button", on: { click: () => void send() } },
    icon("send"),
    t("composer.send"),
  );
  const repeat = createRepeat(desk, jobs, {
    by: "repeat",
    label: t("composer.repeat"),
    start: t("composer.repeat"),
    what: (every) => (nothing() ? null : { steps: [{ send: message(writing) }], every }),
    began: () => desk.remember(writing),
  });
  const past = el(
    "button",
    {
      type: "button",
      class: "button quiet small",
      title: t("composer.history"),
      "aria-label": t("composer.history"),
      on: { click: () => openHistory(desk, took) },
    },
    icon("again"),
    el("span", null, t("composer.history.short")),
  );
  const star = el(
    "button",
    {
      type: "button",
      class: "button quiet small only",
      "aria-label": t("composer.quick.keep"),
      title: t("composer.quick.keep"),
      on: { click: () => void keepQuick() },
    },
    icon("add"),
  );
  const lines = createSerialLines(desk);
  const strip = createQuickStrip(desk, store, editQuick);
  const node = el(
    "div",
    { class: "composer-view composer-sending" },
    el("div", { class: "composer-bar" }, kind.node, options.node, el("span", { class: "spread" }), past, star),
    el(
      "div",
      { class: "composer-write" },
      editor.node,
      files.node,
      el("div", { class: "composer-side" }, sendButton, repeat.node),
    ),
  );

  function nothing() {
    const run = desk.run();
    return !run || isNothing(run, writing);
  }

  /** @param {Partial<Writing>} part */
  function change(part) {
    writing = { ...writing, ...part };
    const run = desk.run();
    if (run) unsent.set(run.id, writing);
    options.set(writing);
    preview.of(writing);
    permit();
  }

  /** @param {"text" | "hex" | "file"} wanted */
  function setKind(wanted) {
    asFile = wanted === "file";
    const run = desk.run();
    if (run) filing[asFile ? "add" : "delete"](run.id);
    kind.set(wanted);
    if (wanted !== "file" && wanted !== writing.kind) {
      other[writing.kind] = writing.data;
      change({ kind: wanted, data: other[wanted] });
      editor.set(writing.data);
    }
    showKind();
    permit();
  }

  function showKind() {
    editor.node.hidden = asFile;
    files.node.hidden = !asFile;
    options.node.hidden = asFile;
    preview.node.hidden = asFile;
    repeat.node.hidden = asFile;
    past.hidden = asFile;
    star.hidden = asFile;
  }

  /** @param {import("./history.js").Entry} entry */
  function take(entry) {
    asFile = false;
    filing.delete(desk.run()?.id ?? 0);
    kind.set(entry.kind);
    change({ kind: entry.kind, data: entry.data, escapes: entry.escapes ?? false });
    editor.set(entry.data);
    editor.end();
    showKind();
  }

  /** @param {import("./history.js").Entry} entry */
  function took(entry) {
    take(entry);
    editor.focus();
  }

  async function send() {
    if (asFile) return files.send();
    if (nothing()) return;
    const sent = await desk.sendWriting(writing);
    walk.leave();
    if (sent && document.activeElement === editor.node && editor.node.value === writing.data) editor.selectAll();
  }

  /** @param {string} text */
  async function offerFile(text) {
    const blob = new Blob([text], { type: "text/plain" });
    const yes = await dialog({
      title: t("composer.large"),
      body: el("p", null, t("composer.large.what", { size: desk.app.words.size(blob.size) })),
      actions: [
        { label: t("composer.cancel"), value: false },
        { label: t("composer.large.file"), value: true, kind: "primary" },
      ],
    });
    if (yes) takeFile(blob, t("composer.large.name"));
  }

  /** @param {Blob} blob @param {string} name */
  function takeFile(blob, name) {
    setKind("file");
    files.take(blob, name);
  }

  async function keepQuick() {
    if (!hasRoom(store.get()) || writing.data.length > LIMIT.data) return desk.say(t("composer.full"), "error");
    const item = await editMessage(desk, {
      title: t("composer.quick.keep"),
      item: { ...writing, name: firstWords(writing.data) },
      named: true,
    });
    if (item) keepItem(store, desk, item);
  }

  function load() {
    const run = desk.run();
    const wasShut = shut;
    shut = desk.refusal() !== null;
    if (run && run.id !== loaded) {
      loaded = run.id;
      walk.leave();
      other.text = "";
      other.hex = "";
      writing = unsent.get(run.id) ?? { ...BLANK, escapes: unsent.last()?.escapes ?? false, eol: desk.eol() };
      asFile = filing.has(run.id);
      kind.set(asFile ? "file" : writing.kind);
      options.set(writing);
      editor.set(writing.data);
      preview.of(writing);
      showKind();
    } else if (shut !== wasShut) preview.of(writing);
    permit();
  }

  function permit() {
    const why = desk.why();
    sendButton.disabled = why !== null || (asFile ? files.busy() : nothing());
    sendButton.title = why ? t(why) : t("composer.send.keys");
    star.disabled = writing.data === "";
    past.disabled = desk.history().length === 0;
  }

  const offs = [
    desk.on("run", load),
    desk.on("to", () => {
      preview.of(writing);
      permit();
    }),
    desk.on("history", permit),
  ];
  load();
  return {
    node,
    preview: preview.node,
    /** What stands under the foot while this view is shown. */
    under: [lines.node, strip.node],
    takeFile,
    send: () => void send(),
    focus: () => editor.focus(),
    /** How it is written is chosen elsewhere. @param {Partial<Writing>} part */
    set(part) {
      if (asFile) setKind(writing.kind);
      change(part);
    },
    destroy() {
      for (const off of offs) off();
      for (const part of [preview, files, repeat, lines, strip]) part.destroy();
    },
  };
}
