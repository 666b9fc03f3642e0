/**
 * A peer as a process of its own, as `baton up` runs one: real store, link host, WebRTC and folders.
 * The other end of its IPC is tests/real/peer-child.mts. It leads a process group, so that killing
 * or stopping it can take its link host along.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type {
  DeviceRow,
  Mesh,
  MeshEvent,
  PairingEvent,
  ReceiptRow,
  SendEvent,
  SendOptions,
  SessionRow,
} from '@baton/client/core/mesh-api'
import type { IceSettings } from '@baton/client/core/ports/channel'
import type { DeviceId } from '@baton/shared/ids'

export interface PeerSetup {
  /** Holds `baton` (keys, store) and `home` (the agent's files); kept over restarts. */
  readonly folder: string
  readonly signaling: string
  readonly name: string
  readonly policy?: IceSettings['policy']
  /** How far the wall clock of this device goes ahead, in ms. */
  readonly aheadMs?: number
  /** Further arguments of the child. */
  readonly argv?: readonly string[]
}

/** What the child is asked; every ask has events and an end, or an error. */
export type Ask =
  | { readonly kind: 'invite'; readonly confirm?: boolean }
  | { readonly kind: 'join'; readonly code: string }
  | { readonly kind: 'send'; readonly ref: string; readonly options: SendOptions }
  | { readonly kind: 'trouble'; readonly device: DeviceId }
  /** Of a benchmark's child alone. */
  | { readonly kind: 'play'; readonly part: unknown }
  | { readonly kind: 'devices' | 'sessions' | 'receipts' | 'exit' }

export type Told =
  | { readonly at: 'ready'; readonly self: DeviceId; readonly ms: number }
  | { readonly at: 'refused'; readonly code: string }
  | { readonly at: 'mesh'; readonly event: MeshEvent }
  | { readonly at: 'event'; readonly id: number; readonly event: unknown; readonly when: number }
  | { readonly at: 'mark'; readonly mark: Mark }
  | { readonly at: 'end'; readonly id: number; readonly error?: string }

/** A moment that a benchmark's child notes: what happened, ms since 1970, and to how many bytes. */
export interface Mark {
  readonly name: string
  readonly when: number
  readonly bytes: number
}

export interface Timed<E> {
  readonly event: E
  /** ms since 1970, by the child. */
  readonly when: number
}

export type Done = Extract<SendEvent, { at: 'done' }>

export interface PeerProcess {
  readonly name: string
  readonly folder: string
  readonly pid: number
  readonly self: DeviceId
  /** What happened in the mesh, as told, from the start of the process on. */
  readonly told: readonly MeshEvent[]
  readonly marks: readonly Mark[]
  /** Resolves with the first event, told before or later, that fits. */
  until(fits: (event: MeshEvent) => boolean): Promise<MeshEvent>
  /** Resolves with the code, and goes on to whatever the pairing comes to. */
  invite(): Promise<{ readonly code: string; readonly ended: Promise<PairingEvent> }>
  join(code: string): Promise<PairingEvent>
  /** Its events as they come; ends with `done` or `failed`. */
  send(ref: string, options: SendOptions): AsyncIterable<SendEvent>
  /** A send that ends with `done`, or rejects. */
  sent(ref: string, options: SendOptions): Promise<Done>
  /** All events of a send with their times. */
  timed(ref: string, options: SendOptions): Promise<readonly Timed<SendEvent>[]>
  /** What a benchmark's child gives for its part, once it has played it. */
  play<R>(part: unknown): Promise<R>
  devices(): Promise<readonly DeviceRow[]>
  sessions(): Promise<readonly SessionRow[]>
  receipts(): Promise<readonly ReceiptRow[]>
  /** SIGKILL for the process alone: what it started has to notice by itself. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT for it and its link host: a laptop that sleeps. */
  pause(): void
  resume(): void
  /** Closes and exits. */
  stop(): Promise<void>
  /** Resolves when the process is gone, with its signal. */
  readonly gone: Promise<string | null>
}

interface Open {
  event(event: Timed<unknown>): void
  end(error: string | undefined): void
}

const exitMs = 10_000

/** `child` is the emitted peer-child.mts. Rejects with the code of what stands against starting. */
export async function startPeer(child: string, setup: PeerSetup): Promise<PeerProcess> {
  const process = fork(child, [JSON.stringify(setup), ...(setup.argv ?? [])], {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(process, 'exit').then(([, signal]) => signal as string | null)
  const told: MeshEvent[] = []
  const marks: Mark[] = []
  const watchers = new Set<() => void>()
  const open = new Map<number, Open>()
  let lastId = 0

  const self = await new Promise<DeviceId>((resolve, reject) => {
    void gone.then((signal) => {
      for (const each of open.values()) each.end(`the process is gone (${signal ?? 'exit'})`)
      reject(new Error(`the peer ended before it was ready (${signal ?? 'exit'})`))
    })
    process.on('message', (message: Told) => {
      if (message.at === 'ready') resolve(message.self)
      else if (message.at === 'refused') reject(new Error(message.code))
      else if (message.at === 'event') open.get(message.id)?.event(message)
      else if (message.at === 'end') open.get(message.id)?.end(message.error)
      else if (message.at === 'mark') marks.push(message.mark)
      else {
        told.push(message.event)
        for (const watcher of [...watchers]) watcher()
      }
    })
  })

  async function* ask<E>(request: Ask): AsyncGenerator<E> {
    for await (const { event } of timed<E>(request)) yield event
  }

  async function* timed<E>(request: Ask): AsyncGenerator<Timed<E>> {
    const id = ++lastId
    const events: Timed<E>[] = []
    let over = false
    let error: string | undefined
    let wake = () => {}
    open.set(id, {
      event(event) {
        events.push(event as Timed<E>)
        wake()
      },
      end(why) {
        over = true
        error = why
        open.delete(id)
        wake()
      },
    })
    if (process.connected) process.send({ id, ...request })
    else open.get(id)?.end('the process is gone')
    for (;;) {
      const event = events.shift()
      if (event !== undefined) yield event
      else if (over) break
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    if (error !== undefined) throw new Error(error)
  }

  async function one<E>(request: Ask): Promise<E> {
    for await (const event of ask<E>(request)) return event
    throw new Error(`no answer to ${request.kind}`)
  }

  async function last<E extends { readonly at: string }>(events: AsyncIterable<E>): Promise<E> {
    let end: E | undefined
    for await (const event of events) end = event
    if (end === undefined) throw new Error('it ended without a word')
    return end
  }

  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      globalThis.process.kill(-(process.pid as number), signal)
    } catch {
      // The group is gone already.
    }
  }

  return {
    name: setup.name,
    folder: setup.folder,
    pid: process.pid as number,
    self,
    told,
    marks,
    gone,
    async until(fits) {
      for (let from = 0; ; ) {
        const found = told.slice(from).find(fits)
        if (found) return found
        from = told.length
        await new Promise<void>((resolve) => {
          const watcher = () => {
            watchers.delete(watcher)
            resolve()
          }
          watchers.add(watcher)
        })
      }
    },
    async invite() {
      const events = ask<PairingEvent>({ kind: 'invite' })
      for (;;) {
        const { value, done } = await events.next()
        if (done || value.at === 'failed') throw new Error(`no code: ${JSON.stringify(value)}`)
        if (value.at === 'code') return { code: value.code, ended: last(events) }
      }
    },
    join: (code) => last(ask<PairingEvent>({ kind: 'join', code })),
    send: (ref, options) => ask<SendEvent>({ kind: 'send', ref, options }),
    async sent(ref, options) {
      const end = await last(ask<SendEvent>({ kind: 'send', ref, options }))
      if (end.at !== 'done') throw new Error(`the send did not end well: ${JSON.stringify(end)}`)
      return end
    },
    async timed(ref, options) {
      const events: Timed<SendEvent>[] = []
      for await (const each of timed<SendEvent>({ kind: 'send', ref, options })) events.push(each)
      return events
    },
    play: (part) => one({ kind: 'play', part }),
    devices: () => one({ kind: 'devices' }),
    sessions: () => one({ kind: 'sessions' }),
    receipts: () => one({ kind: 'receipts' }),
    async kill() {
      process.kill('SIGKILL')
      await gone
    },
    pause: () => signalGroup('SIGSTOP'),
    resume: () => signalGroup('SIGCONT'),
    async stop() {
      const late = setTimeout(() => signalGroup('SIGKILL'), exitMs)
      // What it answers does not matter: it is going.
      one({ kind: 'exit' }).catch(() => undefined)
      await gone
      clearTimeout(late)
      signalGroup('SIGKILL')
    },
  }
}

/** Pairs by a code typed; resolves when both say so. */
export async function pairUp(inviter: PeerProcess, joiner: PeerProcess): Promise<void> {
  const { code, ended } = await inviter.invite()
  const ends = await Promise.all([joiner.join(code), ended])
  for (const end of ends) if (end.at !== 'paired') throw new Error(JSON.stringify(end))
}

/** Where a peer's agent keeps its files. */
export const agentFolder = (folder: string): string => join(folder, 'home', '.claude')
export const batonFolder = (folder: string): string => join(folder, 'baton')

export type PeerChild = ChildProcess
export type PeerMesh = Mesh
