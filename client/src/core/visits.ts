/**
 * Inviting devices into a session, and joining one (rules IV8, IV10 to IV12): for a device that is not paired a
 * pairing as a guest comes first, and what it gets is that session alone.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { asInvitationLink, parseInvitationLink } from '@baton/shared/protocol/invitation-link'
import { createEventQueue } from './event-queue.ts'
import { traceFault } from './fault.ts'
import type { HandoffDesk } from './handoff/handoffs.ts'
import type { Invitations, JoinEvent } from './invitations-api.ts'
import type { DeviceRow, HandoffTask, PairingTask, Task } from './mesh-api.ts'
import type { PairTasks } from './pairing/tasks.ts'
import type { Trace } from './ports/platform.ts'

export interface VisitPorts {
  readonly handoffs: HandoffDesk
  readonly pairTasks: PairTasks
  readonly trace: Trace
  named(ref: string): Promise<SessionId>
  /** Ends the visit of a guest, or at a host. */
  end(device: DeviceId): boolean
}

interface Run {
  tell(event: JoinEvent): void
  /** What cancelling does from now on. */
  onCancel(run: () => void): void
}

export function createInvitations(ports: VisitPorts): Invitations {
  const { handoffs, pairTasks } = ports
  const { inviting, visiting } = handoffs

  function task(work: (run: Run) => Promise<void>): Task<JoinEvent> {
    const queue = createEventQueue<JoinEvent>()
    let cancel = () => {}
    let isCancelled = false
    const run: Run = {
      tell: queue.push,
      onCancel(how) {
        cancel = how
        if (isCancelled) how()
      },
    }
    work(run)
      .catch((error: unknown) => {
        if (!isBatonError(error)) traceFault(ports.trace, 'invitation.failed', error)
        const { code, message, hint } = isBatonError(error)
          ? error
          : new BatonError('invalid', 'failed to invite: an unexpected error')
        queue.push({ at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) })
      })
      .finally(queue.end)
    return {
      events: queue.events,
      cancel() {
        isCancelled = true
        cancel()
      },
    }
  }

  /** Until the two know each other. Rejects with why not. */
  async function meet({ tell, onCancel }: Run, pairing: PairingTask): Promise<DeviceRow> {
    onCancel(pairing.cancel)
    for await (const event of pairing.events) {
      if (event.at === 'code') {
        tell({ at: 'link', link: asInvitationLink(event.code), expiresAt: event.expiresAt })
      } else if (event.at === 'failed') {
        const { code, message, hint } = event
        throw new BatonError(
          code as BatonError['code'],
          message,
          hint === undefined ? {} : { hint },
        )
      } else if (event.at === 'paired') {
        tell({ at: 'met', device: event.device })
        return event.device
      } else tell({ at: 'meeting', stage: event.at })
    }
    throw new BatonError('pairing-failed', 'failed to pair')
  }

  /** Where nothing came of the invitation the visit is over, too. */
  async function visited(device: DeviceId, work: () => Promise<JoinEvent | undefined>) {
    const last = await work().catch((error: unknown) => {
      ports.end(device)
      throw error
    })
    if (last?.at === 'failed') ports.end(device)
  }

  async function follow({ tell, onCancel }: Run, handoff: HandoffTask, stop?: () => void) {
    onCancel(() => {
      stop?.()
      handoff.cancel()
    })
    let last: JoinEvent | undefined
    for await (const event of handoff.events) {
      last = event
      tell(event)
    }
    return last
  }

  return {
    list: () => inviting.rows(),
    async invite(ref, { kind, to, mode }) {
      return inviting.link(await ports.named(ref), { kind, to, mode })
    },
    inviteGuest: (ref, { kind, mode }) =>
      task(async (run) => {
        const session = await ports.named(ref)
        await inviting.check(session, kind)
        const options = { qr: true, words: false, confirm: false, guest: true }
        const { id, state } = await meet(run, pairTasks.invite(options))
        if (state === 'removed') {
          throw new BatonError('revoked', 'failed to invite: the device that came was removed')
        }
        await visited(id, () => {
          const { request, cancel } = visiting.expect(id, session, { kind, mode })
          return follow(
            run,
            handoffs.follow(() => request),
            cancel,
          )
        })
      }),
    join(link) {
      const parsed = parseInvitationLink(link)
      if (parsed.at === 'sealed') {
        const jws = handoffs.readLink(link)
        return task(async (run) => {
          await follow(
            run,
            handoffs.redeem(() => jws),
          )
        })
      }
      const pairing = pairTasks.join(parsed.text, { confirm: false, guest: true })
      return task(async (run) => {
        const { id } = await meet(run, pairing)
        await visited(id, () =>
          follow(
            run,
            handoffs.redeem(() => visiting.ask(id)),
          ),
        )
      })
    },
  }
}
