/**
 * A scenario: a workbench of its own, a browser that looks at it, and a desk to act at. One browser a file, a
 * context a scenario. Whatever happens, nothing that was started outlives its scenario.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Desk } from "./desk.js";
import { Guard } from "./guard.js";
import { LONG, Program, ROOT, SOCKEYE } from "./programs.js";
import { wordsOf } from "./words.js";

/** @typedef {{language?: "en" | "zh-CN", theme?: "light" | "dark", width?: number, height?: number, scale?: number, args?: string[]}} How */

/** A scenario that takes longer hangs. */
const LIMIT = 120_000;

const { chromium } = createRequire(`${ROOT}target/node/`)("playwright-core");

/** @type {Promise<import("playwright-core").Browser> | null} */
let started = null;

/** A browser of its own. @param {string[]} args @returns {Promise<import("playwright-core").Browser>} */
export function launch(args = []) {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...sandbox, ...args] });
}

/** The browser of this file. */
export function browser() {
  started ??= launch();
  return started;
}

after(async () => (await started)?.close());

/** A workbench that runs, with a data folder that outlives it. */
export class Bench {
  /** @param {string[]} args @param {string} data @param {string} at */
  constructor(args, data, at = "127.0.0.1:0") {
    this.args = args;
    this.data = data;
    this.program = new Program(SOCKEYE, ["workbench", "--no-open", "--json", "--listen", at, "--data", data, ...args]);
  }

  /** Where it is, and the link that lets one page in. */
  async ready() {
    const link = await this.program.says(/"url":"([^"]+)"/);
    return { link, origin: new URL(link).origin };
  }
}

/** @param {How} how */
export function contextOf(how) {
  return {
    locale: how.language ?? "en",
    colorScheme: how.theme ?? "light",
    viewport: { width: how.width ?? 1440, height: how.height ?? (how.width && how.width < 500 ? 844 : 900) },
    deviceScaleFactor: how.scale ?? 1,
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
    acceptDownloads: true,
  };
}

/**
 * Runs `play` at a fresh desk.
 * @param {How} how
 * @param {(desk: Desk) => Promise<void>} play
 */
export async function atDesk(how, play) {
  const folder = mkdtempSync(join(tmpdir(), "sockeye-browser-"));
  /** @type {Program[]} */
  const programs = [];
  const bench = new Bench(how.args ?? [], join(folder, "data"));
  programs.push(bench.program);
  /** @type {import("playwright-core").BrowserContext | null} */
  let context = null;
  try {
    const { link, origin } = await bench.ready();
    const guard = new Guard(origin);
    context = await (await browser()).newContext(/** @type {any} */ (contextOf(how)));
    await guard.watch(context);
    const page = await context.newPage();
    page.setDefaultTimeout(LONG);
    const desk = new Desk({ page, context, guard, bench, origin, folder, programs, t: wordsOf(how.language ?? "en") });
    try {
      await desk.enters(link);
      await play(desk);
    } catch (error) {
      await told(error, page, guard, bench);
      throw error;
    }
    guard.judge();
  } finally {
    await context?.close();
    for (const program of programs.reverse()) await program.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Puts into an error what was to be seen when it happened.
 * @param {unknown} error
 * @param {import("playwright-core").Page} page
 * @param {Guard} guard
 * @param {Bench} bench
 */
async function told(error, page, guard, bench) {
  if (!(error instanceof Error)) return;
  const seen = await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(nothing)");
  if (process.env.SOCKEYE_PICTURE) await page.screenshot({ path: process.env.SOCKEYE_PICTURE }).catch(() => {});
  error.message += `\n  troubles: ${guard.troubles.join("; ") || "none"}\n  stderr: ${bench.program.err.slice(-800)}\n  the page:\n${seen.slice(0, 3000).replace(/^/gm, "    ")}`;
}

/**
 * @param {string} name a sentence
 * @param {How | How[]} hows in each of which it is played
 * @param {(desk: Desk) => Promise<void>} play
 */
export function scenario(name, hows, play) {
  for (const how of Array.isArray(hows) ? hows : [hows]) {
    const told = [how.language, how.theme, how.width].filter(Boolean).join(", ");
    test(told ? `${name} (${told})` : name, { timeout: LIMIT }, () => atDesk(how, play));
  }
}

/** The looks that a main way is taken in: each language, theme and width with each other. @type {How[]} */
export const LOOKS = [
  { language: "en", theme: "light", width: 1440 },
  { language: "zh-CN", theme: "dark", width: 390 },
  { language: "zh-CN", theme: "light", width: 1440 },
  { language: "en", theme: "dark", width: 390 },
];

/** Two looks that have nothing in common, and the two others. */
export const BOTH = LOOKS.slice(0, 2);
export const OTHERS = LOOKS.slice(2);
