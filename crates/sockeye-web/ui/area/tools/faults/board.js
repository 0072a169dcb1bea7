/**
 * All faults of a relay as rows with sliders, in fixed places: switching one on moves no other
 * group. Two of the same name are two rows. Not here: the text, and the relay.
 */

import { el, replace } from "../../../core/dom.js";
import { KNOBS } from "./knobs.js";
import { changed, parted } from "./list.js";
import { faultRow } from "./row.js";

/**
 * @typedef {import("./language.js").Fault} Fault
 * @typedef {import("./language.js").Name} Name
 * @typedef {ReturnType<typeof faultRow>} Row
 */

const GROUPS = /** @type {const} */ (["time", "shape", "loss", "end"]);

/**
 * @param {import("../../../core/types.js").Words} words
 * @param {import("./knobs.js").Carrier} carries
 * @param {(faults: Fault[]) => void} turned
 */
export function board(words, carries, turned) {
  const { t } = words;
  /** @type {Fault[]} */
  let faults = [];
  /** @type {Map<Name, { list: HTMLElement, rows: Row[] }>} */
  const places = new Map();

  const groups = GROUPS.map((group) => {
    const lists = KNOBS.filter((knob) => knob.group === group).map((knob) => {
      const list = el("ul", { class: "fault-place" });
      places.set(knob.name, { list, rows: [] });
      return list;
    });
    return el("section", { class: "fault-group" }, el("h3", {}, t(`tools.faults.group.${group}`)), ...lists);
  });

  /** @param {Fault[]} next */
  function take(next) {
    faults = next;
    draw();
    turned(faults);
  }

  function draw() {
    for (const knob of KNOBS) {
      const place = places.get(knob.name);
      if (!place) continue;
      const here = faults.filter((fault) => fault.name === knob.name);
      // One that means nothing to this carrier is shown only if the text has it.
      place.list.hidden = here.length === 0 && knob.fits !== null && knob.fits !== carries;
      const wanted = Math.max(1, here.length);
      while (place.rows.length < wanted) {
        const nth = place.rows.length;
        place.rows.push(faultRow(words, knob, {
          changed: (fault) => take(changed(faults, knob.name, nth, fault)),
          another: () => another(knob.name, nth),
        }));
      }
      place.rows.length = wanted;
      const nodes = place.rows.map((row) => row.node);
      if (nodes.length !== place.list.childElementCount) replace(place.list, nodes);
      place.rows.forEach((row, nth) => row.show(here[nth] ?? null));
    }
  }

  /** @param {Name} name @param {number} nth */
  function another(name, nth) {
    const of = faults.filter((fault) => fault.name === name)[nth];
    if (!of) return;
    const [one, other] = parted(of);
    const list = changed(faults, name, nth, one);
    list.splice(list.indexOf(one) + 1, 0, other);
    take(list);
  }

  draw();
  return {
    node: el("div", { class: "fault-board" }, groups),
    /** @param {Fault[]} next */
    show(next) {
      faults = next;
      draw();
    },
    /** @param {(name: Name) => number} times */
    struck(times) {
      for (const [name, { rows }] of places) rows.forEach((row, nth) => row.struck(nth === 0 ? times(name) : 0));
    },
  };
}
