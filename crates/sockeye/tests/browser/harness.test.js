/**
 * The harness itself: whatever must never happen on the page fails the scenario in which it does.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { atDesk } from "./harness.js";

/** @type {[name: string, trouble: RegExp, brings: (page: import("playwright-core").Page) => Promise<unknown>][]} */
const TROUBLES = [
  ["an error in the console", /console: oh no/, (page) => page.evaluate(() => console.error("oh no"))],
  ["an exception that nobody catches", /exception: .*nobody/, (page) => page.evaluate(() => void setTimeout(() => { throw new Error("nobody"); }))],
  ["what the policy forbids", /policy: style-src/, (page) => page.evaluate(() => document.body.setAttribute("style", "color: red"))],
  ["HTML made of text", /policy: require-trusted-types-for/, (page) => page.evaluate(() => { document.body.innerHTML = "<b>"; }).catch(() => {})],
  ["a request to another origin", /request: GET http:\/\/127\.0\.0\.2/, (page) => page.evaluate(() => { location.href = "http://127.0.0.2:9/"; }).catch(() => {})],
  ["an answer that is a refusal", /refused: 404 GET \/nothing/, (page) => page.evaluate(() => fetch("/nothing").then(() => {}))],
];

for (const [name, trouble, brings] of TROUBLES) {
  test(`${name} fails a scenario`, async () => {
    const played = atDesk({}, async (desk) => {
      await brings(desk.page);
      await desk.until(async () => desk.guard.troubles, (all) => all.some((one) => trouble.test(one)));
    });
    await assert.rejects(played, trouble);
  });
}
