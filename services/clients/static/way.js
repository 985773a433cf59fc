// Stops of the way are dragged, or moved with the arrow keys on their grip; the times follow at once.
"use strict";

(() => {
  const way = document.getElementById("h-way");
  if (!way) return;
  const moved = document.getElementById("h-moved");
  const when = document.getElementById("f-starts_at");
  const rows = () => [...way.querySelectorAll("[data-h-stop]")];
  const pad = (number) => String(number).padStart(2, "0");

  const count = () => {
    const [hours, minutes] = ((when?.value || "").split("T")[1] || way.dataset.hStarts).split(":").map(Number);
    let at = hours * 60 + minutes;
    for (const row of rows()) {
      row.querySelector("[data-h-time]").textContent = `${pad(Math.floor(at / 60) % 24)}:${pad(at % 60)}`;
      at += Number(row.querySelector("[data-h-minutes]").value) || 0;
    }
  };

  if (typeof Sortable !== "undefined") {
    // the grip is a button, for the keyboard's sake, and Firefox drags no buttons by itself: hence the fallback
    Sortable.create(way, { handle: "[data-h-grip]", animation: 150, ghostClass: "h-ghost", forceFallback: true, onEnd: count });
  }

  way.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-h-grip]");
    if (!grip || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const row = grip.closest("[data-h-stop]");
    const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (event.key === "ArrowUp") other.before(row); else other.after(row);
    grip.focus();
    const all = rows();
    moved.textContent = moved.dataset.hWords.replace("{place}", all.indexOf(row) + 1).replace("{all}", all.length);
    count();
  });

  way.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-h-remove]");
    if (!remove) return;
    remove.closest("[data-h-stop]").remove();
    count();
  });
  way.addEventListener("input", count);
  when?.addEventListener("input", count);
})();
