/** Deflates what gets smaller by it (rules RP10, XC2, XC3), and does not insist where nothing does. */
import type { Bytes } from '@baton/shared/bytes'
import type { Deflate } from './ports/platform.ts'

/** After something that did not shrink this many go as they are. */
const plainRun = 16

/** Undefined for what did not get smaller, or was not tried. */
export type Shrink = (raw: Bytes) => Promise<Bytes | undefined>

export function createShrinking(deflate: Deflate): Shrink {
  let plain = 0
  return async (raw) => {
    if (plain > 0) {
      plain -= 1
      return undefined
    }
    const small = await deflate.deflate(raw)
    if (small.length < raw.length * 0.95) return small
    plain = plainRun
    return undefined
  }
}
