/**
 * Messages that their devices take back, in some runs (rules RD2, SM6): once all is mended no device
 * shows what one of them said, but where only a disk that went back to a backup knew of it.
 */
import type { SessionId } from '@baton/shared/ids'
import type { SimDevice } from './device.ts'
import { type History, Violation } from './history.ts'
import { createChance } from './random.ts'

export function createRetracting(seed: number, history: Pick<History, 'excused'>) {
  /** Draws for itself: older seeds stay the runs they were. */
  const chance = createChance(seed ^ 0xbac4)
  const some = chance.percent(40)
  const back = new Set<string>()
  const pieces = new Map<string, readonly string[]>()

  const isBack = async ({ peer }: SimDevice, session: SessionId, id: string) =>
    peer !== undefined && (await peer.documents.state(session)).messages.get(id)?.redacted === true

  return {
    /** Of a message that is written bit by bit: what is gone with it. */
    says: (id: string, texts: readonly string[]) => void pieces.set(id, texts),
    async act(devices: readonly SimDevice[], session: SessionId): Promise<void> {
      if (!some || !chance.percent(4)) return
      const device = chance.pick(devices)
      const document = await device.document(session)
      const { peer } = device
      if (!document || !peer) return
      const { messages } = await peer.documents.state(session)
      const own = [...messages.values()].filter(({ write }) => write.device === peer.device)
      if (own.length === 0) return
      const { id } = chance.pick(own)
      for (const value of [id, ...(pieces.get(id) ?? [])]) history.excused.add(value)
      document.retract(id).then(
        () => void back.add(id),
        () => undefined,
      )
    },
    /** What none of these knows went with the disk of another one. */
    async forget(others: readonly SimDevice[], session: SessionId): Promise<void> {
      for (const id of back) {
        const known = await Promise.all(others.map((other) => isBack(other, session, id)))
        if (!known.includes(true)) back.delete(id)
      }
    },
    count: () => back.size,
    async judge(devices: readonly SimDevice[], session: SessionId): Promise<void> {
      for (const device of devices) {
        for (const id of device.peer ? back : []) {
          if (!(await isBack(device, session, id)))
            throw new Violation(`${device.name} shows what was taken back: ${id}`)
        }
      }
    },
  }
}
