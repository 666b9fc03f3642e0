/**
 * What is shown of a message while it is written (rule SM5): always a beginning of what its author
 * says, on whatever device, and nothing beyond its pieces once it is over.
 */
import type { SessionId } from '@baton/shared/ids'
import type { SimDevice } from './device.ts'
import { Violation } from './history.ts'
import { createChance } from './random.ts'

export function createAheadWatch(seed: number) {
  /** Draws for itself: older seeds stay the runs they were. */
  const chance = createChance(seed ^ 0xa4ead)
  const texts = new Map<string, string>()
  let seen = 0
  return {
    /** Before it is written: what is shown may come at once. */
    says: (id: string, text: string) => void texts.set(id, (texts.get(id) ?? '') + text),
    goesOn: () => chance.percent(60),
    seen: () => seen,
    async look(devices: readonly SimDevice[], session: SessionId, faults: unknown[]) {
      if (!chance.percent(15)) return
      const device = chance.pick(devices)
      const document = await device.document(session)
      const rows = await document?.history().catch(() => undefined)
      for (const { id, value, stream, redacted } of rows ?? []) {
        const text = texts.get(id)
        if (text === undefined || stream?.flaw || redacted) continue
        const { content } = value as { readonly content: string }
        if (!text.startsWith(content)) {
          faults.push(new Violation(`${device.name} shows of ${id} what nobody says`))
        }
        if (!stream?.ahead) continue
        seen += 1
        if (stream.state !== 'open') {
          faults.push(new Violation(`${device.name} shows more of ${id} than was signed`))
        }
      }
    },
  }
}
