/**
 * The keys of a tree (WAI-ARIA's tree view): arrows, Home, End, letters, Enter, Space, F2, Delete, the menu key.
 */

/**
 * @param {HTMLElement} tree its `[role=treeitem]` stand flat, with `aria-level`
 * @param {{
 *   show: (node: HTMLElement, more: boolean) => void,
 *   fold: (node: HTMLElement, folded: boolean) => void,
 *   menu: (node: HTMLElement) => void,
 *   rename: (node: HTMLElement) => void,
 *   remove: (node: HTMLElement) => void,
 * }} deeds
 */
export function walkTree(tree, deeds) {
  let typed = "";
  let typedAt = 0;

  /** @returns {HTMLElement[]} */
  const all = () => [...tree.querySelectorAll("[role=treeitem]")].filter((one) => one instanceof HTMLElement);

  /** @param {HTMLElement | undefined} node */
  function go(node) {
    if (!node) return;
    for (const other of all()) other.tabIndex = other === node ? 0 : -1;
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {HTMLElement} node
   * @returns {HTMLElement | undefined}
   */
  function parent(node) {
    const nodes = all();
    return nodes.slice(0, nodes.indexOf(node)).findLast((one) => one.ariaLevel === "1");
  }

  /** @param {HTMLElement} from @param {KeyboardEvent} event */
  function seek(from, event) {
    typed = event.timeStamp - typedAt < 800 ? typed + event.key : event.key;
    typedAt = event.timeStamp;
    const nodes = all();
    const at = nodes.indexOf(from) + (typed.length === 1 ? 1 : 0);
    const round = [...nodes.slice(at), ...nodes.slice(0, at)];
    go(round.find((one) => one.ariaLabel?.toLowerCase().startsWith(typed.toLowerCase())));
  }

  tree.addEventListener("keydown", (event) => {
    const node = event.target;
    if (!(node instanceof HTMLElement) || node.role !== "treeitem" || event.isComposing) return;
    const nodes = all();
    const at = nodes.indexOf(node);
    const expanded = node.getAttribute("aria-expanded");
    /** @type {Record<string, () => void>} */
    const takes = {
      ArrowDown: () => go(nodes[at + 1]),
      ArrowUp: () => go(nodes[at - 1]),
      Home: () => go(nodes[0]),
      End: () => go(nodes.at(-1)),
      ArrowRight: () => (expanded === "false" ? deeds.fold(node, false) : expanded === "true" ? go(nodes[at + 1]) : undefined),
      ArrowLeft: () => (expanded === "true" ? deeds.fold(node, true) : go(parent(node))),
      Enter: () => deeds.show(node, false),
      " ": () => deeds.show(node, true),
      F2: () => deeds.rename(node),
      Delete: () => deeds.remove(node),
      ContextMenu: () => deeds.menu(node),
    };
    const take = event.key === "F10" && event.shiftKey ? takes.ContextMenu : takes[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!take) return;
    event.preventDefault();
    event.stopPropagation();
    take();
  });
  // After the keys of the page: a letter that is one of theirs is theirs.
  tree.addEventListener("keypress", (event) => {
    const node = event.target;
    if (event.defaultPrevented || !(node instanceof HTMLElement) || node.role !== "treeitem" || event.key.length !== 1 || event.key === " ") return;
    seek(node, event);
  });
}
