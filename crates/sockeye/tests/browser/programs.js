/**
 * Programs that are started, listened to, and ended when their scenario is over: our own binary and its peers.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Longer than anything here takes: a wait that lasts so long is a failure. */
export const LONG = 30_000;

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** The binary under test. */
export const SOCKEYE = process.env.SOCKEYE ?? `${ROOT}target/debug/sockeye`;

/** The interpreter that has the packages of `cargo xtask test --install`. */
export const PYTHON = `${ROOT}target/python/bin/python3`;

/** A program that runs. */
export class Program {
  /**
   * @param {string} name
   * @param {string[]} args
   * @param {{env?: Record<string, string>}} [how]
   */
  constructor(name, args, { env = {} } = {}) {
    this.label = [name, ...args].join(" ").slice(0, 200);
    this.out = "";
    this.err = "";
    /** @type {Set<() => void>} */
    this.waiting = new Set();
    this.child = spawn(name, args, { stdio: "pipe", env: { ...process.env, ...env } });
    this.child.stdout.setEncoding("latin1").on("data", (text) => this.heard(() => (this.out += text)));
    this.child.stderr.setEncoding("utf8").on("data", (text) => this.heard(() => (this.err += text)));
    // Who hangs up first may leave what we write unread.
    this.child.stdin.on("error", () => {});
    /** @type {number | null} */
    this.code = null;
    this.over = new Promise((resolve) => {
      this.child.on("error", (error) => this.heard(() => (this.err += String(error))));
      this.child.on("close", (code, signal) => {
        this.code = code ?? (signal ? 128 : 0);
        this.heard(() => {});
        resolve(this.code);
      });
    });
  }

  /** @param {() => void} take */
  heard(take) {
    take();
    for (const look of [...this.waiting]) look();
  }

  /**
   * Waits until `find` gives something.
   * @template T
   * @param {() => T | null | undefined | false} find
   * @param {string} what
   * @returns {Promise<T>}
   */
  until(find, what) {
    return new Promise((resolve, reject) => {
      const end = () => (clearTimeout(timer), this.waiting.delete(look));
      const give = () => (end(), reject(new Error(`waited in vain for ${what}\n  of: ${this.label}\n  stdout: ${this.out.slice(-2000)}\n  stderr: ${this.err.slice(-2000)}`)));
      const look = () => {
        const found = find();
        if (found) (end(), resolve(found));
        else if (this.code !== null) give();
      };
      const timer = setTimeout(give, LONG);
      this.waiting.add(look);
      look();
    });
  }

  /** Waits until stdout holds it. @param {string} text */
  async sees(text) {
    const bytes = Buffer.from(text, "utf8").toString("latin1");
    await this.until(() => this.out.includes(bytes), `stdout ${JSON.stringify(text)}`);
  }

  /** Waits for what a pattern finds in stdout or stderr. @param {RegExp} pattern @returns {Promise<string>} its first group */
  async says(pattern) {
    return this.until(() => (pattern.exec(this.err) ?? pattern.exec(this.out))?.[1], String(pattern));
  }

  /** @param {string | Uint8Array} text */
  writes(text) {
    this.child.stdin.write(text);
  }

  /** Ends its input. */
  finishes() {
    this.child.stdin.end();
  }

  /** Waits for its end. @returns {Promise<number>} the exit code */
  async ends() {
    await this.until(() => this.code !== null, "its end");
    return this.code ?? 0;
  }

  /** @param {NodeJS.Signals} [signal] */
  async kill(signal = "SIGKILL") {
    if (this.code === null) this.child.kill(signal);
    await this.over;
  }
}

/** Python that runs this script. Where it listens it prints the port first. @param {string} script @param {string[]} args */
export function python(script, ...args) {
  return new Program(PYTHON, ["-u", "-c", script, ...args]);
}

/**
 * A server in Python that binds a free port and prints it; `serve(s, peer)` is run for each caller in a thread.
 * @param {string} serve the body of that function
 */
export function pythonServer(serve) {
  const body = serve.trim().split("\n").map((line) => `    ${line}`).join("\n");
  const server = python(`
import socket, struct, sys, threading
def serve(s, peer):
${body}
listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
while True:
    s, peer = listener.accept()
    threading.Thread(target=serve, args=(s, peer), daemon=True).start()
`);
  return { server, port: server.says(/port (\d+)\n/) };
}
