/**
 * The dialog "open": what can be opened, the fields that it needs, and the command line that does the same.
 */

import { dialog, el, icon, menu, replace, setError, toast } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { control } from "./controls.js";
import { createCheck } from "./check.js";
import { draftOf, fieldsOf, formOf, missing, remembered, schemeOfForm } from "./draft.js";
import { KINDS, kindOf } from "./kinds.js";
import { groups } from "./more.js";
import { optionList } from "./options.js";
import { upload } from "./upload.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./draft.js").Form} Form */

/** @type {import("../../core/types.js").Mount} */
export function mount(_root, app) {
  let open = false;
  app.open = (draft) => {
    if (open) return;
    if (!app.state.may("act")) return toast(app.words.t("shell.only-look.what"));
    open = true;
    void ask(app, draft).finally(() => {
      open = false;
    });
  };
  return {
    destroy() {
      app.open = () => undefined;
    },
  };
}

/**
 * @param {App} app
 * @param {Partial<import("../../core/types.js").Draft>} [given]
 */
async function ask(app, given) {
  const { words, state, keepsakes } = app;
  const { t } = words;
  const recent = remembered(keepsakes.get("drafts"));
  /** @type {Form} */
  let form = given ? formOf(given) : structuredClone(recent[0]?.form ?? { kind: "server", values: {}, options: [] });
  /** @type {File | null} */
  let file = null;
  const unfolded = new Set();

  const kinds = el("div", { class: "kinds", role: "radiogroup", "aria-label": t("open.kinds") });
  const fields = el("div", { class: "fields" });
  const about = el("p", { class: "about dim" });
  const bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": t("open.uploading") });
  const check = createCheck(app, {
    draft: () => (kindOf(form.kind).id === "tape" || kindOf(form.kind).id === "lesson" || missing(form) ? null : draftOf(form, state.about)),
    wrong: mark,
  });

  /**
   * @param {string | null} name null: nothing is wrong
   * @param {string} text
   */
  function mark(name, text) {
    for (const box of fields.querySelectorAll(".field")) {
      const own = box instanceof HTMLElement && box.dataset.field === name && name !== null;
      if (box instanceof HTMLElement) setError(box, own ? text : null);
      if (own) box.closest("details")?.setAttribute("open", "");
    }
  }

  /** @param {boolean} [again] whether other fields may have come or gone */
  function changed(again = false) {
    if (again) draw();
    check.soon();
  }

  function drawKinds() {
    replace(
      kinds,
      KINDS.map((kind) =>
        el(
          "label",
          { class: "kind" },
          el("input", {
            type: "radio",
            name: "kind",
            value: kind.id,
            checked: kind.id === form.kind,
            on: {
              change: () => {
                // What was typed goes with one to the next kind: hosts, ports, framings.
                form = { ...form, kind: kind.id, options: [] };
                changed(true);
              },
            },
          }),
          el("span", null, t(`open.kind.${kind.id}`)),
        ),
      ),
    );
    kinds.querySelector(":checked")?.closest("label")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** Draws the fields anew and keeps the focus where it was. */
  function draw() {
    const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const at = active?.closest("[data-field]")?.getAttribute("data-field");
    const value = active instanceof HTMLInputElement && active.type === "radio" ? active.value : null;
    const kind = kindOf(form.kind);
    about.textContent = t(`open.kind.${kind.id}.what`);
    const does = kind.does(form.values);
    const scheme = schemeOfForm(form);
    const options = scheme ? optionList(app, form, scheme, () => changed()) : null;
    /** @param {import("./kinds.js").Field[]} some */
    const controls = (some) => some.filter((one) => !one.when || one.when(form.values)).map((one) => control(app, one, form.values, changed, ([first]) => (file = first ?? null)));
    // Before any is drawn: what stands in one field decides whether another is there.
    for (const one of kind.fields) form.values[one.name] ??= one.start ?? (one.needed ? one.suggest?.(state.about)[0]?.[0] : "") ?? "";
    replace(
      fields,
      el("div", { class: "grid" }, controls(fieldsOf(form))),
      groups(does, state.about).map((group) => fold(group.id, group.fields.some(({ name }) => form.values[name]), controls(group.fields))),
      options && fold("options", form.options.length > 0, options),
    );
    const back = at ? fields.querySelector(`[data-field="${at}"] ${value === null ? ":is(input, select, textarea)" : `input[value="${value}"]`}`) : null;
    if (back instanceof HTMLElement) back.focus();
  }

  /**
   * @param {string} id
   * @param {boolean} used something stands in it: it is not hidden
   * @param {HTMLElement | HTMLElement[]} inside
   */
  function fold(id, used, inside) {
    return el(
      "details",
      { open: used || unfolded.has(id), on: { toggle: (/** @type {any} */ event) => (event.target.open ? unfolded.add(id) : unfolded.delete(id)) } },
      el("summary", null, el("strong", null, t(`open.group.${id}`)), " ", el("span", { class: "dim small" }, t(`open.group.${id}.what`))),
      el("div", { class: "grid" }, inside),
    );
  }

  /** @param {Form} other */
  function take(other) {
    form = structuredClone(other);
    drawKinds();
    draw();
    void check.now();
  }

  async function start() {
    const lacks = missing(form);
    if (lacks) {
      mark(lacks, t("open.needed"));
      /** @type {HTMLElement | null} */ (fields.querySelector(`[data-field="${lacks}"] :is(input, select, textarea)`))?.focus();
      return false;
    }
    if (form.kind === "lesson") {
      app.learn(form.values.program);
      return true;
    }
    try {
      const draft = draftOf(form, state.about);
      if (form.kind === "tape") {
        if (!file) {
          mark("file", t("open.needed"));
          return false;
        }
        bar.hidden = false;
        draft.file = await upload(app.api, file, (share) => (bar.value = share));
        draft.name = file.name;
      }
      const run = await app.api.post("/api/runs", draft);
      const command = check.command() || run.command;
      if (form.kind !== "tape") keepsakes.set("drafts", remembered(keepsakes.get("drafts"), { form, command }));
      state.put(run);
      state.show(run.id);
      return true;
    } catch (error) {
      check.fail(error);
      return false;
    } finally {
      bar.hidden = true;
    }
  }

  const last = el("button", { type: "button", class: "button small", disabled: recent.length === 0 }, t("open.recent"), icon("chevron"));
  menu(last, () => recent.map(({ form: one, command }) => ({ label: shown(command), run: () => take(one) })));
  drawKinds();
  draw();
  void check.now();
  const body = el(
    "div",
    { class: "opening" },
    el("div", { class: "open-kinds" }, kinds, last),
    el("div", { class: "open-form" }, about, fields, bar),
    check.node,
  );
  const opened = await dialog({
    title: t("open.title"),
    wide: true,
    body,
    actions: [
      { label: t("shell.cancel"), value: null },
      { label: t("open.open"), value: true, kind: "primary", before: start },
    ],
  });
  check.stop();
  if (opened && form.kind !== "lesson") settle();
}

/** What was opened is what is used next: its field, or where nothing is to be written, its rows. */
function settle() {
  const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("textarea.composer-text"));
  const fine = matchMedia("(pointer: fine)").matches;
  if (field && fine && field.checkVisibility() && !field.matches(":disabled")) field.focus();
  else /** @type {HTMLElement | null} */ (document.querySelector(".stream-list"))?.focus({ preventScroll: true });
}
