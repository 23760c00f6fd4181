// The browser side of every picture: it shows the frame that Python drew, and sends Python what the
// reader did. It computes nothing.
//
// From Python: title, frame (SVG), caption (HTML), summary (text for screen readers), message,
//              controls (a list).
// To Python:   inputs, a dictionary: the value of each control by its key, how often each button
//              was pressed, the elements pointed at ("pointed") and chosen ("chosen"), and how
//              often a control's last value was given again ("repeats").

function render({ model, el }) {
  const stage = make("div", { class: "bp-stage", role: "group", "data-lm-suppress-shortcuts": "true" });
  const board = make("div", { class: "bp-board" });
  const picture = make("div", { class: "bp-picture" });
  const blanks = make("div", { class: "bp-blanks" });
  const message = make("p", { class: "bp-message", role: "alert" });
  const caption = make("div", { class: "bp-caption" });
  const summary = make("p", { class: "bp-summary", role: "status", "aria-live": "polite" });
  const controls = make("div", { class: "bp-controls" });
  board.append(picture, blanks);
  stage.append(controls, board, message, caption, summary);
  el.append(stage);

  const widgets = new Map(); // what shows each control, by its key
  const timers = new Map(); // of the play buttons that are on
  let speaking = 0;

  const input = (key) => model.get("inputs")[key];
  // `shown` is what the control shows, if it shows a value. Another control may have changed it
  // since the reader's last input; then the same input is a new one.
  function send(key, value, shown = value) {
    const { [key]: before, repeats = {}, ...others } = model.get("inputs");
    if (before === value && shown === value) return;
    const times = (repeats[key] ?? 0) + (before === value);
    model.set("inputs", { ...others, [key]: value, repeats: { ...repeats, [key]: times } });
    model.save_changes();
  }

  // --- the picture -------------------------------------------------------------------------------

  function showFrame() {
    const fresh = new DOMParser().parseFromString(model.get("frame"), "image/svg+xml").documentElement;
    if (fresh.nodeName !== "svg") return;
    const old = picture.firstElementChild;
    if (old) patch(old, fresh);
    else picture.append(document.importNode(fresh, true));
    rove();
  }

  const things = () => [...picture.querySelectorAll("[data-key]")];
  const thingAt = (event) => event.target.closest?.("[data-key]")?.dataset.key ?? "";

  // One element of the picture is in the page's tab order; arrow keys lead to the others.
  let current = "";
  function rove() {
    const all = things();
    if (!all.some((thing) => thing.dataset.key === current)) current = all[0]?.dataset.key ?? "";
    for (const thing of all) thing.setAttribute("tabindex", thing.dataset.key === current ? "0" : "-1");
  }
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  picture.addEventListener("keydown", (event) => {
    const all = things();
    const place = all.findIndex((thing) => thing.dataset.key === thingAt(event));
    if (place < 0) return;
    if (event.key in STEPS) {
      event.preventDefault();
      all[(place + STEPS[event.key] + all.length) % all.length].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(thingAt(event));
    } else if (event.key === "Escape") {
      send("chosen", "");
    }
  });
  picture.addEventListener("focusin", (event) => {
    current = thingAt(event);
    rove();
    send("pointed", current);
  });
  picture.addEventListener("focusout", () => send("pointed", ""));
  picture.addEventListener("pointerover", (event) => send("pointed", thingAt(event)));
  picture.addEventListener("pointerleave", () => send("pointed", ""));
  picture.addEventListener("click", (event) => choose(thingAt(event)));
  const choose = (key) => key && send("chosen", input("chosen") === key ? "" : key);

  // --- the controls ------------------------------------------------------------------------------

  function showControls() {
    const wanted = model.get("controls");
    const keys = new Set(wanted.map((control) => control.key));
    for (const [key, widget] of widgets) {
      const control = wanted.find((one) => one.key === key);
      if (!keys.has(key) || widget.kind !== control.kind) {
        stop(key);
        widget.node.remove();
        widgets.delete(key);
      }
    }
    for (const control of wanted) {
      const home = control.kind === "blank" ? blanks : controls;
      if (!widgets.has(control.key)) widgets.set(control.key, { kind: control.kind, ...KINDS[control.kind](control) });
      const widget = widgets.get(control.key);
      widget.node.dataset.control = control.key;
      widget.show(control);
      const before = home.children[wanted.filter((one) => (one.kind === "blank") === (control.kind === "blank")).indexOf(control)];
      if (before !== widget.node) home.insertBefore(widget.node, before ?? null);
    }
  }

  // While the reader types in a field its value is not overwritten, unless the field has a new
  // slot: then it is emptied.
  const set = (field, value, slot) => {
    const afresh = slot != null && field.dataset.slot !== String(slot);
    if (afresh) field.dataset.slot = slot;
    if ((afresh || document.activeElement !== field) && field.value !== String(value)) field.value = value;
  };

  const KINDS = {
    slider(control) {
      const node = make("div", { class: "bp-slider" });
      const name = make("label", { for: unique() });
      const track = make("input", { type: "range", id: name.getAttribute("for") });
      const field = make("input", { type: "number" });
      let shown = control.value;
      track.addEventListener("input", () => {
        field.value = track.value;
        send(control.key, Number(track.value), shown);
      });
      field.addEventListener("input", () => {
        if (field.value !== "") track.value = field.value;
        send(control.key, field.value === "" ? null : Number(field.value), shown);
      });
      node.append(name, track, field);
      return {
        node,
        show({ label, words, typed, low, high, step, value, disabled }) {
          shown = value;
          setHTML(name, label);
          set_attributes(track, { min: low, max: high, step, "aria-label": words, disabled });
          set_attributes(field, { min: low, max: high, step: "any", "aria-label": typed, disabled });
          if (document.activeElement !== track && document.activeElement !== field) {
            track.value = value;
            field.value = value;
          }
        },
      };
    },
    choice(control) {
      const node = make("label", { class: "bp-choice" });
      const name = make("span");
      const list = make("select");
      let shown = control.value;
      list.addEventListener("change", () => send(control.key, list.value, shown));
      node.append(name, list);
      return {
        node,
        show({ label, options, value, disabled }) {
          shown = value;
          setHTML(name, label);
          const wanted = JSON.stringify(options);
          if (list.dataset.options !== wanted) {
            list.replaceChildren(...options.map(([key, words]) => new Option(words, key)));
            list.dataset.options = wanted;
          }
          list.value = value;
          set_attributes(list, { disabled });
        },
      };
    },
    button(control) {
      const node = make("button", { type: "button", class: "bp-button" });
      node.addEventListener("click", () => {
        if (node.getAttribute("aria-disabled") !== "true") send(control.key, (input(control.key) ?? 0) + 1);
      });
      // aria-disabled in place of disabled, so that a button that is disabled keeps the focus
      return {
        node,
        show({ label, words, disabled }) {
          setHTML(node, label);
          set_attributes(node, { "aria-label": words, title: words, "aria-disabled": String(Boolean(disabled)) });
        },
      };
    },
    play(control) {
      const node = make("button", { type: "button", class: "bp-button" });
      node.addEventListener("click", () => (timers.has(control.key) ? stop(control.key) : start(control.key)));
      return {
        node,
        show(state) {
          Object.assign(control, state);
          if (control.disabled) stop(control.key);
          const on = timers.has(control.key);
          setHTML(node, on ? control.pause : control.label);
          set_attributes(node, { "aria-pressed": String(on), "aria-disabled": String(Boolean(control.disabled)) });
        },
        control,
      };
    },
    tick(control) {
      const node = make("label", { class: "bp-tick" });
      const box = make("input", { type: "checkbox" });
      const name = make("span");
      let shown = control.value;
      box.addEventListener("change", () => send(control.key, box.checked, shown));
      node.append(box, name);
      return {
        node,
        show({ label, value, disabled }) {
          shown = value;
          setHTML(name, label);
          box.checked = value;
          set_attributes(box, { disabled });
        },
      };
    },
    entry(control) {
      const node = make("label", { class: "bp-entry" });
      const name = make("span");
      const field = typed(control.key);
      node.append(name, field);
      return {
        node,
        show({ label, value, state, slot, disabled }) {
          setHTML(name, label);
          set(field, value, slot);
          set_attributes(field, { disabled, "data-state": state });
        },
      };
    },
    blank(control) {
      const field = typed(control.key);
      field.className = "bp-blank";
      return {
        node: field,
        show({ words, value, state, x, y, width, slot, disabled }) {
          set(field, value, slot);
          const [, , wide, high] = picture.firstElementChild.getAttribute("viewBox").split(" ").map(Number);
          set_attributes(field, { "aria-label": words, title: words, "data-state": state, disabled });
          Object.assign(field.style, { left: `${(100 * x) / wide}%`, top: `${(100 * y) / high}%`, width: `${(100 * width) / wide}%` });
        },
      };
    },
    note() {
      const node = make("div", { class: "bp-note" });
      return { node, show: ({ words }) => setHTML(node, words) };
    },
    gap() {
      return { node: make("span", { class: "bp-gap" }), show() {} };
    },
  };

  // A field whose text is sent to Python after Enter, Tab, or a click elsewhere. A field with a
  // slot sends the slot too, so that the same text in a new slot is a new input.
  function typed(key) {
    const field = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
    const done = () => send(key, field.dataset.slot === undefined ? field.value : [Number(field.dataset.slot), field.value]);
    field.addEventListener("change", done);
    field.addEventListener("keydown", (event) => event.key === "Enter" && done());
    return field;
  }

  function start(key) {
    const { control } = widgets.get(key);
    if (control.disabled) return;
    timers.set(key, setInterval(() => send(control.presses, (input(control.presses) ?? 0) + 1), control.every));
    widgets.get(key).show({});
  }
  function stop(key) {
    if (!timers.has(key)) return;
    clearInterval(timers.get(key));
    timers.delete(key);
    widgets.get(key)?.show({});
  }

  // --- words -------------------------------------------------------------------------------------

  // Screen readers read the summary when changes have stopped, not at every change.
  function showSummary() {
    clearTimeout(speaking);
    speaking = setTimeout(() => (summary.textContent = model.get("summary")), 400);
  }
  function showMessage() {
    message.textContent = model.get("message");
    message.hidden = !model.get("message");
  }
  const shown = {
    title: () => stage.setAttribute("aria-label", model.get("title")),
    frame: showFrame,
    controls: showControls,
    caption: () => setHTML(caption, model.get("caption")),
    summary: showSummary,
    message: showMessage,
  };
  for (const [name, show] of Object.entries(shown)) {
    show();
    model.on(`change:${name}`, show);
  }

  // While the picture has the focus, it receives all keys: JupyterLab's shortcuts would move to
  // another cell. Only saving is JupyterLab's: that event goes on to the document. JupyterLab reads
  // the attribute there, so the attribute is removed earlier, at the window.
  const lendKeys = (event) => {
    if (!stage.contains(event.target)) return;
    // On the target too: Notebook 7 looks at it first, and before the event reaches the stage.
    for (const element of [stage, event.target]) set_attributes(element, { "data-lm-suppress-shortcuts": saves(event) ? null : "true" });
  };
  window.addEventListener("keydown", lendKeys, true);
  stage.addEventListener("keydown", (event) => {
    if (!saves(event)) event.stopPropagation();
  });

  return () => {
    window.removeEventListener("keydown", lendKeys, true);
    for (const key of [...timers.keys()]) stop(key);
    clearTimeout(speaking);
    for (const [name, show] of Object.entries(shown)) model.off(`change:${name}`, show);
  };
}

// Whether a key press is the one that saves the notebook.
export function saves({ key, ctrlKey, metaKey }) {
  return (ctrlKey || metaKey) && key.toLowerCase() === "s";
}

function make(kind, attributes = {}) {
  const node = document.createElement(kind);
  set_attributes(node, attributes);
  return node;
}

function set_attributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

function setHTML(node, words) {
  if (node.dataset.words === words) return;
  node.dataset.words = words;
  node.innerHTML = words;
}

let made = 0;
const unique = () => `bp-${(made += 1)}`;

// Make `old` equal to `fresh` with as few changes as possible, so that nothing flickers and the
// focus stays.
function patch(old, fresh) {
  if (old.nodeName !== fresh.nodeName || old.dataset?.key !== fresh.dataset?.key) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "tabindex") old.removeAttribute(name);
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  before.slice(after.length).forEach((node) => node.remove());
  after.forEach((node, place) => (place < before.length ? patch(before[place], node) : old.append(document.importNode(node, true))));
}

export default { render };
