/** What automerge-repo says, for our encoding, which has no word for members that say nothing. */
import type { Value } from '@baton/shared/encoding/msgpack'

export const plain = (message: object): Value =>
  Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined))
