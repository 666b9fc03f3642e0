/**
 * Random bytes that never begin like earlier ones (rule CP11). A source that repeats would give two
 * runs one scalar, two messages one nonce or two logs one name; keys made of it are worth nothing, so
 * the draw throws. One guard stands between a mesh and its Random port, for all that draws.
 */
import { createScalarGuard } from '@baton/shared/keyexchange/cpace'
import type { Random } from './ports/platform.ts'

/** What makes keys takes this and no other Random, so that none is built without the guard. */
export interface FreshRandom extends Random {
  readonly fresh: true
}

/** The smallest draw that names or keys something; below it are pauses and words, which may repeat. */
const guardedBytes = 8
/** What two draws are told apart by, whatever their lengths. */
const comparedBytes = 16

export function freshRandom(random: Random): FreshRandom {
  const guard = createScalarGuard()
  return {
    fresh: true,
    bytes(length) {
      const drawn = random.bytes(length)
      if (length >= guardedBytes) guard(drawn.subarray(0, comparedBytes))
      return drawn
    },
  }
}
