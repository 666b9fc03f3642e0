/** Pages of one origin without a browser: its locks, its broadcast, and a store whose fence they share. */
import type { Mesh } from '@baton/client/core/mesh-api'
import type { TabMessage } from '@baton/client/core/tabs/messages'
import type { TabLocks, TabPeer, TabRoom } from '@baton/client/core/tabs/ports'
import { openRoom } from '@baton/client/core/tabs/room'
import { BatonError } from '@baton/shared/errors'
import { createFakeMesh } from './fake-mesh.ts'
import { createManualClock } from './manual-clock.ts'

interface Request {
  readonly page: number
  granted(): void
  lost(): void
}

/** Web Locks, as far as pages use them: one after the other, stolen, and free when their page is gone. */
function createFakeLocks() {
  const queues = new Map<string, Request[]>()
  const gone = new Set<number>()
  const grant = (name: string) => {
    const [first] = queues.get(name) ?? []
    if (first) queueMicrotask(() => queues.get(name)?.[0] === first && first.granted())
  }
  function ask(name: string, request: Request, steal = false): () => void {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    if (steal) {
      const holder = queue.shift()
      queue.unshift(request)
      if (holder) queueMicrotask(() => !gone.has(holder.page) && holder.lost())
    } else queue.push(request)
    if (queue[0] === request) grant(name)
    return () => {
      const place = queue.indexOf(request)
      if (place < 0) return
      queue.splice(place, 1)
      if (place === 0) grant(name)
    }
  }
  const quiet = { granted() {}, lost() {} }
  return {
    /** `later`: what a sleeping page hears when it wakes. */
    of(page: number, tab: string, later: (run: () => void) => void): TabLocks {
      ask(`tab ${tab}`, { page, ...quiet })
      return {
        hold: (how, granted, lost) =>
          ask('device', { page, granted, lost: () => later(lost) }, how === 'steal'),
        whenGone(other, run) {
          const release = ask(`tab ${other}`, {
            page,
            lost() {},
            granted() {
              release()
              later(run)
            },
          })
          return release
        },
      }
    },
    crash(page: number) {
      gone.add(page)
      for (const [name, queue] of queues) {
        const first = queue[0]
        queue.splice(0, queue.length, ...queue.filter((each) => each.page !== page))
        if (queue[0] !== first) grant(name)
      }
    },
  }
}

export interface TabPage {
  readonly room: TabRoom
  readonly tab: string
  /** What this page opened, the newest last; each is closed by itself. */
  readonly opened: { mesh: ReturnType<typeof createFakeMesh>; closed: boolean }[]
  readonly failed: unknown[]
}

export function createTabWorld(parts: { mesh?: (mesh: Mesh) => Mesh } = {}) {
  const clock = createManualClock()
  const locks = createFakeLocks()
  const kept = new Map<string, string>()
  const said: { from: string; message: unknown }[] = []
  const pages: (TabPage & { asleep: boolean; heard: (() => void)[]; hear(raw: unknown): void })[] =
    []
  let fence = 0

  /** To every page but one, as a browser clones it; a sleeping one hears it when it wakes. */
  function broadcast(raw: unknown, but?: string): void {
    said.push({ from: but ?? '', message: raw })
    for (const page of pages) {
      if (page.tab === but) continue
      const copy = structuredClone(raw)
      queueMicrotask(() => (page.asleep ? page.heard.push(() => page.hear(copy)) : page.hear(copy)))
    }
  }

  function open(): TabPage {
    const number = pages.length
    const tab = (number + 1).toString(16).padStart(16, '0')
    const page = {
      ...{ tab, asleep: false, heard: [] as (() => void)[], hear: (_: unknown) => {} },
      ...{ opened: [] as TabPage['opened'], failed: [] as unknown[] },
    }
    const room = openRoom({
      tab,
      channel: {
        maxUnits: Number.POSITIVE_INFINITY,
        post: (message: TabMessage) => broadcast(message, tab),
        hear(handler) {
          page.hear = handler
        },
      },
      locks: locks.of(number, tab, (run) => (page.asleep ? page.heard.push(run) : run())),
      clock: { ...clock, after: (ms, run) => clock.after(ms, () => !page.asleep && run()) },
      random: { bytes: (length) => new Uint8Array(length).fill(pages.length) },
      async openPeer(): Promise<TabPeer> {
        const term = ++fence
        const mesh = createFakeMesh()
        const own = { mesh, closed: false }
        page.opened.push(own)
        return {
          term,
          mesh: parts.mesh ? parts.mesh(mesh) : mesh,
          kept: {
            get: async (name) => kept.get(name),
            async put(name, text) {
              if (term !== fence) throw new BatonError('store-fenced', 'another page has it')
              kept.set(name, text)
            },
          },
          now: clock.now,
          serverTime: () => undefined,
          isFull: () => false,
          written: () => term,
          leave() {},
          async close() {
            own.closed = true
          },
        }
      },
      failed: (error) => void page.failed.push(error),
    })
    const whole = Object.assign(page, { room })
    pages.push(whole)
    return whole
  }

  const settle = () => clock.elapse(0)
  return {
    clock,
    open,
    broadcast,
    kept,
    said,
    settle,
    /** The page is gone without a word. */
    crash(page: TabPage) {
      const place = pages.findIndex((each) => each.tab === page.tab)
      const own = pages[place]
      if (own) Object.assign(own, { asleep: true, heard: [] })
      locks.crash(place)
    },
    /** It neither hears nor does anything, and keeps its locks. */
    sleep(page: TabPage) {
      const own = pages.find((each) => each.tab === page.tab)
      if (own) own.asleep = true
    },
    wake(page: TabPage) {
      const own = pages.find((each) => each.tab === page.tab)
      if (!own) return
      own.asleep = false
      for (const run of own.heard.splice(0)) run()
    },
  }
}
