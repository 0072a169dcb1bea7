/** The tabs of the inspector beside "bytes". Each is a folder of its own; here is only their list. */

import { mountCharts } from "./charts/charts.js";
import { mountInfo } from "./info/info.js";

/** @typedef {import("../../core/types.js").Run} Run */

/** @type {import("../../core/types.js").Tab[]} */
export const tabs = [
  { id: "charts", label: "tools.charts", mount: mountCharts },
  { id: "info", label: "tools.info", mount: mountInfo },
];
