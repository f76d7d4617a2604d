// Keeps the report up to date while its search goes on: asks for the page again and takes over what
// has changed, in place, so that the reader's place, focus and opened details stay.
"use strict";
(() => {
  const PAUSE = 1000, LONGEST = 30000; // milliseconds between two questions
  const SAID = {
    "under way": "The search is under way. This page follows it.",
    ended: "The search has ended. Load this page again if it is resumed.",
    lost: "stepsmith watch does not answer. This page asks again until it does.",
  };
  const line = document.createElement("p");
  let state = document.querySelector("script[data-search]").dataset.search;
  let mark = null; // of the page that was sent last
  let sent = null; // that page, to tell what is new from what the reader changed
  let pause = PAUSE;
  let timer = 0;

  function say(now, text = SAID[now]) {
    state = now;
    line.dataset.state = now;
    if (line.textContent !== text) line.textContent = text;
  }

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return; // asked again once somebody looks
    try {
      const headers = mark ? { "If-None-Match": mark } : {};
      const answer = await fetch(location.pathname, { headers, cache: "no-store" });
      if (answer.status === 200) take(await answer.text(), answer.headers.get("ETag"));
      else if (answer.status === 304) say(searching(sent));
      else say("lost", await answer.text());
    } catch {
      say("lost");
    }
    pause = state === "lost" ? Math.min(2 * pause, LONGEST) : PAUSE;
    if (state !== "ended") timer = setTimeout(ask, pause);
  }

  function searching(page) {
    return page.querySelector("script[data-search]").dataset.search;
  }

  function take(text, newMark) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement;
    const seen = scrollY > 0 ? anchors(focused) : [];
    follow(document.documentElement, page.documentElement, sent?.documentElement);
    if (focused?.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
    const [anchor, before] = seen.find(([each]) => each.isConnected) ?? [];
    if (anchor) scrollBy({ top: top(anchor) - before, behavior: "instant" });
    [mark, sent] = [newMark, page];
    document.dispatchEvent(new Event("changed"));
    say(searching(page));
  }

  const top = (node) => node.getBoundingClientRect().top;

  // What is to stay where it is in the window: what has the focus, else what begins highest.
  function anchors(focused) {
    const nodes = [focused, ...document.body.querySelectorAll("*")];
    const tops = nodes.filter((node) => node && node !== line).map((node) => [node, top(node)]);
    return tops.filter(([, at]) => at >= line.offsetHeight && at < innerHeight);
  }

  // Makes `live` what `now` is. `was` is what it was when it was sent: where that is the same
  // nothing is new, and what the reader did to `live` since then stays.
  function follow(live, now, was) {
    if (was?.isEqualNode(now)) return;
    if (live.nodeType !== Node.ELEMENT_NODE) {
      if (live.data !== now.data) live.data = now.data;
      return;
    }
    const kept = live.localName === "details" ? ["open"] : [];
    const names = new Set([...live.attributes, ...now.attributes].map((each) => each.name));
    for (const name of names) {
      if (kept.includes(name)) continue;
      if (!now.hasAttribute(name)) live.removeAttribute(name);
      else if (live.getAttribute(name) !== now.getAttribute(name))
        live.setAttribute(name, now.getAttribute(name));
    }
    followChildren(live, now, was);
  }

  function followChildren(live, now, was) {
    const mine = keyed(live), theirs = keyed(now), old = was ? keyed(was) : new Map();
    for (const [key, node] of mine) if (!theirs.has(key)) around(node).remove();
    let at = live.firstChild;
    for (const [key, node] of theirs) {
      while (at && added(at)) at = at.nextSibling;
      const found = mine.get(key);
      if (found) follow(found, node, old.get(key));
      if (found && around(found) === at) at = at.nextSibling;
      else live.insertBefore(found ? around(found) : document.importNode(node, true), at);
    }
  }

  // The children by their id; those without one by their kind and place among their kind.
  function keyed(parent) {
    const counts = new Map(), found = new Map();
    for (const child of parent.childNodes) {
      if (added(child)) continue;
      const node = within(child), place = counts.get(node.nodeName) ?? 0;
      if (node.id) found.set(`#${node.id}`, node);
      else {
        found.set(`${node.nodeName} ${place}`, node);
        counts.set(node.nodeName, place + 1);
      }
    }
    return found;
  }

  // Scripts add to what was sent: elements marked data-added, and elements marked data-around, in
  // which the first child is the one that was sent.
  const marked = (node, name) => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute(name);
  const added = (node) => marked(node, "data-added");
  const within = (node) => (marked(node, "data-around") ? node.firstChild : node);
  const around = (node) => (marked(node.parentNode, "data-around") ? node.parentNode : node);

  const style = new CSSStyleSheet(); // the page's policy allows no other style than its own
  style.replaceSync(`
    html { overflow-anchor: none; scroll-padding-top: 3rem; }
    #watch { position: sticky; top: 0; z-index: 1; margin: 0; padding: .4rem 0; background: inherit;
      font-size: .85rem; }
    #watch::before { content: ""; display: inline-block; width: .6em; height: .6em;
      margin-right: .5em; border-radius: 50%; background: currentColor; }
    #watch[data-state="under way"]::before { background: #2c8a57; animation: watch 2s infinite; }
    @keyframes watch { 50% { opacity: .25; } }
    @media (prefers-reduced-motion: reduce) { #watch::before { animation: none !important; } }
    @media print { #watch { display: none; } }`);
  document.adoptedStyleSheets = [style];
  line.id = "watch";
  line.setAttribute("data-added", "");
  line.setAttribute("role", "status");
  document.body.prepend(line);
  say(state);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && state !== "ended") ask();
  });
  if (state !== "ended") timer = setTimeout(ask, PAUSE);
})();
