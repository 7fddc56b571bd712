/* One of these stands in the explorer. It keeps the notebook's shortcuts away from whatever can be focused, says to a
   screen reader what is pressed and what is open, closes pop-ups, opens again what was open before it was drawn anew,
   lets arrows move between the numbers of a table and between the bars of a trend, and tells Python which number is asked about. */

const FOCUSABLE = "a, button, input, select, textarea, summary, dialog, option, pre, [tabindex], [contenteditable]";
const KEEP = "data-lm-suppress-shortcuts";

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function mark(element) {
  set(element, KEEP, "true");
  const isActive = String(element.classList.contains("mod-active"));
  if (element.matches(".ca-menu-button")) set(element, "aria-expanded", isActive);
  else if (element.matches(".widget-toggle-button")) set(element, "aria-pressed", isActive);
}

function markAll(root) {
  if (root.matches?.(FOCUSABLE)) mark(root);
  root.querySelectorAll?.(FOCUSABLE).forEach(mark);
}

function closePopUps(root, except) {
  root.querySelectorAll("details.ca-pop[open], details.ca-about[open]").forEach((open) => {
    if (!open.contains(except)) open.open = false;
  });
  root.querySelectorAll(".ca-menu-anchor").forEach((anchor) => {
    const button = anchor.querySelector(".ca-menu-button.mod-active");
    if (button && !anchor.contains(except)) button.click();
  });
}

/* What stands open in each part of the page. A part is drawn anew as a whole, and what a reader opened in it is still
   wanted then; what opens above the page is not. */
const openIn = new WeakMap();

function detailsOf(part) {
  return [...part.querySelectorAll("details:not(.ca-pop, .ca-about)")].map((found, place) => [
    found,
    `${place} ${found.querySelector("summary")?.textContent}`,
  ]);
}

function rememberOpen(event) {
  const part = event.target.closest?.(".widget-html");
  if (part) openIn.set(part, new Set(detailsOf(part).filter(([found]) => found.open).map(([, name]) => name)));
}

function openAgain(part) {
  const names = openIn.get(part);
  if (names) for (const [found, name] of detailsOf(part)) if (names.has(name)) found.open = true;
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function stepBetweenCells(event) {
  const step = STEPS[event.key];
  const cell = step && event.target.closest?.("td");
  if (!cell?.querySelector("[data-why]")) return;
  const rows = cell.closest("table").rows;
  let row = cell.parentElement.rowIndex;
  let column = cell.cellIndex;
  let next = null;
  do {
    row += step[0];
    column += step[1];
    if (!rows[row]?.cells[column]) return;
    next = rows[row].cells[column].querySelector("[data-why]");
  } while (!next?.getClientRects().length);
  event.preventDefault();
  next.focus();
}

function stepBetweenBars(event) {
  const across = STEPS[event.key]?.[1];
  const bar = across ? event.target.closest?.(".ca-why-bar[data-part]") : null;
  const next = across < 0 ? bar?.previousElementSibling : bar?.nextElementSibling;
  if (!next?.matches(".ca-why-bar")) return;
  event.preventDefault();
  next.focus();
}

function listen(root, model) {
  const onClick = (event) => {
    const asked = event.target.closest("[data-why]");
    if (asked) {
      const { why, goal = "", part = "" } = asked.dataset;
      model.send({ kind: "why", drawn: model.get("drawn"), metric: why, goal, part });
    }
    const led = event.target.closest("[data-note]");
    const note = led && root.querySelector(`#${CSS.escape(led.dataset.note)}`);
    if (note) {
      note.scrollIntoView({ block: "center" });
      note.focus({ preventScroll: true });
    }
  };
  const onPress = (event) => closePopUps(root, event.target);
  const onKey = (event) => {
    stepBetweenCells(event);
    stepBetweenBars(event);
    if (event.key !== "Escape" || event.target.closest?.("dialog")) return;
    const opener = event.target.closest?.("details")?.querySelector("summary");
    const menu = event.target.closest?.(".ca-menu-anchor")?.querySelector(".ca-menu-button");
    closePopUps(root, null);
    (opener ?? menu)?.focus();
  };
  root.addEventListener("click", onClick);
  root.addEventListener("toggle", rememberOpen, true); // it does not bubble
  document.addEventListener("pointerdown", onPress);
  root.addEventListener("keydown", onKey);
  return () => {
    root.removeEventListener("click", onClick);
    root.removeEventListener("toggle", rememberOpen, true);
    document.removeEventListener("pointerdown", onPress);
    root.removeEventListener("keydown", onKey);
  };
}

function watch(root, model) {
  const observer = new MutationObserver((changes) => {
    const parts = new Set();
    for (const change of changes) {
      if (change.type === "attributes") markAll(change.target);
      else {
        change.addedNodes.forEach(markAll);
        parts.add(change.target.closest(".widget-html"));
      }
    }
    parts.delete(null);
    parts.forEach(openAgain);
  });
  observer.observe(root, { childList: true, subtree: true, attributeFilter: ["class", "tabindex", KEEP] });
  markAll(root);
  const stop = listen(root, model);
  root.dataset.guarded = "true";
  return () => {
    observer.disconnect();
    stop();
  };
}

export default {
  render({ model, el }) {
    let stop = () => {};
    let waiting = 0;
    const begin = () => {
      const root = el.closest(".ca-explorer");
      if (root) stop = watch(root, model);
      else waiting = setTimeout(begin, 20);
    };
    begin();
    return () => {
      clearTimeout(waiting);
      stop();
    };
  },
};
