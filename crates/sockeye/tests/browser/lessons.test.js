/**
 * Lessons taken step by step to their end.
 */

import assert from "node:assert/strict";
import { BOTH, OTHERS, scenario } from "./harness.js";

/** @param {import("./desk.js").Desk} desk @param {string} program */
async function learns(desk, program) {
  await desk.button("shell.lessons").first().click();
  await desk.page.locator(".lesson-entry").filter({ has: desk.page.locator(`.entry-name:text-is("${program}")`) }).click();
  const [next, over] = [desk.page.locator("#lessons [data-deed=next]"), desk.page.locator("#lessons [data-deed=again]")];
  const status = desk.page.locator(".steps-head [role=status]");
  await desk.sees(next);
  for (let steps = 0; steps < 60 && (await over.count()) === 0; steps += 1) {
    const before = await status.textContent();
    await next.click();
    // All of it at one moment: with the last step the button becomes another one.
    const moved = (/** @type {string | null} */ was) => {
      const at = (/** @type {string} */ selector) => document.querySelector(selector);
      if (at("#lessons [data-deed=again]")) return true;
      const ready = at("#lessons [data-deed=next]")?.getAttribute("aria-disabled") === null;
      return ready && at(".steps-head [role=status]")?.textContent !== was;
    };
    await desk.until(() => desk.page.evaluate(moved, before), (done) => done);
  }
  await desk.sees(desk.page.getByText(desk.t("lessons.over")));
  // Each step did what it says: none came late, none was left out.
  for (const key of ["lessons.late", "lessons.skipped"]) {
    if ((await desk.page.locator(".step-note", { hasText: desk.t(key) }).count()) > 0) throw new Error(`a step: ${desk.t(key)}`);
  }
}

scenario("the lesson `chat` is taken to its end", BOTH, async (desk) => {
  await learns(desk, "chat");
});

scenario("the lesson `sticky` is taken to its end, and shows messages that stick together", OTHERS, async (desk) => {
  await learns(desk, "sticky");
});

scenario("a lesson that is being taken is there again after a reload, and from its run", OTHERS, async (desk) => {
  await desk.button("shell.lessons").first().click();
  await desk.page.locator(".lesson-entry").filter({ has: desk.page.locator('.entry-name:text-is("udp-chat")') }).click();
  const [next, status] = [desk.page.locator("#lessons [data-deed=next]"), desk.page.locator(".steps-head [role=status]")];
  await next.click();
  const second = await desk.until(() => status.textContent(), (text) => /2/.test(text ?? ""));
  await desk.page.reload();
  await desk.sees(next);
  await desk.until(() => status.textContent(), (text) => text === second);
  await desk.button("lessons.close").click();
  await desk.button("lessons.resume").click();
  await desk.sees(next);
});

scenario("a lesson that is over leaves two runs that have ended, however often it is taken", OTHERS, async (desk) => {
  await learns(desk, "until-close");
  const states = async () => (await desk.api("/api/runs")).runs.map((/** @type {{state: string}} */ run) => run.state).join(" ");
  await desk.until(states, (all) => all === "ended ended");
  await desk.page.locator("#lessons [data-deed=again]").click();
  await desk.sees(desk.page.locator("#lessons [data-deed=next]"));
  await desk.until(states, (all) => all === "open open");
});

/** Begins that lesson. @param {import("./desk.js").Desk} desk @param {string} program */
async function begins(desk, program) {
  await desk.button("shell.lessons").first().click();
  await desk.page.locator(".lesson-entry").filter({ has: desk.page.locator(`.entry-name:text-is("${program}")`) }).click();
  const next = await desk.sees(desk.page.locator("#lessons [data-deed=next]"));
  const status = desk.page.locator(".steps-head [role=status]");
  return { next, at: (/** @type {number} */ k) => desk.sees(status.filter({ hasText: desk.t("lessons.step-of", { k, n: 7 }) })) };
}

scenario("a button that is held down while there is news is pressed all the same", {}, async (desk) => {
  const { next, at } = await begins(desk, "sticky");
  await at(1);
  await next.hover();
  await desk.page.mouse.down();
  const told = desk.page.waitForResponse((answer) => answer.request().method() === "GET" && answer.url().endsWith("/lesson"));
  await desk.page.evaluate(async () => {
    const runs = await (await fetch("/api/runs", { headers: { authorization: `Bearer ${sessionStorage.getItem("sockeye.token")}` } })).json();
    const headers = { authorization: `Bearer ${sessionStorage.getItem("sockeye.token")}`, "content-type": "application/json" };
    await fetch(`/api/runs/${runs.runs[0].id}/lesson`, { method: "POST", headers, body: JSON.stringify({ do: "next" }) });
  });
  await (await told).finished();
  await desk.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  await desk.page.mouse.up();
  await at(3);
});

scenario("an answer of before a step does not turn the lesson back", {}, async (desk) => {
  /** @type {(() => void) | undefined} */
  let release;
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  let held = 0;
  const { next, at } = await begins(desk, "sticky");
  await desk.page.route("**/lesson", async (route) => {
    if (route.request().method() !== "GET" || held > 0) return route.continue();
    held += 1;
    const answer = await route.fetch();
    await released;
    await route.fulfill({ response: answer });
  });
  await next.click();
  await at(2);
  await desk.until(async () => held, (n) => n === 1);
  await next.click();
  await at(3);
  // It would be drawn for a moment, until there is news again.
  const wrong = desk.t("lessons.step-of", { k: 2, n: 7 });
  const turned = desk.page.evaluate(
    (text) =>
      new Promise((resolve) => {
        const lessons = document.querySelector("#lessons");
        const look = () => lessons?.querySelector(".steps-head [role=status]")?.textContent === text && resolve(true);
        new MutationObserver(look).observe(/** @type {Node} */ (lessons), { subtree: true, childList: true });
        addEventListener("looked", () => resolve(false));
      }),
    wrong,
  );
  const asked = desk.page.waitForResponse((answer) => answer.request().method() === "GET" && answer.url().endsWith("/lesson"));
  release?.();
  await (await asked).finished();
  await desk.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  await desk.page.evaluate(() => dispatchEvent(new Event("looked")));
  assert.equal(await turned, false, "it was turned back");
  await at(3);
});
