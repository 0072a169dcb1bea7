/**
 * The figures of the workbench, as JSON: `node figures.mjs PROGRAM MODULES [events]`. It measures and judges
 * nothing; the machine is shared, so what is compared is taken in turns.
 */

import { callers, load, open, spread, WORD } from "./house.mjs";
import { browser, drag, enter, fling, frames, heap } from "./page.mjs";

const [program, modules, asked = "1000000"] = process.argv.slice(2);
const EVENTS = Number(asked);
const PAINTS = 9;
const ROUNDS = 5;
const BURST = Math.min(EVENTS, 300_000);
const PACE = 100_000;
const CROWD = 10_000;

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);
const house = await open(program);
const chrome = await browser(modules);
const figures = { node: process.version, chromium: chrome.version };
try {
  for (const [what, take] of [["first paint", paints], ["receiving", receiving], ["news over the WebSocket", news], [`${EVENTS} events`, long]]) {
    say(`${what} …`);
    Object.assign(figures, await take());
  }
} finally {
  await chrome.close();
  await house.close();
}
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);

/** A page that never was here, and the same once more. */
async function paints() {
  const [cold, warm] = [[], []];
  for (let paint = 0; paint < PAINTS; paint += 1) {
    const page = await chrome.page();
    cold.push(await enter(page, await house.link()));
    const again = await page.context().newPage();
    warm.push(await enter(again, await house.link()));
    await page.context().close();
  }
  const of = (/** @type {any[]} */ list) => ({ first: spread(list.map((one) => one.first)), drawn: spread(list.map((one) => one.drawn)) });
  return { paint: { cold: of(cold), warm: of(warm) } };
}

/** What the server takes in, and what each event costs it, with nobody looking, with a page that looks, with a page that is frozen. */
async function receiving() {
  const taken = { alone: [], watched: [], frozen: [], paced: [] };
  const once = async (pace = Infinity, events = BURST) => {
    const run = await house.server();
    const page = pages.on ? await looking(run.id) : null;
    if (pages.frozen) chrome.freeze();
    const loaded = await load(house, run, events, pace).finally(() => pages.frozen && chrome.thaw());
    await page?.context().close();
    await house.ask("DELETE", `/api/runs/${run.id}`);
    return loaded;
  };
  const pages = { on: false, frozen: false };
  await once();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of ["alone", "watched", "frozen"]) {
      Object.assign(pages, { on: kind !== "alone", frozen: kind === "frozen" });
      taken[kind].push(await once());
    }
  }
  Object.assign(pages, { on: true, frozen: false });
  taken.paced.push(await once(PACE, PACE * 5));
  const of = (/** @type {"rate" | "work"} */ what) => ({
    ...Object.fromEntries(Object.entries(taken).map(([kind, all]) => [kind, spread(all.map((one) => one[what]))])),
    ...Object.fromEntries(["watched", "frozen"].map((kind) => [`${kind}ToAlone`, spread(taken[kind].map((one, at) => one[what] / taken.alone[at][what]))])),
  });
  return { rate: of("rate"), work: of("work") };
}

/** @param {number} run */
async function looking(run) {
  const page = await chrome.page();
  await enter(page, await house.link());
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/run/${run}`);
  await page.waitForFunction((hash) => location.hash === hash, `#/run/${run}`);
  return page;
}

/** With one caller, and with very many. */
async function news() {
  return { traffic: { one: await traffic(1), crowd: await traffic(CROWD) } };
}

/**
 * What a page is told while 100,000 events a second come, from so many callers.
 * @param {number} count
 */
async function traffic(count) {
  const run = await house.server();
  const page = await chrome.page();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let [bytes, messages, largest] = [0, 0, 0];
  session.on("Network.webSocketFrameReceived", ({ response }) => {
    bytes += response.payloadData.length;
    messages += 1;
    largest = Math.max(largest, response.payloadData.length);
  });
  await enter(page, await house.link());
  const came = performance.now();
  const all = await callers(run, count);
  const opening = { bytesPerSecond: (bytes / (performance.now() - came)) * 1000, largest };
  [bytes, messages, largest] = [0, 0, 0];
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  for (let sent = 0; seconds() < 5; ) {
    const due = Math.floor(seconds() * PACE) - sent;
    // In turns, some words each.
    for (let turn = 0; turn < due; turn += 10) all[((sent + turn) / 10) % count | 0].write(WORD.toString().repeat(10));
    sent += Math.max(0, due);
    await new Promise((later) => setTimeout(later, 20));
  }
  const told = { callers: count, bytesPerSecond: bytes / seconds(), messagesPerSecond: messages / seconds(), largest, opening };
  const { events, open: there } = await house.ask("GET", `/api/runs/${run.id}`);
  for (const socket of all) socket.destroy();
  await page.context().close();
  await house.ask("DELETE", `/api/runs/${run.id}`);
  return { ...told, there, eventsPerSecond: events / 5 };
}

/** A run with very many reads, each a frame: its memory, and scrolling through it. */
async function long() {
  const before = house.memory();
  const run = await house.server({ frame: "fixed:16" });
  const page = await looking(run.id);
  const { rate } = await load(house, run, EVENTS);
  const after = house.memory();
  // The frames that the run finds are events too.
  const { events } = await house.ask("GET", `/api/runs/${run.id}`);
  await page.waitForFunction(() => document.querySelector("#stream .list")?.scrollTop > 1000);
  const flung = await frames(page, () => fling(page, 8));
  const dragged = await frames(page, () => drag(page, 8));
  const memory = { heap: await heap(page), renderer: chrome.renderer() };
  const looked = house.memory();
  await page.context().close();
  return { long: { reads: EVENTS, events, rate, server: { before, after, looked, perEvent: ((after - before) * 1024 * 1024) / events }, page: memory, scroll: { flung, dragged } } };
}
