/**
 * From a filled form to what the server is asked to open, and back. Pure.
 */

import { schemeOf, withOptions } from "./endpoint.js";
import { kindOf } from "./kinds.js";
import { given, groups } from "./more.js";

/** @typedef {import("../../core/types.js").Draft} Draft */
/** @typedef {import("./kinds.js").Values} Values */
/** @typedef {{name: string, value: string}} Option one of an endpoint: `true` is a flag */
/** @typedef {{kind: string, values: Values, options: Option[]}} Form */

/** As many forms are remembered. */
export const REMEMBERED = 12;

/**
 * The fields that are to be filled in now.
 * @param {Form} form
 */
export function fieldsOf({ kind, values }) {
  return kindOf(kind).fields.filter((field) => !field.when || field.when(values));
}

/**
 * @param {Form} form
 * @returns {string | null} the first field that must not stay empty and does
 */
export function missing(form) {
  return fieldsOf(form).find((field) => field.needed && field.type !== "file" && !form.values[field.name]?.trim())?.name ?? null;
}

/**
 * @param {Form} form
 * @param {import("../../core/types.js").About} about
 * @returns {Draft}
 */
export function draftOf(form, about) {
  const kind = kindOf(form.kind);
  const does = kind.does(form.values);
  const endpoint = kind.endpoint?.(form.values);
  const more = groups(does, about).flatMap((group) => group.fields);
  const own = Object.entries(kind.draft?.(form.values) ?? {}).filter(([, value]) => value !== "" && value !== undefined);
  return {
    do: does,
    ...(endpoint === undefined ? {} : { endpoint: withOptions(endpoint, form.options.map(({ name, value }) => [name, value])) }),
    ...Object.fromEntries(own),
    ...given(more, form.values),
  };
}

/**
 * The form that a draft from elsewhere fills: its endpoint as it is typed.
 * @param {Partial<Draft>} draft
 * @returns {Form}
 */
export function formOf(draft) {
  /** @type {Values} */
  const values = {};
  for (const [name, value] of Object.entries(draft)) {
    if (typeof value === "string") values[name] = value;
    else if (value === true) values[name] = "true";
    else if (typeof value === "number") values[name] = String(value);
    else if (Array.isArray(value)) values[name] = value.join(name === "on" ? "\n" : ", ");
  }
  if (draft.do === "relay") return { kind: "relay", values, options: [] };
  if (draft.do === "lesson") return { kind: "lesson", values, options: [] };
  if (draft.do === "tape") return { kind: "tape", values: {}, options: [] };
  if (draft.do === "replay") {
    values.against = values.endpoint ?? "";
    values.side = draft["as-server"] ? "accept" : "dial";
    return { kind: "replay", values, options: [] };
  }
  values.role = draft.do === "listen" ? "listen" : "connect";
  return plainForm(values) ?? { kind: "typed", values, options: [] };
}

/**
 * The simple endpoints go into the simple forms, which explain more.
 * @param {Values} values
 * @returns {Form | null}
 */
function plainForm(values) {
  const found = /^(?:(tcp|udp):\/\/)?(\[[^\]]+\]|[^:/?[\]]+):(\d+)$/.exec(values.endpoint ?? "");
  if (!found) return null;
  const listens = values.role === "listen";
  const host = (found[2] ?? "").replace(/^\[(.*)\]$/, "$1");
  // The form of a server offers addresses of this machine alone.
  if (listens && host !== "127.0.0.1" && host !== "*") return null;
  // Broadcast and multicast have their own.
  if (found[1] === "udp" && /^(22[4-9]|23\d|255)\.|\.255$|^ff/.test(host)) return null;
  const kind = found[1] === "udp" ? "udp" : listens ? "server" : "client";
  return { kind, values: { ...values, host, bind: host, port: found[3] ?? "" }, options: [] };
}

/**
 * The scheme whose options can be given.
 * @param {Form} form
 * @returns {string | null}
 */
export function schemeOfForm({ kind, values }) {
  const endpoint = kindOf(kind).endpoint?.(values);
  return endpoint === undefined ? null : schemeOf(endpoint);
}

/**
 * @typedef {{form: Form, command: string}} Remembered
 */

/**
 * The forms remembered, with one more; the same command stands once, the newest first.
 * @param {unknown} kept from the keepsakes, which any version of this page may have written
 * @param {Remembered} [news]
 * @returns {Remembered[]}
 */
export function remembered(kept, news) {
  const old = (Array.isArray(kept) ? kept : []).filter(
    (one) => typeof one?.command === "string" && typeof one?.form?.kind === "string" && typeof one.form.values === "object" && Array.isArray(one.form.options),
  );
  const others = news ? old.filter((one) => one.command !== news.command) : old;
  return [...(news ? [news] : []), ...others].slice(0, REMEMBERED);
}
