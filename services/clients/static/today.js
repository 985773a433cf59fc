// Today without a connection: the page says as of when it is, and what is tapped is kept here and sent later, once.
(() => {
  "use strict";
  const root = document.getElementById("c-today");
  if (!root) return;
  const PAGE = "/clients/today";
  const PAGES = "muster-pages";
  const RETRY_MS = 10000;
  const { person } = root.dataset;
  const banner = document.getElementById("c-offline");
  const sheet = document.getElementById("c-offline-sheet");
  let away = !navigator.onLine;
  let retry = 0;

  // --- what waits to be sent: one entry for each follow-up, under the key by which it acts once
  function store(mode, work) {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open("muster-today", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "id" });
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        const transaction = database.transaction("waiting", mode);
        const request = work(transaction.objectStore("waiting"));
        transaction.oncomplete = () => { database.close(); resolve(request.result); };
        transaction.onabort = () => { database.close(); reject(transaction.error); };
      };
    });
  }
  const waiting = async () => (await store("readonly", (all) => all.getAll())).filter((each) => each.person === person);

  // --- what the page says
  function say(words) {
    document.dispatchEvent(new CustomEvent("muster:toast", { detail: { text: words } }));
  }
  async function show() {
    const kept = await waiting();
    const asOf = document.getElementById("c-as-of");
    const parts = [];
    if (away) parts.push(`${root.dataset.away} ${asOf ? asOf.dataset.words : ""}`);
    if (kept.length) parts.push(root.dataset.waiting.replace("{number}", kept.length));
    banner.hidden = parts.length === 0;
    banner.querySelector("span").textContent = parts.join(" · ");
    document.querySelectorAll("[data-c-done]").forEach((button) => {
      const waits = kept.some((each) => each.id === button.dataset.cDone);
      const row = button.closest(".m-item");
      row.classList.toggle("c-waiting", waits);
      button.disabled = waits;
      row.querySelector("[data-c-waits]")?.toggleAttribute("hidden", !waits);
    });
  }

  // --- a tap without a connection
  function ask(button) {
    document.querySelector("#sheet[open]")?.close();
    sheet.dataset.followUp = button.dataset.cDone;
    sheet.querySelector("h2").textContent = button.getAttribute("aria-label");
    sheet.showModal();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-c-done]");
    if (!button || !away) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(button);
  }, true);
  document.addEventListener("htmx:error", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (!source?.closest) return;
    if (source.closest("#c-live")) { away = true; show(); }
    const button = source.closest("[data-c-done]");
    if (button) ask(button);
  });
  sheet.addEventListener("submit", async (event) => {
    event.preventDefault();
    const outcome = event.submitter.value;
    const minutes = Number(new FormData(event.target).get("minutes"));
    const id = sheet.dataset.followUp;
    const entry = { id, person, key: crypto.randomUUID(), outcome, minutes, at: new Date().toISOString() };
    await store("readwrite", (all) => all.put(entry));
    sheet.close();
    await show();
    send();
  });

  // --- sending: one window at a time, oldest first; the key makes a repetition harmless
  async function send() {
    clearTimeout(retry);
    if (!navigator.onLine) return;
    const [sent, refused, left] = await navigator.locks.request("muster-today", deliver);
    if (left) retry = setTimeout(send, RETRY_MS);
    if (sent || refused) {
      const words = [];
      if (sent) words.push(root.dataset.sent.replace("{number}", sent));
      if (refused) words.push(root.dataset.refused.replace("{number}", refused));
      sessionStorage.setItem("muster-said", words.join(" · "));
      if (!document.querySelector("dialog[open]")) { location.reload(); return; }
    }
    await show();
  }
  async function deliver() {
    let sent = 0;
    let refused = 0;
    const entries = (await waiting()).sort((one, other) => one.at.localeCompare(other.at));
    for (const [place, entry] of entries.entries()) {
      const body = JSON.stringify({ outcome: entry.outcome, minutes: entry.minutes, at: entry.at });
      let answer;
      try {
        answer = await fetch(`/clients/api/follow-ups/${entry.id}/outcome`, {
          method: "POST", body, headers: { "Content-Type": "application/json", "Idempotency-Key": entry.key },
        });
      } catch {
        return [sent, refused, entries.length - place];
      }
      away = false;
      if (answer.status >= 500 || [401, 408, 425, 429].includes(answer.status)) return [sent, refused, entries.length - place];
      if (answer.status === 409 && (await answer.json()).type?.endsWith("still-running")) return [sent, refused, entries.length - place];
      await store("readwrite", (all) => all.delete(entry.id));
      if (answer.ok) sent += 1; else refused += 1;
    }
    return [sent, refused, 0];
  }
  addEventListener("offline", () => { away = true; show(); });
  addEventListener("online", () => { away = false; show(); send(); });

  // --- the copy that is shown without a connection: of the last visit, and of how the page was left
  async function keep() {
    if (!("caches" in window) || !navigator.onLine) return;
    try {
      const answer = await fetch(PAGE);
      if (!answer.ok || answer.redirected) return;
      await (await caches.open(PAGES)).put(PAGE, answer);
      const assets = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((each) => each.href || each.src);
      await (await caches.open("muster-assets")).addAll(assets);
    } catch { /* the copy that there is stays */ }
  }
  let changed = false;
  document.addEventListener("htmx:after:swap", () => { changed = true; away = !navigator.onLine; show(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changed) { changed = false; keep(); }
    if (document.visibilityState === "visible") send();
  });
  if ("serviceWorker" in navigator && window.isSecureContext) {
    // the first visit was not seen by the worker, so its page and assets are fetched once more
    const first = !navigator.serviceWorker.controller;
    navigator.serviceWorker.ready.then(async () => {
      if (first || !(await caches.match(PAGE, { cacheName: PAGES, ignoreVary: true }))) await keep();
      root.dataset.kept = "true";
    });
  }

  const said = sessionStorage.getItem("muster-said");
  if (said) { sessionStorage.removeItem("muster-said"); say(said); }
  show();
  send();
})();
