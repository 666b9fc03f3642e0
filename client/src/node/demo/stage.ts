/** The two processes of the demo, seen from the one that directs them. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PairingEvent, ReceiptRow, SendEvent, SendOptions } from '../../core/mesh-api.ts'
import type { ActorAsk, ActorSetup, ActorTold } from './actor.ts'

export interface Actor {
  readonly self: string
  /** Resolves once the process traces a code like `bad-signature`; a promise that may stay open. */
  noticed(code: string): Promise<void>
  invite(): AsyncIterable<PairingEvent>
  join(code: string): AsyncIterable<PairingEvent>
  send(ref: string, options: SendOptions): AsyncIterable<SendEvent>
  receipts(): Promise<readonly ReceiptRow[]>
  /** Closes and exits; kills after a while. */
  leave(): Promise<void>
}

interface Line {
  readonly events: unknown[]
  ended: boolean
  error: string | undefined
  wake: () => void
}

const leaveMs = 8000

export async function startActor(setup: ActorSetup): Promise<Actor> {
  const child = fork(
    fileURLToPath(new URL('./actor.js', import.meta.url)),
    [JSON.stringify(setup)],
    {
      serialization: 'advanced',
      execArgv: [],
    },
  )
  const lines = new Map<number, Line>()
  const traced = new Set<string>()
  const waiting: { readonly code: string; readonly run: () => void }[] = []
  let last = 0
  const self = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${setup.name} did not start`)))
    child.on('message', (told: ActorTold) => {
      if (told.at === 'ready') resolve(told.self)
      else if (told.at === 'trace') {
        traced.add(told.code)
        for (const { code, run } of waiting) if (code === told.code) run()
      } else take(lines.get(told.id), told)
    })
  })
  child.once('exit', () => {
    for (const line of lines.values()) end(line, 'process-ended')
  })

  async function* ask<E>(what: ActorAsk): AsyncGenerator<E> {
    const id = ++last
    const line: Line = { events: [], ended: false, error: undefined, wake: () => undefined }
    lines.set(id, line)
    child.send({ id, ...what })
    for (;;) {
      while (line.events.length > 0) yield line.events.shift() as E
      if (line.ended) break
      await new Promise<void>((resolve) => {
        line.wake = resolve
      })
    }
    lines.delete(id)
    if (line.error !== undefined) throw new Error(line.error)
  }

  return {
    self,
    noticed: (code) =>
      new Promise((run) => {
        if (traced.has(code)) run()
        else waiting.push({ code, run })
      }),
    invite: () => ask({ do: 'invite' }),
    join: (code) => ask({ do: 'join', code }),
    send: (ref, options) => ask({ do: 'send', ref, options }),
    async receipts() {
      for await (const rows of ask<readonly ReceiptRow[]>({ do: 'receipts' })) return rows
      return []
    },
    leave: () => leave(child),
  }
}

function take(line: Line | undefined, told: Extract<ActorTold, { at: 'event' | 'end' }>): void {
  if (!line) return
  if (told.at === 'event') {
    line.events.push(told.event)
    line.wake()
  } else end(line, told.error)
}

function end(line: Line, error: string | undefined): void {
  line.ended = true
  line.error ??= error
  line.wake()
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), leaveMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.send({ id: 0, do: 'leave' })
  })
}
