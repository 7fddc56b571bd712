/* A dialog: what it says is HTML that Python has escaped, its fields are set as values and never as markup.
   The browser keeps the focus inside and gives it back at the end. */

let made = 0;

function create(name, className, attributes = {}) {
  const element = document.createElement(name);
  element.className = className;
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}

function createControl(field, id) {
  const kinds = { area: "textarea", select: "select" };
  const control = create(kinds[field.kind] ?? "input", "ca-field-control", { id, name: field.name, dir: "auto" });
  if (field.kind === "select") {
    field.options.forEach(([value, text]) => {
      const option = create("option", "", { value });
      option.textContent = text;
      control.append(option);
    });
  }
  if (field.kind === "checkbox") {
    control.type = "checkbox";
    control.checked = field.value === "yes";
  } else {
    if (field.kind === "area") control.rows = 6;
    else if (field.kind !== "select") control.type = field.kind;
    control.value = field.value;
  }
  control.disabled = field.locked !== "";
  return control;
}

function createField(field, id) {
  const box = create("div", `ca-field ca-field-${field.kind}`);
  const label = create("label", "ca-field-label", { for: id });
  label.textContent = field.label;
  const control = createControl(field, id);
  box.append(label, control);
  const said = [field.locked || field.note, field.error];
  said.forEach((text, place) => {
    if (!text) return;
    const line = create("p", place ? "ca-field-error" : "ca-field-note", { id: `${id}-${place}` });
    if (place) line.setAttribute("role", "alert");
    line.textContent = text;
    box.append(line);
  });
  const told = said.flatMap((text, place) => (text ? [`${id}-${place}`] : []));
  if (told.length) control.setAttribute("aria-describedby", told.join(" "));
  if (field.error) control.setAttribute("aria-invalid", "true");
  return box;
}

function readValues(form) {
  const values = {};
  form.querySelectorAll(".ca-field-control").forEach((control) => {
    values[control.name] = control.type === "checkbox" ? (control.checked ? "yes" : "") : control.value;
  });
  return values;
}

function download({ name, text, type }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copy(text, dialog) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = create("textarea", "ca-unseen");
    area.value = text;
    dialog.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export default {
  render({ model, el }) {
    const id = `ca-dialog-${(made += 1)}`;
    const dialog = create("dialog", "ca ca-dialog", { "aria-labelledby": `${id}-title` });
    el.append(dialog);

    const createButton = (choice, form) => {
      const button = create("button", `ca-button ca-button-${choice.tone}`, { type: choice.isDefault ? "submit" : "button" });
      button.textContent = choice.label;
      const press = () => model.send({ kind: "press", button: choice.name, values: readValues(form) });
      if (!choice.isDefault) button.addEventListener("click", press);
      else form.addEventListener("submit", (event) => (event.preventDefault(), press()));
      return button;
    };

    const createHead = (sheet) => {
      const head = create("div", "ca-dialog-head");
      const title = create("h2", "", { id: `${id}-title`, dir: "auto", tabindex: "-1" });
      title.textContent = sheet.title;
      const close = create("button", "ca-dialog-close", { type: "button", "aria-label": "Close" });
      close.textContent = "\u2715";
      close.addEventListener("click", () => dialog.close());
      head.append(title, close);
      return head;
    };

    const createForm = (sheet) => {
      const form = create("form", "ca-dialog-form", { novalidate: "" });
      const said = create("div", "ca-dialog-said");
      said.innerHTML = sheet.html;
      form.append(said, ...sheet.fields.map((field, place) => createField(field, `${id}-${place}`)));
      const answer = create("p", "ca-dialog-error", { role: sheet.error ? "alert" : "status" });
      answer.textContent = sheet.error || sheet.told;
      answer.classList.toggle("ca-told", !sheet.error);
      const buttons = create("div", "ca-dialog-buttons");
      buttons.append(...sheet.choices.map((choice) => createButton(choice, form)));
      const after = create("div", "ca-dialog-said");
      after.innerHTML = sheet.after;
      form.append(...(answer.textContent ? [answer] : []), ...(sheet.choices.length ? [buttons] : []), after);
      return form;
    };

    const draw = () => {
      const sheet = model.get("sheet");
      if (!sheet.title) {
        if (dialog.open) dialog.close();
        dialog.replaceChildren();
        return;
      }
      dialog.classList.toggle("ca-dialog-wide", sheet.isWide);
      const form = createForm(sheet);
      dialog.replaceChildren(createHead(sheet), form);
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      const wrong = form.querySelector("[aria-invalid]");
      const first = form.querySelector(".ca-field-control:enabled, .ca-dialog-buttons button");
      (wrong ?? (sheet.isWide ? dialog.querySelector("h2") : first))?.focus();
    };

    dialog.addEventListener("close", () => {
      if (model.get("sheet").title) model.send({ kind: "close" });
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:sheet", draw);
    model.on("msg:custom", (message) => {
      if (message.kind === "download") download(message);
      if (message.kind === "copy") copy(message.text, dialog);
    });
    draw();
  },
};
