/** One device of the demo, as a process of its own: a peer on a home, told what to do over IPC. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBatonError } from '@baton/shared/errors'
import type { SendOptions } from '../../core/mesh-api.ts'
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
    case 'leave':
      await peer.close()
      break
  }
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
