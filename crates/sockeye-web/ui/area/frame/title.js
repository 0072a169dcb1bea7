/**
 * How many conversations are open, in the window's title and its sign.
 */

/**
 * @param {import("../../core/types.js").App} app
 */
export function mountTitle({ state, words }) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  let last = -1;
  let url = "";
  let away = false;

  function draw() {
    const open = [...state.runs.values()].reduce((sum, run) => sum + (run.state === "open" ? Math.max(run.open, 0) : 0), 0);
    if (open === last && away === !state.connected) return;
    last = open;
    away = !state.connected;
    document.title = away ? `⚠ ${words.t("shell.banner.title")} · Sockeye` : open > 0 ? `(${open}) Sockeye` : "Sockeye";
    void sign(open);
  }

  /** @param {number} open */
  async function sign(open) {
    if (!link) return;
    if (open === 0) return point("/favicon.svg");
    const picture = new Image();
    picture.src = "/favicon.svg";
    await picture.decode().catch(() => undefined);
    if (open !== last) return;
    const canvas = new OffscreenCanvas(64, 64);
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.drawImage(picture, 0, 0, 64, 64);
    pen.fillStyle = "#ffffff";
    pen.beginPath();
    pen.arc(45, 45, 19, 0, Math.PI * 2);
    pen.fill();
    pen.fillStyle = "#0d1a1e";
    pen.font = "700 26px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(open > 99 ? "…" : String(open), 45, 47);
    const blob = await canvas.convertToBlob();
    if (open === last) point(URL.createObjectURL(blob));
  }

  /** @param {string} news */
  function point(news) {
    if (!link) return;
    link.type = news.startsWith("blob:") ? "image/png" : "image/svg+xml";
    link.href = news;
    if (url) URL.revokeObjectURL(url);
    url = news.startsWith("blob:") ? news : "";
  }

  const off = [state.on("runs", draw), state.on("run", draw), state.on("connected", draw)];
  draw();
  return {
    destroy() {
      for (const one of off) one();
      last = -1;
      point("/favicon.svg");
    },
  };
}
