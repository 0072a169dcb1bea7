/**
 * To whom: everybody, or some of those who are there, as buttons that stay pressed. Of many, the first ones stand
 * in the row and all in a dialog with a search.
 */

import { dialog, el, icon, menu, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../../core/types.js").Conversation} Conversation */

const IN_ROW = 6;
const IN_DIALOG = 1000;

/** @param {Desk} desk */
export function createAddressees(desk) {
  const { t } = desk;
  const row = el("div", { class: "composer-chips", role: "group", "aria-label": t("composer.to") });
  const more = el(
    "button",
    { type: "button", class: "button quiet small only", "aria-label": t("composer.peers"), title: t("composer.peers") },
    icon("menu"),
  );
  const rest = el("button", { type: "button", class: "composer-chip", on: { click: () => void pick() } });
  const node = el("div", { class: "composer-to" }, row, rest, more);
  menu(more, entries);
  let drawn = "";

  function open() {
    return (desk.run()?.conversations ?? []).filter((one) => one.open);
  }

  function draw() {
    const there = open();
    const to = desk.to();
    const off = desk.refusal() !== null;
    const run = desk.run();
    const now = JSON.stringify([there.map((one) => [one.c, one.peer]), to, off, run?.do, run?.open]);
    if (now === drawn) return;
    drawn = now;
    node.hidden = run === null || off;
    more.disabled = there.length === 0;
    const focused =
      document.activeElement instanceof HTMLElement && row.contains(document.activeElement)
        ? document.activeElement.dataset.c
        : undefined;
    if (run?.do === "connect" && there.length <= 1) {
      rest.hidden = true;
      replace(row, there[0] ? el("span", { class: "composer-peer" }, shown(there[0].peer)) : null);
      return;
    }
    const picked = to === "all" ? [] : there.filter((one) => to.includes(one.c));
    const others = there.filter((one) => !picked.includes(one));
    const inRow = there.length <= IN_ROW ? there : [...picked, ...others].slice(0, IN_ROW);
    rest.hidden = inRow.length === there.length;
    rest.textContent = t("composer.more", { n: there.length - inRow.length });
    replace(
      row,
      chip("all", t("composer.all", { n: Math.max(run?.open ?? 0, there.length) }), to === "all", () => desk.choose("all")),
      inRow.map((one) => chip(String(one.c), `#${one.c}`, to !== "all" && to.includes(one.c), () => toggle(one.c), one)),
    );
    const again = focused && row.querySelector(`[data-c="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {string} c @param {string} label @param {boolean} pressed @param {() => void} click @param {Conversation} [one] */
  function chip(c, label, pressed, click, one) {
    const peer = one && shown(one.peer);
    return el(
      "button",
      {
        type: "button",
        class: "composer-chip",
        data: { c },
        "aria-pressed": pressed,
        "aria-label": peer && `${label} ${peer}`,
        title: peer,
        on: { click },
      },
      label,
      peer && el("span", { class: "composer-chip-peer" }, peer.replace(/^[\w+-]+:\/\//, "")),
    );
  }

  /** @param {number} c */
  function toggle(c) {
    const to = desk.to();
    if (to === "all") return desk.choose([c]);
    const next = to.includes(c) ? to.filter((one) => one !== c) : [...to, c];
    // The last one stays: that everybody gets it is chosen by its own button, never by leaving somebody out.
    desk.choose(next.length === 0 ? to : next.sort((a, b) => a - b));
  }

  async function pick() {
    const to = desk.to();
    const boxes = open()
      .slice(0, IN_DIALOG)
      .map((one) => {
        const check = el("input", { type: "checkbox", checked: to !== "all" && to.includes(one.c) });
        const peer = shown(one.peer);
        return {
          c: one.c,
          text: `#${one.c} ${peer}`.toLowerCase(),
          check,
          row: el("label", { class: "composer-pick" }, check, el("b", null, `#${one.c}`), el("span", null, peer)),
        };
      });
    const search = el("input", {
      type: "search",
      class: "composer-search",
      "aria-label": t("composer.search"),
      placeholder: t("composer.search"),
    });
    search.addEventListener("input", () => {
      for (const one of boxes) one.row.hidden = !one.text.includes(search.value.trim().toLowerCase());
    });
    const body = el(
      "div",
      { class: "composer-picks" },
      search,
      el(
        "div",
        { class: "composer-scroll" },
        boxes.map((one) => one.row),
      ),
    );
    const done = await dialog({
      title: t("composer.pick"),
      body,
      actions: [
        { label: t("composer.cancel"), value: false },
        { label: t("composer.choose"), value: true, kind: "primary" },
      ],
    });
    if (!done) return;
    const picked = boxes.filter((one) => one.check.checked).map((one) => one.c);
    if (picked.length > 0) desk.choose(picked);
  }

  /** What is done to those that are chosen, beside sending. */
  function entries() {
    const to = desk.to();
    const n = to === "all" ? open().length : to.length;
    const off = desk.why() !== null;
    const everybody = desk.run()?.do === "listen";
    return [
      { label: t("composer.pick"), run: () => void pick(), disabled: !everybody || n === 0 },
      { label: t("composer.finish", { n }), run: () => void act("finish"), disabled: off },
      { label: t("composer.kick", { n }), run: () => void kick(n), disabled: off, kind: /** @type {const} */ ("danger") },
    ];
  }

  /** @param {"finish" | "kick"} what */
  async function act(what) {
    const of = desk.run()?.id;
    const done = await desk.attempt(desk.app.api.post(desk.path(what), { to: desk.to() }).then(() => true));
    if (done) desk.say(t(`composer.${what}.done`), "good", of);
  }

  /** @param {number} n */
  async function kick(n) {
    const sure =
      n === 1 ||
      (await dialog({
        title: t("composer.kick", { n }),
        body: el("p", null, t("composer.kick.what")),
        actions: [
          { label: t("composer.cancel"), value: false },
          { label: t("composer.kick", { n }), value: true, kind: "danger" },
        ],
      }));
    if (sure) await act("kick");
  }

  return { node, destroy: desk.draws(draw) };
}
