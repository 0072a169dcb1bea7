/**
 * A browser to look at a workbench with, and what is measured in it.
 */

import { readFileSync, readdirSync } from "node:fs";
import { memory } from "./house.mjs";

/** @param {string} modules where playwright-core lies */
export async function browser(modules) {
  const { chromium } = await import(`${modules}/playwright-core/index.mjs`);
  const server = await chromium.launchServer({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
    // The bar is to be dragged.
    ignoreDefaultArgs: ["--hide-scrollbars"],
  });
  const pid = server.process().pid;
  const own = await chromium.connect(server.wsEndpoint());
  return {
    version: own.version(),
    page: async (options = {}) => (await own.newContext({ viewport: { width: 1440, height: 900 }, ...options })).newPage(),
    /** Stops every process of the browser, or lets them go on. */
    freeze: () => family(pid).forEach((one) => process.kill(one, "SIGSTOP")),
    thaw: () => family(pid).forEach((one) => process.kill(one, "SIGCONT")),
    /** The largest of its renderers, in MiB. */
    renderer: () => Math.max(...family(pid).filter(isRenderer).map((one) => memory(one))),
    close: () => server.close(),
  };
}

/** @param {number} pid @returns {number[]} it and what it started */
function family(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      parents.set(Number(entry), Number(readFileSync(`/proc/${entry}/stat`, "utf8").split(") ").at(-1).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}

/** @param {number} pid */
function isRenderer(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer");
  } catch {
    return false;
  }
}

/**
 * Goes to a link and waits until everything is drawn.
 * @returns {Promise<{first: number, drawn: number}>} ms from the start of the navigation: the first contentful
 *   paint, and the whole frame with the runs of the server in it
 */
export async function enter(page, link) {
  await page.goto(link);
  await page.waitForSelector("#conversations .tree-place");
  return page.evaluate(
    () =>
      new Promise((told) => {
        requestAnimationFrame(() =>
          setTimeout(() => {
            const drawn = performance.now();
            const first = performance.getEntriesByName("first-contentful-paint")[0];
            told({ first: first?.startTime ?? NaN, drawn });
          }),
        );
      }),
  );
}

/** The heap of a page after its garbage is collected, in MiB. */
export async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 1024 / 1024;
}

/**
 * Frames while something is done: those that the page was asked for, and those that were drawn by the
 * compositor's own trace.
 * @param {() => Promise<void>} done
 */
export async function frames(page, done) {
  const session = await page.context().newCDPSession(page);
  let drawn = 0;
  session.on("Tracing.dataCollected", ({ value }) => {
    drawn += value.filter((/** @type {any} */ one) => one.name === "DrawFrame").length;
  });
  await page.evaluate(() => {
    const times = [performance.now()];
    Object.assign(window, { figures: { times, goes: true } });
    const next = (/** @type {number} */ now) => {
      times.push(now);
      if (/** @type {any} */ (window).figures.goes) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline.frame", "devtools.timeline.frame"] } });
  const began = performance.now();
  await done();
  const seconds = (performance.now() - began) / 1000;
  const complete = new Promise((over) => session.once("Tracing.tracingComplete", over));
  await session.send("Tracing.end");
  await complete;
  const times = await page.evaluate(() => {
    const { figures } = /** @type {any} */ (window);
    figures.goes = false;
    return figures.times;
  });
  await session.detach();
  const gaps = times.slice(1).map((/** @type {number} */ time, /** @type {number} */ at) => time - times[at]).slice(1).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))];
  return { perSecond: gaps.length / seconds, drawnPerSecond: drawn / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: gaps.at(-1), seconds };
}

/** Flings of the wheel through the rows, up and down. */
export async function fling(page, rounds) {
  const box = await page.locator("#stream .list").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const turns = [];
  for (let round = 0; round < rounds; round += 1) {
    const way = round % 2 === 0 ? -1 : 1;
    for (let step = 0; step < 30; step += 1) {
      turns.push(page.mouse.wheel(0, way * (240 + 80 * (step % 7))));
      await new Promise((next) => setTimeout(next, 12));
    }
  }
  await Promise.all(turns);
}

/** Drags of the scrollbar from one end to the other. */
export async function drag(page, rounds) {
  const box = await page.locator("#stream .list").boundingBox();
  const x = box.x + box.width - 6;
  let at = box.y + box.height - 24;
  for (let round = 0; round < rounds; round += 1) {
    const to = round % 2 === 0 ? box.y + 24 : box.y + box.height - 24;
    await page.mouse.move(x, at);
    await page.mouse.down();
    const moves = [];
    for (let step = 1; step <= 60; step += 1) {
      moves.push(page.mouse.move(x, at + ((to - at) * step) / 60));
      await new Promise((next) => setTimeout(next, 14));
    }
    await Promise.all(moves);
    await page.mouse.up();
    at = to;
  }
}
