/**
 * What a page may ask of the one that runs the device (rule WB31): one table, used by that page itself,
 * too. Arguments come from another page and are read here; who may do what is judged in the mesh.
 */
import { BatonError } from '@baton/shared/errors'
import { parseDeviceId, parseLogId, parseSessionId } from '@baton/shared/ids'
import { maxCodeChars } from '@baton/shared/limits'
import { modeField } from '@baton/shared/model/agent/schema'
import { handoffKinds, handoffPolicies } from '@baton/shared/protocol/handoff'
import { roles } from '@baton/shared/roster/authority'
import * as z from 'zod/mini'
import type { Mesh, Settling } from '../mesh-api.ts'
import { changesOf } from './changes.ts'
import { choosing, entering, readModes } from './modes.ts'
import type { Kept } from './page-mesh.ts'

export interface Served {
  readonly mesh: Mesh
  readonly kept: Kept
  /** When the store last wrote something, ms since 1970. */
  written(): number | undefined
  /** ms since 1970 by the clock of the service; undefined until it answered. */
  serverTime(): number | undefined
  /** The browser gave no room for what was written last. */
  isFull(): boolean
  /** ms since 1970. */
  now(): number
}

/** Something that is followed: its events, how to end it, and what a person answers to it. */
export interface Following {
  readonly events: AsyncIterable<unknown>
  cancel?(): void
  answer?(yes: boolean): void
}

type Args = z.ZodMiniType<readonly unknown[]>

interface Call {
  readonly args: Args
  /** It may be asked again of the next page when nobody knows whether it was done. */
  readonly again: boolean
  run(served: Served, args: readonly never[]): Promise<unknown>
}

interface Stream {
  readonly args: Args
  /** What becomes of it with the next page: it goes on behind what was told, is told anew, or ends. */
  readonly then: 'skips' | 'anew' | 'ends'
  run(served: Served, args: readonly never[]): Following
}

const text = (max: number) => z.string().check(z.maxLength(max))
const ref = text(200)
const line = text(1024)
const deviceId = z.pipe(text(64), z.transform(parseDeviceId))
const sessionId = z.pipe(text(64), z.transform(parseSessionId))
const logId = z.pipe(text(128), z.transform(parseLogId))
const kind = z.enum(handoffKinds)
const yes = z.boolean()
const whole = z.int().check(z.minimum(0))
/** Longer than any link of ours, with the address of a page around it. */
const maxLinkChars = 8192
/** Longer than what the field of a page takes. */
const said = text(1024 * 1024)
const settling = z.discriminatedUnion('by', [
  z.object({ by: z.literal('side'), side: whole }),
  z.object({ by: z.literal('value'), value: z.unknown() }),
  z.object({ by: z.literal('deletion') }),
])
const none = z.tuple([])
const keptName = z.string().check(z.regex(/^[\w/-]{1,100}$/))

type Given<A extends Args> = z.output<A>

/** A question that changes nothing, or is the same when it is asked twice. */
const asks = <const A extends Args>(
  args: A,
  run: (served: Served, args: Given<A>) => Promise<unknown>,
): Call => ({ args, again: true, run: run as Call['run'] })

const does = <const A extends Args>(
  args: A,
  run: (served: Served, args: Given<A>) => Promise<unknown>,
): Call => ({ args, again: false, run: run as Call['run'] })

const follows = <const A extends Args>(
  then: Stream['then'],
  args: A,
  run: (served: Served, args: Given<A>) => Following,
): Stream => ({ args, then, run: run as Stream['run'] })

export const calls = {
  devices: asks(none, ({ mesh }) => mesh.devices()),
  sessions: asks(none, ({ mesh }) => mesh.sessions()),
  status: asks(none, ({ mesh }) => mesh.status()),
  receipts: asks(none, ({ mesh }) => mesh.receipts()),
  handoffs: asks(none, ({ mesh }) => mesh.handoffs.list()),
  policy: asks(none, async ({ mesh }) => mesh.handoffs.policy()),
  setPolicy: asks(z.tuple([z.enum(handoffPolicies)]), ({ mesh }, [policy]) =>
    mesh.handoffs.setPolicy(policy),
  ),
  holding: asks(z.tuple([ref]), ({ mesh }, [of]) => mesh.handoffs.holding(of)),
  beside: asks(z.tuple([ref]), ({ mesh }, [of]) => mesh.handoffs.beside(of)),
  conflicts: asks(z.tuple([ref]), ({ mesh }, [of]) => mesh.conflicts(of)),
  hidden: asks(z.tuple([ref]), ({ mesh }, [of]) => mesh.hidden(of)),
  open: asks(z.tuple([sessionId]), async ({ mesh }, [of]) => void (await mesh.documents.open(of))),
  inputs: asks(z.tuple([sessionId]), async ({ mesh }, [of]) =>
    (await mesh.documents.open(of)).inputs(),
  ),
  digest: asks(z.tuple([sessionId]), async ({ mesh }, [of]) =>
    (await mesh.documents.open(of)).digest(),
  ),
  entries: asks(z.tuple([sessionId, z.array(line)]), async ({ mesh }, [of, below]) =>
    (await mesh.documents.open(of)).entries(below),
  ),
  rename: asks(z.tuple([deviceId, line]), ({ mesh }, [of, name]) => mesh.rename(of, name)),
  remove: asks(z.tuple([deviceId]), ({ mesh }, [of]) => mesh.remove(of)),
  setRole: asks(z.tuple([deviceId, z.enum(roles)]), ({ mesh }, [of, role]) =>
    mesh.setRole(of, role),
  ),
  /** Once, by its id: asked again, what stands is found. */
  say: asks(
    z.tuple([ref, said, z.string().check(z.regex(/^[0-9a-f]{24}$/))]),
    ({ mesh }, [of, words, id]) => mesh.driven.say(of, { role: 'user', text: words, id }),
  ),
  /** The one that takes an input up is the only one. */
  takeUp: does(
    z.tuple([sessionId, text(1024), said]),
    async ({ mesh }, [of, consumes, content]) => {
      await (await mesh.documents.open(of)).say({ role: 'user', content }, { consumes })
    },
  ),
  create: does(z.tuple([z.optional(text(200))]), ({ mesh }, [title]) =>
    mesh.driven.create(title === undefined ? {} : { title }),
  ),
  answer: does(z.tuple([line, yes]), ({ mesh }, [id, accept]) => mesh.handoffs.answer(id, accept)),
  cancel: does(z.tuple([line]), ({ mesh }, [id]) => mesh.handoffs.cancel(id)),
  branchOff: does(
    z.tuple([ref, z.object({ device: deviceId, epoch: whole })]),
    ({ mesh }, [of, place]) => mesh.handoffs.branchOff(of, place),
  ),
  settle: does(z.tuple([ref, line, settling]), ({ mesh }, [of, conflict, how]) =>
    mesh.settle(of, conflict, how as Settling),
  ),
  adopt: does(
    z.tuple([ref, z.union([z.literal('all'), z.object({ log: logId, seq: whole })])]),
    ({ mesh }, [of, what]) => mesh.adopt(of, what),
  ),
  ui: asks(z.tuple([sessionId, modeField]), async ({ mesh }, [of, mode]) =>
    (await readModes(await mesh.documents.open(of))).shown(mode),
  ),
  /** Written by who holds the session, so that no two devices do at once. */
  enter: asks(z.tuple([sessionId, modeField]), async ({ mesh, now }, [of, mode]) => {
    if ((await mesh.handoffs.holding(of)).holder !== mesh.self) return
    const document = await mesh.documents.open(of)
    await document.change(entering(await readModes(document), mode, now()))
  }),
  choose: asks(
    z.tuple([sessionId, modeField, text(64), z.union([text(64), z.number(), yes])]),
    async ({ mesh, now }, [of, mode, name, value]) => {
      const document = await mesh.documents.open(of)
      await document.change(choosing(await readModes(document), mode, [name, value], now()))
    },
  ),
  invitations: asks(none, async ({ mesh }) => mesh.invitations.list()),
  /** Asked twice it would be two. */
  inviteDevice: does(z.tuple([ref, kind, deviceId]), ({ mesh }, [of, how, to]) =>
    mesh.invitations.invite(of, { kind: how, to }),
  ),
  written: asks(none, async ({ written }) => written()),
  facts: asks(none, async ({ serverTime, isFull }) => ({
    serverTime: serverTime(),
    isFull: isFull(),
  })),
  kept: asks(z.tuple([keptName]), ({ kept }, [name]) => kept.get(name)),
  keep: asks(z.tuple([keptName, said]), ({ kept }, [name, value]) => kept.put(name, value)),
} satisfies Record<string, Call>

export const streams = {
  show: follows(
    'skips',
    z.tuple([ref, z.object({ branch: z.optional(line), whole: z.optional(yes) })]),
    ({ mesh }, [of, { branch, whole = false }]) => ({
      events: mesh.show(of, branch === undefined ? { whole } : { branch, whole }),
    }),
  ),
  live: follows('anew', z.tuple([ref, whole]), ({ mesh }, [of, last]) =>
    mesh.driven.live(of, { last }),
  ),
  changes: follows('anew', z.tuple([sessionId]), ({ mesh }, [of]) => changesOf(mesh, of)),
  send: follows('ends', z.tuple([ref, deviceId]), ({ mesh }, [of, to]) =>
    mesh.send(of, { to, maps: [] }),
  ),
  hand: follows('ends', z.tuple([ref, deviceId, kind]), ({ mesh }, [of, to, how]) =>
    mesh.handoffs.hand(of, { to, kind: how }),
  ),
  take: follows('ends', z.tuple([ref, kind, yes]), ({ mesh }, [of, how, force]) =>
    mesh.handoffs.take(of, { kind: how, force }),
  ),
  invite: follows('ends', z.tuple([yes]), ({ mesh }, [confirm]) =>
    mesh.invite({ qr: true, confirm }),
  ),
  inviteGuest: follows('ends', z.tuple([ref, kind]), ({ mesh }, [of, how]) =>
    mesh.invitations.inviteGuest(of, { kind: how }),
  ),
  joinByLink: follows('ends', z.tuple([text(maxLinkChars)]), ({ mesh }, [link]) =>
    mesh.invitations.join(link),
  ),
  join: follows('ends', z.tuple([text(maxCodeChars), yes]), ({ mesh }, [code, confirm]) =>
    mesh.join(code, { confirm }),
  ),
} satisfies Record<string, Stream>

export type CallName = keyof typeof calls
export type StreamName = keyof typeof streams

/** Rejects with `invalid` for what nobody asks like that. */
export async function runCall(served: Served, name: string, args: readonly unknown[]) {
  const call: Call = own(calls, name)
  return await call.run(served, read(call.args, args))
}

/** Throws as that rejects. */
export function runStream(served: Served, name: string, args: readonly unknown[]): Following {
  const stream: Stream = own(streams, name)
  return stream.run(served, read(stream.args, args))
}

export const isCall = (name: string): name is CallName => Object.hasOwn(calls, name)

function own<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined
  if (found === undefined) throw unread()
  return found
}

function read(shape: Args, args: readonly unknown[]): readonly never[] {
  const parsed = shape.safeParse(args)
  if (!parsed.success) throw unread()
  return parsed.data as readonly never[]
}

const unread = () => new BatonError('invalid', 'failed to answer another tab: it asked otherwise')
