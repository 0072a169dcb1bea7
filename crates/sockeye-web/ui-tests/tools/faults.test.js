/** The language of `--fault`: what the sliders write is what the relay reads. */

import assert from "node:assert/strict";
import test from "node:test";
import { KNOBS } from "../../ui/area/tools/faults/knobs.js";
import { around, FaultText, NAMES, parse, same, write } from "../../ui/area/tools/faults/language.js";
import { changed, parted } from "../../ui/area/tools/faults/list.js";
import { count, rate, share, size, time } from "../../ui/area/tools/faults/quantity.js";
import { nearest, STOPS } from "../../ui/area/tools/faults/stops.js";

test("a text is taken apart and put together as the relay writes it", () => {
  const text = "split=8±4,gap=5ms; stall=2s,then=close,dir=down; drop=5%,on=match:PING,first=3,p=50%,share=10%; rst";
  assert.equal(write(parse(text)), text);
  assert.equal(write(parse("  delay = 50ms +- 10ms ,  dir=up ;; drop ")), "delay=50ms +- 10ms,dir=up; drop");
  assert.deepEqual([parse("none"), parse(""), parse(" ; ")], [[], [], []]);
});

test("what cannot be taken apart is refused with its column in characters", () => {
  /** @param {string} text */
  const refused = (text) => {
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof FaultText);
      return [error.kind, error.what, error.column];
    }
    return null;
  };
  assert.deepEqual(refused("drop; dealy=5ms"), ["name", "dealy", 7]);
  assert.deepEqual(refused("delay=5ms±1ms, wen=up"), ["key", "wen", 16]);
  assert.deepEqual(refused("drop,then=close"), ["key", "then", 6]);
  assert.deepEqual(refused("drop,p=1%,p=2%"), ["twice", "p", 11]);
  assert.deepEqual(refused(Array(33).fill("drop").join(";"))?.[0], "many");
  assert.deepEqual(refused("__proto__=1"), ["name", "__proto__", 1]);
});

test("times, sizes, rates and shares are read and written exactly", () => {
  /** @type {[import("../../ui/area/tools/faults/quantity.js").Quantity, string, string | null][]} */
  const table = [
    [time, "50ms", "50ms"], [time, "1.5s", "1500ms"], [time, "1m30s", "90s"], [time, "2", "2s"], [time, "100us", "100us"], [time, "0", "0s"],
    [time, "30s1m", null], [time, "1m30", null], [time, "ms", null], [time, "5 lightyears", null], [time, "-1s", null], [time, "", null],
    [size, "1024", "1KiB"], [size, "1.5k", "1536"], [size, "64kB", "64000"], [size, "0", "0"], [size, "1e9", null],
    [count, "1024", "1024"],
    [rate, "64kbit", "64kbit"], [rate, "1.5Mbit", "1500kbit"], [rate, "8KiB/s", "8KiB"], [rate, "300bit", "300bit"], [rate, "0", null],
    [share, "5", "5%"], [share, "0.25%", "0.25%"], [share, "100%", "100%"], [share, "100.1%", null], [share, "5.%", null],
  ];
  for (const [quantity, text, wanted] of table) {
    const value = quantity.read(text);
    assert.equal(value === null ? null : quantity.write(value), wanted, text);
    if (value !== null && wanted !== null) assert.equal(quantity.read(wanted), value, wanted);
  }
});

test("every fault has a knob, and every stop of it reads back as itself", () => {
  assert.deepEqual(KNOBS.map(({ name }) => name).sort(), [...NAMES].sort());
  for (const { name, dial, spread, begins } of KNOBS) {
    for (const one of [dial, spread]) {
      one?.stops.forEach((stop, at) => {
        assert.equal(one.quantity.read(one.quantity.write(stop)), stop, `${name} ${stop}`);
        assert.ok(at === 0 || stop > (one.stops[at - 1] ?? 0), `${name} ${stop} is in order`);
      });
    }
    if (begins && dial) assert.ok(dial.stops.includes(dial.quantity.read(begins) ?? -1), `${name} begins at a stop`);
  }
  assert.equal(STOPS.time[nearest(STOPS.time, 97e6)], 100e6);
});

test("one of several faults of a name is changed, and parted by direction", () => {
  const faults = parse("delay=1ms,dir=up; drop; delay=2ms,dir=down");
  const next = { ...faults[2], name: /** @type {const} */ ("delay"), value: "3ms", keys: {} };
  assert.equal(write(changed(faults, "delay", 1, next)), "delay=1ms,dir=up; drop; delay=3ms");
  assert.equal(write(changed(faults, "delay", 0, null)), "drop; delay=2ms,dir=down");
  assert.equal(write(changed([], "delay", 0, next)), "delay=3ms");
  const [drop] = parse("drop=5%");
  assert.ok(drop);
  assert.equal(write(parted(drop)), "drop=5%,dir=up; drop=5%,dir=down");
});

test("spreads are written in both ways, and spacing is no difference", () => {
  assert.deepEqual(around("50ms±10ms"), ["50ms", "10ms"]);
  assert.deepEqual(around("50ms +- 10ms"), ["50ms", "10ms"]);
  assert.deepEqual(around(null), ["", null]);
  assert.ok(same("delay=5ms;drop", " delay=5ms ; drop "));
  assert.ok(same("none", ""));
  assert.ok(!same("wrong", ""));
});
