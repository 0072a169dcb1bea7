/**
 * What is sent: the area under the stream. It puts the views together and says, where nothing can be sent, why.
 */

import { el, replace, unique } from "../../core/dom.js";
import { createAddressees } from "./addressees.js";
import { createDesk } from "./desk.js";
import { createEdge } from "./edge.js";
import { createJobs } from "./jobs.js";
import { createQuickStore } from "./quick-store.js";
import { createQuickView } from "./quick-view.js";
import { createRepliesView } from "./replies-view.js";
import { createSendView } from "./send-view.js";
import { createSequenceView } from "./sequence-view.js";
import { createUnsent } from "./unsent.js";

/** @typedef {"send" | "quick" | "sequence" | "replies"} View */

/** @type {import("../../core/types.js").Mount} */
export function mount(root, app) {
  const { t } = app.words;
  const desk = createDesk(app);
  const store = createQuickStore(app.keepsakes);
  const jobs = createJobs(desk);
  const unsent = createUnsent(sessionStorage, app.state.about.instance);
  const send = createSendView(desk, store, jobs, unsent, () => show("quick", true));
  /** @type {Record<View, {node: HTMLElement, destroy(): void}>} */
  const views = {
    send,
    quick: createQuickView(desk, store, jobs),
    sequence: createSequenceView(desk, store, jobs),
    replies: createRepliesView(desk, store),
  };
  const names = /** @type {View[]} */ (Object.keys(views));
  const addressees = createAddressees(desk);
  const off = el("p", { class: "composer-off", role: "status" });
  const said = el("p", { class: "composer-said", role: "status" });
  const foot = el("div", { class: "composer-foot" }, send.preview, said);
  const under = el("div", { class: "composer-under" }, send.under);
  const controls = el(
    "fieldset",
    { class: "composer-panel" },
    names.map((name) => views[name].node),
    foot,
    under,
  );
  const panel = el("div", { class: "composer-holder", role: "tabpanel", id: unique("composer") }, controls);
  const tabs = names.map((name) =>
    el(
      "button",
      { type: "button", role: "tab", id: unique("composer-tab"), "aria-controls": panel.id, on: { click: () => show(name) } },
      t(`composer.view.${name}`),
    ),
  );
  const tablist = el(
    "div",
    { class: "tabs", role: "tablist", "aria-label": t("composer.name.area"), on: { keydown: walk } },
    tabs,
  );
  const box = el(
    "div",
    { class: "composer" },
    createEdge(root, t("composer.edge")),
    el("div", { class: "composer-head" }, tablist, off, addressees.node),
    panel,
  );
  let reason = "";

  /** @param {View} name @param {boolean} [focus] */
  function show(name, focus = false) {
    for (const [at, one] of names.entries()) {
      const chosen = one === name;
      views[one].node.hidden = !chosen;
      tabs[at]?.setAttribute("aria-selected", String(chosen));
      tabs[at]?.setAttribute("tabindex", chosen ? "0" : "-1");
      if (chosen) panel.setAttribute("aria-labelledby", tabs[at]?.id ?? "");
      if (chosen && focus) tabs[at]?.focus();
    }
    under.hidden = name !== "send";
    foot.classList.toggle("alone", name !== "send");
  }

  /** @param {KeyboardEvent} event */
  function walk(event) {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    show(names[(to + names.length) % names.length] ?? "send", true);
  }

  function permit() {
    const run = desk.run();
    const why = run === null ? null : desk.why();
    const running = run?.sequences.filter((one) => one.state === "running").length ?? 0;
    const now = `${why} ${running}`;
    if (now === reason) return;
    reason = now;
    // What the token may not do is off as a whole; what the moment forbids each control says itself.
    controls.disabled = !app.state.may("act");
    off.hidden = why === null;
    replace(
      off,
      why && t(why),
      why === "composer.off.ended" &&
        run && [
          " ",
          el("button", { type: "button", class: "link", on: { click: () => void again(run.id) } }, t("composer.again")),
        ],
    );
    const tab = tabs[names.indexOf("sequence")];
    if (tab)
      replace(
        tab,
        t("composer.view.sequence"),
        running > 0 && el("span", { class: "tag accent composer-count-of" }, String(running)),
      );
  }

  function tell() {
    const { text, kind } = desk.said();
    said.className = `composer-said ${kind}`;
    said.title = text;
    if (said.textContent !== text) said.textContent = text;
  }

  /** @param {number} id */
  async function again(id) {
    const opened = await desk.attempt(app.api.post(`/api/runs/${id}/again`));
    if (opened) app.state.show(opened.id);
  }

  /** Ctrl+Enter in somebody else's field is that field's. */
  function mayDispatch() {
    const at = document.activeElement;
    const elsewhere = at instanceof HTMLElement && at.matches("input, textarea, select") && !views.send.node.contains(at);
    return desk.why() === null && !views.send.node.hidden && !elsewhere;
  }

  /** @param {DragEvent} event */
  function over(event) {
    if (!event.dataTransfer?.types.includes("Files") || !app.state.may("act")) return;
    event.preventDefault();
    box.classList.toggle("dropping", event.type === "dragover");
    if (event.type !== "drop") return;
    const file = event.dataTransfer.files[0];
    if (!file) return;
    show("send");
    send.takeFile(file, file.name);
  }

  for (const event of ["dragover", "dragleave", "drop"])
    box.addEventListener(event, (given) => over(/** @type {DragEvent} */ (given)));
  /** @param {number} run @param {Partial<import("./message.js").Writing>} part */
  function write(run, part) {
    if (run !== app.state.current) app.state.show(run);
    show("send");
    send.set(part);
  }

  app.frame = (run, frame) => write(run, { frame });
  app.encode = (run, encoding) => write(run, { encoding });
  app.checksum = (run, checksum) => write(run, { checksum });
  const offs = [
    desk.on("run", permit),
    desk.on("to", permit),
    desk.on("said", tell),
    app.keys.add({ keys: "mod+enter", what: "composer.key.send", when: () => mayDispatch(), run: () => send.send() }),
    app.keys.add({
      keys: "w",
      what: "composer.key.write",
      when: () => app.state.may("act") && desk.run() !== null,
      run: () => {
        show("send");
        send.focus();
      },
    }),
  ];
  show("send");
  permit();
  replace(root, box);

  return {
    destroy() {
      for (const off of offs) off();
      for (const name of names) views[name].destroy();
      addressees.destroy();
      store.destroy();
      desk.destroy();
      root.replaceChildren();
    },
  };
}
