/**
 * Pages of other origins, of another port of this machine, and of a name that was pointed here: nothing that a
 * browser lets them try reaches the workbench or moves what is opened in it.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { browser, launch, scenario } from "./harness.js";
import { python } from "./programs.js";

/** Another server of this machine, with a page that can be told to do anything. */
const OTHER = `
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>other</title><body></body>")
    def log_message(self, *_): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
print("port", s.server_port)
s.serve_forever()
`;

/** Tries everything on the target, and gives back what got through. @param {string} target */
async function attack(target) {
  const through = /** @type {string[]} */ ([]);
  const tried = /** @type {string[]} */ ([]);
  /** @param {string} name @param {() => Promise<unknown>} deed that succeeds where it got through */
  const attempt = async (name, deed) => {
    tried.push(name);
    await deed().then(() => through.push(name), () => {});
  };
  /** @param {any} node @param {string} name */
  const loads = (node, name) =>
    attempt(name, () => new Promise((resolve, reject) => {
      node.onload = resolve;
      node.onerror = reject;
      document.body.append(node);
    }));
  const body = JSON.stringify({ do: "listen", endpoint: "tcp://127.0.0.1:0", name: "intruder" });
  for (const path of ["/api/about", "/api/runs", "/main.js", "/words/en.json"]) await attempt(`fetch ${path}`, () => fetch(target + path));
  await attempt("fetch with a token", () => fetch(`${target}/api/runs`, { headers: { authorization: "Bearer x" } }));
  await attempt("post", () => fetch(`${target}/api/runs`, { method: "POST", body, headers: { "content-type": "application/json" } }));
  await attempt("post as text", () => fetch(`${target}/api/runs`, { method: "POST", body, headers: { "content-type": "text/plain" } }));
  // Without CORS nothing can be read; that nothing was done is asked of the workbench.
  await fetch(`${target}/api/runs`, { method: "POST", mode: "no-cors", body }).catch(() => {});
  navigator.sendBeacon(`${target}/api/runs`, body);
  await loads(Object.assign(document.createElement("img"), { src: `${target}/favicon.svg` }), "image");
  await loads(Object.assign(document.createElement("script"), { src: `${target}/core/paint.js` }), "script");
  await loads(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${target}/css/base.css` }), "style");
  await attempt("module", () => import(`${target}/core/bytes.js`));
  for (const protocols of [[], ["sockeye.1"], ["sockeye.1", "bearer.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]) {
    await attempt(`websocket ${protocols.length}`, () => new Promise((resolve, reject) => {
      const socket = new WebSocket(`${target.replace("http", "ws")}/api/watch`, protocols);
      socket.onopen = resolve;
      socket.onerror = reject;
    }));
  }
  return { tried, through };
}

/** Puts the target into a frame and a form, and says where it is to be seen. @param {import("playwright-core").Page} page @param {string} target */
async function framed(page, target) {
  await page.evaluate((to) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "inner", src: to });
    const form = Object.assign(document.createElement("form"), { action: `${to}/api/runs`, method: "post", target: "posted", enctype: "text/plain" });
    const posted = Object.assign(document.createElement("iframe"), { name: "posted" });
    form.append(Object.assign(document.createElement("input"), { name: '{"do":"listen","x":"', value: '"}' }));
    document.body.append(frame, posted, form);
    form.submit();
  }, target);
  await page.waitForLoadState("networkidle");
  /** @type {string[]} */
  const shown = [];
  for (const frame of page.frames().slice(1)) if ((await frame.locator("#page").count()) > 0) shown.push(frame.url());
  return shown;
}

scenario("a page of another port, and of another origin, is refused whatever it tries", {}, async (desk) => {
  await desk.opens("server", { port: "0", name: "mine" });
  await desk.endpoint();
  const other = desk.with(python(OTHER));
  const port = await other.says(/port (\d+)\n/);
  for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
    const context = await (await browser()).newContext();
    try {
      const page = await context.newPage();
      /** @type {number[]} */
      const answers = [];
      page.on("response", (response) => response.url().startsWith(desk.origin) && answers.push(response.status()));
      await page.goto(origin);
      const { tried, through } = await page.evaluate(attack, desk.origin);
      assert(tried.length > 12);
      assert.deepEqual(through, []);
      assert.deepEqual(await framed(page, desk.origin), []);
      assert(answers.length > 0 && answers.every((status) => status === 403), answers.join());
    } finally {
      await context.close();
    }
  }
  const { runs } = await desk.api("/api/runs");
  assert.deepEqual(runs.map((/** @type {any} */ run) => run.name), ["mine"]);
});

scenario("a name that was pointed to this machine is refused, on HTTP and on WebSocket", {}, async (desk) => {
  const other = desk.with(python(OTHER));
  const port = await other.says(/port (\d+)\n/);
  const fooled = await launch(["--host-resolver-rules=MAP rebound.example 127.0.0.1"]);
  try {
    const page = await fooled.newPage();
    const target = desk.origin.replace("127.0.0.1", "rebound.example");
    const answer = await page.goto(target);
    assert.equal(answer?.status(), 403);
    assert.equal(await page.locator("script").count(), 0);
    await page.goto(`http://rebound.example:${port}`);
    const { through } = await page.evaluate(attack, target);
    assert.deepEqual(through, []);
  } finally {
    await fooled.close();
  }
  assert.deepEqual((await desk.api("/api/runs")).runs, []);
});

scenario("a page's request to an opened port is no command", { args: ["--allow-exec"] }, async (desk) => {
  const mark = `${desk.folder}/mark`;
  await desk.opens("server", { port: "0", exec: "sh" });
  const target = `http://127.0.0.1:${await desk.port()}`;
  const other = desk.with(python(OTHER));
  const context = await (await browser()).newContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${await other.says(/port (\d+)\n/)}`);
    const body = `\ntouch ${mark}\n`;
    const got = await page.evaluate(async ([to, text]) => {
      const tries = ["no-cors", "cors"].map((mode) => fetch(to ?? "", { method: "POST", mode: /** @type {RequestMode} */ (mode), body: text }).then((one) => one.type !== "opaque" && one.ok, () => false));
      return Promise.all(tries);
    }, [target, body]);
    assert.deepEqual(got.filter(Boolean), []);
  } finally {
    await context.close();
  }
  await desk.run((run) => run.conversations.length > 0 && run.open === 0);
  assert(!existsSync(mark), "a page's request was run as a command");
});
