/** What a person does, in a pair world: invite, type a code, and see how it ends. */

import type { InviteOptions } from '@baton/client/core/mesh-api'
import type { PairRunEvent } from '@baton/client/core/pair-ports'
import { type Device, type World, watchRun } from './pair-world.ts'

export const two = (world: World) => [world.device('alice', 1), world.device('bob', 2)] as const

export async function invite(world: World, device: Device, options: Partial<InviteOptions> = {}) {
  const run = device.pairing.invite({ qr: false, confirm: false, ...options })
  const seen = watchRun(run)
  await world.settle()
  return { run, seen, code: seen.of('code').code, qr: seen.of('code').qr }
}

export async function join(world: World, device: Device, code: string, confirm = false) {
  const run = device.pairing.join(code, { confirm })
  const seen = watchRun(run)
  await world.settle()
  return { run, seen }
}

/** `paired`, or the code of the failure, or how far it is. */
export const endOf = (events: readonly PairRunEvent[]) => {
  const last = events.at(-1)
  return last?.at === 'failed' ? last.code : last?.at
}
