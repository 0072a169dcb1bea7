/**
 * The boot: the way in, the news, the frame with its areas. What each of them is stands in its own file.
 */

import { createApi } from "./core/api.js";
import { createKeepsakes } from "./core/keepsakes.js";
import { createKeys } from "./core/keys.js";
import { createPass, enter, takeCode } from "./core/entry.js";
import { createSettings } from "./core/settings.js";
import { createState } from "./core/state.js";
import { createWatch } from "./core/watch.js";
import { createWords } from "./core/words.js";
import { el, toast } from "./core/dom.js";
import { mountEntry } from "./area/frame/entry.js";
import { mountFrame } from "./area/frame/mount.js";

// Before anything else: while the code is in the address it can be copied, synchronised, or seen.
const code = takeCode(location, history);

/**
 * @template T
 * @param {() => T} take
 * @returns {T | null} null where the browser forbids it
 */
function allowed(take) {
  try {
    return take();
  } catch {
    return null;
  }
}

const pass = createPass(allowed(() => sessionStorage));
const state = createState();
const api = createApi({ token: pass.token, expired: () => leave("shell.entry.expired") });
const keepsakes = createKeepsakes({ api, mayAct: () => state.may("act") });
const settings = createSettings({ storage: allowed(() => localStorage), languages: navigator.languages, keepsakes });
const keys = createKeys({ target: document, mac: /^Mac|^iP/.test(navigator.platform) });
const words = createWords({
  async load(language) {
    const response = await fetch(`/words/${language}.json`);
    if (!response.ok) throw new Error(`no words: ${response.status}`);
    return response.json();
  },
});

const nothing = () => undefined;
/** @type {import("./core/types.js").App} */
const app = { api, state, words, keys, settings, keepsakes, open: nothing, learn: nothing, look: nothing, lens: nothing, lensOf: () => "", encoding: nothing, find: nothing, frame: nothing, encode: nothing, checksum: nothing };

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {{destroy(): void} | null} */
let frame = null;
/** @type {ReturnType<typeof createWatch> | null} */
let watch = null;
/** @type {number | null} */
let nextAttempt = null;

/**
 * The entry page, with why it is shown.
 * @param {string | null} why a words key
 */
function leave(why) {
  pass.keep(null);
  watch?.stop();
  watch = null;
  frame?.destroy();
  frame = null;
  for (const open of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (open).close();
  place("page").hidden = true;
  mountEntry(place("entry"), { words, settings, why, enter: admit });
}

/**
 * @param {{code: string} | {password: string}} proof
 */
async function admit(proof) {
  const { token } = await enter(proof);
  pass.keep(token);
  place("entry").hidden = true;
  start();
}

function start() {
  watch?.stop();
  watch = createWatch({
    open: () => new WebSocket(location.origin.replace(/^http/, "ws") + "/api/watch", ["sockeye.1", `bearer.${pass.token()}`]),
    async probe() {
      state.set({ about: await api.get("/api/about") });
      await keepsakes.read().catch(nothing);
      return true;
    },
    news(message) {
      const restarted = state.news(message) === "other instance";
      if (frame === null || restarted) draw();
      if (restarted) toast(words.t("shell.banner.restarted"));
    },
    changed(connected, next) {
      nextAttempt = next;
      state.set({ connected });
      frameChanged();
    },
  });
  watch.start();
}

/** Tells the banner of another attempt: `connected` alone does not change by it. */
function frameChanged() {
  document.dispatchEvent(new CustomEvent("sockeye-attempt"));
  if (frame === null && nextAttempt !== null) showUnreachable();
}

/** The server was gone before the page had anything of it to show. */
function showUnreachable() {
  const entry = place("entry");
  entry.hidden = false;
  entry.replaceChildren(
    el(
      "div",
      { class: "entry" },
      el(
        "div",
        { class: "entry-card", role: "status" },
        el("h1", null, words.t("shell.banner.title")),
        el("p", null, words.t("shell.banner.never")),
        el("button", { type: "button", class: "button", on: { click: () => watch?.now() } }, words.t("shell.banner.now")),
      ),
    ),
  );
}

/** Mounts everything anew: at the start, in another language, for another instance of the server. */
function draw() {
  frame?.destroy();
  place("entry").hidden = true;
  place("page").hidden = false;
  frame = mountFrame(place("page"), app, { nextAttempt: () => nextAttempt, tryNow: () => watch?.now(), leave: () => void api.post("/api/leave").catch(nothing).then(() => leave(null)) });
}

settings.on("language", (language) => void words.use(language));
words.on(() => {
  document.documentElement.lang = words.language;
  if (frame) draw();
});
settings.on("theme", showTheme);
showTheme();

function showTheme() {
  const theme = settings.get("theme");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

addEventListener("hashchange", () => {
  const fresh = takeCode(location, history);
  if (fresh) void admit({ code: fresh }).catch(() => toast(words.t("shell.entry.spent"), "error"));
});
addEventListener("online", () => watch?.now());
document.addEventListener("visibilitychange", () => document.hidden || watch?.now());

const [, entered] = await Promise.all([
  words.use(settings.get("language")).catch(() => words.use("en")).catch(nothing),
  code ? enter({ code }).then(({ token }) => token, () => null) : pass.token(),
]);
if (entered) {
  pass.keep(entered);
  start();
} else leave(code ? "shell.entry.spent" : null);
