/**
 * The control API: what commands and other local programs ask a running device (rules CS). It knows
 * no socket and no terminal; every call checks what it is given against contract.ts.
 */
import { randomUUID } from 'node:crypto'
import { toBase64url } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { parseDeviceId, parseLogId } from '@baton/shared/ids'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type {
  HandoffKind,
  InviteTerms,
  Mesh,
  MeshEvent,
  PairingEvent,
  PairingTask,
  Settling,
} from '../../core/mesh-api.ts'
import type { ArchiveDesk, ImportRequest } from '../archive/desk.ts'
import {
  type CallName,
  calls,
  controlPath,
  type EventOf,
  maxRequestBytes,
  type ReplyOf,
  type RequestOf,
  type StreamName,
  streams,
} from './contract.ts'
import { createDrivenControl } from './driven.ts'
import { maxSaidBytes } from './driven-shapes.ts'
import { eventsUntil } from './events.ts'
import { placeWhere } from './handoff-shapes.ts'
import { bodyOf, type Lines } from './lines.ts'
import { createReaders } from './readers.ts'
import type { ProcessFacts } from './status.ts'

/** Longest until a reader that went is known to be gone. */
const leavingMs = 1_000

export interface ControlHost {
  readonly mesh: Mesh
  readonly archives: ArchiveDesk
  facts(): ProcessFacts
  /** Ends the process in order; the answer leaves first. */
  stop(): void
}

type Answers = { [N in CallName]: (request: RequestOf<N>) => Promise<ReplyOf<N>> }
type Tellers = { [N in StreamName]: (request: RequestOf<N>) => Lines<EventOf<N>> }

export function createControl({ mesh, archives, facts, stop }: ControlHost): Hono {
  const tasks = new Map<string, PairingTask>()
  const readers = createReaders()
  const driven = createDrivenControl(mesh.driven)

  const answers: Answers = {
    status: async () => ({ ...(await mesh.status()), process: facts() }),
    devices: async () => [...(await mesh.devices())],
    sessions: async () => [...(await mesh.sessions())],
    receipts: async () => [...(await mesh.receipts())],
    conflicts: async ({ ref }) => asJson([...(await mesh.conflicts(ref))]),
    async settle({ ref, conflict, settling }) {
      await mesh.settle(ref, conflict, settling as Settling)
      return {}
    },
    hidden: async ({ ref }) => [...(await mesh.hidden(ref))],
    async adopt({ ref, what }) {
      const taken = what === 'all' ? what : { ...what, log: parseLogId(what.log) }
      return { taken: await mesh.adopt(ref, taken) }
    },
    async rename({ device, name }) {
      await mesh.rename(parseDeviceId(device), name)
      return {}
    },
    async remove({ device }) {
      await mesh.remove(parseDeviceId(device))
      return {}
    },
    async role({ device, role }) {
      await mesh.setRole(parseDeviceId(device), role)
      return {}
    },
    recoveryKeys: async () => [...(await mesh.recovery.keys())],
    async recoveryName({ key }) {
      await mesh.recovery.name(parseDeviceId(key))
      return {}
    },
    async recoveryEnd({ key }) {
      await mesh.recovery.end(parseDeviceId(key))
      return {}
    },
    async recoveryUse({ successor, remove, back, ...asked }) {
      await mesh.recovery.use({
        ...asked,
        remove: remove.map(parseDeviceId),
        back: back.map(parseDeviceId),
        ...(successor === undefined ? {} : { successor: parseDeviceId(successor) }),
      })
      return {}
    },
    handoffs: async () => [...(await mesh.handoffs.list())],
    holding: ({ ref }) => mesh.handoffs.holding(ref),
    beside: async ({ ref }) => [...(await mesh.handoffs.beside(ref))],
    async branchOff({ ref, device, epoch }) {
      const of = { device: parseDeviceId(device), epoch }
      return { session: await mesh.handoffs.branchOff(ref, of) }
    },
    async continueBranch({ ref, name, where }) {
      const { where: at = { maps: [] } } = placeWhere(where)
      return mesh.handoffs.continueBranch(ref, name, at)
    },
    async handoffAnswer({ id, accept }) {
      await mesh.handoffs.answer(id, accept)
      return {}
    },
    async handoffCancel({ id }) {
      await mesh.handoffs.cancel(id)
      return {}
    },
    handoffResume: async ({ id }) => ({ word: await mesh.handoffs.resume(id) }),
    async resumePolicy({ device, policy }) {
      const of = device === undefined ? undefined : parseDeviceId(device)
      if (policy !== undefined) await mesh.handoffs.setResumePolicy(policy, of)
      return { policy: mesh.handoffs.resumePolicy(of) }
    },
    async handoffPolicy({ device, policy }) {
      const of = device === undefined ? undefined : parseDeviceId(device)
      if (policy !== undefined) await mesh.handoffs.setPolicy(policy, of)
      return { policy: mesh.handoffs.policy(of) }
    },
    invitations: async () => [...mesh.invitations.list()],
    inviteDevice: ({ ref, to, kind, mode }) =>
      mesh.invitations.invite(ref, { to: parseDeviceId(to), ...termsOf(kind, mode) }),
    ...driven.answers,
    async answer({ task, match }) {
      const asked = tasks.get(task)
      if (!asked) throw new BatonError('not-found', 'no pairing waits for an answer')
      asked.answer(match)
      return {}
    },
    async down({ idle }) {
      const stopping = idle !== true || (await isIdle())
      if (stopping) setImmediate(stop)
      return { stopping }
    },
  }

  async function isIdle(): Promise<boolean> {
    if (!(await readers.gone(leavingMs))) return false
    return (await mesh.devices()).every(({ state }) => state !== 'connected')
  }

  function pairing(task: PairingTask): Lines<EventOf<'invite'>> {
    const id = randomUUID()
    async function* events(): AsyncGenerator<PairingEvent | { at: 'task'; id: string }> {
      tasks.set(id, task)
      try {
        yield { at: 'task', id }
        yield* task.events
      } finally {
        tasks.delete(id)
      }
    }
    return { events: events(), cancel: task.cancel }
  }

  const tellers: Tellers = {
    invite: ({ qr, confirm, guest }) =>
      pairing(mesh.invite({ qr, confirm, guest: guest ?? false })),
    join: ({ code, confirm }) => pairing(mesh.join(code, { confirm })),
    send({ ref, to, maps, project, carryOnly }) {
      return mesh.send(ref, {
        to: parseDeviceId(to),
        maps,
        carryOnly: carryOnly ?? false,
        ...(project === undefined ? {} : { project }),
      })
    },
    show({ ref, branch }) {
      async function* events(): AsyncGenerator<EventOf<'show'>> {
        try {
          const records = mesh.show(ref, branch === undefined ? {} : { branch })
          for await (const record of records) yield { at: 'record', record }
          yield { at: 'end' }
        } catch (error) {
          yield { at: 'failed', ...describe(error).error }
        }
      }
      return { events: events(), cancel: () => undefined }
    },
    hand: ({ ref, to, kind, where }) =>
      mesh.handoffs.hand(ref, { to: parseDeviceId(to), kind, ...placeWhere(where) }),
    take: ({ ref, kind, force, where }) =>
      mesh.handoffs.take(ref, { kind, force, ...placeWhere(where) }),
    inviteGuest: ({ ref, kind, mode }) => mesh.invitations.inviteGuest(ref, termsOf(kind, mode)),
    joinSession: ({ link }) => mesh.invitations.join(link),
    export({ ref, path, to }) {
      const recipient = 'device' in to ? { device: parseDeviceId(to.device) } : to
      return archives.export({ ref, path, to: recipient })
    },
    import: (request) => archives.import(request as ImportRequest),
    live: driven.live,
    drive: driven.drive,
    watch: () => eventsUntil<MeshEvent>((tell) => mesh.watch(tell)),
  }

  const app = new Hono()
  const bound = (maxSize: number) => bodyLimit({ maxSize, onError: (c) => refuse(c, tooBig) })
  // JSON may take up to six bytes for one of a text.
  const saying = ['say', 'driveSteps'].map((name) => `${controlPath}/${name}`)
  const [small, large] = [bound(maxRequestBytes), bound(8 * maxSaidBytes)]
  app.use((c, next) => (saying.includes(c.req.path) ? large : small)(c, next))
  for (const name of Object.keys(calls) as CallName[]) {
    app.post(`${controlPath}/${name}`, async (c) => {
      const request = await requestOf(c, calls[name].request)
      return c.json(await (answers[name] as (request: unknown) => Promise<object>)(request))
    })
  }
  for (const name of Object.keys(streams) as StreamName[]) {
    app.post(`${controlPath}/${name}`, async (c) => {
      const request = await requestOf(c, streams[name].request)
      const lines = (tellers[name] as (request: unknown) => Lines<unknown>)(request)
      const body = bodyOf({ ...lines, ended: readers.enter() })
      return c.body(body, 200, { 'content-type': 'application/x-ndjson' })
    })
  }
  app.notFound((c) => refuse(c, new BatonError('unsupported-version', 'no such call')))
  app.onError((error, c) => refuse(c, error))
  return app
}

const termsOf = (kind: HandoffKind, mode: InviteTerms['mode']): InviteTerms =>
  mode === undefined ? { kind } : { kind, mode }

/** Bytes in values as `{$bytes: base64url}`: JSON would make a map of numbers of them. */
function asJson<T>(rows: T): T {
  const json = JSON.stringify(rows, (_key, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: toBase64url(value) } : value,
  )
  return JSON.parse(json) as T
}

const tooBig = new BatonError('too-large', 'the request is too large')

async function requestOf(c: Context, schema: { safeParse(value: unknown): Parsed }) {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined))
  if (parsed.success) return parsed.data
  throw new BatonError('invalid', 'the request does not have the right form')
}

type Parsed = { readonly success: true; readonly data: unknown } | { readonly success: false }

const refuse = (c: Context, error: unknown) =>
  c.json(describe(error), error instanceof BatonError && error.code === 'not-found' ? 404 : 400)

/** What a caller may know of an error: nothing of one that was not expected. */
function describe(error: unknown) {
  const known = isBatonError(error)
  return {
    error: {
      code: known ? error.code : 'invalid',
      message: known ? error.message : 'an unexpected error',
      ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
    },
  }
}
