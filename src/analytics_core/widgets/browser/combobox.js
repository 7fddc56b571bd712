/* A combobox after the pattern of the ARIA Authoring Practices: Python says what is offered, this shows it.
   Texts come from data, so they are set as text and never as markup. */

let made = 0;

function create(name, className, attributes = {}) {
  const element = document.createElement(name);
  element.className = className;
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}

function createOption(option, id, selected) {
  const row = create("li", "ca-option", { role: "option", id, "aria-selected": String(selected) });
  row.dataset.value = option.id;
  const name = create("strong", "", { dir: "auto" });
  name.textContent = option.name;
  const detail = create("span", "ca-option-detail", { dir: "auto" });
  detail.textContent = option.detail;
  row.append(name, detail);
  return row;
}

export default {
  render({ model, el }) {
    const id = `ca-combobox-${(made += 1)}`;
    const label = create("label", "ca-combobox-label", { for: `${id}-input` });
    const input = create("input", "ca-combobox-input", {
      id: `${id}-input`, type: "text", role: "combobox", dir: "auto", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
    });
    const list = create("ul", "ca-combobox-list", { id: `${id}-list`, role: "listbox" });
    const nothing = create("div", "ca-combobox-nothing");
    const clear = create("button", "ca-link", { type: "button" });
    const popUp = create("div", "ca-combobox-pop");
    clear.textContent = "clear filters";
    nothing.append("No campaign matches; ", clear);
    popUp.append(list, nothing);
    popUp.hidden = true;
    const box = create("div", "ca-combobox");
    box.append(label, input, popUp);
    el.append(box);

    let active = -1;
    let isTyping = false;
    let isPressed = false;
    let isEntering = false;
    let asked = "";
    let sending = 0;
    let releasing = 0;

    const options = () => [...list.children];
    const shownName = () => model.get("shown");

    const move = (place) => {
      const rows = options();
      active = rows.length ? Math.max(0, Math.min(place, rows.length - 1)) : -1;
      rows.forEach((row, index) => row.classList.toggle("ca-active", index === active));
      if (active < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", rows[active].id);
        rows[active].scrollIntoView({ block: "nearest" });
      }
    };

    const drawList = () => {
      if (isPressed) return; // a row that is gone when the button comes up could not be picked any more
      const value = model.get("value");
      const offered = model.get("options");
      list.replaceChildren(...offered.map((one, place) => createOption(one, `${id}-${place}`, one.id === value)));
      nothing.hidden = offered.length > 0;
      list.hidden = offered.length === 0;
      const chosen = offered.findIndex((one) => one.id === value);
      if (!popUp.hidden) move(isTyping ? 0 : Math.max(chosen, 0));
    };

    const drawInput = () => {
      label.textContent = model.get("label");
      list.setAttribute("aria-label", model.get("label"));
      input.placeholder = model.get("placeholder");
      if (!isTyping) input.value = model.get("query") || popUp.hidden ? shownName() : "";
    };

    const open = () => {
      if (!popUp.hidden) return;
      popUp.hidden = false;
      input.setAttribute("aria-expanded", "true");
      drawList();
    };

    const close = () => {
      popUp.hidden = true;
      isTyping = false;
      isEntering = false;
      active = -1;
      clearTimeout(sending);
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      input.value = shownName();
      // Also where the answer to a search is still to come.
      if (asked || model.get("query")) model.send({ kind: "search", query: "" });
      asked = "";
    };

    /* The page below is of the campaign before until Python answers. What is pressed on it meanwhile would be heard
       after the choice, and taken for a wish of the campaign that was chosen. */
    const setWaiting = (isWaiting) => {
      el.closest(".ca-explorer")?.querySelectorAll(".ca-page-parts").forEach((page) => {
        page.inert = isWaiting;
      });
    };

    const pick = (row) => {
      if (row) {
        setWaiting(true);
        model.send({ kind: "pick", id: row.dataset.value });
      }
      close();
    };

    const onMessage = (said) => {
      if (said.kind === "picked") setWaiting(false);
    };

    const search = () => {
      clearTimeout(sending);
      asked = input.value;
      model.send({ kind: "search", query: asked });
    };

    /* Enter means what was typed, so it waits until the list is the answer to that. */
    const enter = () => {
      isEntering = isTyping && input.value !== model.get("query");
      if (isEntering) search();
      else pick(options()[active]);
    };

    const onAnswer = () => {
      if (!isEntering || input.value !== model.get("query")) return;
      drawList();
      pick(options()[active]);
    };

    const letGo = () => {
      if (!isPressed) return;
      isPressed = false;
      drawList();
    };

    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

    const onKey = (event) => {
      if (event.isComposing) return; // these keys are the input method's, say for Japanese
      if (event.key in steps) {
        event.preventDefault();
        if (popUp.hidden) open();
        else move(active + steps[event.key]);
      } else if (event.key === "Enter" && !popUp.hidden) {
        event.preventDefault();
        enter();
      } else if (event.key === "Escape" && !popUp.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Tab") close();
      event.stopPropagation();
    };

    const onInput = () => {
      isTyping = true;
      isEntering = false;
      open();
      clearTimeout(sending);
      sending = setTimeout(search, 60);
    };

    input.addEventListener("keydown", onKey);
    input.addEventListener("input", onInput);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => {
      if (popUp.hidden) input.select(); // what is typed next stands in place of the name, also after a pick
      open();
    });
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      isPressed = true;
      clearTimeout(releasing);
    });
    list.addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (row) pick(row);
      letGo();
    });
    clear.addEventListener("click", () => {
      isTyping = false;
      model.send({ kind: "clear" });
      input.focus();
    });
    const onPress = (event) => {
      if (!popUp.hidden && !box.contains(event.target)) close();
    };
    const onRelease = () => {
      if (isPressed) releasing = setTimeout(letGo, 100); // the click, if there is one, comes first
    };
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("pointerup", onRelease);
    document.addEventListener("pointercancel", onRelease);
    model.on("change:options", drawList);
    model.on("change:value", drawList);
    model.on("change:shown", drawInput);
    model.on("change:query", onAnswer);
    model.on("msg:custom", onMessage);
    drawInput();
    drawList();
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("pointerup", onRelease);
      document.removeEventListener("pointercancel", onRelease);
    };
  },
};
