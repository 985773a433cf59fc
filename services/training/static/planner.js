// Segments are dragged, or moved with the arrow keys on their grip; the server draws the bar anew after each change.
"use strict";

(() => {
  const list = document.getElementById("t-segs");
  const bar = document.getElementById("t-bar");
  const moved = document.getElementById("t-moved");
  if (!list) return;

  const changed = () => bar?.dispatchEvent(new CustomEvent("t:changed"));
  const rows = () => [...list.querySelectorAll("[data-t-segment]")];
  const say = (row) => {
    const all = rows();
    moved.textContent = moved.dataset.tWords.replace("{place}", all.indexOf(row) + 1).replace("{all}", all.length);
  };

  if (typeof Sortable !== "undefined") {
    // the grip is a button, for the keyboard's sake, and Firefox drags no buttons by itself: hence the fallback
    Sortable.create(list, {
      handle: "[data-t-grip]", animation: 150, ghostClass: "t-ghost", forceFallback: true, onEnd: changed,
    });
  }

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-t-grip]");
    if (!grip || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const row = grip.closest("[data-t-segment]");
    const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (event.key === "ArrowUp") other.before(row); else other.after(row);
    grip.focus();
    say(row);
    changed();
  });

  list.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-t-remove]");
    if (!remove) return;
    const row = remove.closest("[data-t-segment]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("[data-t-remove]") ?? document.getElementById("t-add")).focus();
    changed();
  });

  list.addEventListener("input", (event) => {
    const kind = event.target.closest("[data-t-kind]");
    if (kind) {
      const row = kind.closest("[data-t-segment]");
      row.querySelector("[data-t-topic]").hidden = kind.value !== "topic";
      const icon = row.querySelector("[data-t-kind-icon]");
      icon.className = `t-part-icon t-k-${kind.value}`;
      icon.replaceChildren(document.querySelector(`[data-t-icon="${kind.value}"]`).content.cloneNode(true));
    }
    changed();
  });

  let added = 0;
  document.getElementById("t-add").addEventListener("click", () => {
    const fresh = document.getElementById("t-new-segment").content.cloneNode(true);
    added += 1;
    const id = `n${Date.now().toString(36)}${added}`;
    fresh.querySelectorAll("[name]").forEach((field) => { field.name = field.name.replace(".NEW.", `.${id}.`); });
    list.append(fresh);
    list.lastElementChild.querySelector("select").focus();
    changed();
  });
})();
