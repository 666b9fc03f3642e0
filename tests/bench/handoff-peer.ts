/**
 * The process of a device in the handoff row: it writes into a session without a pause until it may not,
 * hands it over, and says when it wrote last; or writes as soon as it may. Moments are ms since 1970.
 */
import type { Mesh } from '@baton/client/core/mesh-api'
import { isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { farDialer } from '../support/far-network.ts'
import { now, servePeer } from '../support/serve-peer.ts'

export type Part =
  | { readonly do: 'create'; readonly share: readonly DeviceId[] }
  /** Gives the number of messages shown. */
  | { readonly do: 'count'; readonly session: SessionId }
  /** Gives when the last message was durable here, and how many there were. */
  | { readonly do: 'hand'; readonly session: SessionId; readonly to: DeviceId }
  /** Gives when the first message was durable here. */
  | { readonly do: 'wait'; readonly session: SessionId }
  /** Gives the round trip in ms. */
  | { readonly do: 'roundTrip' }

export interface Handed {
  readonly last: number
  readonly written: number
}

/** Between two messages of an agent that says much. */
const everyMs = 10
const before = 50

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const mayNot = (error: unknown) =>
  isBatonError(error) && (error.code === 'not-holder' || error.code === 'handing-over')

async function hand(mesh: Mesh, session: SessionId, to: DeviceId): Promise<Handed> {
  const document = await mesh.documents.open(session)
  let last = 0
  let written = 0
  let over: Promise<void> | undefined
  for (;;) {
    try {
      await document.say({ role: 'assistant', content: `message ${written}` })
    } catch (error) {
      if (!mayNot(error)) throw error
      break
    }
    last = now()
    written += 1
    if (written === before) over = handed(mesh, session, to)
    await pause(everyMs)
  }
  await over
  return { last, written }
}

async function handed(mesh: Mesh, session: SessionId, to: DeviceId): Promise<void> {
  for await (const event of mesh.handoffs.hand(session, { to, kind: 'transfer' }).events) {
    if (event.at === 'failed') throw new Error(`${event.code} ${event.message}`)
  }
}

async function wait(mesh: Mesh, session: SessionId): Promise<number> {
  const self = (await mesh.devices()).find((row) => row.self)?.id
  for (;;) {
    const document = await mesh.documents.open(session).catch(() => undefined)
    if (!document) {
      await pause(5)
      continue
    }
    const mine = new Promise<void>((resolve, reject) => {
      const stop = document.watch(() => void look().catch(reject))
      const look = async () => {
        const { holder } = await mesh.handoffs.holding(session)
        if (holder !== self) return
        stop()
        resolve()
      }
      void look().catch(reject)
    })
    await mine
    await document.say({ role: 'assistant', content: 'and on' })
    return now()
  }
}

const [, , , far] = process.argv
const distance = far ? (JSON.parse(far) as { oneWayMs: number; loss: number }) : undefined

await servePeer({
  adapt: (ports) => (distance ? { ...ports, dialer: farDialer(ports.dialer, distance) } : ports),
  async *play(mesh, given) {
    const part = given as Part
    if (part.do === 'create') {
      const document = await mesh.documents.create('agent', { title: 'handed over' })
      for (const device of part.share) await document.share(device, { write: true })
      yield document.session
    } else if (part.do === 'hand') yield await hand(mesh, part.session, part.to)
    else if (part.do === 'wait') {
      await mesh.handoffs.setPolicy('always')
      yield await wait(mesh, part.session)
    } else if (part.do === 'count') {
      const document = await mesh.documents.open(part.session)
      yield (await document.history()).length
    } else yield (await mesh.devices()).find(({ rttMs }) => rttMs !== undefined)?.rttMs
  },
})
