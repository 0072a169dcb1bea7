/**
 * The quick list to be put in order: groups, messages, and the cycle through a group.
 */

import { dialog, el, field, icon, menu, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { BLANK } from "./message.js";
import { LIMIT, empty, hasRoom, moved, replaced, withItems, without } from "./quick.js";
import { editMessage } from "./quick-dialog.js";
import { exportQuick, importQuick } from "./quick-transfer.js";
import { createRepeat } from "./repeat.js";
import { sortable } from "./sortable.js";
import { cycle } from "./steps.js";

/** @typedef {import("./quick.js").Item} Item */

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./quick-store.js").QuickStore} store
 * @param {import("./jobs.js").Jobs} jobs
 */
export function createQuickView(desk, store, jobs) {
  const { t } = desk;
  const groups = el("div", { class: "composer-groups", role: "group", "aria-label": t("composer.group") });
  const list = el("ol", { class: "composer-list", "aria-label": t("composer.quick") });
  const order = sortable(list, {
    label: (at) => t("composer.move", { name: shown(store.items()[at]?.name ?? "") }),
    move(from, to) {
      store.set(withItems(store.get(), store.group(), (items) => moved(items, from, to)));
      desk.say(t("composer.moved", { at: to + 1, of: store.items().length }));
    },
  });
  const add = el(
    "button",
    { type: "button", class: "button small", on: { click: () => void edit(store.items().length) } },
    icon("add"),
    t("composer.quick.add"),
  );
  const more = el(
    "button",
    { type: "button", class: "button quiet small only", "aria-label": t("composer.quick.more"), title: t("composer.quick.more") },
    icon("menu"),
  );
  menu(more, entries);
  const rounds = createRepeat(desk, jobs, {
    by: "cycle",
    label: t("composer.cycle"),
    start: t("composer.start"),
    what: (every) => (store.items().length ? { steps: cycle(store.items(), every) } : null),
  });
  const node = el(
    "div",
    { class: "composer-view" },
    el(
      "div",
      { class: "composer-bar" },
      groups,
      add,
      more,
      el("span", { class: "spread" }),
      el("span", { class: "dim" }, t("composer.cycle")),
      rounds.node,
    ),
    list,
  );
  let drawn = "";

  function entries() {
    const there = store.get().groups.length > 0;
    return [
      { label: t("composer.group.add"), run: () => void nameGroup(null) },
      { label: t("composer.group.name"), run: () => void nameGroup(store.group()), disabled: !there },
      { label: t("composer.group.before"), run: () => shift(-1), disabled: store.group() === 0 },
      { label: t("composer.group.after"), run: () => shift(1), disabled: store.group() >= store.get().groups.length - 1 },
      {
        label: t("composer.group.remove"),
        run: () => void removeGroup(),
        disabled: !there,
        kind: /** @type {const} */ ("danger"),
      },
      { label: t("composer.import"), run: () => void importQuick(desk, store), line: true },
      { label: t("composer.export"), run: () => exportQuick(store), disabled: !there && store.get().sequences.length === 0 },
    ];
  }

  /** @param {number} by */
  function shift(by) {
    const at = store.group();
    store.set({ ...store.get(), groups: moved(store.get().groups, at, at + by) });
    store.show(at + by);
  }

  /** @param {number | null} at null: a new one */
  async function nameGroup(at) {
    const quick = store.get();
    if (at === null && quick.groups.length >= LIMIT.groups) return desk.say(t("composer.full"), "error");
    const name = el("input", { type: "text", maxlength: LIMIT.name, value: at === null ? "" : (quick.groups[at]?.name ?? "") });
    const done = await dialog({
      title: t(at === null ? "composer.group.add" : "composer.group.name"),
      body: field({ label: t("composer.name"), control: name }),
      actions: [
        { label: t("composer.cancel"), value: false },
        { label: t("composer.keep"), value: true, kind: "primary", before: () => name.value.trim() !== "" },
      ],
    });
    if (!done) return;
    const index = at ?? quick.groups.length;
    store.set({
      ...quick,
      groups: replaced(quick.groups, index, { items: quick.groups[index]?.items ?? [], name: name.value.trim() }),
    });
    store.show(index);
  }

  async function removeGroup() {
    const at = store.group();
    const group = store.get().groups[at];
    if (!group) return;
    const sure =
      group.items.length === 0 ||
      (await dialog({
        title: t("composer.group.remove"),
        body: el("p", null, t("composer.group.remove.what", { name: shown(group.name), n: group.items.length })),
        actions: [
          { label: t("composer.cancel"), value: false },
          { label: t("composer.remove"), value: true, kind: "danger" },
        ],
      }));
    if (sure) store.set({ ...store.get(), groups: without(store.get().groups, at) });
  }

  /** @param {number} at beyond the last: a new one */
  async function edit(at) {
    const old = store.items()[at];
    if (!old && !hasRoom(store.get())) return desk.say(t("composer.full"), "error");
    const item = old ?? { ...BLANK, name: "", eol: desk.eol() };
    const next = await editMessage(desk, { title: t(old ? "composer.quick.change" : "composer.quick.add"), item, named: true });
    if (next) keepItem(store, desk, next, at);
  }

  function draw() {
    const quick = store.get();
    const off = desk.why() !== null;
    const now = JSON.stringify([quick.groups, store.group(), off, store.isForeign()]);
    if (now === drawn) return;
    drawn = now;
    replace(
      groups,
      quick.groups.map((group, at) =>
        el(
          "button",
          { type: "button", class: "composer-chip", "aria-pressed": at === store.group(), on: { click: () => store.show(at) } },
          shown(group.name),
          el("span", { class: "dim number" }, String(group.items.length)),
        ),
      ),
    );
    if (store.isForeign()) return replace(list, foreign());
    replace(
      list,
      store.items().length
        ? store.items().map((item, at) => row(item, at, off))
        : el("li", { class: "composer-teach" }, t("composer.quick.empty")),
    );
  }

  function foreign() {
    return el(
      "li",
      { class: "composer-teach" },
      t("composer.quick.foreign"),
      " ",
      el("button", { type: "button", class: "link", on: { click: () => store.set(empty()) } }, t("composer.quick.anew")),
    );
  }

  /** @param {Item} item @param {number} at @param {boolean} off */
  function row(item, at, off) {
    const marks = [
      item.kind === "hex" ? "HEX" : null,
      item.escapes ? "\\n" : null,
      item.eol === "none" || item.kind === "hex" ? null : t(`composer.eol.${item.eol}`),
      item.encoding,
      item.checksum,
      item.frame,
    ].filter(Boolean);
    const name = shown(item.name);
    return el(
      "li",
      { class: "composer-row" },
      order.handle(at),
      el(
        "span",
        { class: "composer-number number" },
        at < 9 ? el("kbd", { title: `Alt+${at + 1}` }, String(at + 1)) : String(at + 1),
      ),
      el(
        "button",
        { type: "button", class: "composer-name cut", title: t("composer.quick.change"), on: { click: () => void edit(at) } },
        name,
      ),
      el("code", { class: "cut" }, shown(item.data.slice(0, 300))),
      el(
        "span",
        { class: "composer-marks" },
        marks.map((mark) => el("span", { class: "tag" }, shown(mark ?? ""))),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button small",
          disabled: off,
          "aria-label": `${t("composer.send")} ${name}`,
          on: { click: () => void desk.sendWriting(item) },
        },
        icon("send"),
        t("composer.send"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small only",
          "aria-label": `${t("composer.remove")} ${name}`,
          title: t("composer.remove"),
          on: { click: () => store.set(withItems(store.get(), store.group(), (items) => without(items, at))) },
        },
        icon("remove"),
      ),
    );
  }

  const offs = [store.on(draw), desk.draws(draw)];
  return {
    node,
    destroy() {
      rounds.destroy();
      for (const off of offs) off();
    },
  };
}

/**
 * Puts a message into the group that is shown; the first makes the group.
 * @param {import("./quick-store.js").QuickStore} store
 * @param {import("./desk.js").Desk} desk
 * @param {Item} item
 * @param {number} [at] its place; without it the end
 */
export function keepItem(store, desk, item, at) {
  const quick = store.get();
  const based = quick.groups.length ? quick : { ...quick, groups: [{ name: desk.t("composer.group.default"), items: [] }] };
  store.set(withItems(based, store.group(), (items) => replaced(items, at ?? items.length, item)));
}
