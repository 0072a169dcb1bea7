/**
 * A workbench to take figures of: the program started, its API asked, its runs given callers. No browser here.
 */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What each event of a load holds. */
export const WORD = Buffer.from("temp=21.5 ok=yes");

/** @param {string} program */
export async function open(program) {
  const data = await mkdtemp(join(tmpdir(), "sockeye-figures-"));
  const words = ["workbench", "--no-open", "--listen", "127.0.0.1:0", "--data", data];
  // Ten thousand callers are ten thousand files.
  const child = spawn("sh", ["-c", 'ulimit -n 20000; exec "$0" "$@"', program, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface(child.stderr);
  const link = await new Promise((found, failed) => {
    lines.on("line", (line) => {
      const seen = /http:\/\/\S+#\S+/.exec(line);
      if (seen) found(seen[0]);
    });
    child.once("exit", () => failed(new Error("the workbench ended before it was open")));
  });
  const home = new URL(link).origin;

  /** @param {string} method @param {string} path @param {unknown} [body] */
  async function ask(method, path, body) {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(home + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
  let token = "";
  token = (await ask("POST", "/api/enter", { code: link.split("#")[1] })).token;

  return {
    home,
    ask,
    /** A link that lets one page in. */
    async link() {
      return (await ask("POST", "/api/share", { may: "look" })).link;
    },
    /** A server whose reads are as long as a word, so that each word is an event. */
    async server(more = {}) {
      const run = await ask("POST", "/api/runs", { do: "listen", endpoint: "127.0.0.1:0", "read-size": String(WORD.length), ...more });
      return { id: run.id, port: Number(run.endpoint.split(":").at(-1)) };
    },
    /** The memory of the server, in MiB (proc(5)). */
    memory: () => memory(child.pid),
    /** How long the thread of the talk has run, in ns: whatever else the machine does (proc(5), schedstat). */
    worked: () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/schedstat`, "utf8").split(" ")[0]),
    async close() {
      child.kill("SIGTERM");
      await new Promise((over) => child.once("exit", over));
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** @param {number} process @param {string} [field] */
export function memory(process, field = "VmRSS") {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${process}/status`, "utf8"));
  return Number(found[1]) / 1024;
}

/**
 * Sends so many words to a server, as fast as they are taken or so many a second, and waits until it has read
 * them all.
 * @param {Awaited<ReturnType<typeof open>>} house
 * @param {{id: number, port: number}} run
 * @param {number} events
 * @param {number} [pace] a second
 * @returns {Promise<{rate: number, work: number}>} events a second, by the times on the server's tape; what each
 *   cost the thread of the talk, in ns
 */
export async function load(house, run, events, pace = Infinity) {
  const socket = connect(run.port, "127.0.0.1");
  await new Promise((open) => socket.once("connect", open));
  const most = Buffer.concat(new Array(4096).fill(WORD));
  const worked = house.worked();
  const began = performance.now();
  for (let sent = 0; sent < events; ) {
    const due = Math.min(events, Math.floor(((performance.now() - began) / 1000) * pace));
    const count = Math.min(due - sent, 4096);
    if (count <= 0) {
      await new Promise((later) => setTimeout(later, 5));
      continue;
    }
    if (!socket.write(most.subarray(0, count * WORD.length))) await new Promise((room) => socket.once("drain", room));
    sent += count;
  }
  socket.end();
  socket.resume();
  await new Promise((closed) => socket.once("close", closed));
  const work = (house.worked() - worked) / events;
  const path = `/api/runs/${run.id}/rows?count=1&kind=data&frame=`;
  const first = (await house.ask("GET", `${path}&from=0`)).rows[0];
  let tail;
  do tail = await house.ask("GET", `${path}&from=tail`);
  while (tail.searched < tail.events);
  const { rows, total } = tail;
  const last = rows[0];
  if (total < events) throw new Error(`${events} events were sent, ${total} are on the tape`);
  return { rate: (total - 1) / ((last.t - first.t) / 1e9), work };
}

/**
 * Callers that stay.
 * @param {{port: number}} run
 * @param {number} count
 */
export async function callers(run, count) {
  const all = [];
  for (let number = 0; number < count; number += 1) {
    const socket = connect(run.port, "127.0.0.1");
    await new Promise((open, failed) => socket.once("connect", open).once("error", failed));
    socket.on("error", () => undefined);
    all.push(socket);
  }
  return all;
}

/** @param {number[]} values */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted.at(-1), n: sorted.length };
}
