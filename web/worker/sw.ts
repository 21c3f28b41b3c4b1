// The service worker of the platform's pages: it keeps their program, so that a
// second visit needs little of the network, and none of it to say that it is
// offline. What anybody is told by the API is never kept, nor even looked at.
import { PrecacheController } from "workbox-precaching/PrecacheController.js";

declare const self: ServiceWorkerGlobalScope & {
  /** The files of this version, named by their content; the build puts the list before this. */
  atriumFiles: string[];
  /**
   * What the gateway says before that: whether to be there at all, what page is
   * the newest, and where the files are, if not here.
   */
  atrium: { worker: boolean; shell: string; assets: string };
};

const shell = { url: "/", revision: self.atrium.shell };

if (self.atrium.worker) keepShell();
else leave();

function keepShell() {
  const kept = new PrecacheController();
  // Adds what installs the files, and what deletes those of older versions once
  // this one is in charge.
  kept.precache([
    ...self.atriumFiles.map((file) => ({ url: self.atrium.assets + file, revision: null })),
    shell,
  ]);

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.mode === "navigate") {
      const { origin, pathname } = new URL(request.url);
      // The API has navigations of its own: downloads, logins elsewhere, its documentation.
      if (origin !== self.location.origin || pathname.startsWith("/api/")) return;
      event.respondWith(newest(event, () => kept.matchPrecache(shell.url)));
    } else if (request.url.includes("/assets/") && kept.getCacheKeyForURL(request.url)) {
      event.respondWith(kept.matchPrecache(request).then((found) => found ?? fetch(request)));
    }
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil(self.registration.navigationPreload?.enable());
  });

  // Tabs of the version before may yet need its files: it goes with the last of
  // them. A page that is of this version and alone needs not wait.
  self.addEventListener("message", (event) => {
    if (event.data !== "take over") return;
    event.waitUntil(
      self.clients.matchAll({ type: "window", includeUncontrolled: true }).then(async (tabs) => {
        if (tabs.length <= 1) await self.skipWaiting();
      }),
    );
  });
}

/** What the network says to a navigation; the shell when it says nothing. */
async function newest(event: FetchEvent, shellOf: () => Promise<Response | undefined>) {
  try {
    const ahead: Response | undefined = await event.preloadResponse;
    return ahead ?? (await fetch(event.request));
  } catch (offline) {
    const found = await shellOf();
    if (found) return found;
    throw offline;
  }
}

/** Undoes whatever a worker before this one left in the browser. */
function leave() {
  self.addEventListener("install", () => void self.skipWaiting());
  self.addEventListener("activate", (event) => {
    const gone = caches
      .keys()
      .then((names) => Promise.all(names.map((name) => caches.delete(name))))
      .then(() => self.registration.unregister());
    event.waitUntil(gone);
  });
}
