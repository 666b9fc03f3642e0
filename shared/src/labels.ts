/**
 * Every domain-separation string. A label is ASCII and is hashed with a NUL behind it; a signature
 * or key made under one label never verifies under another.
 */
import { type Bytes, concat, utf8Encode } from './bytes.ts'

const labels = {
  // log (design: data)
  log: 'log',
  chain: 'chn',
  entry: 'ent',
  head: 'hd',
  frontier: 'fr',
  record: 'rec',
  // pairing and bind
  pairing: 'baton/pair/v1',
  pairingCommit: 'baton/pair/v1 commit',
  pairingTranscript: 'baton/pair/v1 th',
  pairingIdentity: 'baton/pair/v1 identity',
  bind: 'baton/bind/v1',
  // reconnect
  mailbox: 'baton/mailbox/v1',
  listen: 'baton/listen/v1',
  reconnect: 'baton/reconnect/v1',
  // documents
  receipt: 'baton/receipt/v1',
} as const

export type Label = keyof typeof labels

/** The label's bytes, NUL included. */
export function label(name: Label): Bytes {
  return concat(utf8Encode(labels[name]), new Uint8Array(1))
}

/** All labels by name, for the test that pins them. */
export const allLabels: Readonly<Record<Label, string>> = labels
