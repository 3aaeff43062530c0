// A text area for SQL with a list of completions; editor.py says why, and what passes in and out.
// `candidates` is in candidates.js, which stands before this in one module.

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const [area, list, button] = ["textarea", "ul", "button"].map((one) => parentElement.querySelector(one));
  const state = (area.state ??= { serial: null, sent: null, from: 0, options: [], at: 0, chosen: false });
  const send = () => {
    if (area.value !== state.sent) setStateValue("written", { serial: state.serial, text: (state.sent = area.value) });
  };
  const parameters = (text) => (text ?? "").match(/\$\w+/g)?.join() ?? "";
  const run = () => {
    close();
    send();
    setTriggerValue("run", area.value);
  };
  const close = () => {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };
  const mark = (at) => {
    state.at = (at + state.options.length) % state.options.length;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === state.at));
    area.setAttribute("aria-activedescendant", list.children[state.at].id);
    list.children[state.at].scrollIntoView({ block: "nearest" });
  };
  const accept = (option) => {
    close();
    if (option.query) return setTriggerValue("load", option.name);
    area.focus();
    area.setSelectionRange(state.from, area.selectionStart);
    document.execCommand("insertText", false, option.name); // keeps undo, as setRangeText does not
    close();
  };
  const suggest = (asked) => {
    const found = candidates(area.value, area.selectionStart, data.words);
    Object.assign(state, found);
    const before = area.value.slice(0, area.selectionStart);
    const is_open = asked || found.from < area.selectionStart || /(\.|\b(from|join)\s)$/i.test(before);
    if (!is_open || !found.options.length) return close();
    list.replaceChildren(...found.options.map((option, i) => {
      const item = document.createElement("li");
      const note = document.createElement("span");
      Object.assign(item, { id: `option-${i}`, role: "option", textContent: option.name, onmousedown: (event) => {
        event.preventDefault(); // the text keeps the focus
        accept(option);
      } });
      note.textContent = option.note;
      item.append(note);
      return item;
    }));
    list.hidden = false;
    state.chosen = asked;
    const style = getComputedStyle(area);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const lines = before.slice(0, found.from).split("\n");
    const x = parseFloat(style.paddingLeft) + pen.measureText(lines.at(-1)).width - area.scrollLeft;
    const y = parseFloat(style.paddingTop) + lines.length * parseFloat(style.lineHeight) - area.scrollTop;
    list.style.left = `${Math.max(0, Math.min(x, area.clientWidth - list.offsetWidth))}px`;
    list.style.top = `${area.offsetTop + Math.min(y, area.clientHeight) + 2}px`;
    mark(0);
  };
  const fit = () => (area.rows = Math.min(24, Math.max(6, area.value.split("\n").length + 1)));

  area.onkeydown = (event) => {
    event.stopPropagation(); // the page has keys of its own, r and c among them
    if (event.isComposing || event.keyCode === 229) return; // a Korean syllable is being written
    const is_open = !list.hidden;
    const step = (by) => {
      state.chosen = true;
      mark(state.at + by);
    };
    const take = () => accept(state.options[state.at]);
    const keys = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Escape: close, Tab: take };
    if (state.chosen) keys.Enter = take; // else it begins a line, as who types `from t d` wants
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    else if (event.key === " " && event.ctrlKey) suggest(true);
    else if (is_open && keys[event.key] && !event.shiftKey) keys[event.key]();
    else return;
    event.preventDefault();
  };
  area.onkeyup = area.onkeypress = (event) => event.stopPropagation();
  area.oninput = (event) => {
    fit();
    if (!event.isComposing) suggest(false);
    if (parameters(area.value) !== parameters(state.sent)) send(); // a field for each
  };
  area.oncompositionend = () => suggest(false);
  area.onclick = close;
  list.onmousedown = (event) => event.preventDefault(); // its scroll bar does not take the focus
  area.onblur = () => {
    close();
    send();
  };
  button.onclick = run;

  button.textContent = data.run;
  area.setAttribute("aria-label", data.label);
  parentElement.querySelector("small").textContent = data.hint;
  if (data.serial !== state.serial) {
    Object.assign(state, { serial: data.serial, sent: data.text });
    area.value = data.text;
    fit();
  }
}
