// What every page does: dialogs, questions before something irreversible, words after it, rows that move.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);

  // --- toasts
  const TOAST_MS = 5000;
  function fade(toast) { setTimeout(() => toast.remove(), TOAST_MS); }
  function say(text, kind) {
    const toast = document.createElement("div");
    toast.className = kind === "error" ? "m-toast m-toast-error" : "m-toast";
    toast.textContent = text;
    $("#m-toasts").append(toast);
    fade(toast);
  }
  document.querySelectorAll("#m-toasts .m-toast").forEach(fade);
  document.addEventListener("muster:toast", (event) => say(event.detail.text, event.detail.kind));
  document.addEventListener("htmx:error", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (!source || source.closest("[data-m-quiet]") || source.hasAttribute("hx-sse:connect")) return;
    say(document.body.dataset.mLost, "error");
  });

  // --- bars that are wider than a phone begin where one is
  document.querySelectorAll(".m-sections, .m-tablist").forEach((bar) => {
    const open = $("[aria-current]", bar);
    if (open) bar.scrollLeft = open.offsetLeft - bar.offsetLeft - (bar.clientWidth - open.offsetWidth) / 2;
  });

  // --- dialogs
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-m-open]");
    if (opener) $(opener.dataset.mOpen)?.showModal();
    if (event.target.closest("[data-m-close]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  // --- questions: data-m-confirm on a form, hx-confirm for htmx
  function ask(words, yes, no = () => {}) {
    const dialog = $("#m-confirm");
    $("#m-confirm-text").textContent = words;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? yes() : no()), { once: true });
    dialog.showModal();
  }
  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault();
    ask(event.detail.ctx.confirm, event.detail.issueRequest, event.detail.dropRequest);
  });

  // --- forms: asked once, sent once
  const changed = new WeakSet();
  document.addEventListener("input", (event) => { if (event.target.form) changed.add(event.target.form); });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.mConfirm && !form.dataset.mConfirmed) {
      event.preventDefault();
      ask(form.dataset.mConfirm, () => {
        form.dataset.mConfirmed = "yes";
        form.requestSubmit(event.submitter);
      });
      return;
    }
    if (form.hasAttribute("hx-post")) return;
    if (form.dataset.mSent) { event.preventDefault(); return; }
    form.dataset.mSent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });

  // --- back and forward: a page from the browser's memory shows an old state
  window.addEventListener("pageshow", (event) => {
    document.querySelectorAll("form[data-m-sent]").forEach((form) => {
      delete form.dataset.mSent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
    const typing = [...document.forms].some((form) => changed.has(form));
    if (event.persisted && !typing) location.reload();
  });

  // --- rows that move: data-m-flip on the container, data-m-key on each row
  const places = new WeakMap();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  function remember() {
    document.querySelectorAll("[data-m-flip]").forEach((box) => {
      places.set(box, new Map([...box.querySelectorAll("[data-m-key]")].map(
        (row) => [row.dataset.mKey, row.getBoundingClientRect()])));
    });
  }
  function move() {
    document.querySelectorAll("[data-m-flip]").forEach((box) => {
      const before = places.get(box);
      if (!before) return;
      box.querySelectorAll("[data-m-key]").forEach((row) => {
        const was = before.get(row.dataset.mKey);
        const is = row.getBoundingClientRect();
        if (!was) {
          row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 400, easing: "ease-out" });
        } else if (was.top !== is.top || was.left !== is.left) {
          row.animate(
            [{ transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)` }, { transform: "none" }],
            { duration: 600, easing: "cubic-bezier(.2, .8, .2, 1)" });
        }
      });
    });
  }
  document.addEventListener("htmx:before:swap", () => { if (!calm.matches) remember(); });
  document.addEventListener("htmx:after:swap", () => { if (!calm.matches) move(); });

  // --- the number of unread messages is asked for once and shown in both menus
  document.addEventListener("htmx:after:swap", () => {
    const count = $("#m-count");
    document.querySelectorAll("[data-m-count-copy]").forEach((copy) => { copy.textContent = count.textContent; });
  });

  // --- installed, and readable without a connection
  const PAGES = "muster-pages";
  if (document.body.classList.contains("m-signed-out") && "caches" in window) caches.delete(PAGES);
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/service-worker.js").catch(() => {});
  }
  if (location.pathname === "/offline") window.addEventListener("online", () => location.reload());
})();
