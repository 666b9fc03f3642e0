/** A page that is a device and shows nothing: the runner outside does with it what a person would. */
import '@baton/client/web/no-eval'
import type { HandoffEvent, PairingEvent, SendEvent } from '@baton/client/core/mesh-api'
import { openPagePeer } from '@baton/client/web/peer'

const lost: string[] = []
const { mesh } = await openPagePeer({
  signaling: location.origin,
  lost: ({ code }) => void lost.push(code),
})

const ended = async <E extends PairingEvent | SendEvent | HandoffEvent>(
  events: AsyncIterable<E>,
): Promise<E> => {
  let last: E | undefined
  for await (const event of events) last = event
  return last as E
}

const own = {
  mesh,
  lost,
  join: (code: string) => ended(mesh.join(code, { confirm: false }).events),
  /** Resolves with the code, and keeps how it ended in `invited`. */
  async invite(): Promise<string> {
    const events = mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
    for (;;) {
      const { value } = await events.next()
      if (value?.at !== 'code') continue
      own.invited = ended({ [Symbol.asyncIterator]: () => events })
      return value.code
    }
  },
  invited: undefined as Promise<PairingEvent> | undefined,
  send: (ref: string, to: string) =>
    ended(mesh.send(ref, { to: to as never, maps: [], carryOnly: true }).events),
  hand: (ref: string, to: string) =>
    ended(mesh.handoffs.hand(ref, { to: to as never, kind: 'transfer' }).events),
  take: (ref: string) => ended(mesh.handoffs.take(ref, { kind: 'transfer' }).events),
  async texts(ref: string): Promise<string[]> {
    const texts: string[] = []
    for await (const { text } of mesh.show(ref)) texts.push(text)
    return texts
  },
}

declare global {
  var device: PageDevice
}
export type PageDevice = typeof own
globalThis.device = own
