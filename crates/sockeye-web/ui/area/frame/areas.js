/**
 * Which area stands where.
 */

import * as composer from "../composer/mount.js";
import * as conversations from "../conversations/mount.js";
import * as inspector from "../inspector/mount.js";
import * as lessons from "../lessons/mount.js";
import * as open from "../open/mount.js";
import * as stream from "../stream/mount.js";
import * as tools from "../tools/mount.js";

/** @typedef {import("../../core/types.js").Mount} Mount */

/** @type {[id: string, mount: Mount][]} the landmarks of index.html and what is mounted there */
export const landmarks = [
  ["conversations", conversations.mount],
  ["stream", stream.mount],
  ["composer", composer.mount],
  ["lessons", lessons.mount],
];

/** The dialog "open". */
export const opening = open.mount;

/** The inspector's tab "bytes". */
export const bytes = inspector.mount;

/** The inspector's other tabs. */
export const tabs = tools.tabs;
