// The clock of the director's view. What is on is the server's to say; here only the seconds run, and keys press buttons.
"use strict";

(() => {
  const stage = document.getElementById("t-stage");
  const clock = document.querySelector("[data-t-clock]");
  let ahead = 0;
  let stamped = null;

  const hands = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: clock.dataset.tZone, hourCycle: "h23",
  });
  const pad = (number) => String(number).padStart(2, "0");
  const minutes = (seconds) => {
    const whole = Math.floor(Math.abs(seconds));
    return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
  };
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  const tick = () => {
    const state = stage.querySelector("[data-t-state]");
    const stamp = stage.querySelector("[data-t-stamp]")?.dataset.tStamp;
    if (stamp && stamp !== stamped) {
      stamped = stamp;
      ahead = Date.parse(stamped) - Date.now();
    }
    const now = Date.now() + ahead;
    write(clock, hands.format(now));
    if (!state) return;
    const length = Number(state.dataset.minutes) * 60;
    const before = Number(state.dataset.before) * 60;
    const inSegment = (now - Date.parse(state.dataset.since)) / 1000;
    const left = length - inSegment;
    const remaining = state.querySelector("[data-t-remaining]");
    write(remaining, left >= 0 ? minutes(Math.ceil(left)) : `+${minutes(left)}`);
    remaining.classList.toggle("t-late", left < 0);
    remaining.classList.toggle("t-soon", left >= 0 && left <= 30);

    const reached = (Date.parse(state.dataset.since) - Date.parse(state.dataset.started)) / 1000 - before;
    const behind = reached + Math.max(0, inSegment - length);
    const words = state.querySelector("[data-t-behind]");
    const pattern = Math.abs(behind) < 15 ? words.dataset.tEven : behind > 0 ? words.dataset.tLate : words.dataset.tEarly;
    write(words, pattern.replace("{time}", minutes(behind)));
    words.classList.toggle("t-late", behind >= 30);

    const place = (before + Math.min(inSegment, length)) / 60 / Number(state.dataset.whole) * 100;
    stage.querySelector("[data-t-cursor]")?.setAttribute("x", `${Math.min(Math.max(place, 0), 99.7)}%`);
  };
  setInterval(tick, 250);
  document.addEventListener("htmx:after:swap", tick);
  tick();

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (document.querySelector("dialog[open]") || event.altKey || event.ctrlKey || event.metaKey) return;
    const space = event.key === " " && !event.target.closest("button, a, [tabindex='0']");
    const next = space || event.key === "ArrowRight" || event.key === "PageDown";
    const back = event.key === "ArrowLeft" || event.key === "PageUp";
    if (!next && !back) return;
    event.preventDefault();
    if (!event.repeat) stage.querySelector(next ? "[data-t-next]" : "[data-t-back]:not([disabled])")?.click();
  });

  document.querySelector("[data-t-full]").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  });

  // an item that was added leaves an empty line with a key of its own
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.target.closest?.("[data-t-reset]");
    if (!form) return;
    form.querySelector("[name=text]").value = "";
    form.querySelector("[name=_key]").value = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  });
})();
