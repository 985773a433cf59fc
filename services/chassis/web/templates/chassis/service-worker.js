// Keeps what the shell needs, and the last state of the pages that must be readable without a connection.
const SHELL = "muster-shell-{{ version }}";
const PAGES = "muster-pages";
const ASSETS = "muster-assets";
const IS_ASSET = /^\/([a-z]+\/)?assets\//;
const KEPT_PAGES = ["/clients/today"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll({{ urls | tojson }})).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(
        names.filter((name) => name === ASSETS || (name.startsWith("muster-shell-") && name !== SHELL)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()));
});

async function navigate(request) {
  const path = new URL(request.url).pathname;
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && KEPT_PAGES.includes(path)) {
      const pages = await caches.open(PAGES);
      await pages.put(path, answer.clone());
    }
    return answer;
  } catch {
    return (await caches.match(path, { cacheName: PAGES, ignoreVary: true }))
      || (await caches.match("/offline", { cacheName: SHELL, ignoreVary: true }))
      || Response.error();
  }
}

// What has its digest in the path never changes; kept pages need it without a connection.
async function asset(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const assets = await caches.open(ASSETS);
    await assets.put(request, answer.clone());
  }
  return answer;
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(navigate(request));
  } else if (IS_ASSET.test(url.pathname)) {
    event.respondWith(asset(request));
  }
});
