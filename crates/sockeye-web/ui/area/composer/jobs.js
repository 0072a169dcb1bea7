/**
 * What the server repeats for us: started and stopped here, run there, so that it goes on with the page closed.
 */

import { shown } from "../../core/text.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../../core/types.js").Step} Step */
/** @typedef {import("../../core/types.js").SequenceProgress} Progress */
/** @typedef {ReturnType<typeof createJobs>} Jobs */

/** @param {Desk} desk */
export function createJobs(desk) {
  /** @type {Map<string, number>} by run and what started it */
  const started = new Map();
  /** @param {string} by */
  const key = (by) => `${desk.run()?.id} ${by}`;
  /** Those whose end was told. @type {Set<string>} */
  const over = new Set();

  desk.on("run", () => {
    const run = desk.run();
    for (const [of, number] of started) {
      const job = run && of.startsWith(`${run.id} `) ? run.sequences.find((one) => one.sequence === number) : null;
      if (!job || job.state === "running" || over.has(`${run?.id} ${number}`)) continue;
      over.add(`${run?.id} ${number}`);
      const bad = job.state === "failed" || job.state === "missed";
      const why = desk.app.words.said(job.why ?? job.at ?? "");
      desk.say(desk.t(`composer.over.${job.state}`, { n: job.done, done: desk.app.words.count(job.done), why: shown(why) }), bad ? "error" : "good");
    }
  });

  return {
    /**
     * @param {string} by what started it: its button turns into the one that stops
     * @param {{steps: Step[], times: number | null, every?: string}} what
     * @returns {Promise<boolean>} whether it began
     */
    async start(by, what) {
      const why = desk.why();
      if (why) {
        desk.say(desk.t(why), "error");
        return false;
      }
      const mine = key(by);
      const of = desk.run()?.id;
      const answer = await desk.attempt(desk.app.api.post(desk.path("sequences"), { to: desk.to(), ...what }));
      if (!answer) return false;
      started.set(mine, answer.sequence);
      desk.refresh();
      desk.say(desk.t("composer.started"), "good", of);
      return true;
    },
    /** @param {number} sequence */
    async stop(sequence) {
      await desk.attempt(desk.app.api.remove(desk.path(`sequences/${sequence}`)));
    },
    /** @param {string} by @returns {Progress | null} while it runs */
    running(by) {
      const number = started.get(key(by));
      return desk.run()?.sequences.find((one) => one.sequence === number && one.state === "running") ?? null;
    },
    /** @param {string} by @returns {Progress | null} running or ended */
    last(by) {
      const number = started.get(key(by));
      return desk.run()?.sequences.find((one) => one.sequence === number) ?? null;
    },
  };
}
