/**
 * A file to be sent: chosen or dropped, brought to the server, and sent on whole or in pieces with a gap, with how
 * far it is and a way to stop. A gap is what slow devices need between two pieces.
 */

import { el, icon, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { picked } from "./quick-transfer.js";
import { duration, size as sizeOf } from "./times.js";
import { upload } from "./upload.js";

const MOST = 1024 ** 3;

/**
 * @param {import("./desk.js").Desk} desk
 * @param {() => void} changed it has begun, or ended
 * @param {() => void} joined one goes out that was not begun here
 */
export function createFileView(desk, changed, joined) {
  const { t, app } = desk;
  /** @type {{blob: Blob, name: string} | null} */
  let file = null;
  /** @type {AbortController | null} */
  let uploading = null;
  /** @type {{run: number, file: number | null, size: number, sequence: number | null} | null} */
  let sending = null;
  const choose = el(
    "button",
    { type: "button", class: "button", on: { click: () => void picked("").then((one) => one && take(one, one.name)) } },
    icon("file"),
    t("composer.file.choose"),
  );
  const what = el("p", { class: "composer-file-name cut" });
  const piece = el("input", {
    type: "text",
    class: "composer-time",
    placeholder: t("composer.file.whole"),
    "aria-label": t("composer.file.piece"),
    title: t("composer.file.piece.what"),
  });
  const gap = el("input", {
    type: "text",
    class: "composer-time",
    placeholder: "0ms",
    "aria-label": t("composer.file.gap"),
    title: t("composer.file.gap.what"),
  });
  const bar = el("progress", { class: "composer-bar-of", max: "1", value: "0", "aria-label": t("composer.file.progress") });
  const phase = el("span", { class: "composer-phase number dim" });
  const stopper = el(
    "button",
    { type: "button", class: "button small", hidden: true, on: { click: stop } },
    icon("end"),
    t("composer.stop"),
  );
  const node = el(
    "div",
    { class: "composer-file" },
    el("div", { class: "composer-file-row" }, choose, what),
    el(
      "div",
      { class: "composer-file-row" },
      el("label", { class: "composer-choice" }, el("span", null, t("composer.file.piece")), piece),
      el("label", { class: "composer-choice" }, el("span", null, t("composer.file.gap")), gap),
      el("span", { class: "composer-file-progress" }, phase, bar, stopper),
    ),
  );

  /** @param {Blob} blob @param {string} name */
  function take(blob, name) {
    if (blob.size > MOST) return desk.say(t("composer.file.large", { most: app.words.size(MOST) }), "error");
    file = { blob, name };
    draw();
  }

  /** What was asked of the fields; null: what is wrong is marked. */
  function read() {
    const inPieces = piece.value.trim() === "" ? "" : sizeOf(piece.value);
    const between = gap.value.trim() === "" ? "" : (duration(gap.value)?.write ?? null);
    piece.setAttribute("aria-invalid", String(inPieces === null));
    gap.setAttribute("aria-invalid", String(between === null));
    if (inPieces === null || between === null) return null;
    if (between) gap.value = between;
    return { ...(inPieces && { piece: inPieces }), ...(between && { gap: between }) };
  }

  async function send() {
    const why = desk.why();
    if (why) return desk.say(t(why), "error");
    if (!file) return choose.focus();
    const how = read();
    const run = desk.run();
    if (!how) return desk.say(t("composer.file.bad"), "error");
    if (!run || uploading || sending) return;
    const { blob, name } = file;
    const to = desk.to();
    const path = desk.path("send");
    uploading = new AbortController();
    draw();
    let id;
    try {
      id = await upload(app.api, blob, {
        name,
        signal: uploading.signal,
        progress: (bytes) => tell(bytes / blob.size, t("composer.file.bringing")),
      });
    } catch (error) {
      if (!uploading.signal.aborted) desk.say(desk.explain(error), "error", run.id);
      uploading = null;
      return draw();
    }
    uploading = null;
    sending = { run: run.id, file: id, size: blob.size, sequence: null };
    draw();
    const mine = sending;
    const told = await desk.attempt(app.api.post(path, { to, file: id, ...how }));
    if (!told) return end(null);
    mine.sequence = told.sequence;
    follow();
  }

  /** Looks how far the server is with it. */
  function follow() {
    const run = sending && app.state.runs.get(sending.run);
    if (!sending || sending.sequence === null) return;
    const { sequence, size } = sending;
    const job = run?.sequences.find((one) => one.sequence === sequence);
    if (job?.state === "running") return tell(size === 0 ? 1 : job.done / size, t("composer.file.sending"));
    if (job?.state === "done") return end(t("composer.file.sent", { size: app.words.size(size) }));
    if (job?.state === "stopped" && run?.state !== "ended") return end(t("composer.file.stopped"));
    // A run that is told of before its job is one that we hear of again.
    if (job || !run || run.state === "ended") end(job?.why ? shown(job.why) : t("composer.file.cut"), "error");
  }

  /** @param {string | null} text @param {"good" | "error"} [kind] */
  function end(text, kind = "good") {
    const mine = sending;
    sending = null;
    if (mine?.file) app.api.remove(`/api/files/${mine.file}`).catch(() => {});
    if (text) desk.say(text, kind, mine?.run);
    draw();
  }

  function stop() {
    uploading?.abort();
    if (sending?.sequence) void desk.attempt(app.api.remove(`/api/runs/${sending.run}/sequences/${sending.sequence}`));
  }

  /** @param {number} part @param {string} text */
  function tell(part, text) {
    bar.value = part;
    phase.textContent = `${text} ${Math.floor(part * 100)}%`;
  }

  function draw() {
    const busy = uploading !== null || sending !== null;
    choose.disabled = busy;
    piece.disabled = busy;
    gap.disabled = busy;
    stopper.hidden = !busy;
    bar.hidden = !busy;
    phase.hidden = !busy;
    if (!busy) bar.value = 0;
    changed();
    replace(
      what,
      file
        ? [el("b", null, shown(file.name)), " ", el("span", { class: "dim number" }, app.words.size(file.blob.size))]
        : el("span", { class: "dim" }, t("composer.file.drop")),
    );
  }

  /** A file that goes out already: begun before the page was loaded, or in another window. */
  function join() {
    const run = desk.run();
    const job = run?.sequences.find((one) => one.what === "file" && one.state === "running");
    if (!run || !job || sending || uploading) return;
    sending = { run: run.id, file: null, size: job.times ?? 0, sequence: job.sequence };
    joined();
    draw();
    follow();
  }

  const offs = [
    app.state.on("run", (id) => {
      if (sending?.run === id) follow();
    }),
    desk.on("run", join),
  ];
  queueMicrotask(join);
  draw();
  return {
    node,
    take,
    send: () => void send(),
    busy: () => uploading !== null || sending !== null,
    destroy() {
      for (const off of offs) off();
      uploading?.abort();
    },
  };
}
