/**
 * The parts that areas draw with, under one name. Each is written in its own file.
 */

export { el, replace, unique } from "./element.js";
export { dialog, toast } from "./dialog.js";
export { menu } from "./menu.js";
export { field, setError } from "./field.js";
export { icon } from "./icons.js";
