/**
 * The server's news: one WebSocket that comes back by itself. It understands none of the messages but
 * knows when they have stopped.
 */

/** Nothing for so long: the line is dead, whatever the socket says. */
export const SILENCE = 12_000;
/** How long to wait before the next attempt; the last goes on. */
export const BACKOFF = [300, 1000, 2000, 4000, 8000, 10_000];

/** @typedef {{readyState: number, close(): void, onopen: any, onmessage: any, onclose: any, onerror: any}} Socket */
/** @typedef {{after: (run: () => void, ms: number) => number, cancel: (id: number) => void, now: () => number}} Clock */

/** @type {Clock} */
const real = {
  after: (run, ms) => window.setTimeout(run, ms),
  cancel: (id) => window.clearTimeout(id),
  now: () => Date.now(),
};

/**
 * @param {{
 *   open: () => Socket,
 *   probe: () => Promise<boolean>,
 *   news: (message: any) => void,
 *   changed: (connected: boolean, next: number | null) => void,
 *   clock?: Clock,
 * }} from `probe`: whether it is worth trying (the server answers, the token is good);
 *   `changed` gets the Unix ms of the next attempt
 */
export function createWatch({ open, probe, news, changed, clock = real }) {
  /** @type {Socket | null} */
  let socket = null;
  let failures = 0;
  let silence = 0;
  let retry = 0;
  let trying = false;
  let closed = false;
  let connected = false;

  async function attempt() {
    clock.cancel(retry);
    if (closed || trying || socket) return;
    trying = true;
    const worth = await probe().catch(() => false);
    trying = false;
    if (closed) return;
    if (!worth) return lost();
    const mine = open();
    socket = mine;
    listen(mine);
    hush();
  }

  /** @param {Socket} mine */
  function listen(mine) {
    mine.onmessage = (/** @type {{data: unknown}} */ event) => {
      if (mine !== socket || typeof event.data !== "string") return;
      hush();
      let message;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      if (message.e === "hello") {
        failures = 0;
        // Before it is said: who listens to it reads what this message brings.
        news(message);
        connected = true;
        changed(true, null);
      } else if (message.e !== "beat") news(message);
    };
    mine.onerror = null;
    mine.onclose = () => drop(mine);
  }

  function hush() {
    clock.cancel(silence);
    silence = clock.after(() => socket && drop(socket), SILENCE);
  }

  /** @param {Socket} mine */
  function drop(mine) {
    if (mine !== socket) return;
    socket = null;
    clock.cancel(silence);
    mine.onclose = null;
    mine.onmessage = null;
    mine.close();
    lost();
  }

  function lost() {
    if (closed) return;
    const wait = BACKOFF[Math.min(failures, BACKOFF.length - 1)] ?? 10_000;
    failures += 1;
    connected = false;
    retry = clock.after(() => void attempt(), wait);
    changed(false, clock.now() + wait);
  }

  return {
    start: () => void attempt(),
    /** Tries at once: the user asked, or the machine woke up. */
    now() {
      if (connected || trying) return;
      failures = 0;
      void attempt();
    },
    stop() {
      closed = true;
      clock.cancel(retry);
      clock.cancel(silence);
      const last = socket;
      socket = null;
      last?.close();
    },
  };
}
