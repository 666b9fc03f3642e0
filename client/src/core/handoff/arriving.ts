/**
 * The end that gets the session (rules HF7, HF8): it says that it holds everything once that is so on its
 * disk, and takes what was signed over to it when it agreed to that before. After a crash it goes on
 * from what stands in the logs; after its disk went back to a backup it gives back what it agreed to and
 * knows nothing of.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import type { Dep, Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseLease } from '@baton/shared/model/lease-entries'
import { type HandoffRequest, isOver } from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import type { HoldingRow } from '../handoffs-api.ts'
import { createLanes } from '../lanes.ts'
import { isDurable, type Vector, writeAccept, writeDecline, writeReady } from './leases.ts'
import type { HandoffPorts } from './ports.ts'
import type { Requests } from './requests.ts'
import { waitFor } from './waiting.ts'

export interface Arriving {
  /** Answers `ready`: where this device's word stands. Rejects with what the peer is to be told. */
  ready(request: HandoffRequest, vector: ReadonlyMap<LogId, number>): Promise<Dep>
  /** Takes what was signed over to this device meanwhile. */
  look(session: SessionId): void
  /** The same row: who is asked whose a session is sees what a crash left undone. */
  seen(row: HoldingRow): HoldingRow
  /** Gives back what was signed over and not taken. True: there was something. */
  giveBack(request: HandoffRequest): Promise<boolean>
  close(): void
}

/** For one request. Whoever hands over asks once. */
const maxReadies = 8

export function createArriving(ports: HandoffPorts, requests: Requests): Arriving {
  const { self, repository, documents, sharing, clock } = ports
  const inTurn = createLanes<SessionId>()
  /** Something was signed over to this device, whether it knows of a request or not. */
  const signedOver = new Set<SessionId>()

  const incoming = (session: SessionId) =>
    requests.all().filter((each) => each.session === session && each.to === self)

  function look(session: SessionId): void {
    // Also after one that is over: what is signed over all the same goes back.
    const asked = incoming(session).some(({ state }) => state !== 'active')
    if (!asked && !signedOver.has(session)) return
    inTurn(session, () => take(session)).catch((error: unknown) =>
      traceFault(ports.trace, 'handoff.take', error),
    )
  }

  async function take(session: SessionId): Promise<void> {
    for (const { id, kind, state } of incoming(session)) {
      if (state !== 'accepted' || kind === 'transfer') continue
      if (sharing.members(session).has(self)) await requests.step(id, { on: 'arrive' })
    }
    const state = await documents.state(session)
    const { passing, tenures } = state.holding
    const known = (request: Uint8Array | undefined) =>
      incoming(session).find(({ id }) => request !== undefined && id === toHex(request))
    const last = tenures.at(-1)
    if (last?.holder === self) {
      const request = known(last.by?.request)
      if (request) await requests.step(request.id, { on: 'arrive' })
      signedOver.delete(session)
    }
    if (passing?.holder !== self) return
    const request = known(passing.request)
    // Whoever agreed and crashed takes it; what was called off, or never asked for, goes back.
    const agreed = request && !['declined', 'cancelled'].includes(request.state)
    if (!agreed) return writeDecline(repository, session, passing, 'declined')
    await writeAccept(repository, state, passing)
    await requests.step(request.id, { on: 'arrive' })
  }

  repository.onEntries((log, entries) => {
    const { session } = splitLogId(log)
    if (entries.some(({ entry }) => entry && isLeaseTo(self, session, entry)))
      signedOver.add(session)
  })
  const off = repository.onGrew((session) => look(session))

  /** How often each request was said to be ready for: each is an entry that stays. */
  const readies = new Map<string, number>()

  async function ready(request: HandoffRequest, vector: Vector): Promise<Dep> {
    const { session, id } = request
    if ([...vector].some(([log, seq]) => seq < 1 || splitLogId(log).session !== session)) {
      throw new BatonError('invalid', 'failed to get ready: it names what the session has not')
    }
    const said = readies.get(id) ?? 0
    if (said >= maxReadies) {
      throw new BatonError('not-permitted', 'failed to get ready: that was asked too often')
    }
    readies.set(id, said + 1)
    const news = (run: () => void) => repository.onGrew(run)
    const blobs = (run: () => void) => repository.onBlob(run)
    await waitFor(clock, handoffReadyMs / 2, [news, blobs, requests.onChange], async () => {
      const now = requests.get(id)
      if (!now || isOver(now)) throw new BatonError('cancelled', 'the handoff was cancelled')
      await repository.flush()
      if (!isDurable(repository, vector)) return undefined
      return (await documents.state(session)).writers.has(self) ? true : undefined
    })
    return writeReady(repository, await documents.state(session), request, vector)
  }

  return {
    ready: (request, vector) => inTurn(request.session, () => ready(request, vector)),
    look,
    seen(row) {
      if (row.passingTo === self) {
        signedOver.add(row.session)
        look(row.session)
      }
      return row
    },
    giveBack: ({ id, session }) =>
      inTurn(session, async () => {
        const { passing } = (await documents.state(session)).holding
        if (passing?.holder !== self || !passing.request || toHex(passing.request) !== id) {
          return false
        }
        await writeDecline(repository, session, passing, 'declined')
        return true
      }),
    close: off,
  }
}

const isLeaseTo = (self: DeviceId, session: SessionId, { kind, payload }: Entry): boolean =>
  kind === kinds.lease && parseLease(session, payload)?.holder === self
