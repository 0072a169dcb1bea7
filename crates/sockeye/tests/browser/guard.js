/**
 * What must never happen on the page: an error in its console, an exception, what the policy forbids, a request
 * to anywhere else, an answer that is a refusal. What a test brings about on purpose it announces.
 */

/** The browser says each refusal in the console too; it is judged by its answer. */
const ECHO = /^Failed to load resource: /;

export class Guard {
  /** @param {string} origin the workbench's own */
  constructor(origin) {
    this.origin = origin;
    /** @type {string[]} */
    this.troubles = [];
    /** @type {RegExp[]} */
    this.announced = [];
  }

  /** Trouble of this form is meant to be. @param {RegExp} pattern */
  expects(pattern) {
    this.announced.push(pattern);
  }

  /** @param {string} trouble */
  note(trouble) {
    if (!this.announced.some((pattern) => pattern.test(trouble))) this.troubles.push(trouble);
  }

  /** @param {import("playwright-core").BrowserContext} context */
  async watch(context) {
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`));
    });
    context.on("console", (message) => {
      if (message.type() === "error" && !ECHO.test(message.text())) this.note(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => this.note(`exception: ${error.error().stack ?? error.error()}`));
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.origin}/`) && !url.startsWith(`blob:${this.origin}/`)) this.note(`request: ${request.method()} ${url}`);
    });
    context.on("response", (response) => {
      // Its body may never be read to its end: it is not waited for.
      if (response.status() >= 400) this.note(`refused: ${response.status()} ${response.request().method()} ${response.url().slice(this.origin.length)}`);
    });
  }

  /** Fails where something happened. */
  judge() {
    if (this.troubles.length > 0) throw new Error(`the page had trouble:\n  ${this.troubles.join("\n  ")}`);
  }
}
