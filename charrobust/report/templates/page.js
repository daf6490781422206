"use strict";
(() => {
  const at = (id) => document.getElementById(id);

  // All text goes through textContent: nothing that the data hold can become markup.
  function make(tag, kind, text, ...children) {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    element.append(...children);
    return element;
  }

  // A page opened from a file, or in a private window, may have no place to remember things.
  function remembered(key, value) {
    try {
      if (value === undefined) return localStorage.getItem(key);
      localStorage.setItem(key, value);
    } catch { /* then nothing is remembered */ }
    return null;
  }

  function chooseTheme() {
    const button = at("theme");
    const root = document.documentElement;
    const preferred = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (preferred.matches ? "dark" : "light")) === "dark";
    const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
    const kept = remembered("charrobust-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
    button.setAttribute("aria-description", "Switch between light and dark");
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remembered("charrobust-theme", root.dataset.theme);
      name();
    });
    preferred.addEventListener("change", name);
    button.hidden = false;
    name();
  }

  // Spreadsheets take what begins with one of these for a formula; minus signs of the page become those of programs.
  function csvCell(text) {
    const plain = text.trim().replaceAll("−", "-");
    const safe = /^[=+\-@]/.test(plain) && Number.isNaN(Number(plain.replace(/[ %]/g, ""))) ? `'${plain}` : plain;
    return `"${safe.replaceAll('"', '""')}"`;
  }

  function csvOf(table) {
    const parts = ["main", "mark", "change", "note"];
    const partOf = (cell, part) => cell.querySelector(`.${part}`)?.textContent ?? "";
    const rows = [...table.tBodies[0].rows];
    const columns = [...table.tHead.rows[0].cells].flatMap((head, column) => {
      const used = parts.filter((part) => part === "main" || rows.some((row) => partOf(row.cells[column], part)));
      return used.map((part) => ({ column, part, head: part === "main" ? head.textContent : `${head.textContent} (${part})` }));
    });
    const lines = rows.map((row) => columns.map(({ column, part }) => csvCell(partOf(row.cells[column], part))));
    return [columns.map(({ head }) => csvCell(head)), ...lines].map((line) => line.join(",")).join("\r\n") + "\r\n";
  }

  function downloadable(table, number) {
    const name = table.getAttribute("aria-label");
    const link = make("a", "csv", "CSV");
    link.href = "#";
    link.setAttribute("aria-label", `${name}, as CSV`);
    // Only now: tables are sorted, and made, after this.
    link.addEventListener("click", () => {
      link.href = URL.createObjectURL(new Blob(["\ufeff", csvOf(table)], { type: "text/csv" }));
      link.download = `table-${number + 1}.csv`;
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    table.closest(".sheet").querySelector(".top").append(link);
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const order = [...body.rows];
    const value = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
    };
    const compare = (a, b) => {
      if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
      return typeof a === "number" ? -1 : 1;
    };
    heads.forEach((head, column) => {
      const button = make("button", "", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const turns = order.some((row) => row.cells[column].dataset.value) ? ["descending", "ascending", ""] : ["ascending", "descending", ""];
        const next = turns[(turns.indexOf(now || "") + 1) % 3];
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        if (next) head.setAttribute("aria-sort", next);
        const sign = next === "descending" ? -1 : 1;
        const rows = next ? [...order].sort((a, b) => sign * compare(value(a, column), value(b, column))) : order;
        body.append(...rows);
      });
    });
  }

  // The examples are compressed, which browsers undo by themselves.
  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  async function browse() {
    const data = await unpacked(at("data").textContent);
    const names = ["query", "system", "attack", "operator", "label", "flipped"];
    const controls = names.map(at);
    const [query, system, attack, operator, label, flipped] = controls;
    const attacks = new Map(data.attacks.map((each) => [each.name, each]));
    let found = data.examples;
    let page = 0;

    const flips = (said) => said.cleanRight === true && said.attackedRight === false;
    const saidOf = (example) => example.predictions.filter((said) => !system.value || said.system === system.value);
    const textOf = (pieces) => pieces.map((piece) => piece[0]).join("");

    // Of the first search on: thousands of texts are not put together for nothing.
    function searched(example) {
      if (example.searched === undefined) {
        const texts = example.fields.flatMap((field) => [textOf(field.clean), textOf(field.attacked)]);
        const said = example.predictions.flatMap((each) => [each.clean, each.attacked]);
        example.searched = [example.id, example.target, example.targetRemark, ...texts, ...said].join("\n").toLowerCase();
      }
      return example.searched;
    }

    function fill(select, values) {
      values.forEach(({ name, title }) => {
        const option = make("option", "", title);
        option.value = name;
        select.append(option);
      });
      select.parentElement.hidden = values.length < 2;
    }

    function fits(example, wanted) {
      return (!attack.value || example.attack === attack.value)
        && (!operator.value || example.operators.includes(operator.value))
        && (!label.value || example.labels.includes(label.value))
        && (!system.value || saidOf(example).length > 0)
        && (!flipped.checked || saidOf(example).some(flips))
        && (!wanted || searched(example).includes(wanted));
    }

    function marked(pieces, tag) {
      const line = make("p", textOf(pieces).length > 500 ? "long" : "");
      if (line.className) line.tabIndex = 0;
      pieces.forEach(([text, by]) => {
        if (!by) { line.append(text); return; }
        // Where letters were deleted, or added in the other text, there is nothing but a caret to mark.
        const mark = make(tag, text ? "" : "caret", text);
        mark.title = by;
        line.append(mark);
      });
      return line;
    }

    function fieldOf(field, several) {
      const box = make("div", "field");
      if (several || !field.changed) box.append(make("span", several ? "title" : "", several ? field.name : ""));
      if (!field.changed) {
        box.append(make("span", "", "unchanged"), marked(field.clean, "del"));
      } else {
        box.append(make("span", "", "clean"), marked(field.clean, "del"));
        box.append(make("span", "", "attacked"), marked(field.attacked, "ins"));
      }
      return box;
    }

    function verdict(head, text, right, wrong, remarks, flip) {
      const cell = make("td");
      cell.dataset.head = head;
      const shown = wrong ? (wrong.length ? `${wrong.length} wrong` : "all tags right") : text || "(no answer)";
      const said = make("span", right === true ? "right" : right === false ? "wrong" : "", shown);
      if (right !== null) said.append(make("span", "hint", right ? " (right)" : " (wrong)"));
      cell.append(said);
      if (flip) cell.append(make("span", "flip", "made wrong"));
      const lines = [...(wrong || []).map(([token, tag, target]) => `${token}: ${tag}, not ${target}`), ...remarks];
      if (lines.length) cell.append(make("ul", "", "", ...lines.map((line) => make("li", "", line))));
      return cell;
    }

    function card(example) {
      const { title, mark } = attacks.get(example.attack);
      const head = make("header", "", "", make("strong", "", title));
      if (mark) head.append(make("span", "mark", mark));
      head.append(make("span", "", `target: ${example.targetRemark || example.target || "(none)"}`), make("span", "", `id: ${example.id}`));
      const heads = ["model", "says of clean", "says of attacked"];
      const rows = saidOf(example).map((said) => make("tr", "", "", make("th", "", said.system),
        verdict(heads[1], said.clean, said.cleanRight, said.cleanWrong, said.cleanRemarks, false),
        verdict(heads[2], said.attacked, said.attackedRight, said.attackedWrong, said.attackedRemarks, flips(said))));
      rows.forEach((row) => { row.cells[0].scope = "row"; });
      const top = make("tr", "", "", ...heads.map((text) => make("th", "", text)));
      const says = make("table", "says", "", make("thead", "", "", top), make("tbody", "", "", ...rows));
      const several = example.fields.length > 1;
      return make("li", "card", "", head, ...example.fields.map((field) => fieldOf(field, several)), says);
    }

    function draw() {
      const size = Number(at("size").value);
      const pages = Math.max(1, Math.ceil(found.length / size));
      page = Math.min(Math.max(page, 0), pages - 1);
      at("cards").replaceChildren(...found.slice(page * size, (page + 1) * size).map(card));
      at("count").textContent = `${found.length.toLocaleString("en")} of ${data.examples.length.toLocaleString("en")} examples`;
      at("place").textContent = `Page ${page + 1} of ${pages.toLocaleString("en")}`;
      at("previous").disabled = page === 0;
      at("next").disabled = page === pages - 1;
      at("empty").hidden = found.length > 0;
      at("pages").hidden = found.length === 0;
    }

    // The address holds what is looked at: "#examples?attack=drop&flipped=1&page=2".
    function tell() {
      const told = new URLSearchParams();
      controls.forEach((control) => {
        const value = control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
        if (value) told.set(control.id, value);
      });
      if (page) told.set("page", page + 1);
      const address = told.size ? `#examples?${told}` : "#examples";
      try { history.replaceState(null, "", address); } catch { /* too many in a short time: the next one tells */ }
    }

    function set(told) {
      controls.forEach((control) => {
        const value = told.get(control.id) ?? "";
        if (control.type === "checkbox") { control.checked = value === "1"; return; }
        control.value = value;
        if (control.value !== value) control.value = "";  // what no example has is no choice
      });
      filter();
      page = Number(told.get("page") || 1) - 1;
      draw();
    }

    function filter() {
      const wanted = query.value.trim().toLowerCase();
      found = data.examples.filter((example) => fits(example, wanted));
      page = 0;
      draw();
    }

    function listen() {
      const [place, told] = location.hash.split("?");
      if (place !== "#examples") return;
      if (told === undefined && !location.hash.endsWith("?")) return;
      set(new URLSearchParams(told));
      at("examples").scrollIntoView({ block: "start" });
    }

    function turn(by) {
      page += by;
      draw();
      tell();
      at("count").scrollIntoView({ block: "start" });
    }

    fill(system, data.systems);
    fill(attack, data.attacks);
    fill(operator, data.operators.map((name) => ({ name, title: name })));
    fill(label, data.labels.map((name) => ({ name, title: name })));
    flipped.parentElement.hidden = !data.judged;
    const changed = () => { filter(); tell(); };
    controls.forEach((control) => control.addEventListener("input", changed));
    at("filters").addEventListener("submit", (event) => event.preventDefault());
    at("filters").addEventListener("reset", () => setTimeout(changed));
    at("all").addEventListener("click", () => { at("filters").reset(); query.focus(); });
    at("size").addEventListener("input", draw);
    at("previous").addEventListener("click", () => turn(-1));
    at("next").addEventListener("click", () => turn(1));
    addEventListener("hashchange", listen);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
      if (event.key === "/") { event.preventDefault(); query.focus(); }
      if (event.key === "n" && !at("next").disabled) turn(1);
      if (event.key === "p" && !at("previous").disabled) turn(-1);
    });
    at("filters").hidden = false;
    filter();
    listen();
    document.documentElement.dataset.ready = "";
  }

  chooseTheme();
  document.querySelectorAll("table.data").forEach(downloadable);
  document.querySelectorAll("table.sortable").forEach(sortable);
  if (at("cards")) browse();
})();
