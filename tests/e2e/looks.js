// What is wrong with a page for those who hear it, use a keyboard, or see little: `faults()` and `contrasts()`.

globalThis.faults = () => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const found = [];
  const check = (selector, good, text) => {
    for (const element of all(selector)) if (!good(element)) found.push(`${text}: ${element.outerHTML.slice(0, 200)}`);
  };
  const levels = all("h1, h2, h3, h4").map((element) => Number(element.tagName[1]));
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) found.push("not one h1 that comes first");
  levels.forEach((level, place) => {
    if (place && level > levels[place - 1] + 1) found.push(`h${level} after h${levels[place - 1]}`);
  });
  const ids = all("[id]").map((element) => element.id);
  if (new Set(ids).size !== ids.length) found.push("an id stands twice");
  if (!document.documentElement.lang || !document.title) found.push("no language or no title");
  if (all("main").length !== 1) found.push("not one main part");
  check("input, select", (element) => element.labels.length, "no label");
  check("a, button, summary", (element) => element.textContent.trim(), "no name");
  check("table", (element) => element.caption, "no caption");
  check("th", (element) => element.scope, "no scope");
  check("ul", (element) => Array.from(element.children).every((child) => child.tagName === "LI"), "no list");
  check("section", (element) => {
    const name = document.getElementById(element.getAttribute("aria-labelledby"));
    return name && name.textContent.trim();
  }, "no name");
  return found;
};

// Texts whose contrast (WCAG 2) with what is behind them is below 4.5.
globalThis.contrasts = () => {
  const parse = (text) => {
    const [red, green, blue, alpha] = text.match(/[0-9.]+/g).map(Number);
    return { parts: [red, green, blue], alpha: alpha === undefined ? 1 : alpha };
  };
  const luminance = ({ parts }) => {
    const [red, green, blue] = parts
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let place = element; place; place = place.parentElement) {
      const colour = parse(getComputedStyle(place).backgroundColor);
      if (colour.alpha === 1) return colour;
      if (colour.alpha > 0) throw new Error("half transparent");
    }
    return { parts: [255, 255, 255] };
  };
  const found = new Set();
  for (const element of document.body.querySelectorAll("*:not(script):not(option)")) {
    if (!Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    const shades = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
    if (ratio < 4.5) found.add(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return [...found];
};
