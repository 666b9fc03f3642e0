/** The version of everything two devices say to each other, and what this build can do besides. */

export const protocolVersion = 1
/** Older peers are refused with `unsupported-version`. */
export const oldestVersion = 1
/** Capability bits; both sides use the bits they share. */
export const caps = {
  /** It tells, and hears, what is being written before it is signed. */
  ahead: 1,
  /** It says, and hears, in which sessions somebody is active. */
  presence: 2,
} as const
export const ownCaps = caps.ahead | caps.presence
