/** The processes of the demo, seen from the one that directs them. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type {
  HandoffEvent,
  HandoffKind,
  PairingEvent,
  ReceiptRow,
  SendEvent,
  SendOptions,
} from '../../core/mesh-api.ts'
import type { ActorAsk, ActorSetup, ActorTold, SeenSession } from './actor.ts'

export interface Actor {
  readonly self: string
  /** Resolves once the process traces a code like `bad-signature`; a promise that may stay open. */
  noticed(code: string): Promise<void>
  invite(): AsyncIterable<PairingEvent>
  join(code: string): AsyncIterable<PairingEvent>
  send(ref: string, options: SendOptions): AsyncIterable<SendEvent>
  receipts(): Promise<readonly ReceiptRow[]>
  /** A session that this device holds; its id. */
  begin(title: string, says: readonly string[]): Promise<string>
  /** Rejects with the code of what is in the way. */
  say(session: string, text: string): Promise<void>
  /** Puts a word into the inbox of who holds it. */
  ask(session: string, text: string): Promise<void>
  /** Undefined while it is not here. */
  seen(session: string): Promise<SeenSession | undefined>
  hand(session: string, to: Actor, kind: HandoffKind): AsyncIterable<HandoffEvent>
  /** From now on what others ask for is accepted. */
  agree(): Promise<void>
  /** Ends the process at once, in the middle of whatever it does. */
  kill(): Promise<void>
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

  async function only<T>(what: ActorAsk): Promise<T> {
    let answer: unknown
    for await (const each of ask<T>(what)) answer = each
    return answer as T
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
    begin: (title, says) => only<string>({ do: 'begin', title, says }),
    say: (session, text) => only<void>({ do: 'say', session, text }),
    ask: (session, text) => only<void>({ do: 'ask', session, text }),
    seen: (session) => only<SeenSession | undefined>({ do: 'seen', session }),
    hand: (session, to, kind) => ask({ do: 'hand', session, to: to.self, kind }),
    agree: () => only<void>({ do: 'agree' }),
    kill: () => kill(child),
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

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
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
