/**
 * The one error class of the project. Local errors never cross the wire: what a peer is told is a
 * small numeric code of its own (protocol/reject.ts). Messages are lower case, without a full stop,
 * and never quote a key, a code, SDP or message text.
 */

/** Every reason a caller may branch on. Grouped by room; keep sorted inside a group. */
export type ErrorCode =
  // input
  | 'invalid'
  | 'too-large'
  | 'unsupported-version'
  // pairing
  | 'already-paired'
  | 'code-busy'
  | 'code-dead'
  | 'code-expired'
  | 'code-format'
  | 'code-unknown'
  | 'pairing-cancelled'
  | 'pairing-failed'
  | 'rosters-differ'
  // identity
  | 'bad-key'
  | 'bad-signature'
  | 'not-paired'
  | 'revoked'
  // link
  | 'bind-failed'
  | 'link-closed'
  | 'link-limit'
  | 'link-sequence'
  | 'link-timeout'
  | 'native-crash'
  | 'native-missing'
  | 'no-answer'
  | 'no-path'
  // signaling
  | 'clock-skew'
  | 'rate-limited'
  | 'signaling-full'
  | 'signaling-lost'
  | 'signaling-refused'
  | 'signaling-unreachable'
  // store and keys
  | 'keychain-unavailable'
  | 'keyring-locked'
  | 'keyring-mode'
  | 'keyring-unreadable'
  | 'passphrase-wrong'
  | 'store-closed'
  | 'store-corrupt'
  | 'store-fenced'
  | 'store-full'
  | 'store-locked'
  | 'store-newer'
  | 'store-readonly'
  // sessions and sources
  | 'ambiguous'
  | 'handing-over'
  | 'not-found'
  | 'not-holder'
  | 'not-permitted'
  | 'place-exists'
  | 'place-live'
  | 'place-unmapped'
  | 'source-changed'
  // process
  | 'already-running'
  | 'cancelled'
  | 'not-running'
  | 'peer-offline'
  | 'port-taken'
  | 'timeout'
  | 'usage'

const brand = Symbol.for('baton.error')

/** An expected failure with a machine-readable `code` and, where one helps, a `hint` for a person. */
export class BatonError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BatonError'
    this.code = code
    this.hint = options.hint
  }
}

/** True for a BatonError of any bundle: `instanceof` fails where two bundles carry the class. */
export function isBatonError(value: unknown): value is BatonError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Marks a branch the compiler has proven unreachable. */
export function assertNever(value: never): never {
  throw new BatonError('invalid', `unreachable: ${typeof value}`)
}
