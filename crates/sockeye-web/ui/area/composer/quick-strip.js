/**
 * The messages of one group as a row of buttons under the field: a click, or Alt and a digit, sends.
 */

import { el, icon, menu, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";

const BY_KEY = 9;

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./quick-store.js").QuickStore} store
 * @param {() => void} edit opens the list
 */
export function createQuickStrip(desk, store, edit) {
  const { t, app } = desk;
  const row = el("div", { class: "composer-quick-row", role: "group", "aria-label": t("composer.quick") });
  const group = el("button", { type: "button", class: "button quiet small composer-group", title: t("composer.group") });
  menu(group, () => [
    ...store
      .get()
      .groups.map((one, at) => ({ label: shown(one.name), checked: at === store.group(), run: () => store.show(at) })),
    { label: t("composer.quick.edit"), run: edit, line: store.get().groups.length > 0 },
  ]);
  const node = el("div", { class: "composer-strip" }, group, row);
  let drawn = "";

  function draw() {
    const items = store.items();
    const off = desk.why() !== null;
    const name = store.get().groups[store.group()]?.name ?? t("composer.quick");
    const now = JSON.stringify([items, name, off]);
    if (now === drawn) return;
    drawn = now;
    replace(group, el("span", { class: "cut" }, shown(name)), icon("chevron"));
    if (items.length === 0) {
      replace(row, el("button", { type: "button", class: "link", on: { click: edit } }, t("composer.quick.first")));
      return;
    }
    replace(
      row,
      items.map((item, at) =>
        el(
          "button",
          {
            type: "button",
            class: "composer-quick",
            disabled: off,
            title: shown(item.data.slice(0, 200)),
            "aria-keyshortcuts": at < BY_KEY ? `Alt+${at + 1}` : null,
            on: { click: () => void desk.sendWriting(item) },
          },
          at < BY_KEY && el("kbd", { "aria-hidden": "true" }, String(at + 1)),
          el("span", { class: "cut" }, shown(item.name)),
        ),
      ),
    );
  }

  const offs = [
    desk.draws(draw),
    store.on(draw),
    ...Array.from({ length: BY_KEY }, (_, at) =>
      app.keys.add({
        keys: `alt+${at + 1}`,
        what: "composer.key.quick",
        when: () => desk.why() === null && store.items()[at] !== undefined,
        run: (event) => {
          const item = store.items()[at];
          if (item && !event.repeat) void desk.sendWriting(item);
        },
      }),
    ),
  ];
  return {
    node,
    destroy() {
      for (const off of offs) off();
    },
  };
}
