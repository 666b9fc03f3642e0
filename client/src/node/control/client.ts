/**
 * The control API as its callers see it (rules CS3 to CS6): the calls of a mesh, over the socket of
 * the process that runs this device. Answers are bounded and checked.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import type {
  HandoffEvent,
  JoinEvent,
  PairingEvent,
  PairingTask,
  SendEvent,
  ShownRecord,
  Task,
} from '../../core/mesh-api.ts'
import type { ExportEvent, ImportEvent } from '../archive/desk.ts'
import {
  type CallName,
  calls,
  controlPath,
  type EventOf,
  type FailedEvent,
  failureShape,
  maxLineBytes,
  maxReplyBytes,
  type ReplyOf,
  type RequestOf,
  type StreamName,
  streams,
} from './contract.ts'
import { checkSocketFolder } from './folder.ts'
import { parseJson, parseLines } from './lines.ts'

export interface Control {
  call<N extends CallName>(name: N, request: RequestOf<N>): Promise<ReplyOf<N>>
  /** Its events end with the device; what is refused before the first of them rejects. */
  stream<N extends StreamName>(name: N, request: RequestOf<N>): Task<EventOf<N>>
  status(): Promise<ReplyOf<'status'>>
  devices(): Promise<ReplyOf<'devices'>>
  sessions(): Promise<ReplyOf<'sessions'>>
  receipts(): Promise<ReplyOf<'receipts'>>
  conflicts(ref?: string): Promise<ReplyOf<'conflicts'>>
  settle(request: RequestOf<'settle'>): Promise<void>
  hidden(ref: string): Promise<ReplyOf<'hidden'>>
  /** How many were taken over. */
  adopt(request: RequestOf<'adopt'>): Promise<number>
  rename(request: RequestOf<'rename'>): Promise<void>
  remove(request: RequestOf<'remove'>): Promise<void>
  role(request: RequestOf<'role'>): Promise<void>
  invite(options: RequestOf<'invite'>): PairingTask
  join(code: string, options: { readonly confirm: boolean }): PairingTask
  send(options: RequestOf<'send'>): Task<SendEvent>
  hand(request: RequestOf<'hand'>): Task<HandoffEvent>
  take(request: RequestOf<'take'>): Task<HandoffEvent>
  inviteGuest(request: RequestOf<'inviteGuest'>): Task<JoinEvent>
  joinSession(request: RequestOf<'joinSession'>): Task<JoinEvent>
  export(request: RequestOf<'export'>): Task<ExportEvent>
  import(request: RequestOf<'import'>): Task<ImportEvent>
  show(ref: string, branch?: string): AsyncIterable<ShownRecord>
  watch(): Task<EventOf<'watch'>>
  /** `idle`: only when nobody else uses it; false when it was left running for that. */
  down(options?: RequestOf<'down'>): Promise<boolean>
}

/** Longest wait for an answer; streams may be silent for as long as they live. */
const answerMs = 30_000

/**
 * Connects with each call; `not-running` says that nobody listens, `keyring-mode` that another user
 * may.
 */
export function connectControl(socketPath: string): Control {
  function open(name: string, body: unknown, timeout: number | undefined) {
    checkSocketFolder(socketPath)
    const json = JSON.stringify(body)
    const sent = request({
      socketPath,
      // The global agent ends a socket that is silent for 5 s; a person may take longer.
      agent: false,
      method: 'POST',
      path: `${controlPath}/${name}`,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) },
      ...(timeout === undefined ? {} : { timeout }),
    })
    sent.on('timeout', () => sent.destroy(new BatonError('timeout', 'the device does not answer')))
    sent.end(json)
    return { sent, answer: answerOf(sent) }
  }

  async function call<N extends CallName>(name: N, body: RequestOf<N>): Promise<ReplyOf<N>> {
    const response = await open(name, body, answerMs).answer
    const reply = parseJson(await textOf(response))
    if (response.statusCode !== 200) throw refusal(reply)
    const parsed = calls[name].reply.safeParse(reply)
    if (!parsed.success) throw misread()
    return parsed.data as ReplyOf<N>
  }

  function stream<N extends StreamName>(name: N, body: RequestOf<N>): Task<EventOf<N>> {
    let cancelled = false
    let sent: ClientRequest | undefined
    async function* events(): AsyncGenerator<EventOf<N>> {
      if (cancelled) return
      const opened = open(name, body, undefined)
      sent = opened.sent
      const response = await opened.answer
      if (response.statusCode !== 200) throw refusal(parseJson(await textOf(response)))
      for await (const line of parseLines(response, maxLineBytes)) {
        const parsed = streams[name].event.safeParse(line)
        if (!parsed.success) throw misread()
        yield parsed.data as EventOf<N>
      }
    }
    return {
      events: events(),
      cancel() {
        cancelled = true
        sent?.destroy()
      },
    }
  }

  /** A task never throws: what went wrong on the way is its last event. */
  async function* settled<E>(name: TaskName, body: never, bind: Binding, stopped: () => boolean) {
    const task = stream(name, body)
    bind(task.cancel)
    try {
      for await (const event of task.events) yield event as E
    } catch (error) {
      yield (stopped() ? gaveUp : failedOf(error)) as E
    }
  }

  function task<E>(name: TaskName, body: unknown): Task<E> {
    let stop = () => {}
    let cancelled = false
    const bind: Binding = (cancel) => {
      stop = cancel
      if (cancelled) cancel()
    }
    const events = settled<E>(name, body as never, bind, () => cancelled)
    return {
      events,
      cancel() {
        cancelled = true
        stop()
      },
    }
  }

  function pairing(name: 'invite' | 'join', body: unknown): PairingTask {
    const inner = task<EventOf<'invite'>>(name, body)
    let id = ''
    async function* events(): AsyncGenerator<PairingEvent> {
      for await (const event of inner.events) {
        if (event.at === 'task') id = event.id
        else yield event
      }
    }
    return {
      events: events(),
      cancel: inner.cancel,
      answer(match) {
        // A pairing that is over meanwhile has told so by its own last event.
        call('answer', { task: id, match }).catch(() => inner.cancel())
      },
    }
  }

  return {
    call,
    stream,
    status: () => call('status', {}),
    devices: () => call('devices', {}),
    sessions: () => call('sessions', {}),
    receipts: () => call('receipts', {}),
    conflicts: (ref) => call('conflicts', ref === undefined ? {} : { ref }),
    async settle(request) {
      await call('settle', request)
    },
    hidden: (ref) => call('hidden', { ref }),
    adopt: async (request) => (await call('adopt', request)).taken,
    async rename(request) {
      await call('rename', request)
    },
    async remove(request) {
      await call('remove', request)
    },
    async role(request) {
      await call('role', request)
    },
    invite: (options) => pairing('invite', options),
    join: (code, { confirm }) => pairing('join', { code, confirm }),
    send: (options) => task<SendEvent>('send', options),
    hand: (request) => task<HandoffEvent>('hand', request),
    take: (request) => task<HandoffEvent>('take', request),
    inviteGuest: (request) => task<JoinEvent>('inviteGuest', request),
    joinSession: (request) => task<JoinEvent>('joinSession', request),
    export: (request) => task<ExportEvent>('export', request),
    import: (request) => task<ImportEvent>('import', request),
    async *show(ref, branch) {
      for await (const event of stream('show', { ref, branch }).events) {
        if (event.at === 'end') return
        if (event.at === 'failed') throw errorOf(event)
        yield event.record
      }
      throw misread()
    },
    watch: () => stream('watch', {}),
    down: async (options = {}) => (await call('down', options)).stopping,
  }
}

type TaskName =
  | 'invite'
  | 'join'
  | 'send'
  | 'hand'
  | 'take'
  | 'inviteGuest'
  | 'joinSession'
  | 'export'
  | 'import'
type Binding = (cancel: () => void) => void

const gaveUp: FailedEvent = { at: 'failed', code: 'cancelled', message: 'cancelled' }

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve)
    sent.on('error', (cause: NodeJS.ErrnoException) => reject(unanswered(cause)))
  })
}

function unanswered(cause: NodeJS.ErrnoException): Error {
  if (cause instanceof BatonError) return cause
  const nobody = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ENOTSOCK'].includes(cause.code ?? '')
  if (nobody) {
    return new BatonError('not-running', 'this device is not running', {
      hint: 'start it with: baton up',
    })
  }
  const why = cause.code === 'EACCES' ? 'it belongs to another user' : (cause.code ?? 'no answer')
  return new BatonError('not-running', `failed to ask the running device: ${why}`, {
    hint: 'baton doctor tells more',
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    bytes += (part as Buffer).length
    if (bytes > maxReplyBytes) throw new BatonError('too-large', 'failed to read an answer')
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

function refusal(reply: unknown): BatonError {
  const parsed = failureShape.safeParse((reply as { error?: unknown } | null)?.error)
  return parsed.success ? errorOf(parsed.data) : misread()
}

function errorOf(failure: { code: string; message: string; hint?: string | undefined }) {
  const { code, message, hint } = failure
  return new BatonError(code as ErrorCode, message, hint === undefined ? {} : { hint })
}

function failedOf(error: unknown): FailedEvent {
  if (!(error instanceof BatonError)) {
    return {
      at: 'failed',
      code: 'not-running',
      message: 'the running device went away',
      hint: 'start it again: baton up; what was taken by then is kept',
    }
  }
  const { code, message, hint } = error
  return { at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) }
}

const misread = () =>
  new BatonError('unsupported-version', 'failed to read what the running device said', {
    hint: 'it may be of another version: baton down, then baton up',
  })
