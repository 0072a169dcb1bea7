/**
 * The drawings of the page: lines on a grid of 16, in the colour of the text beside them.
 * An icon is never the only name of a control.
 */

/** @type {Record<string, string[]>} paths; one that begins with `!` is filled */
const DRAWN = {
  add: ["M8 3v10M3 8h10"],
  again: ["M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5"],
  alert: ["M8 2.5 14 13H2zM8 6.5v3", "!M7.4 10.7h1.2v1.2H7.4z"],
  broken: ["M8 2a6 6 0 0 1 5.8 4.5M14 8.6A6 6 0 0 1 8 14M2.2 9.5A6 6 0 0 1 6.4 2.2M9 5 6.5 8.5h3L7 12"],
  check: ["m3 8.5 3.2 3L13 4.5"],
  chevron: ["m6 3.5 4.5 4.5L6 12.5"],
  close: ["m4 4 8 8M12 4l-8 8"],
  copy: ["M5.5 5.5h7v8h-7zM3.5 10.5v-8h7"],
  ended: ["M4 4h8v8H4z"],
  end: ["!M4.5 4.5h7v7h-7z"],
  failed: ["M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"],
  file: ["M4 2h5.5L12 4.5V14H4zM9.5 2v2.5H12"],
  help: ["M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.3 6.4a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.8.6-.8 1.2", "!M7.4 10.6h1.2v1.2H7.4z"],
  in: ["M13 8H3m4-4L3 8l4 4"],
  kick: ["M9.5 3H13v10H9.5M3 8h6.5M6 5 3 8l3 3"],
  learn: ["M8 4.2C6.6 3.2 4.6 3 2.5 3v9c2.1 0 4.1.2 5.5 1.2C9.4 12.2 11.4 12 13.5 12V3c-2.1 0-4.1.2-5.5 1.2zM8 4.2v9"],
  link: ["M6.8 9.2a2.5 2.5 0 0 0 3.6 0l2-2a2.55 2.55 0 0 0-3.6-3.6l-.8.8M9.2 6.8a2.5 2.5 0 0 0-3.6 0l-2 2a2.55 2.55 0 0 0 3.6 3.6l.8-.8"],
  list: ["M2.5 4h11M2.5 8h11M2.5 12h7"],
  look: ["M2.5 3h11v10h-11zM9.5 3v10"],
  menu: ["!M3 7.2h1.6v1.6H3zM7.2 7.2h1.6v1.6H7.2zM11.4 7.2H13v1.6h-1.6z"],
  name: ["m3 13 .6-2.8L10.8 3 13 5.2 5.8 12.4z"],
  open: ["!M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z"],
  out: ["M3 8h10M9 4l4 4-4 4"],
  pause: ["!M4.5 3.5h2.3v9H4.5zM9.2 3.5h2.3v9H9.2z"],
  play: ["!M5 3.5 12.5 8 5 12.5z"],
  remove: ["M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5"],
  save: ["M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.2h10"],
  search: ["M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2"],
  send: ["M2.5 8 13.5 3l-3 10.5-3-4.5zM7.5 9l6-6"],
  settings: ["M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 3v3M5.8 10v3"],
  starting: ["M8 2.5a5.5 5.5 0 0 1 5.5 5.5M8 13.5A5.5 5.5 0 0 1 2.5 8"],
  stop: ["M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM4.2 4.2l7.6 7.6"],
  stream: ["M2.5 4h5M2.5 8h9M6.5 12h7"],
  shut: ["M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z"],
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @returns {SVGSVGElement} hidden from screen readers: the control beside it says what it is
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const drawn of DRAWN[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    const full = drawn.startsWith("!");
    path.setAttribute("d", full ? drawn.slice(1) : drawn);
    path.setAttribute("class", full ? "full" : "line");
    svg.appendChild(path);
  }
  return svg;
}
