/**
 * The inspector's bytes: those of the chosen row, whole, with what the chosen ones among them mean.
 */

import { cArray, pythonBytes, toBase64, toHex } from "../../core/bytes.js";
import { el, icon, menu, toast } from "../../core/dom.js";
import { createEncodings } from "../stream/encodings.js";
import { bytesOf } from "../stream/columns.js";
import { happening } from "../stream/happening.js";
import { reads, whole } from "../stream/pieces.js";
import { bytesOfRow } from "../stream/taking.js";
import { createHexGrid } from "./hexgrid.js";
import { Paged } from "./paged.js";
import { READ, createReading } from "./reading.js";
import { createReadout } from "./readout.js";

/** @typedef {import("../../core/types.js").Selection} Selection */
/** Outlives a remount, and the row. @type {"hex" | "text"} */
let as = "hex";

/** More is saved, not copied. */
const MOST = 4 << 20;
/** Checksums are asked for of so many bytes at most. */
const SUMMED = 4096;
/** After the last move of the choice. */
const SETTLED = 150;
/** A needle or a delimiter of so many bytes at most. */
const SOUGHT = 256;
const ENDING = 16;

/**
 * @param {HTMLElement} root
 * @param {import("../../core/types.js").App} app
 */
export function mount(root, app) {
  const { api, state, words } = app;
  const { t } = words;
  const encodings = createEncodings(app.keepsakes);
  /** @type {Selection | null} */
  let now = null;
  /** @type {Paged | null} */
  let paged = null;
  let chosen = { from: 0, len: 0 };
  let timer = 0;
  let turn = 0;

  const title = el("p", { class: "look-title number cut" });
  const trouble = el("p", { class: "field-error", role: "status" });
  const readout = createReadout(app);
  const grid = createHexGrid({
    label: t("inspector.bytes"),
    said: (off, byte, len) => t("inspector.said", { off, hex: byte === null ? "" : byte.toString(16).padStart(2, "0"), n: len }),
    bytes: () => paged, encoding: lettering, chose, copy: () => void copy((bytes) => toHex(bytes)),
  });
  const reading = createReading(words, {
    encoding, length: () => paged?.length ?? 0,
    bytes: async () => {
      const mine = now;
      try {
        return mine && paged ? await bytesOfRow(app, mine.run, mine.row, { off: 0, len: Math.min(paged.length, READ) }) : null;
      } catch (error) {
        if (now === mine) trouble.textContent = words.error(error).text;
        return null;
      }
    },
  });
  const choices = /** @type {const} */ (["hex", "text"]).map((value) => el("button", { type: "button", data: { as: value }, on: { click: () => { as = value; turned(); } } }, t(`inspector.as.${value}`)));
  const copying = el("button", { type: "button", class: "button small" }, icon("copy"), t("inspector.copy"));
  menu(copying, () => [
    { label: t("inspector.copy.hex"), run: () => void copy((bytes) => toHex(bytes)) },
    { label: t("inspector.copy.c"), run: () => void copy((bytes) => cArray(bytes)) },
    { label: t("inspector.copy.python"), run: () => void copy(pythonBytes) },
    { label: t("inspector.copy.base64"), run: () => void copy(toBase64) },
  ]);
  const find = el("button", { type: "button", class: "button small", on: { click: () => void use(SOUGHT, (hex, run) => app.find(run, `hex:${hex}`)) } }, icon("search"), t("inspector.find"));
  const ending = el("button", { type: "button", class: "button small", title: t("inspector.ending.what"), on: { click: () => void use(ENDING, (hex, run) => app.lens(run, `delim:${hex}`)) } }, t("inspector.ending"));
  const deeds = el("div", { class: "look-deeds" }, copying, find, ending);
  const nothing = el("p", { class: "empty" });
  const body = el("div", { class: "look-body" }, el("div", { class: "look-head" }, title, el("div", { class: "choices small", role: "group", "aria-label": t("inspector.as") }, choices)), trouble, grid.node, reading.node, deeds, readout.node);
  root.classList.add("look-bytes");
  root.replaceChildren(nothing, body);

  function turned() {
    for (const button of choices) button.setAttribute("aria-pressed", String(button.dataset.as === as));
    grid.node.hidden = as === "text";
    for (const node of [readout.node, find, ending]) node.hidden = as === "text";
    reading.node.hidden = as === "hex";
    void reading.update();
  }

  function encoding() {
    const run = now ? state.runs.get(now.run) : undefined;
    return run && now ? encodings.of(run, now.row) : "auto";
  }

  /** In which encoding single letters are looked for: among bytes that are no text, pairs of them read as Chinese by chance. */
  function lettering() {
    const label = encoding();
    if (label !== "auto" || !now) return label;
    const bytes = bytesOf(now.row);
    const clipped = (now.row.len ?? 0) > bytes.length;
    return reads(bytes, label, clipped) ? whole(bytes, label, clipped) : "utf-8";
  }

  /** @param {number} from @param {number} len */
  function chose(from, len) {
    chosen = { from, len };
    deeds.classList.toggle("none", false);
    ending.toggleAttribute("disabled", len === 0 || len > ENDING);
    find.toggleAttribute("disabled", len === 0 || len > SOUGHT);
    readout.tell(paged?.at(from, Math.min(len, 256)) ?? new Uint8Array(), len);
    window.clearTimeout(timer);
    if (len > 0) timer = window.setTimeout(() => void sum(), SETTLED);
  }

  async function sum() {
    const mine = now;
    if (!mine || mine.dir === null) return;
    if (chosen.len > SUMMED) return readout.checksums(t("inspector.sums.many", { most: words.size(SUMMED) }));
    turn += 1;
    const asked = turn;
    try {
      const { checksums } = await api.get(`/api/runs/${mine.run}/look`, { c: mine.c, dir: mine.dir, off: mine.off + chosen.from, len: chosen.len });
      if (asked === turn) readout.checksums(checksums ?? []);
    } catch (error) {
      if (asked === turn) readout.checksums(words.error(error).text);
    }
  }

  /** @returns {Promise<Uint8Array | null>} */
  async function taken() {
    if (!now || !paged) return null;
    const { from, len } = chosen.len > 0 ? chosen : { from: 0, len: paged.length };
    if (len > MOST) {
      toast(t("inspector.large", { most: words.size(MOST) }), "error");
      return null;
    }
    return bytesOfRow(app, now.run, now.row, { off: from, len });
  }

  /** @param {(bytes: Uint8Array) => string} form */
  async function copy(form) {
    try {
      const bytes = await taken();
      if (!bytes) return;
      await navigator.clipboard.writeText(form(bytes));
      toast(t("inspector.copied", { n: bytes.length, count: words.count(bytes.length) }), "good");
    } catch (error) {
      toast(words.error(error).text, "error");
    }
  }

  /** @param {number} most @param {(hex: string, run: number) => void} run */
  async function use(most, run) {
    const mine = now;
    if (!mine || chosen.len === 0 || chosen.len > most) return;
    const bytes = await taken();
    if (bytes) run(toHex(bytes, { separator: "" }), mine.run);
  }

  function show() {
    now = state.selection;
    turn += 1;
    window.clearTimeout(timer);
    trouble.textContent = "";
    const mine = now;
    paged = mine && mine.dir !== null
      ? new Paged({
          length: mine.row.len ?? 0,
          read: (off, len) => bytesOfRow(app, mine.run, mine.row, { off, len }),
          changed: () => now === mine && (grid.repaint(), chosen.len > 0 && readout.tell(paged?.at(chosen.from, Math.min(chosen.len, 256)) ?? new Uint8Array(), chosen.len)),
          failed: (error) => now === mine && (trouble.textContent = words.error(error).text),
        })
      : null;
    body.hidden = paged === null;
    nothing.hidden = paged !== null;
    nothing.textContent = mine ? happening(mine.row, words) || t("inspector.no-bytes") : t("inspector.nothing");
    if (mine?.dir) {
      const key = mine.row.kind === "frame" ? `inspector.title.frame-${mine.dir}` : `inspector.title.${mine.dir}`;
      title.textContent = t(key, { c: mine.c, event: words.count(mine.n), n: mine.row.len ?? 0, count: words.count(mine.row.len ?? 0), off: words.count(mine.off) });
      title.title = title.textContent;
    }
    grid.reset();
    chose(0, 0);
    turned();
  }

  const offs = [state.on("selection", show), encodings.on(() => { grid.repaint(); void reading.update(); })];
  show();

  return {
    destroy() {
      for (const off of offs) off();
      window.clearTimeout(timer);
      grid.destroy();
      root.replaceChildren();
    },
  };
}
