// What the site's pages do beyond reading: the map, the ranking, the search, and the source line
// behind a figure. Pages open from a folder, where a browser lets no script read a file; data is
// loaded as scripts that call gongkai.take(name, value).
"use strict";

const gongkai = (() => {
  const { root, language } = document.body.dataset;
  const say = (zh, en) => (language === "zh" ? zh : en);
  const taken = new Map();
  const waiting = new Map();

  const take = (name, value) => waiting.get(name)(value);

  const load = (name) => {
    if (!taken.has(name)) {
      taken.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `${root}data/${name.split("/").map(encodeURIComponent).join("/")}.js`;
        script.onerror = () => reject(new Error(name));
        document.head.append(script);
      }));
    }
    return taken.get(name);
  };

  const number = (value) =>
    value === null || value === undefined ? "–" : value.toLocaleString("en-US").replace("-", "−");
  const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)}%`);

  // Text only ever enters a page as text.
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const regionName = (zh, en) =>
    language === "zh" ? [zh] : [`${en} `, element("span", { lang: "zh-CN" }, zh)];

  return { take, load, say, number, percent, element, regionName };
})();

// The source line behind a figure.
(() => {
  const dialog = document.querySelector("dialog.source");
  const source = document.querySelector("template[data-lines]");
  if (!dialog || !source) return;
  const { load, say, element } = gongkai;
  document.querySelector("[data-figure-hint]")?.removeAttribute("hidden");

  const show = async (place) => {
    const [report, line, span] = place.split(" ");
    const text = (await load(source.dataset.lines))[report][line];
    const quote = dialog.querySelector("blockquote");
    const caption = dialog.querySelector("figcaption");
    caption.textContent = say(`原文第 ${line} 行`, `Line ${line} of the source`);
    if (span) {
      // Offsets count characters as Python does, not UTF-16 units.
      const characters = [...text];
      const [start, end] = span.split("-").map(Number);
      const mark = element("mark", {}, characters.slice(start, end).join(""));
      quote.replaceChildren(characters.slice(0, start).join(""), mark, characters.slice(end).join(""));
    } else {
      quote.replaceChildren(text);
      caption.textContent += say("；该行过长，数字不在所存的一段之内", "; of this long line the stretch with the figure was not kept");
    }
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const figure = event.target.closest("button[data-at]");
    if (figure) show(figure.dataset.at);
    if (event.target === dialog) dialog.close();
  });
})();

// The map of the provinces and the list beside it.
(() => {
  const controls = document.querySelector("[data-map-controls]");
  if (!controls) return;
  const { load, say, number, percent, element, regionName } = gongkai;
  const { names, stated } = JSON.parse(document.getElementById("map-data").textContent);
  const paths = new Map(
    [...document.querySelectorAll(".map [data-province]")].map((path) => [path.dataset.province, path]),
  );
  const share = (part, whole) => (part === null || !whole ? null : part / whole);
  // Of a province: new requests and disclosure rate; reports, those that reconcile, those judged.
  const figures = {
    requests: { read: (counts) => counts[0], show: number },
    disclosed: { read: (counts) => (counts[1] === null ? null : counts[1] / 100), show: percent },
    reports: { read: (counts) => counts[2] || null, show: number },
    reconciled: { read: (counts) => share(counts[3], counts[4]), show: percent },
  };
  const ranking = document.querySelector("[data-map-ranking]");
  const scale = document.querySelector("[data-map-scale]");
  const STEPS = 5;

  let asked = 0;

  const draw = async () => {
    const turn = ++asked;
    const { read, show } = figures[controls.figure.value];
    const counts = await load(`map/${controls.year.value || "all"}`);
    if (turn !== asked) return;
    const rows = Object.entries(counts)
      .map(([code, counts]) => ({ code, value: read(counts) }))
      .filter((row) => row.value !== null)
      .sort((a, b) => b.value - a.value);
    const sorted = [...new Set(rows.map((row) => row.value))].sort((a, b) => a - b);
    // Equal numbers of provinces to a step: a few large provinces would drown the rest otherwise.
    const step = (value) =>
      sorted.length < 2 ? STEPS : 1 + Math.round(((STEPS - 1) * sorted.indexOf(value)) / (sorted.length - 1));
    for (const path of paths.values()) {
      path.setAttribute("class", "province");
      path.replaceChildren();
    }
    for (const { code, value } of rows) {
      const path = paths.get(code);
      if (!path) continue;
      path.setAttribute("class", `province step-${step(value)}`);
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = `${names[code][0]} ${names[code][1]}: ${show(value)}`;
      path.append(title);
    }
    ranking.replaceChildren(
      ...rows.map(({ code, value }) => {
        const name = regionName(...names[code]);
        const cell = names[code][2] ? [element("a", { href: `region/${code}.html` }, ...name)] : name;
        return element("tr", {}, element("th", { scope: "row" }, ...cell), element("td", {}, show(value)));
      }),
    );
    document.querySelector("[data-map-heading]").textContent =
      controls.figure.selectedOptions[0].textContent;
    const legend = element("ul", { class: "legend" });
    const shown = new Map();
    for (const value of sorted) {
      const number = step(value);
      const [lowest] = shown.get(number) ?? [value];
      shown.set(number, [lowest, value]);
    }
    for (const [number, [lowest, highest]] of shown) {
      const range = lowest === highest ? show(lowest) : `${show(lowest)}–${show(highest)}`;
      legend.append(element("li", {}, element("span", { class: `swatch fill step-${number}` }), range));
    }
    legend.append(
      element("li", {}, element("span", { class: "swatch fill empty-step" }), say("没有数字", "no figure")),
    );
    scale.replaceChildren(legend);
  };

  controls.hidden = false;
  controls.addEventListener("change", () => {
    // What a province's own report says is said for one year.
    const isYearly = ["requests", "disclosed"].includes(controls.figure.value);
    controls.year.options[0].disabled = isYearly;
    if (isYearly && !controls.year.value) {
      controls.year.value = stated[controls.figure.value] ?? controls.year.options[1].value;
    }
    draw();
  });
  draw();
})();

// The ranking of regions.
(() => {
  const controls = document.querySelector("[data-ranking-controls]");
  if (!controls) return;
  const { load, say, number, percent, element, regionName } = gongkai;
  const MOST = 500;
  // code, name_zh, name_en, level, new requests, three rates in percent, status
  const rate = (at) => ({ read: (row) => row[at], show: (value) => percent(value / 100) });
  const figures = {
    requests: { read: (row) => row[4], show: number },
    disclosure_rate: rate(5),
    refusal_rate: rate(6),
    appeal_rate: rate(7),
  };
  const words = {
    reconciled: say("勾稽相符", "adds up"),
    discrepant: say("原文不符", "does not add up"),
    quarantined: say("暂缓采用", "held back"),
    not_assessable: say("无法核对", "cannot be checked"),
  };

  let asked = 0;

  const draw = async () => {
    const turn = ++asked;
    const { read, show } = figures[controls.figure.value];
    const all = await load(`year/${controls.year.value}`);
    if (turn !== asked) return;
    const rows = all
      .filter((row) => (!controls.level.value || row[3] === controls.level.value) && read(row) !== null)
      .sort((a, b) => read(b) - read(a));
    let rank = 0;
    document.querySelector("[data-ranking]").replaceChildren(
      ...rows.slice(0, MOST).map((row, at) => {
        // Equal figures share a rank.
        if (!at || read(row) !== read(rows[at - 1])) rank = at + 1;
        const link = element("a", { href: `region/${row[0]}.html` }, ...regionName(row[1], row[2]));
        const status = element("span", { class: `status ${row[8].replace("_", "-")}` }, words[row[8]]);
        return element("tr", {},
          element("td", {}, String(rank)),
          element("th", { scope: "row" }, link),
          element("td", {}, show(read(row))),
          element("td", { class: "text" }, status));
      }),
    );
    document.querySelector("[data-ranking-heading]").textContent =
      controls.figure.selectedOptions[0].textContent;
    const shown = rows.length > MOST ? say(`，列出前 ${MOST} 个`, `, the first ${MOST} shown`) : "";
    document.querySelector("[data-ranking-note]").textContent = say(
      `${controls.year.value} 年：${rows.length} 个地区有此数字${shown}。`,
      `${controls.year.value}: ${rows.length} regions state this figure${shown}.`,
    );
  };

  // The page comes with the latest year's; its file is loaded when something else is asked for.
  controls.hidden = false;
  controls.addEventListener("change", draw);
})();

// Search by name, in Chinese or pinyin.
(() => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const { load, say, element } = gongkai;
  const results = document.querySelector("[data-search-results]");
  const status = document.querySelector("[data-search-status]");
  const further = document.querySelector("[data-search-more]");
  const MOST = 60;
  const EVERYWHERE = "*";
  const plain = (text) => text.toLowerCase().replace(/[\s'’·-]/g, "");
  const initials = (pinyin) => pinyin.split(" ").map((syllable) => syllable[0] ?? "").join("");
  let asked = 0;

  // 0: begins with the words, 1: holds them, null: neither.
  const rate = (entry, wanted) => {
    const [name, place, pinyin] = entry;
    const spoken = [name, plain(pinyin), plain(place)];
    if (wanted.length > 1) spoken.push(initials(pinyin));
    if (spoken.some((text) => text.startsWith(wanted))) return 0;
    return spoken.slice(0, 3).some((text) => text.includes(wanted)) ? 1 : null;
  };

  // What a name must have that holds the words: Chinese characters, and letters by three.
  const pieces = (text) => [
    ...[...text].filter((character) => character > "\x7f"),
    ...(text.match(/[\x00-\x7f]+/g) ?? []).flatMap((run) =>
      Array.from({ length: Math.max(run.length - 2, 0) }, (_, at) => run.slice(at, at + 3))),
  ];
  // Provinces that may have the words, those first in which a name begins with them.
  const listShards = async (wanted) => {
    const { shards, where, begins } = await load("search/where");
    const has = pieces(wanted).map((piece) => where[piece] ?? "");
    const possible = Object.entries(shards).filter(([letter]) =>
      has.every((letters) => letters === EVERYWHERE || letters.includes(letter)));
    const beginning = begins[wanted.slice(0, /^[\x00-\x7f]*$/.test(wanted) ? 4 : 2)] ?? "";
    const [first, others] = [true, false].map((isFirst) =>
      possible.filter(([letter]) => beginning.includes(letter) === isFirst).map(([, shard]) => shard));
    return [first, others];
  };

  const show = (found, left) => {
    found.sort((a, b) => a.rank - b.rank || b.isRegion - a.isRegion || a.entry[0].length - b.entry[0].length);
    results.replaceChildren(
      ...found.slice(0, MOST).map(({ isRegion, entry }) => {
        const [name, place, , address, above] = entry;
        const link = element("a", { href: address, lang: "zh-CN" }, name);
        const about = [isRegion ? say("地区", "region") : say("机关", "body"), place, above].filter(Boolean);
        return element("li", {}, link, element("span", { class: "aside" }, about.join(" · ")));
      }),
    );
    const shown = found.length > MOST ? say(`，列出前 ${MOST} 个`, `, the first ${MOST} shown`) : "";
    const count = left ? say(`至少 ${found.length}`, `at least ${found.length}`) : found.length;
    status.textContent = found.length
      ? say(`找到 ${count} 个${shown}`, `Found ${count}${shown}`)
      : say("没有找到", "Nothing found");
    further.hidden = !left;
    further.textContent = say(`继续查找其余 ${left} 个省份`, `Look in the other ${left} provinces too`);
  };

  // Provinces are loaded one by one, and no more of them than are needed to fill the list.
  const search = async (isThorough = false) => {
    const turn = ++asked;
    const wanted = plain(form.q.value);
    if (!wanted) {
      results.replaceChildren();
      status.textContent = "";
      further.hidden = true;
      return;
    }
    const found = [];
    const [first, others] = await listShards(wanted);
    const left = [...first, ...others];
    // Where names begin with the words, those that merely hold them can wait.
    const isFull = () => found.length >= MOST || (found.length > 0 && left.length <= others.length);
    while (left.length && (isThorough || !isFull())) {
      const entries = await load(`search/${left.shift()}`);
      if (turn !== asked) return;
      for (const entry of entries) {
        const rank = rate(entry, wanted);
        if (rank !== null) found.push({ rank, isRegion: entry[5], entry });
      }
    }
    if (turn === asked) show(found, left.length);
  };

  form.q.value = new URLSearchParams(location.search).get("q") ?? "";
  form.q.addEventListener("input", () => search());
  further.addEventListener("click", () => search(true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  search();
})();
