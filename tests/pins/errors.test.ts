/** HO5: the closed list of error codes, and the exit code each one ends a command with. */
import { exitCodes, exitOf } from '@baton/client/node/cli/exit'
import type { ErrorCode } from '@baton/shared/errors'
import { expect, it } from 'vitest'

/** The type makes it whole: a code that is new, or gone, does not compile here. Scripts read both. */
const exits: Record<ErrorCode, number> = {
  // input
  invalid: 1,
  'too-large': 1,
  'unsupported-version': 1,
  // pairing
  'already-paired': 1,
  'code-busy': 1,
  'code-dead': 7,
  'code-expired': 7,
  'code-format': 2,
  'code-unknown': 7,
  'pairing-cancelled': 3,
  'pairing-failed': 1,
  'rosters-differ': 8,
  // identity
  'bad-key': 1,
  'bad-signature': 1,
  'not-paired': 4,
  revoked: 4,
  // link
  'bind-failed': 1,
  'link-closed': 6,
  'link-limit': 1,
  'link-sequence': 1,
  'link-timeout': 6,
  'native-crash': 1,
  'native-missing': 1,
  'no-answer': 6,
  'no-path': 6,
  // signaling
  'clock-skew': 1,
  'rate-limited': 1,
  'signaling-full': 6,
  'signaling-lost': 6,
  'signaling-refused': 6,
  'signaling-unreachable': 6,
  // store and keys
  'keychain-unavailable': 9,
  'keyring-locked': 2,
  'keyring-mode': 1,
  'keyring-unreadable': 1,
  'passphrase-wrong': 9,
  'store-closed': 1,
  'store-corrupt': 1,
  'store-fenced': 1,
  'store-full': 1,
  'store-locked': 1,
  'store-newer': 1,
  'store-readonly': 1,
  // sessions and sources
  ambiguous: 8,
  'handing-over': 8,
  'not-found': 1,
  'not-holder': 8,
  'not-permitted': 4,
  'place-exists': 8,
  'place-live': 8,
  'place-unmapped': 8,
  'source-changed': 8,
  // process
  'already-running': 1,
  cancelled: 3,
  'not-running': 5,
  'peer-offline': 6,
  'port-taken': 1,
  timeout: 7,
  usage: 2,
}

it('HO5 an error code keeps the exit code that scripts know', () => {
  const now = Object.fromEntries(Object.keys(exits).map((code) => [code, exitOf(code)]))
  expect(now).toEqual(exits)
})

it('HO5 the exit codes are those of the table, and every one that an error has is in it', () => {
  const table = exitCodes.map(([code]) => code)
  expect(table).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130])
  expect(Object.values(exits).filter((code) => !table.includes(code))).toEqual([])
})
