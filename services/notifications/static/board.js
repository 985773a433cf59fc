// The TV: its clock and countdown, and what it says when the connection is lost. Rows move by muster.js.
(() => {
  "use strict";
  const LOST_MS = 45000; // a ranking stands 15 seconds, so three are missing
  const screen = document.querySelector(".b-screen");
  let heard = Date.now();
  let behind = 0; // of the server's clock: a TV's own is often wrong

  const two = (number) => String(number).padStart(2, "0");
  let wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const clock = (moment) => wall.format(new Date(moment));

  function look() {
    const now = document.querySelector("[data-b-now]");
    if (now) {
      behind = new Date(now.dataset.bNow).getTime() - Date.now();
      wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: now.dataset.bZone });
    }
    if (document.querySelector("[data-b-again]")) location.reload();
    tick();
  }

  function left(milliseconds) {
    const seconds = Math.ceil(milliseconds / 1000);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
  }

  function tick() {
    const now = Date.now() + behind;
    const face = document.querySelector("[data-b-clock]");
    if (face) face.textContent = clock(now);
    document.querySelectorAll("[data-b-until]").forEach((box) => {
      const rest = new Date(box.dataset.bUntil).getTime() - now;
      box.textContent = rest > 0 ? left(rest) : box.dataset.bOn;
    });
    const lost = document.querySelector("[data-b-lost]");
    if (!lost || !screen?.hasAttribute("hx-sse:connect")) return;
    lost.hidden = Date.now() - heard < LOST_MS;
    if (!lost.hidden) lost.querySelector("[data-b-since]").textContent = clock(heard + behind);
  }

  document.addEventListener("htmx:after:swap", () => { heard = Date.now(); look(); });
  // a code is good for a while only; then the page gets the next one
  const again = document.querySelector("[data-b-again-after]");
  if (again) setTimeout(() => location.reload(), Number(again.dataset.bAgainAfter) * 1000);
  look();
  setInterval(tick, 500);
})();
