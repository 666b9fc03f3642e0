/** All that the fold of a document says, for comparing one with another. */
import { conflicts } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { nodePrimitives } from './signer.ts'

const { sha256 } = nodePrimitives

/** Where a write stood before matters to registers alone, and shows in what these go on to. */
const plain = (of: unknown): unknown =>
  JSON.parse(
    JSON.stringify(of, (key, each) => (['again', 'stood'].includes(key) ? undefined : each)),
  )

export const saying = (state: DocumentState) => ({
  digest: Buffer.from(stateDigest(sha256, state)).toString('hex'),
  conflicts: plain(conflicts(state)),
  hidden: [...state.hidden].sort((a, b) => (a.log < b.log ? -1 : 1) || a.seq - b.seq),
  waiting: state.waiting.list().length,
  logs: new Map([...state.logs].sort(([a], [b]) => (a < b ? -1 : 1))),
  passed: plain([...state.passedMessages]),
  streams: new Map([...state.streams].sort(([a], [b]) => (a < b ? -1 : 1))),
  followed: state.followed,
  epoch: state.epoch,
})
