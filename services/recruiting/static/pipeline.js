// Cards are dragged between columns; the server answers with the board as it then is, also when it said no.
"use strict";

(() => {
  const board = document.getElementById("r-board");
  if (!board || typeof Sortable === "undefined") return;
  let dragging = false;
  let missed = false;

  const move = (card, stage) => {
    const values = { stage, version: card.dataset.rVersion };
    htmx.ajax("POST", `/recruiting/candidates/${card.dataset.rCard}/card?${board.dataset.rQuery}`, {
      target: "#r-board",
      swap: "innerMorph",
      values,
    });
  };

  const refresh = () =>
    htmx.ajax("GET", `/recruiting/pipeline?${board.dataset.rQuery}`, { target: "#r-board", swap: "innerMorph" });

  const prepare = () => {
    for (const column of board.querySelectorAll("[data-r-stage]")) {
      if (Sortable.get(column)) continue;
      Sortable.create(column, {
        group: { name: "pipeline", put: column.dataset.rStage !== "joined" },
        draggable: "[data-r-card]",
        animation: 150,
        delay: 150,
        delayOnTouchOnly: true,
        sort: false,
        ghostClass: "r-ghost",
        onStart: () => { dragging = true; },
        onEnd: (event) => {
          dragging = false;
          if (event.from !== event.to) move(event.item, event.to.dataset.rStage);
          else if (missed) refresh();
          missed = false;
        },
      });
    }
  };

  // what comes in live while a card is in the hand would pull it out of it; it is fetched when the card is put down
  document.addEventListener("htmx:before:swap", (event) => {
    if (!dragging) return;
    event.preventDefault();
    missed = true;
  });
  document.addEventListener("htmx:after:swap", prepare);
  new MutationObserver(prepare).observe(board, { childList: true, subtree: true });
  prepare();
})();
