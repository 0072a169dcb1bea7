/** A report of shake, taken out of the text of the command line. */

import assert from "node:assert/strict";
import test from "node:test";
import { again, beside, cutRows } from "../../ui/area/tools/shake/beside.js";
import { pieces, readCase, together } from "../../ui/area/tools/shake/case.js";

const TEXT = `found in 0.6 s: message 1 cut after 2 of 5 bytes: more came than the 6 bytes: \`ok ok \` (3 of 3 times)
again: sockeye shake 127.0.0.1:40283 --send hello --send 中文 --only cut=2

unshaken               │ shaken
────────────────────── │ ──────────────────────
→  5 B  hello          │ →  2 B  he
←  3 B  ok             │ ←  3 B  ok
→  6 B  中文           │ →  3 B  llo
←  3 B  ok             │ ←  3 B  ok
○ closed by peer (FIN) │ →  6 B  a │ b
                       │ ○ closed by peer (FIN)

its last words on stderr:
  a │ b
`;

test("the two runs are rows of two cells again, wide letters and bars in them too", () => {
  const rows = beside(TEXT);
  assert.equal(rows.length, 6);
  assert.deepEqual(rows[2], { left: "→  6 B  中文", right: "→  3 B  llo", lost: true, added: true });
  assert.deepEqual(rows[4], { left: "○ closed by peer (FIN)", right: "→  6 B  a │ b", lost: false, added: true });
  assert.deepEqual(rows[5], { left: "", right: "○ closed by peer (FIN)", lost: false, added: false });
  assert.deepEqual(beside("nothing found in 1.0 s (seed 7)\n"), []);
});

test("rows that end at a cut are found, unless rows before them are left out", () => {
  const rows = beside(TEXT);
  assert.deepEqual([...cutRows(rows, [2])], [0]);
  assert.deepEqual([...cutRows([{ left: "… 3 rows alike", right: "… 3 rows alike", lost: false, added: false }, ...rows], [2])], []);
});

test("the line that runs it again is copied whole", () => {
  assert.equal(again(TEXT), "sockeye shake 127.0.0.1:40283 --send hello --send 中文 --only cut=2");
  assert.equal(again("passes, 3 of 3 times\n"), null);
});

test("a case is read with its ranges, and none is too long to draw", () => {
  assert.deepEqual(readCase("cut=5,cut=17-19,glue=2"), { cuts: [5, 17, 18, 19], glues: [2] });
  assert.deepEqual(readCase("as-is"), { cuts: [], glues: [] });
  assert.equal(readCase("cut=1-99999999").cuts.length, 4096);
  assert.deepEqual(together([2, 3, 7]), [[1, 3], [6, 7]]);
  assert.deepEqual(pieces([2, 7, 9], 9), [[0, 2], [2, 7], [7, 9]]);
});
