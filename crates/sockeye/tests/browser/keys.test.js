/**
 * The page without a mouse, and in other clothes: keys alone from opening to closing, language and theme changed.
 */

import assert from "node:assert/strict";
import { BOTH, scenario } from "./harness.js";
import { pythonServer } from "./programs.js";

const UPPER = `
while data := s.recv(4096): s.sendall(data.upper())
print("over")
`;

/** Presses Tab until the focus is there. @param {import("./desk.js").Desk} desk @param {string} selector @param {"Tab" | "Shift+Tab"} [key] */
async function tabTo(desk, selector, key = "Tab") {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await desk.page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await desk.page.keyboard.press(key);
  }
  throw new Error(`the focus never comes to ${selector}`);
}

scenario("keys alone open, send, choose a row, look at its bytes and close", {}, async (desk) => {
  const { server, port } = pythonServer(UPPER);
  desk.with(server);
  const { keyboard } = desk.page;
  await keyboard.press("n");
  await desk.sees(desk.page.getByRole("dialog"));
  await tabTo(desk, "dialog .kinds input:checked", "Shift+Tab");
  await keyboard.press("ArrowRight");
  await desk.sees(desk.page.locator("dialog [data-field=host]"));
  await tabTo(desk, "dialog [data-field=port] input");
  await keyboard.press("Control+A");
  await keyboard.type(await port);
  await keyboard.press("Enter");
  await desk.misses(desk.page.getByRole("dialog"));
  await desk.run((run) => run.open === 1);

  await keyboard.press("w");
  await keyboard.type("by hand");
  await desk.maySend();
  await keyboard.press("Enter");
  await desk.sees(desk.went("in", "BY HAND"));
  await tabTo(desk, ".stream-list", "Shift+Tab");
  await keyboard.press("End");
  await desk.sees(desk.page.locator(".r-row.cursor", { hasText: "BY HAND" }));
  await keyboard.press("Enter");
  await desk.sees(desk.page.locator("#inspector .hex-list"));
  await tabTo(desk, ".hex-list");
  await keyboard.press("ArrowRight");
  await keyboard.press("Shift+ArrowRight");
  await desk.sees(desk.page.locator(".read-head", { hasText: desk.t("inspector.chosen", { count: 2 }) }));
  await keyboard.press("i");
  await desk.misses(desk.page.locator("#inspector"));

  await tabTo(desk, "#conversations [role=treeitem]");
  await keyboard.press("Delete");
  await server.sees("over");
  await desk.run((run) => run.state === "ended");
  await keyboard.press("Shift+F10");
  await desk.sees(desk.page.locator("[role=menu]"));
  await keyboard.press("Escape");
  await desk.misses(desk.page.locator("[role=menu]"));
  await keyboard.press("?");
  await desk.sees(desk.page.getByRole("dialog").locator("kbd"));
  await keyboard.press("Escape");
});

scenario("the focus can be seen wherever Tab leads", BOTH.slice(0, 1), async (desk) => {
  const { server, port } = pythonServer(UPPER);
  desk.with(server);
  await desk.opens("client", { port: await port });
  await desk.sends("x");
  await desk.sees(desk.went("in", "X"));
  await desk.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  /** @type {string[]} */
  const dark = [];
  for (let presses = 0; presses < 45; presses += 1) {
    await desk.page.keyboard.press("Tab");
    const unseen = await desk.page.evaluate(async () => {
      // Until it is drawn, styles may stand where they were.
      for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      const at = document.activeElement;
      if (!(at instanceof HTMLElement) || at === document.body) return null;
      const drawn = [at, at.parentElement, ...at.querySelectorAll("*")].filter((one) => one !== null).some((one) => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
      });
      // A line between two parts is coloured; in the rows it is the row at the cursor that is marked.
      const coloured = getComputedStyle(at, "::after").backgroundColor !== "rgba(0, 0, 0, 0)" || at.matches(".stream-list");
      return drawn || coloured ? null : at.outerHTML.slice(0, 120);
    });
    if (unseen) dark.push(unseen);
  }
  assert.deepEqual(dark, []);
});

scenario("language and theme change at once, and stay over a reload", [{ language: "en", theme: "light" }, { language: "en", theme: "light", width: 390 }], async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole("dialog");
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const white = await paper();
  await desk.presses("shell.settings");
  await dialog.getByLabel(desk.t("shell.theme.dark")).check({ force: true });
  await desk.until(paper, (colour) => colour !== white);
  await dialog.getByLabel("简体中文").check({ force: true });
  await desk.sees(page.getByText("新建会话").first());
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  await desk.kept((kept) => JSON.stringify(kept).includes("zh-CN"));
  await page.reload();
  await desk.sees(page.getByText("新建会话").first());
  assert.notEqual(await paper(), white);
});

scenario("nothing is wider than the page, and no control is too small to touch", [
  { language: "en", width: 390 }, { language: "zh-CN", width: 390 }, { language: "en", width: 1440 }, { language: "zh-CN", width: 3840, height: 2160 },
], async (desk) => {
  const { server, port } = pythonServer(UPPER);
  desk.with(server);
  const fits = async (/** @type {string} */ where) => {
    const found = await desk.page.evaluate(() => ({
      over: document.documentElement.scrollWidth - innerWidth,
      small: [...document.querySelectorAll("button, input:not([type=radio], [type=checkbox]), select, [role=tab]")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest("[aria-hidden=true]"))
        .map((one) => ({ box: one.getBoundingClientRect(), what: one.outerHTML.slice(0, 100) }))
        .filter(({ box, what }) => box.width > 0 && !/class="link/.test(what) && (box.width < 23.5 || box.height < 23.5))
        .map(({ box, what }) => `${Math.round(box.width)}×${Math.round(box.height)} ${what}`),
    }));
    assert(found.over <= 0, `${where} is ${found.over} px too wide`);
    assert.deepEqual(found.small, [], where);
  };
  await fits("the welcome");
  await desk.asksToOpen();
  await fits("the form");
  await desk.opens("client", { port: await port });
  await desk.sends("a long line ".repeat(40));
  await desk.sees(desk.went("in", "A LONG LINE"));
  await fits("the stream");
  await desk.selects(desk.went("in"));
  for (const tab of ["bytes", "info", "charts", "detect"]) {
    await desk.looksAt(tab);
    await fits(tab);
  }
  await desk.goes("send");
  await fits("the composer");
  // With a framing of one's own to be written, too: every control is seen without scrolling.
  await desk.page.locator(".composer-sending").getByLabel(desk.t("composer.frame"), { exact: true }).selectOption({ label: desk.t("composer.other") });
  const hidden = () => desk.page.locator(".composer-sending").evaluate((view) => view.scrollHeight - view.clientHeight);
  assert.equal(await hidden(), 0, "the composer is cut off");
});
