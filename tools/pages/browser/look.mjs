// Looks at pages in Chromium. Standard input is a list of wishes as JSON, standard output what was seen, in that order.
//
// A wish: `page` (a file or a URL), `width`, `scheme` ("light", "dark"), `scripts` (false: none run), and any of `picture`
// (a file for a PNG of the whole page), `paper` (a file for a PDF), `rules` (axe's violations), `keys` (what Tab reaches),
// `texts` (the lines that a person sees, and the title), `search` (a text for the first field of search), `scroll` (through the longest table).
// What was seen: `failures` (of scripts, of the page's policy), `requests` besides the page's own, `overflow` (pixels that
// the page is wider than the window), `times` (milliseconds), `nodes`, and what was wished for.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.env.BROWSER_MODULES;
const { default: puppeteer } = await import(
  pathToFileURL(join(modules, "puppeteer-core/lib/puppeteer/puppeteer-core.js")).href
);
const axe = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");
const wishes = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  headless: true,
  protocolTimeout: 300_000,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--font-render-hinting=none"],
});

async function seen(wish) {
  const page = await browser.newPage();
  const found = { failures: [], requests: [] };
  await page.setViewport({ width: wish.width ?? 1280, height: wish.height ?? 900, deviceScaleFactor: wish.sharp ?? 1 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: wish.scheme ?? "light" }]);
  await page.setJavaScriptEnabled(wish.scripts ?? true);
  page.on("pageerror", (error) => found.failures.push(String(error)));
  page.on("console", (said) => ["error", "warn"].includes(said.type()) && found.failures.push(said.text()));
  const address = wish.page.includes("://") ? wish.page : pathToFileURL(wish.page).href;
  page.on("request", (request) => request.url() !== address && found.requests.push(request.url()));
  await page.evaluateOnNewDocument(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((all) => globalThis.longTasks.push(...all.getEntries().map((each) => each.duration))).observe({
      type: "longtask",
      buffered: true,
    });
  });
  await page.goto(address, { waitUntil: "load", timeout: 120_000 });
  if (wish.scripts ?? true) await measured(page, found);
  if (wish.keys) found.keys = await reached(page);
  if (wish.search !== undefined) found.search = await searched(page, wish.search);
  if (wish.scroll) found.scroll = await scrolled(page);
  if (wish.texts) {
    found.title = await page.title();
    found.texts = await page.evaluate(() => document.body.innerText.split("\n").filter(Boolean));
  }
  if (wish.rules) found.violations = await ruled(page);
  if (wish.picture) await page.screenshot({ path: wish.picture, fullPage: true });
  if (wish.paper) {
    const paper = await page.pdf({ path: wish.paper, format: "A4", printBackground: true, timeout: 240_000 });
    found.pages = (Buffer.from(paper).toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  }
  await page.close();
  return found;
}

async function measured(page, found) {
  Object.assign(
    found,
    await page.evaluate(async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const [way] = performance.getEntriesByType("navigation");
      return {
        overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
        nodes: document.querySelectorAll("*").length,
        times: { loaded: way.loadEventEnd, shown: performance.now(), longest: Math.max(0, ...globalThis.longTasks) },
      };
    }),
  );
}

// What Tab comes to, once round: the element, its name, and whether it can be seen that it has the focus.
async function reached(page) {
  const places = [];
  for (let at = 0; at < 400; at += 1) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(() => {
      const each = document.activeElement;
      if (!each || each === document.body) return null;
      const style = getComputedStyle(each);
      const name = each.getAttribute("aria-label") ?? each.getAttribute("aria-labelledby") ?? each.textContent;
      const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return { element: each.localName, name: name.trim().slice(0, 80), shown };
    });
    if (place === null) break;
    places.push(place);
  }
  return places;
}

async function searched(page, text) {
  const field = await page.$("input[type=search]");
  const started = Date.now();
  await field.evaluate((each, value) => {
    each.value = value;
    each.dispatchEvent(new Event("input"));
  }, text);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const told = await page.$eval(".tools output", (each) => each.textContent);
  return { told, took: Date.now() - started };
}

async function scrolled(page) {
  return page.evaluate(async () => {
    const all = [...document.querySelectorAll(".scroll")].sort((one, other) => other.scrollHeight - one.scrollHeight);
    const place = all[0];
    place.scrollIntoView();
    const frames = [];
    const step = place.scrollHeight / 60;
    let before = performance.now();
    for (let at = 0; at < 60; at += 1) {
      place.scrollTop += step;
      await new Promise((done) => requestAnimationFrame(done));
      frames.push(performance.now() - before);
      before = performance.now();
    }
    frames.sort((one, other) => one - other);
    return { median: frames[30], slowest: frames[59], reached: place.scrollTop > 0 };
  });
}

async function ruled(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((each) => ({
    id: each.id,
    impact: each.impact,
    help: each.help,
    nodes: each.nodes.slice(0, 5).map((node) => node.target.join(" ") + ": " + (node.any[0]?.message ?? node.failureSummary)),
  }));
}

const all = [];
for (const wish of wishes) all.push(await seen(wish));
await browser.close();
process.stdout.write(JSON.stringify(all));
