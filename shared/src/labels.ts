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
  fork: 'fk',
  record: 'rec',
  session: 'ses',
  state: 'st',
  spoken: 'sp',
  // pairing and bind
  pairing: 'baton/pair/v1',
  pairingCommit: 'baton/pair/v1 commit',
  pairingTranscript: 'baton/pair/v1 th',
  pairingIdentity: 'baton/pair/v1 identity',
  pairingConfirmJoiner: 'baton/pair/v1 confirm joiner',
  pairingConfirmInviter: 'baton/pair/v1 confirm inviter',
  pairingSealJoiner: 'baton/pair/v1 seal joiner',
  pairingSealInviter: 'baton/pair/v1 seal inviter',
  pairingSettled: 'baton/pair/v1 th2',
  pairingEmoji: 'baton/pair/v1 emoji',
  pairingRoot: 'baton/pair/v1 root',
  pairingRecovery: 'baton/pair/v1 recovery',
  recoveryQuestion: 'baton/pair/v1 question',
  recoveryAnswer: 'baton/pair/v1 answer',
  seal: 'baton/seal/v1',
  bind: 'baton/bind/v1',
  // reconnect
  mailbox: 'baton/mailbox/v1',
  mailboxPhase: 'baton/mailbox/v1 phase',
  listen: 'baton/listen/v1',
  reconnect: 'baton/reconnect/v1',
  reconnectRoot: 'baton/reconnect/v1 root',
  reconnectHello: 'baton/reconnect/v1 hello',
  reconnectAttempt: 'baton/reconnect/v1 attempt',
  // at rest
  passphrase: 'baton/passphrase/v1',
  keyring: 'baton/keyring/v1',
  archive: 'baton/archive/v1',
  archiveDevice: 'baton/archive/v1 device',
  // introductions
  introduction: 'baton/introduction/v1',
  introductionHash: 'baton/introduction/v1 hash',
  // the recovery key
  recovery: 'baton/recovery/v1',
  recoveryCheck: 'baton/recovery/v1 check',
  // invitations
  invitation: 'baton/invitation/v1',
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
