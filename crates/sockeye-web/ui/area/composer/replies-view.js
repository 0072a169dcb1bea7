/**
 * What is answered without anybody's hand: rules, first match first, and one reply to everything else. A change
 * holds from the moment that its field is left.
 */

import { el, icon, replace } from "../../core/dom.js";
import { moved, replaced, without } from "./quick.js";
import { MOST_RULES, active, merge, parseReply, problem, writeReply } from "./rules.js";
import { sortable } from "./sortable.js";

/** @typedef {import("./rules.js").Rule} Rule */

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./quick-store.js").QuickStore} store
 */
export function createRepliesView(desk, store) {
  const { t, app } = desk;
  /** @type {Rule[]} */
  let rules = [];
  /** @type {number | null} */
  let loaded = null;
  let seen = "";
  let ids = 0;
  /** Something was typed that the run does not answer by yet. */
  let dirty = false;
  const list = el("ol", { class: "composer-list", "aria-label": t("composer.rules") });
  const order = sortable(list, {
    label: (at) => t("composer.move", { name: rules[at]?.match.data || String(at + 1) }),
    move(from, to) {
      rules = moved(rules, from, to);
      draw();
      void apply();
    },
  });
  const all = select(["", "echo", "upper", "text", "hex"], "", t("composer.reply.all"), (kind) => {
    replyData.hidden = kind !== "text" && kind !== "hex";
    if (replyData.hidden || replyData.value) void apply();
    else replyData.focus();
  });
  const replyData = input("", t("composer.reply.all"), {
    input: () => {
      dirty = true;
      told();
    },
    change: () => void apply(),
  });
  replyData.hidden = true;
  const state = el("span", { class: "dim", role: "status" });
  const wrong = el("p", { class: "composer-wrong", role: "alert" });
  const add = el("button", { type: "button", class: "button small", on: { click: append } }, icon("add"), t("composer.rule.add"));
  const node = el(
    "div",
    { class: "composer-view" },
    el(
      "div",
      { class: "composer-bar" },
      add,
      state,
      el("span", { class: "spread" }),
      el("label", { for: all.id }, t("composer.reply.all")),
      all,
      replyData,
    ),
    wrong,
    list,
    el("p", { class: "composer-hint" }, t("composer.rules.what")),
  );

  /** @param {string[]} options @param {string} value @param {string} label @param {(value: string) => void} change */
  function select(options, value, label, change) {
    const node = el(
      "select",
      { class: "composer-select", id: `rule-${(ids += 1)}`, "aria-label": label, on: { change: () => change(node.value) } },
      options.map((one) => el("option", { value: one }, t(`composer.reply.${one || "none"}`))),
    );
    node.value = value;
    return node;
  }

  /** @param {string} value @param {string} label @param {{[event: string]: () => void}} on */
  function input(value, label, on) {
    return el("input", {
      type: "text",
      class: "mono",
      value,
      maxlength: "4096",
      spellcheck: "false",
      autocomplete: "off",
      "aria-label": label,
      on,
    });
  }

  function endpoint() {
    const run = desk.run();
    return run?.endpoint ?? run?.draft.endpoint ?? "";
  }

  /** Takes over what the run answers by, unless somebody is just typing here. */
  function load() {
    const run = desk.run();
    add.disabled = desk.refusal() !== null;
    all.disabled = desk.refusal() !== null;
    if (!run) return;
    const now = JSON.stringify([run.rules, run.reply]);
    if (run.id === loaded && (now === seen || node.contains(document.activeElement))) return;
    seen = now;
    rules = merge(run.id === loaded ? rules : store.rules(endpoint()), run.rules ?? []);
    loaded = run.id;
    const reply = run.reply === null ? { kind: "", data: "" } : parseReply(run.reply);
    all.value = reply.kind;
    replyData.value = reply.data;
    replyData.hidden = reply.kind !== "text" && reply.kind !== "hex";
    wrong.textContent = "";
    draw();
  }

  async function apply() {
    const run = desk.run();
    if (!run || desk.refusal()) return;
    dirty = false;
    mark();
    const kind = /** @type {import("./rules.js").Reply["kind"] | ""} */ (all.value);
    const reply = kind ? writeReply({ kind, data: replyData.value }) : null;
    const wanted = active(rules);
    try {
      await app.api.post(desk.path("answers"), { rules: wanted, reply });
      seen = JSON.stringify([wanted, reply]);
      wrong.textContent = "";
      store.keepRules(endpoint(), rules);
      told();
    } catch (error) {
      wrong.textContent = desk.explain(error);
    }
  }

  function told() {
    const n = active(rules).length;
    state.classList.toggle("unsaved", dirty);
    state.textContent = dirty ? t("composer.rules.unsaved") : n ? t("composer.rules.on", { n }) : t("composer.rules.off");
  }

  /** Marks what cannot be a rule yet. */
  function mark() {
    for (const [at, rule] of rules.entries()) {
      const field = list.children[at]?.querySelector("[data-field=match]");
      field?.setAttribute("aria-invalid", String(rule.on && problem(rule) !== null));
    }
    const arrow = rules.some((rule) => rule.on && problem(rule) === "arrow");
    wrong.textContent = arrow ? t("composer.rule.arrow") : "";
  }

  function append() {
    if (rules.length >= MOST_RULES) return desk.say(t("composer.full"), "error");
    rules = [...rules, { on: true, match: { kind: "text", data: "" }, reply: { kind: "text", data: "" } }];
    draw();
    const field = list.lastElementChild?.querySelector("[data-field=match]");
    if (field instanceof HTMLElement) field.focus();
  }

  function draw() {
    replace(list, rules.length ? rules.map(row) : el("li", { class: "composer-teach" }, t("composer.rules.empty")));
    told();
  }

  /** @param {Rule} rule @param {number} at */
  function row(rule, at) {
    let now = rule;
    const n = String(at + 1);
    /** @param {Partial<Rule>} part */
    const change = (part) => {
      now = { ...now, ...part };
      dirty = true;
      rules = replaced(rules, at, now);
      told();
    };
    /** A rule in the making does not answer before it is whole, or left. */
    const whole = () => {
      if (now.reply.data || now.reply.kind === "echo" || now.reply.kind === "upper") void apply();
    };
    const on = el("input", {
      type: "checkbox",
      checked: rule.on,
      "aria-label": t("composer.rule.on", { at: n }),
      on: {
        change: () => {
          change({ on: on.checked });
          void apply();
        },
      },
    });
    const match = input(rule.match.data, t("composer.rule.match", { at: n }), {
      input: () => change({ match: { ...now.match, data: match.value } }),
      change: whole,
    });
    match.dataset.field = "match";
    const data = input(rule.reply.data, t("composer.rule.reply", { at: n }), {
      input: () => change({ reply: { ...now.reply, data: data.value } }),
      change: () => void apply(),
    });
    const show = () => void (data.hidden = now.reply.kind === "echo" || now.reply.kind === "upper");
    show();
    return el(
      "li",
      {
        class: "composer-row composer-rule",
        on: {
          focusout: (/** @type {FocusEvent} */ event) => {
            const inside =
              event.relatedTarget instanceof Node &&
              event.currentTarget instanceof Node &&
              event.currentTarget.contains(event.relatedTarget);
            if (dirty && !inside) void apply();
          },
        },
      },
      order.handle(at),
      on,
      el(
        "span",
        { class: "composer-part" },
        select(["text", "hex", "re"], rule.match.kind, t("composer.rule.match.kind", { at: n }), (kind) => {
          change({ match: { ...now.match, kind: /** @type {import("./rules.js").Match["kind"]} */ (kind) } });
          whole();
        }),
        match,
      ),
      el(
        "span",
        { class: "composer-part" },
        el("span", { class: "dim", "aria-hidden": "true" }, "⇒"),
        select(
          ["text", "hex", "echo", "upper", ...(rule.reply.kind === "file" ? ["file"] : [])],
          rule.reply.kind,
          t("composer.rule.reply.kind", { at: n }),
          (kind) => {
            change({ reply: { ...now.reply, kind: /** @type {import("./rules.js").Reply["kind"]} */ (kind) } });
            show();
            whole();
          },
        ),
        data,
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small only",
          "aria-label": t("composer.rule.remove", { at: n }),
          title: t("composer.remove"),
          on: {
            click: () => {
              rules = without(rules, at);
              draw();
              void apply();
              add.focus();
            },
          },
        },
        icon("remove"),
      ),
    );
  }

  const off = desk.on("run", load);
  draw();
  load();
  return { node, destroy: off };
}
