// Draws the dashboards of deploy/grafana from a Prometheus, as Grafana lays them
// out, where no Grafana is to be had:
//
//   node dashboards.mjs PROMETHEUS_URL SECONDS FOLDER
//
// makes FOLDER/dashboard-NAME.png of each, of the last SECONDS. A panel without
// data is an error.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { launch } from "../browser.mjs";

const [prometheus, seconds, folder] = process.argv.slice(2);
const boards = new URL("../../../deploy/grafana/dashboards/", import.meta.url);
const end = Math.floor(Date.now() / 1000);
const span = Number(seconds);
const colours = "#73bf69 #f2cc0c #5794f2 #ff9830 #f2495c #b877d9 #8ab8ff #c4a2f0 #96d98d #ffb357";

async function series({ expr, legendFormat }) {
  const asked = new URLSearchParams({
    query: expr.replaceAll("$__rate_interval", "20s"),
    start: end - span,
    end,
    step: Math.max(1, Math.floor(span / 120)),
  });
  const answer = await fetch(`${prometheus}/api/v1/query_range?${asked}`);
  const { data, error } = await answer.json();
  if (!answer.ok) throw new Error(`${expr}: ${error}`);
  return data.result.map(({ metric, values }) => ({
    name: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? ""),
    points: values.map(([at, value]) => [at, Number(value)]).filter(([, v]) => !Number.isNaN(v)),
  }));
}

async function filled(panel) {
  const lines = (await Promise.all(panel.targets.map(series))).flat();
  const full = lines.filter(({ points }) => points.length > 0);
  if (full.length === 0) throw new Error(`no data for ${panel.title}`);
  return { ...panel, lines: full };
}

/** Runs in the page: lays panels out in 24 columns and draws what they have. */
function draw({ title, description, panels, start, end, colours }) {
  const si = (value, step, names) => {
    let n = 0;
    for (; Math.abs(value) >= step && n < names.length - 1; n++) value /= step;
    return `${Number(value.toPrecision(3))}${names[n]}`;
  };
  const seconds = (value) => {
    if (value === 0) return "0 s";
    if (value < 1) return `${Number((value * 1000).toPrecision(3))} ms`;
    const [size, name] = value < 600 ? [1, "s"] : value < 172_800 ? [3600, "h"] : [86_400, "days"];
    return `${Number((value / size).toPrecision(3))} ${name}`;
  };
  const units = {
    s: seconds,
    bytes: (value) => si(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]),
    percentunit: (value) => `${Number((value * 100).toPrecision(3))} %`,
    currencyUSD: (value) => `$${Number(value.toPrecision(3))}`,
    reqps: (value) => `${si(value, 1000, ["", "k", "M"])} req/s`,
    ops: (value) => `${si(value, 1000, ["", "k", "M"])} ops/s`,
    short: (value) => si(value, 1000, ["", "k", "M"]),
  };
  const element = (parent, name, attributes = {}, text = "") => {
    const node = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return parent.appendChild(node);
  };
  const chart = (box, { lines, fieldConfig }, unit) => {
    const width = box.clientWidth;
    const height = box.clientHeight;
    const left = 74;
    const bottom = 20;
    const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
    const least = fieldConfig.defaults.min ?? Math.min(...values);
    const top = Math.max(...values);
    const most = top > least ? least + (top - least) * 1.05 : least + 1;
    const x = (at) => left + ((at - start) / (end - start)) * (width - left - 8);
    const y = (value) =>
      height - bottom - ((value - least) / (most - least)) * (height - bottom - 6);
    box.innerHTML = `<svg width="${width}" height="${height}"></svg>`;
    const svg = box.firstChild;
    for (let n = 0; n <= 3; n++) {
      const value = least + ((most - least) * n) / 3;
      element(svg, "line", { x1: left, x2: width - 8, y1: y(value), y2: y(value), class: "grid" });
      element(svg, "text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, unit(value));
      const at = start + ((end - start) * n) / 3;
      const clock = new Date(at * 1000).toISOString().slice(11, 19);
      const anchor = ["start", "middle", "middle", "end"][n];
      element(svg, "text", { x: x(at), y: height - 4, "text-anchor": anchor }, clock);
    }
    lines.forEach(({ points }, n) => {
      const path = points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ");
      element(svg, "polyline", {
        points: path,
        stroke: colours[n % colours.length],
        class: "line",
      });
      const [at, value] = points.at(-1);
      element(svg, "circle", { cx: x(at), cy: y(value), r: 2, fill: colours[n % colours.length] });
    });
  };
  document.body.innerHTML = "";
  element(document.body, "h1", {}, title);
  element(document.body, "p", {}, description);
  const main = element(document.body, "main");
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    const unit = units[panel.fieldConfig.defaults.unit];
    const place = `grid-column: ${x + 1} / span ${w}; grid-row: ${y + 1} / span ${h}`;
    const section = element(main, "section", { style: place, class: panel.type });
    element(section, "h2", {}, panel.title);
    const box = element(section, "div", { class: "box" });
    if (panel.type === "stat") {
      element(box, "strong", {}, unit(panel.lines[0].points.at(-1)[1]));
      continue;
    }
    const legend = element(section, "div", { class: "legend" });
    panel.lines.forEach(({ name }, n) => {
      const item = element(legend, "span");
      element(item, "i", { style: `background: ${colours[n % colours.length]}` });
      item.append(name);
    });
    chart(box, panel, unit);
  }
}

const style = `
  body { margin: 16px; background: #111217; color: #ccccdc; font: 12px Inter, "DejaVu Sans", sans-serif; }
  h1 { font-size: 20px; margin: 0 0 4px; } p { margin: 0 0 12px; }
  main { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 30px; gap: 8px; }
  section { background: #181b1f; border: 1px solid #2c3235; padding: 8px; min-width: 0; display: flex; flex-direction: column; }
  h2 { font-size: 13px; font-weight: 500; margin: 0 0 4px; }
  .box { flex: 1; min-height: 0; display: grid; place-items: center; }
  strong { font-size: 40px; font-weight: 500; color: #73bf69; }
  .legend { display: flex; flex-wrap: wrap; gap: 2px 12px; max-height: 32px; overflow: hidden; }
  i { display: inline-block; width: 12px; height: 3px; margin-right: 5px; vertical-align: middle; }
  .grid { stroke: #2c3235; } .line { fill: none; stroke-width: 1.5; } text { fill: #9fa7b3; font-size: 11px; }`;

const browser = await launch();
try {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(boards)) {
    const board = JSON.parse(readFileSync(new URL(file, boards)));
    const panels = await Promise.all(board.panels.map(filled));
    const page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
    await page.setContent(`<!doctype html><style>${style}</style>`);
    const { title, description } = board;
    await page.evaluate(draw, {
      title,
      description,
      panels,
      start: end - span,
      end,
      colours: colours.split(" "),
    });
    await page.screenshot({
      path: `${folder}/dashboard-${basename(file, ".json")}.png`,
      fullPage: true,
    });
  }
} finally {
  await browser.close();
}
