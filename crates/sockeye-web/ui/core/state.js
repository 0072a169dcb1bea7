/**
 * What the page knows of the server: its runs as the server last told them, and what is looked at.
 * It asks nothing; the watch and the boot bring the news.
 */

import { kept } from "./callers.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Topics} Topics */

/** @type {import("./types.js").About} what is so before the server was asked */
const NOTHING = {
  sockeye: "", instance: "", may: [], exec: false, login: false, home: "", kept: null, now: 0, encodings: [], checksums: [],
  framings: [], faults: [], serial: [], interfaces: [], endpoints: [], classics: [],
};

/**
 * @returns {import("./types.js").State & {
 *   news: (message: any) => "other instance" | null,
 *   set: (what: {about?: import("./types.js").About, connected?: boolean}) => void,
 * }}
 */
export function createState() {
  /** @type {Map<number, Run>} */
  const runs = new Map();
  /** @type {Map<string, Set<(...args: any[]) => void>>} */
  const listeners = new Map();
  /** @type {number | null} */
  let current = null;
  /** @type {Set<number>} */
  let conversations = new Set();
  /** @type {import("./types.js").Selection | null} */
  let selection = null;
  let connected = false;
  let about = NOTHING;
  /** @type {string | null} the instance whose runs these are */
  let instance = null;

  /**
   * @template {keyof Topics} T
   * @param {T} topic
   * @param {Topics[T]} args
   */
  function tell(topic, ...args) {
    for (const listener of [...(listeners.get(topic) ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        // One area's mistake is not to stop the others.
        reportError(error);
      }
    }
  }

  /** @param {Run} run */
  function put(run) {
    const known = runs.get(run.id);
    // An answer may be older than what the watch brought meanwhile.
    if (known && known.v > run.v) return;
    runs.set(run.id, run);
    if (!known) tell("runs");
    tell("run", run.id);
  }

  /** @param {import("./types.js").Changed} message */
  function change(message) {
    const known = runs.get(message.id);
    // What a whole Run of that number or a later one has told already.
    if (!known || known.v >= message.v) return;
    runs.set(message.id, { ...known, ...message.run, v: message.v, conversations: kept(known.conversations, message) });
    tell("run", message.id);
  }

  /** @param {number} id */
  function forget(id) {
    if (!runs.delete(id)) return;
    tell("runs");
    if (current === id) show(null);
  }

  /** @param {{instance: string, runs: Run[]}} message */
  function hello(message) {
    const other = instance !== null && instance !== message.instance;
    instance = message.instance;
    runs.clear();
    for (const run of message.runs) runs.set(run.id, run);
    if (other && selection) select(null);
    tell("runs");
    if (current !== null && !runs.has(current)) show(null);
    for (const id of runs.keys()) {
      tell("run", id);
      tell("grew", id);
    }
    return other ? /** @type {const} */ ("other instance") : null;
  }

  /**
   * @param {number | null} id
   * @param {Iterable<number>} [only]
   */
  function show(id, only = []) {
    const narrowed = new Set(only);
    const same = id === current && narrowed.size === conversations.size && [...narrowed].every((c) => conversations.has(c));
    if (same) return;
    if (selection && selection.run !== id) select(null);
    current = id;
    conversations = narrowed;
    tell("current");
  }

  /** @param {import("./types.js").Selection | null} what */
  function select(what) {
    if (selection === what) return;
    selection = what;
    tell("selection");
  }

  /** @param {any} message */
  function news(message) {
    switch (message.e) {
      case "hello":
        return hello(message);
      case "run": {
        const known = runs.get(message.run.id);
        // It was told as the run began: the answer that began it is newer, though its number may be the same.
        if (!known || known.v < message.run.v) put(message.run);
        break;
      }
      case "changed":
        change(message);
        break;
      case "grew": {
        const run = runs.get(message.id);
        if (!run) break;
        // `events` and `said` only grow: news may come in another order than a Run of the same moment.
        run.events = Math.max(run.events, message.events);
        run.said = Math.max(run.said, message.said);
        tell("grew", message.id);
        break;
      }
      case "rates":
        tell("rates", message.id, message.second, message.rate);
        break;
      case "shake":
        tell("shake", message.id);
        break;
      case "gone":
        forget(message.id);
        break;
      default:
    }
    return null;
  }

  return {
    runs,
    get current() {
      return current;
    },
    get conversations() {
      return conversations;
    },
    get connected() {
      return connected;
    },
    get about() {
      return about;
    },
    get selection() {
      return selection;
    },
    on(topic, listener) {
      const all = listeners.get(topic) ?? new Set();
      listeners.set(topic, all.add(listener));
      return () => all.delete(listener);
    },
    show,
    select,
    may: (scope) => about.may.includes(scope),
    news,
    put,
    forget,
    set(what) {
      if (what.about) about = what.about;
      if (what.connected !== undefined && what.connected !== connected) {
        connected = what.connected;
        tell("connected");
      }
    },
  };
}
