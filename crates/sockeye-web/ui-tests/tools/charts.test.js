/** The last five minutes: which second is where, and how high the axes are. */

import assert from "node:assert/strict";
import test from "node:test";
import { across, secondAt } from "../../ui/area/tools/charts/plot.js";
import { Ceiling, roundUp } from "../../ui/area/tools/charts/scale.js";
import { edgeOf, peaks, SECONDS, Series, SILENCE, summed } from "../../ui/area/tools/charts/series.js";

/** @param {number} into */
const rate = (into) => ({ ...SILENCE, in: into });

test("what is asked for and what comes by itself make one series", () => {
  const series = new Series();
  series.add(102, rate(3));
  series.fill(101, [rate(1), rate(2)]);
  assert.deepEqual([100, 101, 102].map((second) => series.at(second).in), [1, 2, 3]);
  assert.equal(series.newest, 102, "an older list does not move the edge back");
});

test("silence moves the picture on, and a second that is late does not", () => {
  const series = new Series();
  const run = { state: "open", began: 5000 };
  assert.equal(edgeOf(series, run, 5000), 0);
  series.add(10, rate(1));
  // Second 10 is over at 16 s by this clock, and told of by 17.2 s.
  assert.deepEqual([16_000, 17_100, 17_200, 18_200, 19_200].map((now) => edgeOf(series, run, now)), [9, 9, 10, 11, 12]);
  assert.equal(edgeOf(series, { ...run, state: "ended" }, 9e9), 10);
  const window = series.window(12);
  assert.equal(window.length, SECONDS);
  assert.deepEqual(window.slice(-3).map((one) => one.in), [1, 0, 0]);
});

test("a day of seconds is no more memory than ten minutes", () => {
  const series = new Series();
  for (let second = 0; second < 5000; second += 1) series.add(second, rate(second));
  assert.equal(series.at(4999 - 2 * SECONDS).in, 0);
  assert.equal(series.at(4999 - 2 * SECONDS + 1).in, 4999 - 2 * SECONDS + 1);
});

test("peaks and sums", () => {
  const window = Array.from({ length: SECONDS }, (_, at) => ({ ...rate(at), trips: 1, tripP50: 5, tripMax: at === 299 ? 70 : null }));
  assert.deepEqual(peaks(window), { in: 299, out: 0, trip: 70 });
  const rows = summed(window);
  assert.equal(rows.length, 30);
  assert.deepEqual([rows[0]?.ago, rows[0]?.in, rows[0]?.trips, rows[0]?.worst, rows[1]?.worst], [0, 294.5, 10, 70, null]);
});

test("an axis ends at a round number, grows at once and shrinks late", () => {
  assert.deepEqual([0, 1, 600, 1025, 600_000, 3_000_000].map((value) => roundUp(value, 1024, 1)), [1, 1, 1024, 2048, 1024 ** 2, 5 * 1024 ** 2]);
  const top = new Ceiling({ base: 1000, least: 10 });
  assert.deepEqual([3, 90, 40, 26, 25, 90].map((value) => top.next(value)), [10, 100, 100, 100, 100, 100]);
  assert.equal(top.next(20), 20);
});

test("a point of the picture is the second that is drawn there", () => {
  for (const at of [0, 1, 150, SECONDS - 1]) assert.equal(secondAt(across(at, SECONDS, 396), SECONDS, 396), at);
  assert.deepEqual([secondAt(-5, SECONDS, 396), secondAt(9999, SECONDS, 396)], [0, SECONDS - 1]);
});
