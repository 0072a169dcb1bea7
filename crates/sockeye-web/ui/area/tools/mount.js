/** The tabs of the inspector beside "bytes". Each is a folder of its own; here is only their list. */

import { canCapture, mountCapture } from "./capture/capture.js";
import { mountCharts } from "./charts/charts.js";
import { mountDetect } from "./detect/detect.js";
import { mountDiagram } from "./diagram/diagram.js";
import { isRelay, mountFaults } from "./faults/faults.js";
import { mountInfo } from "./info/info.js";
import { canShake, mountShake } from "./shake/shake.js";

/** @type {import("../../core/types.js").Tab[]} */
export const tabs = [
  { id: "info", label: "tools.info", mount: mountInfo },
  { id: "diagram", label: "tools.diagram", mount: mountDiagram },
  { id: "charts", label: "tools.charts", mount: mountCharts },
  { id: "detect", label: "tools.detect", mount: mountDetect },
  { id: "faults", label: "tools.faults", mount: mountFaults, when: isRelay },
  { id: "shake", label: "tools.shake", mount: mountShake, when: canShake },
  { id: "capture", label: "tools.capture", mount: mountCapture, when: canCapture },
];
