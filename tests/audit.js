// What a test asks of a page in the browser. Every function returns plain values.
(() => {
  const CONTROLS = "a[href], button, summary, input, select, textarea, [role=button]";
  const STOPS = `${CONTROLS}, [tabindex="0"]`;

  const named = (node) => {
    const told = (node.textContent || node.getAttribute("aria-label") || "").trim();
    const text = told.replace(/\s+/g, " ").slice(0, 40);
    return `<${node.localName} class="${node.getAttribute("class") ?? ""}"> ${text}`;
  };

  const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);

  // Colours as the browser paints them: [red, green, blue, alpha], each up to 1 but the first three.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = "rgba(0, 0, 0, 0)";
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };

  const over = ([r, g, b, a], [x, y, z]) => [
    r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1,
  ];

  const luminance = (colour) => {
    const parts = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };

  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  const opacity = (node) => {
    let product = 1;
    for (let at = node; at; at = at.parentElement) product *= getComputedStyle(at).opacity;
    return product;
  };

  const painted = (node) => {
    const style = getComputedStyle(node);
    const shape = node instanceof SVGGeometryElement;
    const [r, g, b, a] = rgba(shape ? (style.fill === "none" ? "transparent" : style.fill)
                                    : style.backgroundColor);
    return [r, g, b, a * (shape ? style.fillOpacity : 1) * opacity(node)];
  };

  // The colour under a point of an element: everything painted beneath it, the lowest first.
  const beneath = (node, x, y) => {
    const stack = document.elementsFromPoint(x, y);
    const place = stack.indexOf(node);
    const ancestors = [];
    for (let at = node; at; at = at.parentElement) ancestors.push(at);
    const layers = place < 0 ? ancestors : stack.slice(place);
    const sheet = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1]
                                                                     : [255, 255, 255, 1];
    return layers.filter((each) => !(each instanceof SVGTextContentElement))
      .reduceRight((under, each) => over(painted(each), under), sheet);
  };

  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const hidden = node.parentElement.closest("script, style, title, desc, defs");
      if (node.data.trim() && !hidden && seen(node.parentElement)) found.push(node);
    }
    return found;
  };

  // Texts with less contrast than WCAG AA asks for: 4.5, of large text 3.
  const pale = () => {
    const faults = [];
    const range = document.createRange();
    for (const text of texts()) {
      const node = text.parentElement;
      const style = getComputedStyle(node);
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const under = beneath(node, box.x + box.width / 2, box.y + box.height / 2);
      const [r, g, b, a] = rgba(node instanceof SVGElement ? style.fill : style.color);
      const found = ratio(over([r, g, b, a * opacity(node)], under), under);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      if (found < (large ? 3 : 4.5)) faults.push(`${found.toFixed(2)}: ${named(node)}`);
    }
    return faults;
  };

  // Links that lead elsewhere, or to an id that is not there.
  const dead = () => [...document.querySelectorAll("a")].filter((link) => {
    const target = link.getAttribute("href") ?? "";
    return !target.startsWith("#") || !document.getElementById(decodeURIComponent(target.slice(1)));
  }).map(named);

  const twice = () => {
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
  };

  // What stands beyond the right edge of the window; what scrolls by itself may.
  const wide = () => {
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const beyond = all("body *").filter((node) =>
      node.getBoundingClientRect().right > page.clientWidth + 0.5);
    return [`${page.scrollWidth} pixels`, ...beyond.slice(0, 5).map(named)];
  };

  // Records what the keyboard reaches, and whether it can be seen there.
  let reached = [];
  const listen = () => {
    reached = [];
    document.addEventListener("focusin", ({ target }) => {
      const style = getComputedStyle(target);
      const box = target.getBoundingClientRect();
      const ours = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const drawn = ours || style.outlineStyle === "auto"; // the browser's own ring
      const under = beneath(target.parentElement, box.x - 1, box.y - 1);
      const clear = drawn && ratio(over(rgba(style.outlineColor), under), under) >= 3;
      reached.push([target, clear]);
    });
  };

  const unreached = () => {
    const got = new Set(reached.map(([node]) => node));
    return all(STOPS).filter((node) => !got.has(node)).map(named);
  };

  const unclear = () => [...new Set(reached.filter(([, clear]) => !clear).map(([n]) => named(n)))];

  // What using a control can change: the page's elements, what is open, where it stands.
  const state = () => {
    const open = [...document.querySelectorAll("details")].map((node) => node.open);
    const body = document.body.innerHTML; // whole: two changes at once may leave its length
    return JSON.stringify([location.hash, Math.round(scrollY), open, body, document.body.className,
                           all(STOPS).length, document.querySelectorAll("[hidden]").length]);
  };

  // Uses every control once, from the top down, and says which of them did nothing. What one opens
  // is used after it; a link has to bring its target into view.
  const idle = async () => {
    const faults = [];
    for (const control of document.querySelectorAll(CONTROLS)) {
      if (!seen(control)) continue;
      history.replaceState(null, "", location.pathname);
      control.scrollIntoView({ block: "center" });
      const before = state();
      control.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      await new Promise((done) => setTimeout(() => requestAnimationFrame(done)));
      if (state() === before || !inView(control.getAttribute("href"))) faults.push(named(control));
    }
    return faults;
  };

  const inView = (link) => {
    if (!link) return true;
    const box = document.getElementById(link.slice(1))?.getBoundingClientRect();
    return box && box.bottom > 0 && box.top < innerHeight && box.width > 0;
  };

  // Controls that a mouse cannot get at, because something that is no control lies on them.
  const covered = () => all(CONTROLS).filter((control) => {
    control.scrollIntoView({ block: "center" });
    const box = control.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return !top?.closest(CONTROLS);
  }).map(named);

  const stops = () => all(STOPS).length;

  return { pale, dead, twice, wide, listen, unreached, unclear, idle, covered, stops };
})()
