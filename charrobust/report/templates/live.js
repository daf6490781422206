"use strict";
const byId = (id) => document.getElementById(id);
const form = byId("form");
let seed = 1;
let newest = 0;
let waiting = 0;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

function marked(fragments, tag) {
  const line = element("p");
  for (const [text, operator] of fragments) {
    const part = operator ? element(tag, text) : document.createTextNode(text);
    if (operator) part.title = operator;
    // Letters were deleted there, or added in the other text.
    if (operator && !text) part.className = "caret";
    line.append(part);
  }
  return line;
}

function showTexts(answer) {
  const field = element("div", undefined, "field");
  field.append(element("span", "before"), marked(answer.clean, "del"));
  field.append(element("span", "after"), marked(answer.attacked, "ins"));
  const names = answer.edits.map((edit) => `${edit.operator}: ${edit.before || "∅"} → ${edit.after || "∅"}`);
  field.append(element("span", "edits"), element("p", names.join("; ") || "none", "quiet"));
  byId("texts").replaceChildren(field);
}

function classRow([label, share]) {
  const row = element("div", undefined, "class");
  const meter = element("meter");
  meter.value = share;
  meter.title = `${label}: ${share.toFixed(4)}`;
  row.append(element("span", label), meter, element("span", percent(share)));
  return row;
}

function readingItem(reading) {
  const [best, share] = reading.known[0] || ["", 0];
  const reads = share > reading.own && best.toLowerCase() !== reading.word.toLowerCase();
  const item = element("li", reading.word, reads ? "other" : "");
  if (reads) item.append(` → ${best} `, element("small", percent(share)));
  const shares = reading.known.map(([word, part]) => `${word} ${percent(part)}`);
  item.title = [...shares, `its own pieces ${percent(reading.own)}`].join(", ");
  return item;
}

function said(title, answer) {
  const box = element("div");
  box.append(element("h3", title));
  for (const row of answer.classes || []) box.append(classRow(row));
  if (answer.prediction !== undefined) box.append(element("p", answer.prediction || "nothing"));
  if (answer.read !== undefined) box.append(element("p", `behind its defences it reads: ${answer.read}`, "quiet"));
  if (answer.readings) {
    const list = element("ul", undefined, "reads");
    list.append(...answer.readings.map(readingItem));
    box.append(element("h3", "its channel reads"), list);
  }
  return box;
}

function modelCard(model) {
  const card = element("article", undefined, "card");
  const answers = element("div", undefined, "answers");
  answers.append(said("before", model.clean), said("after", model.attacked));
  card.append(element("h2", model.name), answers);
  return card;
}

function show(answer) {
  showTexts(answer);
  byId("models").replaceChildren(...answer.models.map(modelCard));
}

async function ask() {
  const number = ++newest;
  const severity = Number(byId("severity").value) / 100;
  const question = { text: byId("text").value, recipe: byId("recipe").value, severity, seed };
  const problem = byId("problem");
  let answer;
  try {
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) };
    answer = await (await fetch(form.dataset.ask, options)).json();
  } catch {
    answer = { error: "no answer; is charrobust try still running?" };
  }
  // An answer that comes late is not shown over a newer one.
  if (number !== newest) return;
  problem.hidden = answer.error === undefined;
  problem.textContent = answer.error || "";
  if (answer.error === undefined) show(answer);
}

function askSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 250);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  byId("share").textContent = `${byId("severity").value} %`;
  askSoon();
});
byId("draw").addEventListener("click", () => {
  seed += 1;
  ask();
});
ask();
