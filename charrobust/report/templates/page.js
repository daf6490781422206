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

  function chooseTheme() {
    const button = at("theme");
    const root = document.documentElement;
    const preferred = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (preferred.matches ? "dark" : "light")) === "dark";
    const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
    button.setAttribute("aria-label", "Switch between light and dark");
    button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
    preferred.addEventListener("change", name);
    button.hidden = false;
    name();
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

  function browse() {
    const data = JSON.parse(at("data").textContent);
    const controls = ["query", "system", "attack", "operator", "label", "flipped"].map(at);
    const [query, system, attack, operator, label, flipped] = controls;
    const cases = new Map(data.attacks);
    const named = (name) => (cases.get(name) ? `${name} (${cases.get(name)})` : name);
    let found = data.examples;
    let page = 0;

    const flips = (said) => said.cleanRight === true && said.attackedRight === false;
    const saidOf = (example) => example.predictions.filter((said) => !system.value || said.system === system.value);
    const textOf = (pieces) => pieces.map((piece) => piece[0]).join("");

    data.examples.forEach((example) => {
      const texts = example.fields.flatMap((field) => [textOf(field.clean), textOf(field.attacked)]);
      const said = example.predictions.flatMap((each) => [each.clean, each.attacked]);
      example.searched = [example.id, example.target, ...texts, ...said].join("\n").toLowerCase();
    });

    function fill(select, values, shown) {
      values.forEach((value) => {
        const option = make("option", "", shown ? shown(value) : value);
        option.value = value;
        select.append(option);
      });
      select.parentElement.hidden = values.length < 2;
    }

    function fits(example) {
      return (!attack.value || example.attack === attack.value)
        && (!operator.value || example.operators.includes(operator.value))
        && (!label.value || example.labels.includes(label.value))
        && (!system.value || saidOf(example).length > 0)
        && (!flipped.checked || saidOf(example).some(flips))
        && example.searched.includes(query.value.trim().toLowerCase());
    }

    function marked(pieces, tag) {
      const line = make("p", textOf(pieces).length > 500 ? "long" : "");
      if (line.className) line.tabIndex = 0;
      pieces.forEach(([text, by]) => {
        if (!by) { line.append(text); return; }
        const mark = make(tag, "", text);
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

    function verdict(text, right, wrong, flip) {
      const cell = make("td");
      const shown = wrong ? (wrong.length ? `${wrong.length} wrong` : "all tags right") : text || "(no answer)";
      const said = make("span", right === true ? "right" : right === false ? "wrong" : "", shown);
      if (right !== null) said.append(make("span", "hint", right ? " (right)" : " (wrong)"));
      cell.append(said);
      if (flip) cell.append(make("span", "flip", "flipped"));
      if (wrong && wrong.length) {
        cell.append(make("ul", "", "", ...wrong.map(([token, tag, target]) => make("li", "", `${token}: ${tag}, not ${target}`))));
      }
      return cell;
    }

    function card(example) {
      const head = make("header", "", "", make("strong", "", named(example.attack)), make("span", "", `target: ${example.target || "(none)"}`));
      head.append(make("span", "", `id: ${example.id}`));
      const rows = saidOf(example).map((said) => make("tr", "", "", make("th", "", said.system),
        verdict(said.clean, said.cleanRight, said.cleanWrong, false),
        verdict(said.attacked, said.attackedRight, said.attackedWrong, flips(said))));
      rows.forEach((row) => { row.cells[0].scope = "row"; });
      const heads = ["system", "says of clean", "says of attacked"].map((text) => make("th", "", text));
      const says = make("table", "says", "", make("thead", "", "", make("tr", "", "", ...heads)), make("tbody", "", "", ...rows));
      const several = example.fields.length > 1;
      return make("li", "card", "", head, ...example.fields.map((field) => fieldOf(field, several)), says);
    }

    function draw() {
      const size = Number(at("size").value);
      const pages = Math.max(1, Math.ceil(found.length / size));
      page = Math.min(Math.max(page, 0), pages - 1);
      at("cards").replaceChildren(...found.slice(page * size, (page + 1) * size).map(card));
      at("count").textContent = `${found.length} of ${data.examples.length} examples`;
      at("place").textContent = `Page ${page + 1} of ${pages}`;
      at("previous").disabled = page === 0;
      at("next").disabled = page === pages - 1;
    }

    function filter() {
      found = data.examples.filter(fits);
      page = 0;
      draw();
    }

    function turn(by) {
      page += by;
      draw();
      at("count").scrollIntoView({ block: "start" });
    }

    fill(system, data.systems);
    fill(attack, data.attacks.map((each) => each[0]), named);
    fill(operator, data.operators);
    fill(label, data.labels);
    flipped.parentElement.hidden = !data.judged;
    controls.forEach((control) => control.addEventListener("input", filter));
    at("filters").addEventListener("submit", (event) => event.preventDefault());
    at("filters").addEventListener("reset", () => setTimeout(filter));
    at("size").addEventListener("input", draw);
    at("previous").addEventListener("click", () => turn(-1));
    at("next").addEventListener("click", () => turn(1));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
      if (event.key === "/") { event.preventDefault(); query.focus(); }
      if (event.key === "n" && !at("next").disabled) turn(1);
      if (event.key === "p" && !at("previous").disabled) turn(-1);
    });
    at("filters").hidden = at("pages").hidden = false;
    filter();
  }

  chooseTheme();
  document.querySelectorAll("table.sortable").forEach(sortable);
  if (at("cards")) browse();
})();
