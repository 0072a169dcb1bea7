/**
 * A link for somebody who may look and not act: one use, made when it is asked for.
 */

import { dialog, el, icon, toast } from "../../core/dom.js";
import { copy } from "./clipboard.js";

/**
 * @param {import("../../core/types.js").App} app
 */
export async function share(app) {
  const { t } = app.words;
  let link;
  try {
    ({ link } = await app.api.post("/api/share", { may: "look" }));
  } catch (error) {
    const told = app.words.error(error);
    return toast(`${told.title}: ${told.text}`, "error");
  }
  const code = el("code", { tabindex: "0" }, String(link));
  const button = el("button", { type: "button", class: "button small", on: { click: () => void copy(link, app) } }, icon("copy"), t("shell.copy"));
  await dialog({
    title: t("shell.share"),
    body: el("div", { class: "stack" }, el("p", null, t("shell.share.what")), el("div", { class: "command" }, code, button)),
    actions: [{ label: t("shell.close"), value: true, kind: "primary" }],
  });
}
