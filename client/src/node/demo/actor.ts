/** One device of the demo, as a process of its own: a peer on a home, told what to do over IPC. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBatonError } from '@baton/shared/errors'
import { parseDeviceId, parseSessionId, type SessionId } from '@baton/shared/ids'
import { heldOf } from '@baton/shared/model/changes'
import type { HandoffKind, SendOptions } from '../../core/mesh-api.ts'
import { findPlaces } from '../paths.ts'
import { openPeer } from '../peer.ts'
import { type Fault, faultyPorts } from './fault.ts'

export interface ActorSetup {
  readonly home: string
  readonly name: string
  readonly signaling: string
  readonly fault: Fault | undefined
}

export type ActorAsk =
  | { readonly do: 'invite' }
  | { readonly do: 'join'; readonly code: string }
  | { readonly do: 'send'; readonly ref: string; readonly options: SendOptions }
  | { readonly do: 'receipts' }
  | { readonly do: 'begin'; readonly title: string; readonly says: readonly string[] }
  | { readonly do: 'say'; readonly session: string; readonly text: string }
  | { readonly do: 'ask'; readonly session: string; readonly text: string }
  | { readonly do: 'seen'; readonly session: string }
  | {
      readonly do: 'hand'
      readonly session: string
      readonly to: string
      readonly kind: HandoffKind
    }
  | { readonly do: 'agree' }
  | { readonly do: 'leave' }

/** Events of an ask as they come; `end` closes it, with a code when it failed. */
export type ActorTold =
  | { readonly at: 'ready'; readonly self: string }
  | { readonly at: 'event'; readonly id: number; readonly event: unknown }
  | { readonly at: 'end'; readonly id: number; readonly error?: string }
  | { readonly at: 'trace'; readonly event: string; readonly code: string }

const setup = JSON.parse(process.argv[2] ?? '{}') as ActorSetup
const tell = (told: ActorTold) => {
  if (process.connected) process.send?.(told)
}
const codeOf = (error: unknown) => (isBatonError(error) ? error.code : 'unexpected')

/** A session as one device shows it. */
export interface SeenSession {
  readonly texts: readonly string[]
  readonly holder: string | undefined
  readonly digest: string
}
type Said = { readonly content?: unknown } | null

const env = { BATON_HOME: join(setup.home, '.baton') }
const { platform } = process
const peer = await openPeer({
  places: findPlaces({ platform, env, home: setup.home, temp: tmpdir(), cwd: setup.home }),
  signaling: setup.signaling,
  ice: { servers: [], policy: 'auto' },
  name: setup.name,
  home: setup.home,
  env: {},
  adapt: (ports) => faultyPorts(ports, setup.fault),
  trace(event, fields = {}) {
    const { error } = fields
    if (typeof error === 'string') tell({ at: 'trace', event, code: error })
  },
})

const { documents, handoffs } = peer.mesh

async function* run(ask: ActorAsk): AsyncIterable<unknown> {
  switch (ask.do) {
    case 'invite':
      yield* peer.mesh.invite({ qr: false, confirm: false }).events
      break
    case 'join':
      yield* peer.mesh.join(ask.code, { confirm: false }).events
      break
    case 'send':
      yield* peer.mesh.send(ask.ref, ask.options).events
      break
    case 'receipts':
      yield await peer.mesh.receipts()
      break
    case 'begin': {
      const document = await documents.create('agent', { title: ask.title })
      for (const text of ask.says) await document.say({ role: 'user', content: text })
      yield document.session
      break
    }
    case 'say': {
      const document = await documents.open(parseSessionId(ask.session))
      yield await document.say({ role: 'user', content: ask.text })
      break
    }
    case 'ask': {
      const held = heldOf({ role: 'user', content: ask.text })
      const document = await documents.open(parseSessionId(ask.session))
      await document.change([{ kind: 'inbox', id: ask.text, held }])
      break
    }
    case 'seen':
      yield await seen(parseSessionId(ask.session))
      break
    case 'hand': {
      const options = { to: parseDeviceId(ask.to), kind: ask.kind }
      yield* handoffs.hand(ask.session, options).events
      break
    }
    case 'agree':
      await handoffs.setPolicy('always')
      break
    case 'leave':
      await peer.close()
      break
  }
}

/** What this device shows of a session, and who holds it as it sees it. */
async function seen(session: SessionId): Promise<SeenSession | undefined> {
  const document = await documents.open(session).catch(() => undefined)
  if (!document) return undefined
  const texts = (await document.history()).map(({ value }) => String((value as Said)?.content))
  const { holder } = await handoffs.holding(session)
  return { texts, holder, digest: await document.digest() }
}

async function answer({ id, ...ask }: ActorAsk & { readonly id: number }): Promise<void> {
  try {
    for await (const event of run(ask)) tell({ at: 'event', id, event })
    tell({ at: 'end', id })
  } catch (error) {
    tell({ at: 'end', id, error: codeOf(error) })
  }
  if (ask.do === 'leave') process.exit(0)
}

process.on('message', (ask: ActorAsk & { id: number }) => void answer(ask))
process.on('disconnect', () => process.exit(1))
tell({ at: 'ready', self: peer.mesh.self })
