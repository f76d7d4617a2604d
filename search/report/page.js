"use strict";
// The page reads without this: it opens what a link leads to, what is printed, and copies text.

function opened(target) {
  for (let at = target; at; at = at.parentElement) {
    if (at.tagName === "DETAILS") at.open = true;
  }
  if (!target.matches(".card, tr, li")) return;
  const inside = target.querySelector(target.matches(".card") ? "details.all" : "details");
  if (inside) inside.open = true;
}

function follow() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  opened(target);
  target.scrollIntoView();
}

function copied(event) {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  button.textContent = "copying";
  navigator.clipboard.writeText(code.textContent).then(
    () => { button.textContent = "copied"; },
    () => { // a browser that forbids it: the reader's own copy command takes the selection
      getSelection().selectAllChildren(code);
      button.textContent = "selected";
    },
  );
  setTimeout(() => { button.textContent = "copy"; }, 2000);
}

function withButtons() {
  for (const block of document.querySelectorAll("pre > code")) {
    const pre = block.parentElement;
    if (pre.parentElement.matches(".copied")) continue;
    const around = document.createElement("div");
    around.className = "copied";
    around.setAttribute("data-around", ""); // so that a live page knows what was sent
    const button = document.createElement("button");
    button.className = "copy";
    button.setAttribute("data-added", "");
    button.type = "button";
    button.textContent = "copy";
    pre.replaceWith(around);
    around.append(pre, button);
  }
}

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll(".all:not([open]), .lineage details:not([open])")];
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
addEventListener("hashchange", follow);
addEventListener("click", copied);
document.addEventListener("changed", withButtons); // a live page has taken over what is new
withButtons();
follow();
