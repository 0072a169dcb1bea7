/**
 * What the views of the composer share: the run that is shown, whom it is sent to, why not, and the calls.
 * It draws nothing.
 */

import { toast } from "../../core/dom.js";
import * as history from "./history.js";
import { eolOf, message, withEol } from "./message.js";
import { closed, present, unheard } from "./refusal.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {import("../../core/types.js").To} To */
/** @typedef {import("../../core/types.js").Message} Message */
/** @typedef {import("./message.js").Writing} Writing */
/** @typedef {{told: number, busy: number[], bytes: number, hex: string}} Told */
/** @typedef {"run" | "to" | "said" | "history"} Topic `run`: another one, or something of it changed */
/** @typedef {ReturnType<typeof createDesk>} Desk */

const MOST_CHOICES = 50;

/** @param {App} app */
export function createDesk(app) {
  const { api, state, words, keepsakes } = app;
  const { t } = words;
  /** @type {Map<Topic, Set<() => void>>} */
  const listeners = new Map();
  /** @type {Map<number, To>} */
  const chosen = new Map();
  const SILENT = { text: "", kind: "plain", of: /** @type {number | null} */ (null) };
  let said = SILENT;

  /** @param {Topic} topic */
  function tell(topic) {
    for (const listener of [...(listeners.get(topic) ?? [])]) listener();
  }

  function run() {
    return state.current === null ? null : (state.runs.get(state.current) ?? null);
  }

  const offs = [
    state.on("current", () => {
      const now = run();
      if (now) follow(now.id);
      if (said.of !== state.current) {
        said = SILENT;
        tell("said");
      }
      tell("run");
      tell("to");
    }),
    state.on("run", (id) => {
      if (id === state.current) tell("run");
    }),
    state.on("runs", () => {
      for (const kept of [chosen, looked]) for (const id of kept.keys()) if (!state.runs.has(id)) kept.delete(id);
      tell("run");
    }),
    state.on("connected", () => tell("run")),
    keepsakes.on("history", () => tell("history")),
  ];

  /** What was looked at of each run when it was sent to last. @type {Map<number, string>} */
  const looked = new Map();

  /** Who looks at some callers only means to talk to them; who looks at all again, to all. @param {number} id */
  function follow(id) {
    const some = [...state.conversations];
    const before = looked.get(id) ?? "";
    looked.set(id, some.join());
    if (some.length > 0) choose(id, some);
    else if (before !== "") choose(id, "all");
  }

  /** @param {number} id @param {To} to */
  function choose(id, to) {
    chosen.delete(id);
    chosen.set(id, to);
    for (const oldest of [...chosen.keys()].slice(0, -MOST_CHOICES)) chosen.delete(oldest);
  }

  /** @returns {To} */
  function to() {
    const now = run();
    return now ? present(now, chosen.get(now.id) ?? "all") : "all";
  }

  /** @returns {string | null} a words key */
  function refusal() {
    return closed(run(), { act: state.may("act"), connected: state.connected });
  }

  /** @param {string} rest */
  function path(rest) {
    return `/api/runs/${run()?.id ?? 0}/${rest}`;
  }

  /**
   * What stands beside the field: of one run, and gone with it.
   * @param {string} text
   * @param {"plain" | "good" | "error"} [kind]
   * @param {number | null} [of] what it is of, where the user may have gone on to another run meanwhile
   */
  function say(text, kind = "plain", of = state.current) {
    if (of !== state.current) return;
    said = { text, kind, of };
    tell("said");
  }

  /** @param {unknown} error */
  function explain(error) {
    const { title, text } = words.error(error);
    return text ? `${title}: ${text}` : title;
  }

  /**
   * @template T
   * @param {Promise<T>} asked
   * @returns {Promise<T | null>} null: it failed, and that was said
   */
  async function attempt(asked) {
    const of = state.current;
    try {
      return await asked;
    } catch (error) {
      say(explain(error), "error", of);
      toast(explain(error), "error");
      return null;
    }
  }

  /** @param {Message} asked @returns {Promise<Told | null>} */
  async function send(asked) {
    const why = refusal() ?? unheard(/** @type {Run} */ (run()), to());
    if (why) {
      say(t(why), "error");
      return null;
    }
    const of = state.current;
    const told = await attempt(/** @type {Promise<Told>} */ (api.post(path("send"), { to: to(), message: asked })));
    if (!told) return null;
    const sent = t("composer.sent", { size: words.size(told.bytes), n: told.told });
    if (told.busy.length === 0) say(sent, "good", of);
    else say(`${sent} ${t("composer.busy", { n: told.busy.length, who: told.busy.map((c) => `#${c}`).join(" ") })}`, "error", of);
    return told;
  }

  /** @param {Topic} topic @param {() => void} listener @returns {() => void} */
  function on(topic, listener) {
    const all = listeners.get(topic) ?? new Set();
    listeners.set(topic, all.add(listener));
    return () => void all.delete(listener);
  }

  return {
    app,
    t,
    run,
    refusal,
    /** @returns {string | null} why a message would reach nobody; a words key */
    why() {
      const now = run();
      return refusal() ?? (now ? unheard(now, to()) : null);
    },
    to,
    /** @param {To} wanted */
    choose(wanted) {
      const now = run();
      if (now) choose(now.id, wanted);
      tell("to");
    },
    path,
    say,
    explain,
    attempt,
    send,
    /** @param {Writing} writing */
    async sendWriting(writing) {
      const told = await send(message(writing));
      if (told) this.remember(writing);
      return told;
    },
    said: () => said,
    /** Something that the views show of the run is known now that was not when it last changed. */
    refresh: () => tell("run"),
    /** @param {Writing} writing */
    remember({ kind, data, escapes }) {
      const proto = run()?.proto;
      if (!proto || !state.may("act")) return;
      const kept = keepsakes.get("history") ?? {};
      keepsakes.set("history", { ...kept, [proto]: history.add(history.read(kept[proto]), { kind, data, escapes }) });
      tell("history");
    },
    /** @returns {history.Entry[]} what was sent to endpoints of this kind */
    history() {
      return state.may("act") ? history.read(keepsakes.get("history")?.[run()?.proto ?? ""]) : [];
    },
    /** @param {history.Entry | null} entry null: all of them */
    forget(entry) {
      const proto = run()?.proto ?? "";
      const kept = keepsakes.get("history") ?? {};
      keepsakes.set("history", { ...kept, [proto]: entry ? history.remove(history.read(kept[proto]), entry) : [] });
      tell("history");
    },
    eol() {
      const now = run();
      return eolOf(keepsakes.get("eol"), now?.endpoint ?? now?.draft.endpoint ?? "", now?.draft.eol);
    },
    /** @param {import("../../core/types.js").Eol} eol */
    keepEol(eol) {
      const now = run();
      const endpoint = now?.endpoint ?? now?.draft.endpoint;
      if (endpoint && state.may("act")) keepsakes.set("eol", withEol(keepsakes.get("eol"), endpoint, eol));
    },
    on,
    /** Now, and whenever the run or whom it is sent to changes. @param {() => void} draw @returns {() => void} its end */
    draws(draw) {
      const offs = [on("run", draw), on("to", draw)];
      draw();
      return () => offs.forEach((off) => off());
    },
    destroy() {
      for (const off of offs) off();
      listeners.clear();
    },
  };
}
