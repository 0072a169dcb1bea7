/**
 * Elements made of data: text only ever becomes text nodes. No HTML is read here.
 */

/** @typedef {import("./types.js").Child} Child */
/**
 * @typedef {{
 *   class?: string,
 *   on?: {[name: string]: (event: any) => void},
 *   data?: {[name: string]: string | number | undefined},
 *   vars?: {[name: string]: string},
 *   [attribute: string]: unknown,
 * }} Props `vars` are custom properties, set by CSSOM: the policy forbids the attribute `style`
 */

/** What is a property of the element and no attribute, or differs from it once the user has typed. */
const LIVE = new Set(["value", "checked", "selected", "indeterminate", "textContent", "src", "scrollTop"]);

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function el(name, props, ...children) {
  const node = document.createElement(name);
  append(node, children);
  // After the children: a select's value needs its options.
  if (props) dress(node, props);
  return node;
}

/**
 * @param {HTMLElement} node
 * @param {Props} props
 */
function dress(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = String(value ?? "");
    else if (name === "on") listen(node, props.on ?? {});
    else if (name === "data") {
      for (const [key, one] of Object.entries(props.data ?? {})) if (one !== undefined) node.dataset[key] = String(one);
    } else if (name === "vars") {
      for (const [key, one] of Object.entries(props.vars ?? {})) node.style.setProperty(key, one);
    } else if (name.startsWith("aria-")) {
      if (value !== null && value !== undefined) node.setAttribute(name, String(value));
    } else if (value === null || value === undefined || value === false) continue;
    else if (LIVE.has(name)) Reflect.set(node, name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {HTMLElement} node
 * @param {{[name: string]: (event: any) => void}} listeners
 */
function listen(node, listeners) {
  for (const [event, run] of Object.entries(listeners)) node.addEventListener(event, run);
}

/**
 * @param {Node} node
 * @param {readonly Child[]} children
 */
function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node) node.appendChild(child);
    else if (typeof child === "object") append(node, child);
    else node.appendChild(document.createTextNode(String(child)));
  }
}

/**
 * Puts the children in place of what is there.
 * @param {Element} node
 * @param {...Child} children
 */
export function replace(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

let ids = 0;

/**
 * An id that no other element of the page has.
 * @param {string} stem
 */
export function unique(stem) {
  ids += 1;
  return `${stem}-${ids}`;
}
