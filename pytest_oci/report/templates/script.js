"use strict";
// The page is whole without this: it only filters what is there and opens what a link leads to.
(() => {
  const form = document.getElementById("filters");
  const rows = Array.from(document.querySelectorAll("[data-row]"), (element) => ({
    element,
    text: "",
    group: element.dataset.group,
    statuses: element.dataset.status.split(" "),
    level: element.dataset.level,
    strength: element.dataset.strength,
    differs: "differs" in element.dataset,
  }));
  const groups = new Map();
  for (const element of document.querySelectorAll(".group")) groups.set(element.id.replace(/-group$/, ""), element);

  const textOf = (row) => {
    if (!row.text) row.text = row.element.querySelector("summary, th").textContent.toLowerCase();
    return row.text;
  };

  const filter = () => {
    const fields = form.elements;
    const words = fields.query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const level = fields.level.value;
    const section = fields.section.value;
    const statuses = new Set(Array.from(form.querySelectorAll("[name=status]:checked"), (box) => box.value));
    const differs = fields.differs && fields.differs.checked;
    const shown = new Set();
    let count = 0;
    for (const row of rows) {
      const wanted =
        (!section || row.group === section) &&
        (!level || (level[0] === "=" ? row.level === level.slice(1) : row.strength === level)) &&
        (!statuses.size || row.statuses.some((status) => statuses.has(status))) &&
        (!differs || row.differs) &&
        (!words.length || words.every((word) => textOf(row).includes(word)));
      if (row.element.hidden === wanted) row.element.hidden = !wanted;
      if (wanted) {
        shown.add(row.group);
        count += 1;
      }
    }
    for (const [name, element] of groups) element.hidden = !shown.has(name);
    document.getElementById("nothing").hidden = count > 0;
    const all = count === rows.length;
    fields.found.textContent = all ? `${count} clauses` : `${count} of ${rows.length} clauses`;
  };

  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      filter(); // at once: what is hidden takes no focus
    }
    for (let element = target; element; element = element.parentElement) {
      if (element.tagName === "DETAILS") element.open = true;
    }
    target.scrollIntoView();
    const summary = target.querySelector(":scope > summary");
    if (summary) summary.focus({ preventScroll: true });
  };

  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    setTimeout(filter, 0);
  });
  form.hidden = false;
  filter();

  addEventListener("hashchange", follow);
  if (location.hash) follow();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details.keeps:not([open])"));
    for (const element of opened) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of opened) element.open = false;
  });
})();
