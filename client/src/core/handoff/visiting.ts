/**
 * Invitations for devices that nobody knew when they were asked for (rules IV10, IV11): once such a device
 * has paired as a guest it asks for its own, which is made for its key then, once.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { handoffLifeMs, handoffReadyMs } from '@baton/shared/limits'
import {
  encodeHandoffQuestion,
  encodeInvited,
  type HandoffRequest,
  parseInvited,
} from '@baton/shared/protocol/handoff'
import type { Inviting, Terms } from './inviting.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'
import type { Requests } from './requests.ts'
import { waitFor } from './waiting.ts'

export interface Expected {
  /** What comes of the invitation; rejects when the device goes, or does not use it in time. */
  readonly request: Promise<HandoffRequest>
  cancel(): void
}

export interface Visiting {
  /** From now on the device may ask for its invitation. */
  expect(device: DeviceId, session: SessionId, terms: Omit<Terms, 'to'>): Expected
  /** Answers `invited`. */
  answer(device: DeviceId): Promise<Uint8Array>
  /** Asks the device that let this one in for its invitation. */
  ask(device: DeviceId): Promise<string>
}

export function createVisiting(
  ports: HandoffPorts,
  { inviting, requests }: { readonly inviting: Inviting; readonly requests: Requests },
): Visiting {
  const { clock } = ports
  const expected = new Map<DeviceId, () => Promise<string>>()
  const asking = new Set<DeviceId>()
  const listeners = new Set<() => void>()
  const onChange = (run: () => void) => {
    listeners.add(run)
    return () => listeners.delete(run)
  }
  const changed = () => {
    for (const run of [...listeners]) run()
  }

  return {
    expect(device, session, terms) {
      let id: string | undefined
      let cancelled = false
      let wasThere = false
      const make = async () => {
        expected.delete(device)
        const { jws, of } = await inviting.issue(session, { ...terms, to: device })
        id = toHex(of.id)
        return jws
      }
      expected.set(device, make)
      changed()
      const news = [onChange, requests.onChange, ports.onLinks]
      const request = waitFor(clock, handoffLifeMs, news, () => {
        if (cancelled) throw new BatonError('cancelled', 'the invitation was called off')
        const isThere = ports.reach(device) !== undefined
        const found = id === undefined ? undefined : requests.get(id)
        if (!found && wasThere && !isThere) throw gone()
        wasThere ||= isThere
        return found
      }).finally(() => {
        if (expected.get(device) === make) expected.delete(device)
      })
      return {
        request,
        cancel() {
          cancelled = true
          if (id !== undefined) void inviting.cancel(id).finally(changed)
          else changed()
        },
      }
    },
    async answer(device) {
      if (asking.has(device)) throw notInvited()
      asking.add(device)
      try {
        // Both ends pair at once: the guest may ask before this one knows it.
        const make = await waitFor(clock, handoffReadyMs / 2, [onChange], () =>
          expected.get(device),
        )
        return encodeInvited(await make())
      } finally {
        asking.delete(device)
      }
    },
    async ask(device) {
      const reached = await waitFor(clock, handoffReadyMs, [ports.onLinks], async () => {
        // Whoever hears that a link ended first has not forgotten its guest by then.
        await Promise.resolve()
        if (!ports.knows(device)) throw left()
        return ports.reach(device)
      })
      const question = encodeHandoffQuestion(['invited'])
      return parseInvited(await reached.exchange.ask(handoffMethod, question, handoffReadyMs))
    },
  }
}

const gone = () =>
  new BatonError('peer-offline', 'the device that was let in went before it used its invitation', {
    hint: 'make a new one: baton invite',
  })
const left = () =>
  new BatonError('peer-offline', 'failed to join: the device that invited closed the link')
const notInvited = () =>
  new BatonError('not-permitted', 'failed to invite: nobody invited that device')
