/**
 * A page among the pages of its origin (rules WB4, WB29 to WB32): one of them runs the device, and all
 * show it. This file joins the machine that says who leads (leading.ts) to the browser's lock, the
 * channel and the device, and holds no protocol of its own.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { createPageMesh } from './answers.ts'
import { type Answers, createAsked } from './asked.ts'
import { createAsking } from './asking.ts'
import { runCall, runStream } from './calls.ts'
import { changeOf } from './changes.ts'
import { beginLeading, type LeadingEffect, type LeadingInput, stepLeading } from './leading.ts'
import { tabAskMs } from './limits.ts'
import {
  type MeshChange,
  readTabMessage,
  type TabMessage,
  type TabWord,
  tabVersion,
} from './messages.ts'
import { createOthers } from './others.ts'
import type { PageMesh } from './page-mesh.ts'
import type { TabPeer, TabPorts, TabRoom } from './ports.ts'
import { createServing, type Serving } from './serving.ts'
import { createTurns } from './turns.ts'

export function openRoom(ports: TabPorts): TabRoom {
  const { tab, channel, locks, clock } = ports
  const watchers = new Set<(change: MeshChange) => void>()
  let changed = () => {}
  let state = beginLeading()
  let own: Pick<ReturnType<TabRoom['tabs']>[0], 'mode' | 'front'> = { mode: 'tab', front: true }
  let letGo = () => {}
  let heardAt: number | undefined
  /** Of the device that this page runs. */
  let here: Answers | undefined
  let peer: TabPeer | undefined
  let serving: Serving | undefined
  let unwatch = () => {}
  /** By the word of whoever says that it leads, and the one that this page shows. */
  let told: DeviceId | undefined
  let self: DeviceId | undefined
  let resolve = (_mesh: PageMesh) => {}
  let reject = (_error: BatonError) => {}
  const ready = new Promise<PageMesh>((...settle) => {
    ;[resolve, reject] = settle
  })

  const post = (word: TabWord) =>
    channel.post({ ...word, baton: tabVersion, from: tab } as TabMessage)
  const lost = () => put({ on: 'lost', now: clock.monotonic() })
  const going = (other: string) => put({ on: 'going', tab: other, now: clock.monotonic() })
  const asking = createAsking(post, channel.maxUnits)
  const asked = createAsked((by) => {
    if (by === here) lost()
    else if (state.leader) going(state.leader.tab)
  })
  const others = createOthers(locks, (other) => {
    serving?.forget(other)
    going(other)
    changed()
  })
  const turns = createTurns(ports.openPeer, {
    opened(opened) {
      peer = opened
      put({ on: 'opened', term: opened.term })
    },
    failed: refuse,
  })

  function put(input: LeadingInput): void {
    const before = state
    const [next, effects] = stepLeading(state, input)
    state = next
    for (const { do: what } of effects) acts[what]()
    if (before.role !== next.role || before.leader !== next.leader) changed()
  }

  function hold(how: 'queue' | 'steal'): void {
    letGo()
    letGo = locks.hold(how, () => put({ on: 'granted' }), lost)
  }

  const acts: Readonly<Record<LeadingEffect['do'], () => void>> = {
    queue: () => hold('queue'),
    steal: () => hold('steal'),
    release() {
      letGo()
      letGo = () => {}
    },
    open: turns.open,
    close() {
      peer = undefined
      here = undefined
      asked.use(undefined)
      serving?.close()
      serving = undefined
      unwatch()
      turns.close()
    },
    ask: () => post({ kind: 'sync_request' }),
    tell: () => tell(),
    pass: () => post({ kind: 'handoff_init' }),
    gone() {
      asked.use(undefined)
      asking.lose()
    },
    follow,
  }

  function tell(change?: MeshChange): void {
    const { role, term } = state
    const more = { ...(peer && { device: peer.mesh.self }), ...(change && { change }) }
    post({ kind: 'session_update', term: role === 'leading' ? term : 0, ...more })
  }

  function refuse(error: unknown): void {
    const cause = { cause: error }
    const why = isBatonError(error)
      ? error
      : new BatonError('invalid', 'failed to open the device', cause)
    put({ on: 'refused' })
    asked.fail(why)
    reject(why)
    ports.failed(why)
  }

  /** Somebody leads, this page or another: from now on that one is asked. */
  function follow(): void {
    const device = peer?.mesh.self ?? told
    if (self !== undefined && device !== self) {
      ports.failed('other-device')
      return
    }
    if (peer) answerHere(peer)
    else if (state.leader) {
      const leader = state.leader.tab
      asked.use({
        call: (name, args) => asking.call(leader, name, args),
        follow: (name, args) => asking.follow(leader, name, args),
      })
    }
    if (self === undefined && device !== undefined) {
      self = device
      resolve(createPageMesh(self, asked, ports.random, watch))
    }
    // What was shown may be older than what this one has.
    hear({ kind: 'session' })
  }

  function answerHere(running: TabPeer): void {
    serving = createServing(running, { post, maxUnits: channel.maxUnits, fenced: lost })
    unwatch = running.mesh.watch((event) => {
      const change = changeOf(event)
      hear(change)
      tell(change)
    })
    here = {
      call: (name, args) => runCall(running, name, args),
      follow: (name, args) => runStream(running, name, args),
    }
    asked.use(here)
  }

  function watch(handler: (change: MeshChange) => void): () => void {
    watchers.add(handler)
    return () => watchers.delete(handler)
  }

  function hear(change: MeshChange): void {
    for (const watcher of [...watchers]) watcher(change)
  }

  function heard(message: TabMessage): void {
    const { from } = message
    if (from === tab || ('to' in message && message.to !== tab)) return
    heardAt = clock.now()
    if (message.kind === 'mode_closing') others.leaves(from)
    else if (others.meet(from)) said(message, state.leader?.tab === from)
  }

  function said(message: TabMessage, byLeader: boolean): void {
    const { from } = message
    switch (message.kind) {
      case 'mode_change':
        Object.assign(others.meet(from) ?? {}, { mode: message.mode, front: message.front })
        if (message.fresh) post({ kind: 'mode_change', ...own })
        changed()
        break
      case 'sync_request':
        put({ on: 'asked' })
        break
      case 'handoff_init':
        going(from)
        break
      case 'session_update':
        told = message.device as DeviceId | undefined
        put({ on: 'heard', tab: from, term: message.term, now: clock.monotonic() })
        if (message.change && byLeader) hear(message.change)
        break
      case 'answer':
      case 'events':
        if (byLeader) asking.heard(message)
        break
      default:
        serving?.heard(message)
    }
  }

  function tick(): void {
    put({ on: 'tick', now: clock.monotonic(), front: own.front })
    clock.after(tabAskMs, tick)
  }

  channel.hear((raw) => {
    const message = readTabMessage(raw)
    if (message) heard(message)
  })
  post({ kind: 'mode_change', ...own, fresh: true })
  put({ on: 'begin', now: clock.monotonic() })
  clock.after(tabAskMs, tick)

  return {
    ready,
    heard: () => heardAt,
    tabs: () => [
      { tab, self: true, ...own, leads: state.role === 'leading' },
      ...[...others.all()].map(([id, { mode, front }]) => ({
        ...{ tab: id, self: false, mode, front, leads: state.leader?.tab === id },
      })),
    ],
    onChange(run) {
      changed = run
    },
    show(mode, front) {
      if (mode === own.mode && front === own.front) return
      own = { mode, front }
      post({ kind: 'mode_change', ...own })
      changed()
    },
    freeze: () => put({ on: 'frozen' }),
    thaw: () => put({ on: 'thawed', now: clock.monotonic() }),
    leave() {
      post({ kind: 'mode_closing', mode: own.mode })
      put({ on: 'frozen' })
    },
    lost: refuse,
  }
}
