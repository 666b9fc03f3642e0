/** What a person does, in a pair world: invite, type a code, and see how it ends. */

import type { InviteOptions } from '@baton/client/core/mesh-api'
import type { PairRunEvent } from '@baton/client/core/pairing/ports'
import { contactOf, type Device, type World, watchRun } from './pair-world.ts'

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

/** New processes of both, each with its contact open. */
export async function reopened(world: World, devices: readonly [Device, Device]) {
  for (const device of devices) device.kill()
  const [alice, bob] = [
    world.device('alice', 1, devices[0].disk),
    world.device('bob', 2, devices[1].disk),
  ] as const
  const contacts = [contactOf(alice), contactOf(bob)] as const
  await world.settle()
  return contacts
}

export const states = (contacts: readonly { contact: { state(): string } }[]) =>
  contacts.map(({ contact }) => contact.state())
