/**
 * The shell without a network (rule WB24). It knows the files of the page by name, keeps them once when
 * it is installed, and answers with them only where the network does not: whatever else is asked for, by
 * whom, and all data go past it. A page that began with kept files gets no newer ones into the bargain.
 */
declare const self: {
  readonly location: { readonly origin: string; readonly pathname: string }
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  addEventListener(kind: 'install' | 'activate', run: (event: Awaiting) => void): void
  addEventListener(kind: 'fetch', run: (event: Fetching) => void): void
}

interface Awaiting {
  waitUntil(done: Promise<unknown>): void
}

interface Fetching {
  readonly request: Request
  readonly clientId: string
  readonly resultingClientId: string
  respondWith(response: Promise<Response>): void
}

/** The build puts them here: a hash of all, then each by its name. */
const [version = '', ...files] = '__SHELL__'.split(' ')
const prefix = 'shell '
const kept = prefix + version
const base = self.location.pathname.replace(/[^/]*$/, '')
const paths = new Set([base, ...files.map((file) => base + file)])

/** Longer than that a network is none: the kept files are there at once. */
const patienceMs = 3_000

/** Pages that began with kept files. */
const offline = new Set<string>()

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(kept)
      .then((cache) =>
        cache.addAll([...paths].map((path) => new Request(path, { cache: 'reload' }))),
      )
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith(prefix) && name !== kept)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (!paths.has(url.pathname)) return
  event.respondWith(answer(event, url.pathname))
})

async function answer(event: Fetching, path: string): Promise<Response> {
  const cache = await caches.open(kept)
  const begun = offline.has(event.clientId) ? await cache.match(path) : undefined
  if (begun) return begun
  const giveUp = new AbortController()
  // Until it answers: what has begun to come may take its time.
  const timer = setTimeout(() => giveUp.abort(), patienceMs)
  try {
    return await fetch(event.request, { signal: giveUp.signal })
  } catch (cause) {
    const found = await cache.match(path)
    if (!found) throw cause
    if (event.resultingClientId !== '') offline.add(event.resultingClientId)
    return found
  } finally {
    clearTimeout(timer)
  }
}
