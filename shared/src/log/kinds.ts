/**
 * Entry kinds and their numbers (LG3). A number never changes its meaning. Kinds this version does
 * not know are stored, acknowledged, forwarded and skipped in the fold.
 */
export const kinds = {
  genesis: 0,
  // writer kinds, 1 to 31: carry the epoch, count only from its holder
  record: 1,
  message: 2,
  tool: 3,
  stream: 4,
  // member kinds, 32 to 63: count from any device with the right to write
  grant: 32,
  receipt: 33,
  adopt: 34,
  file: 35,
  register: 36,
  inbox: 37,
  row: 38,
  capture: 39,
  lease: 40,
  ready: 41,
  accept: 42,
  decline: 43,
  checkpoint: 44,
  redact: 45,
  again: 46,
  drop: 47,
  // roster kinds, 64 to 79: only in the log of a roster
  rosterAdd: 64,
  rosterRename: 65,
  rosterRole: 66,
  rosterRevoke: 67,
  rosterRecovery: 68,
  rosterRestore: 69,
} as const

export type KindName = keyof typeof kinds
export type Kind = (typeof kinds)[KindName]

/** True also for writer kinds this version does not know. */
export const isWriterKind = (kind: number): boolean => kind >= 1 && kind < 32
