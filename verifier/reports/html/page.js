/* What a page can do where scripts run: search and sort its tables, copy a digest. Without them it reads as well. It asks
   nobody for anything, makes no markup of text, and whoever prints sees every row and everything unfolded. */
"use strict";

const made = (name, inside, said = {}) => Object.assign(document.createElement(name), said, inside);
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
for (const table of document.querySelectorAll("table[data-rows]")) {
  const bodies = [...table.tBodies], scroll = table.parentElement, group = bodies[0].rows.length;
  let rows = bodies.flatMap((body) => [...body.rows]);
  const input = made("input", { type: "search", autocomplete: "off", spellcheck: false });
  const label = made("label", { textContent: "Search " }), count = made("output", {}), tools = made("div", { className: "tools" });
  label.append(input); tools.append(label, count); scroll.before(tools);
  input.setAttribute("aria-controls", table.id);
  input.setAttribute("aria-label", "Search in: " + table.caption.textContent);
  const total = rows.length.toLocaleString("en");
  let texts = null, waiting = 0;
  const search = () => {
    waiting = 0;
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    rows.forEach((row, at) => {
      const shown = wanted.every((word) => texts[at].includes(word));
      if (row.hidden === shown) row.hidden = !shown;
      found += shown;
    });
    for (const body of bodies) body.hidden = ![...body.rows].some((row) => !row.hidden);
    table.classList.toggle("found", found <= 500);
    count.textContent = wanted.length ? `${found.toLocaleString("en")} of ${total} rows` : "";
  };
  input.addEventListener("input", () => { waiting ||= requestAnimationFrame(search); });
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = made("button", { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const key = (row) => row.cells[at].dataset.key ?? row.cells[at].textContent;
      const keyed = rows.map((row) => [key(row), row]);
      keyed.sort((one, other) => collator.compare(one[0], other[0]) * (order === "ascending" ? 1 : -1));
      rows = keyed.map((each) => each[1]);
      texts = null;
      bodies.forEach((body, at) => body.append(...rows.slice(at * group, (at + 1) * group)));
      search();
    });
  });
}

for (const place of document.querySelectorAll(".copy")) {
  const code = place.firstElementChild, button = made("button", { type: "button", textContent: "Copy" });
  button.setAttribute("aria-label", "Copy " + code.textContent.slice(0, 24));
  place.append(button);
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    let done = false;
    try { await navigator.clipboard.writeText(code.textContent); done = true; } catch { done = document.execCommand("copy"); }
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const each of unfolded) each.open = true;
});
addEventListener("afterprint", () => { for (const each of unfolded) each.open = false; });
