"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { title, files, rules, words } = read("meta");
  const rows = read("hunks").map(([id, file, line, rule, stage, kind, removed, pieces, key, example]) =>
    ({ id, file, line, rule, stage, kind, removed, pieces, key, example }));
  const PAGE = 50, SHELF = 30;
  const t = (word) => words[word] || word;
  const $ = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const number = (n) => n.toLocaleString("en");

  // What was decided: by hunk id and by rule; `done` is what can be undone.
  const store = "cleaner " + title + " " + rows.length;
  const said = new Map(), wide = new Map();
  let done = [];
  const remember = () => {
    try { localStorage.setItem(store, JSON.stringify([[...said], [...wide]])); } catch { /* a page without storage */ }
  };
  try {
    const [one, all] = JSON.parse(localStorage.getItem(store) || "[[],[]]");
    one.forEach(([id, word]) => said.set(id, word));
    all.forEach(([id, word]) => wide.set(id, word));
  } catch { /* nothing to remember */ }
  const verdict = (row) => row.key ? said.get(row.id) || wide.get(rules[row.rule].id) || "" : "";

  // What is shown. Whitespace is folded away until asked for.
  const chosen = { rules: new Set(), kinds: new Set(), file: -1, state: "", words: "" };
  const stages = [...new Set(rows.map((row) => row.stage))];
  chosen.stages = new Set(stages.filter((stage) => stage !== "whitespace"));
  if (!chosen.stages.size) chosen.stages = new Set(stages);
  let shown = rows, page = 0, here = 0, shelf = SHELF;

  const haystack = (row) => files[row.file] ? files[row.file].path + "\n" + rules[row.rule].id + "\n" + row.pieces.map((piece) => piece[0]).join("") : "";
  const wanted = (row) => chosen.stages.has(row.stage)
    && files[row.file] && !files[row.file].failed
    && (!chosen.rules.size || chosen.rules.has(row.rule))
    && (!chosen.kinds.size || chosen.kinds.has(row.kind || "repairs"))
    && (chosen.file < 0 || chosen.file === row.file)
    && (!chosen.state || (row.key && (chosen.state === "undecided" ? !verdict(row) : verdict(row) === chosen.state)))
    && (!chosen.words || haystack(row).toLowerCase().includes(chosen.words));
  const filter = () => { shown = rows.filter(wanted); page = 0; here = 0; draw(); };

  const CLASSES = { own: "own", gone: "gone", "new": "new", tag: "tag", dim: "dim", badge: "badge", "gone badge": "goes badge", "own badge": "own badge", "new badge": "new badge" };
  const text = (row) => {
    const box = make("p", { class: "text", dir: "auto" });
    for (const [piece, style] of row.pieces) {
      const tag = style === "new" || style === "new badge" ? "ins" : ["own", "own badge", "gone", "gone badge"].includes(style) ? "del" : "span";
      box.append(CLASSES[style] ? make(tag, { class: CLASSES[style] }, piece) : piece);
    }
    return box;
  };
  const NEEDS = ["accept", "reject", "exception"];
  const entry = (row, at) => {
    const rule = rules[row.rule], word = verdict(row);
    const item = make("li", { id: row.id, class: word + (at === here ? " here" : ""), "aria-current": at === here ? "true" : undefined,
      onclick: () => { if (here !== at) { here = at; mark(); } } });
    item.append(
      make("div", { class: "head" },
        make("a", { href: "#" + row.id, title: t("link") }, files[row.file].path + ":" + row.line),
        make("code", {}, rule.id), make("span", {}, t(row.kind || "repairs")),
        make("span", {}, word ? t({ accept: "accepted", reject: "rejected", exception: "exception" }[word]) : "")),
      text(row));
    if (rule.why) item.append(make("p", { class: "why" }, rule.why));
    if (row.key) item.append(make("div", { class: "deciding" },
      ...NEEDS.map((name) => make("button", { "aria-pressed": String(word === name), onclick: (event) => { event.stopPropagation(); here = at; decide(row, name); } }, t(name))),
      make("button", { onclick: () => decideRule(row, "accept") }, t("whole rule") + ": " + t("accept")),
      make("button", { onclick: () => decideRule(row, "reject") }, t("whole rule") + ": " + t("reject"))));
    return item;
  };
  const draw = () => {
    const pages = Math.max(Math.ceil(shown.length / PAGE), 1), low = page * PAGE;
    $("list").replaceChildren(...shown.slice(low, low + PAGE).map((row, n) => entry(row, low + n)));
    if (!shown.length) $("list").append(make("li", {}, t("none match")));
    document.querySelectorAll(".where").forEach((place) => place.textContent =
      `${t("page")} ${page + 1} / ${pages} · ${number(shown.length)} ${t("of")} ${number(rows.length)} ${t("hunks")}`);
    document.querySelectorAll(".pager button").forEach((button) => {
      const to = page + Number(button.dataset.step);
      button.disabled = to < 0 || to >= pages;
    });
    count();
  };
  const count = () => { $("decided").textContent = number(said.size) + (wide.size ? ` + ${wide.size} ${t("rule")}` : ""); };
  const mark = () => {
    document.querySelectorAll("#list li").forEach((item, n) => {
      const now = page * PAGE + n === here;
      item.classList.toggle("here", now);
      now ? item.setAttribute("aria-current", "true") : item.removeAttribute("aria-current");
      if (now) item.scrollIntoView({ block: "nearest" });
    });
  };
  const redraw = (row) => {
    const old = document.getElementById(row.id);
    if (old) old.replaceWith(entry(row, shown.indexOf(row)));
    count();
  };
  const go = (to) => {
    if (to < 0 || to >= shown.length) return;
    here = to;
    const wantedPage = Math.floor(to / PAGE);
    if (wantedPage !== page) { page = wantedPage; draw(); }
    mark();
  };
  const turn = (step) => {
    const pages = Math.ceil(shown.length / PAGE), to = page + step;
    if (to >= 0 && to < pages) { page = to; here = to * PAGE; draw(); scrollTo(0, 0); }
  };
  const decide = (row, word) => {
    if (!row || !row.key) return;
    done.push([[said, row.id, said.get(row.id)]]);
    said.get(row.id) === word ? said.delete(row.id) : said.set(row.id, word);
    remember(); redraw(row); mark();
  };
  const decideRule = (row, word) => {
    if (!row || !row.key) return;
    const id = rules[row.rule].id;
    done.push([[wide, id, wide.get(id)]]);
    wide.get(id) === word ? wide.delete(id) : wide.set(id, word);
    remember(); draw(); mark();
  };
  const decideRest = (row, word) => {  // of the file, as far as nothing is decided
    if (!row || !row.key) return;
    const rest = shown.slice(here).filter((one) => one.key && one.file === row.file && (one === row || !verdict(one)));
    done.push(rest.map((one) => [said, one.id, said.get(one.id)]));
    for (const one of rest) said.set(one.id, word);
    remember(); draw(); mark();
  };
  const undo = () => {
    const last = done.pop();
    if (!last) return;
    for (const [map, id, before] of last) before === undefined ? map.delete(id) : map.set(id, before);
    remember(); draw(); mark();
  };

  // Decisions as a file, and back.
  const exported = () => {
    const decisions = [...wide].map(([rule, word]) => ({ verdict: word, rule }));
    for (const row of rows) {
      const word = said.get(row.id);
      if (!word || !row.key) continue;
      const [key, before, after, nth] = row.key;
      const one = { verdict: word, rule: rules[row.rule].id, path: files[row.file].name, text: key, before, after, nth };
      if (word === "exception") one.line = row.example;
      decisions.push(one);
    }
    return { format: 1, undecided: "accept", decisions };
  };
  const save = () => {
    const blob = new Blob([JSON.stringify(exported(), null, 1) + "\n"], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(blob), download: "decisions.json" });
    document.body.append(link); link.click(); link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const mixed = (rule, path, key, before, after, nth) => JSON.stringify([rule, path, key, before || "", after || "", nth || 0]);
  const load = (data) => {
    const by = new Map(rows.filter((row) => row.key).map((row) => [mixed(rules[row.rule].id, files[row.file].name, ...row.key), row.id]));
    for (const one of data.decisions || []) {
      if (!NEEDS.includes(one.verdict)) continue;
      if (one.text === undefined || one.text === null) { if (!one.path) wide.set(one.rule, one.verdict); continue; }
      const id = by.get(mixed(one.rule, one.path, one.text, one.before, one.after, one.nth));
      if (id) said.set(id, one.verdict);
    }
    done = []; remember(); filter();
  };

  // Filters and charts.
  const chip = (box, name, pressed, click, ...sign) => box.append(make("button", { "aria-pressed": String(pressed), onclick: click }, ...sign, name));
  const toggle = (set, value) => { set.has(value) ? set.delete(value) : set.add(value); };
  const kinds = [...new Set(rows.map((row) => row.kind || "repairs"))];
  const sums = rules.map(() => [0, 0]);
  rows.forEach((row) => { sums[row.rule][0] += 1; sums[row.rule][1] += row.removed; });
  const order = rules.map((_, n) => n).sort((a, b) => sums[b][1] - sums[a][1] || sums[b][0] - sums[a][0]);
  const most = Math.max(1, ...sums.map((sum) => sum[1]));
  const share = (file) => Math.max(file.removed || 0, 0) / Math.max(file.length || 0, 1);
  const shares = files.map(share).sort((a, b) => a - b), median = shares[shares.length >> 1] || 0;
  const ranked = files.map((_, n) => n).filter((n) => !files[n].failed).sort((a, b) => share(files[b]) - share(files[a]));
  const bar = (parts) => {
    const box = make("span", { class: "bar" });
    for (const [width, name] of parts) {
      const piece = make("i", { class: name });
      piece.style.width = Math.max(width * 100, 0.5) + "%";
      piece.title = t(name);
      box.append(piece);
    }
    return box;
  };
  const panel = () => {
    $("states").replaceChildren(); $("stages").replaceChildren(); $("kinds").replaceChildren();
    for (const state of ["", "undecided", ...NEEDS]) chip($("states"), t(state || "all"), chosen.state === state, () => { chosen.state = state; panel(); filter(); });
    for (const stage of stages) chip($("stages"), t(stage), chosen.stages.has(stage), () => { toggle(chosen.stages, stage); panel(); filter(); });
    for (const kind of kinds) chip($("kinds"), t(kind), chosen.kinds.has(kind), () => { toggle(chosen.kinds, kind); panel(); filter(); },
      ...(files.some((file) => file.kinds[kind]) ? [make("i", { class: "swatch " + kind })] : []));
    $("rules").replaceChildren(...order.map((n) => make("li", {}, make("button", { "aria-pressed": String(chosen.rules.has(n)), title: rules[n].why,
      onclick: () => { toggle(chosen.rules, n); panel(); filter(); } },
      make("span", { class: "figures" }, `${number(sums[n][0])} · ${number(0 - sums[n][1])}`), rules[n].id, bar([[Math.max(sums[n][1], 0) / most, "rule"]])))));
    $("files").replaceChildren(...ranked.slice(0, shelf).map((n) => {
      const file = files[n], part = share(file), length = Math.max(file.length || 0, 1);
      const odd = part > 0.05 && part > 3 * median ? [make("span", { class: "outlier" }, t("outlier")), " "] : [];
      return make("li", {}, make("button", { "aria-pressed": String(chosen.file === n), onclick: () => { chosen.file = chosen.file === n ? -1 : n; panel(); filter(); } },
        make("span", { class: "figures" }, (part * 100).toFixed(1) + " %"), ...odd, file.path,
        bar(Object.entries(file.kinds).sort((a, b) => b[1] - a[1]).map(([kind, removed]) => [removed / length, kind]))));
    }));
    if (shelf < ranked.length) $("files").append(make("li", {}, make("button", { onclick: () => { shelf += 100; panel(); } }, `${t("more")}: ${number(ranked.length - shelf)}`)));
  };

  // Wiring.
  const view = (name) => {
    document.body.dataset.view = name;
    document.querySelectorAll("#views button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.view === name)));
  };
  document.querySelectorAll("#views button").forEach((button) => button.addEventListener("click", () => view(button.dataset.view)));
  document.querySelectorAll(".pager button").forEach((button) => button.addEventListener("click", () => turn(Number(button.dataset.step))));
  $("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  $("export").addEventListener("click", save);
  $("help").addEventListener("click", () => KEYS["?"]());
  $("load").addEventListener("change", async (event) => {
    try { load(JSON.parse(await event.target.files[0].text())); } catch (error) { alert(error.message); }
  });
  let waiting = 0;
  $("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { chosen.words = $("search").value.trim().toLowerCase(); filter(); }, 150);
  });
  const help = () => { $("panel").open = true; };
  const KEYS = {
    // Those of the review screen (views/tui.py), and some for the page.
    y: () => decide(shown[here], "accept"), n: () => decide(shown[here], "reject"), x: () => decide(shown[here], "exception"),
    a: () => decideRest(shown[here], "accept"), d: () => decideRest(shown[here], "reject"),
    A: () => decideRule(shown[here], "accept"), D: () => decideRule(shown[here], "reject"),
    j: () => go(here + 1), k: () => go(here - 1), u: undo, s: save, ">": () => turn(1), "<": () => turn(-1),
    1: () => view("inline"), 2: () => view("original"), 3: () => view("result"), "/": () => { help(); $("search").focus(); }, "?": () => { help(); $("keys").scrollIntoView({ block: "nearest" }); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input")) { if (event.key === "Escape") event.target.blur(); return; }
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  const follow = () => {
    const row = rows.find((one) => one.id === location.hash.slice(1));
    if (!row) return;
    if (!shown.includes(row)) { chosen.stages.add(row.stage); chosen.rules.clear(); chosen.kinds.clear(); chosen.file = -1; chosen.state = chosen.words = ""; panel(); filter(); }
    go(shown.indexOf(row));
  };
  addEventListener("hashchange", follow);
  if (innerWidth <= 760) $("panel").open = false;
  view("inline"); panel(); filter(); follow();
})();
