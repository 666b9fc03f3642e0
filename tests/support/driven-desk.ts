/** The desk of driven sessions over one device without pairing. */
import { createDrivenDesk } from '@baton/client/core/driven/desk'
import type { DriveStep, LiveEvent } from '@baton/client/core/mesh-api'
import { parseSessionId } from '@baton/shared/ids'
import type { HandoffPeer } from './handoff-peers.ts'
import { openTestPeer, type TestPeer } from './peer.ts'

export function deskOf(peer: TestPeer) {
  const { documents, library, sharing, clock, device: self } = peer
  let drawn = 0
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn) }
  return createDrivenDesk({ documents, library, sharing, clock, self, random })
}

/** The desk of a device that hands sessions over; they go by their whole ids. */
export function deskOver({ documents, sharing, clock, self }: HandoffPeer) {
  const resolve = async (ref: string) => ({ session: parseSessionId(ref) })
  let drawn = 0
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn) }
  const library = { resolve } as unknown as TestPeer['library']
  return createDrivenDesk({ documents, library, sharing, clock, self, random })
}

export async function oneDesk() {
  const peer = await openTestPeer({ seed: 1 })
  const desk = deskOf(peer)
  const session = await desk.create({ title: 'one' })
  const document = await peer.documents.open(session)
  const history = async () => (await document.history()).map(({ value }) => value)
  return { peer, desk, session, document, history }
}

export const text = (stream: string, ...parts: readonly string[]): DriveStep[] =>
  parts.map((part) => ({ do: 'text', stream, text: part }))

/** The next events of a reading, up to one that fits. */
export async function until(
  events: AsyncIterator<LiveEvent>,
  fits: (event: LiveEvent) => boolean,
): Promise<LiveEvent[]> {
  const seen: LiveEvent[] = []
  for (;;) {
    const { value, done } = await events.next()
    if (done) return seen
    seen.push(value)
    if (fits(value)) return seen
  }
}
