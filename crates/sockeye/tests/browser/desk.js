/**
 * What a person does at the page, as sentences. Each waits for what it needs to see; none waits for time to pass.
 */

import assert from "node:assert/strict";
import { LONG, Program } from "./programs.js";

/** @typedef {import("playwright-core").Locator} Locator */

/** Between two looks at what no event tells of. */
const LOOK = 25;

export class Desk {
  /**
   * @param {{
   *   page: import("playwright-core").Page, context: import("playwright-core").BrowserContext,
   *   guard: import("./guard.js").Guard, bench: import("./harness.js").Bench, origin: string, folder: string,
   *   programs: Program[], t: (key: string, args?: Record<string, string | number>) => string,
   * }} from
   */
  constructor(from) {
    this.page = from.page;
    this.context = from.context;
    this.guard = from.guard;
    this.bench = from.bench;
    this.origin = from.origin;
    this.folder = from.folder;
    this.programs = from.programs;
    this.t = from.t;
  }

  /** Opens the page, and waits until it is there. @param {string} link */
  async enters(link) {
    await this.page.goto(link);
    await this.page.locator("#bar .bar-deeds").waitFor();
  }

  /** Takes a program into the scenario: it ends with it. @template {Program} P @param {P} program @returns {P} */
  with(program) {
    this.programs.push(program);
    return program;
  }

  /** @param {string} name @param {...string} args */
  starts(name, ...args) {
    return this.with(new Program(name, args));
  }

  /** Whether one part of the page is seen at a time. */
  get narrow() {
    return (this.page.viewportSize()?.width ?? 0) < 760;
  }

  /** On a narrow screen: goes to that part. @param {"conversations" | "stream" | "send" | "look"} pane */
  async goes(pane) {
    if (this.narrow) await this.page.locator(`#panes [data-pane=${pane}]`).click();
  }

  /** @param {import("playwright-core").Locator} locator */
  async sees(locator) {
    await locator.first().waitFor({ state: "visible" });
    return locator.first();
  }

  /** @param {import("playwright-core").Locator} locator */
  async misses(locator) {
    await locator.first().waitFor({ state: "hidden" });
  }

  /** @param {string} key @param {Record<string, string | number>} [args] @param {Locator | import("playwright-core").Page} [where] */
  button(key, args, where = this.page) {
    return where.getByRole("button", { name: this.t(key, args), exact: true });
  }

  /** Presses what has that label. @param {string} key @param {Record<string, string | number>} [args] @param {Locator} [where] */
  async presses(key, args, where) {
    await this.button(key, args, where).first().click();
  }

  /** Chooses in the menu that is open. @param {string} key @param {Record<string, string | number>} [args] */
  async chooses(key, args) {
    await this.page.locator("[role=menu]").getByText(this.t(key, args), { exact: true }).click();
  }

  /**
   * Waits until `look` gives something, or fails with what it gave last.
   * @template T
   * @param {() => Promise<T>} look
   * @param {(found: T) => unknown} right
   * @returns {Promise<T>}
   */
  async until(look, right) {
    const due = Date.now() + LONG;
    for (;;) {
      const found = await look();
      if (right(found)) return found;
      assert(Date.now() < due, `it stayed ${JSON.stringify(found)}, which is not ${right}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  /**
   * Opens something by the form.
   * @param {string} kind of kinds.js
   * @param {Record<string, string | boolean>} values by the names of the fields
   */
  async opens(kind, values = {}) {
    const { page } = this;
    const dialog = page.getByRole("dialog");
    if ((await dialog.count()) === 0) await this.asksToOpen();
    await dialog.locator(`.kinds input[value=${kind}]`).check({ force: true });
    for (const [name, value] of Object.entries(values)) await this.fills(name, value);
    await dialog.getByRole("button", { name: this.t("open.open"), exact: true }).click();
    await this.misses(dialog);
  }

  async asksToOpen() {
    await this.goes("conversations");
    await this.presses("conversations.open", {}, this.page.locator("#conversations"));
    await this.sees(this.page.getByRole("dialog"));
  }

  /** One field of the form. @param {string} name @param {string | boolean} value */
  async fills(name, value) {
    const box = this.page.locator(`dialog [data-field="${name}"]`);
    const fold = box.locator("xpath=ancestor::details[1]");
    if ((await fold.count()) > 0 && (await fold.getAttribute("open")) === null) await fold.locator("summary").click();
    if (typeof value === "boolean") return box.locator("input").setChecked(value);
    const select = box.locator("select");
    if ((await select.count()) > 0) return void (await select.selectOption(value));
    if ((await box.locator("input[type=radio]").count()) > 0) return box.locator(`input[value="${value}"]`).check({ force: true });
    await box.locator("input, textarea").fill(value);
  }

  /** The endpoint of the run that is shown, once it is known. */
  async endpoint() {
    const run = await this.run((one) => one.endpoint !== null && one.state !== "starting");
    return run.endpoint ?? "";
  }

  /** The port of a server that is shown. */
  async port() {
    const found = /:(\d+)(?:[/?].*)?$/.exec(await this.endpoint());
    assert(found?.[1], "there is a port");
    return found[1];
  }

  /**
   * What the server says of the run that is shown, once it is `right`; asked with the page's own token.
   * @param {(run: any) => unknown} right
   */
  async run(right) {
    return this.until(() => this.api(`/api/runs/${this.shown()}`), right);
  }

  /** The number of the run that is shown. */
  shown() {
    return /#\/run\/(\d+)/.exec(this.page.url())?.[1] ?? "";
  }

  /** An answer of the workbench, asked from the page. @param {string} path @returns {Promise<any>} */
  async api(path) {
    return this.page.evaluate(async (from) => {
      const answer = await fetch(from, { headers: { authorization: `Bearer ${sessionStorage.getItem("sockeye.token")}` } });
      return answer.json();
    }, path);
  }

  /** Waits until the server keeps what is `right`: settings, quick list, history. @param {(kept: any) => unknown} right */
  async kept(right) {
    return this.until(() => this.api("/api/keepsakes"), right);
  }

  /** The rows of the stream that are drawn, and of those the ones that hold a text. @param {string | RegExp} [text] */
  rows(text) {
    const all = this.page.locator(".stream-list .r-row:not([hidden])");
    return text === undefined ? all : all.filter({ hasText: text });
  }

  /** Rows of what was received, or sent. @param {"in" | "out"} way @param {string | RegExp} [text] */
  went(way, text) {
    const all = this.page.locator(`.stream-list .r-row.way-${way}:not([hidden])`);
    return text === undefined ? all : all.filter({ hasText: text });
  }

  /** The field that messages are written in. */
  get field() {
    return this.page.locator(".composer-text");
  }

  /** Writes it, and waits until it can be sent. @param {string} text */
  async writes(text) {
    await this.goes("send");
    await this.field.fill(text);
    await this.maySend();
  }

  /** Waits until what is written can be sent: the page knows a moment later than the server that somebody is there. */
  async maySend() {
    await this.sees(this.page.locator(".composer-send-button:enabled"));
  }

  /** Writes it and presses Enter. @param {string} text */
  async sends(text) {
    await this.writes(text);
    await this.field.press("Enter");
    await this.goes("stream");
  }

  /** Chooses how the message is written. @param {"text" | "hex" | "file"} kind */
  async writesAs(kind) {
    await this.page.locator(`.composer-sending .choices input[value=${kind}]`).check({ force: true });
  }

  /** A choice beside the field. @param {string} key the label's @param {string} value */
  async sets(key, value) {
    await this.page.locator(".composer-sending").locator("select").and(this.page.getByLabel(this.t(key), { exact: true })).selectOption(`=${value}`);
  }

  /** Whom it is sent to. @param {"all" | number} c */
  async addresses(c) {
    await this.page.locator(`.composer-chip[data-c="${c}"]`).click();
  }

  /** The item of a run or a conversation at the left. @param {string | RegExp} text */
  item(text) {
    return this.page.locator("#conversations [role=treeitem]").filter({ hasText: text }).first();
  }

  /** What can be done with an item. @param {string | RegExp} text @param {string} key */
  async does(text, key) {
    await this.goes("conversations");
    const item = this.item(text);
    await item.hover();
    await item.locator("[data-deed=menu]").click();
    await this.chooses(key);
  }

  /** Chooses a row of the stream. @param {Locator} row */
  async selects(row) {
    await this.goes("stream");
    await row.first().click();
  }

  /** Shows a tab of the inspector. @param {string} id */
  async looksAt(id) {
    await this.page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    if (await this.page.locator("#inspector").isHidden()) await (this.narrow ? this.goes("look") : this.page.locator("body").press("i"));
    const label = id === "bytes" ? "shell.look.bytes" : `tools.${id}`;
    await this.page.locator("#inspector").getByRole("tab", { name: this.t(label), exact: true }).click();
  }
}
