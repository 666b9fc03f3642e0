/** All that a document shows, without the places where it stands: for comparing. */
import { conflicts, history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { candidates, type Write } from '@baton/shared/conflict/register'

const byKey = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
const told = ({ device, stamp, held }: Write) => ({ device, stamp, held })

export const shown = (state: DocumentState) => ({
  author: state.author,
  descriptor: state.descriptor,
  writers: [...state.writers].sort(),
  fields: byKey(state.fields).map(([key, { register }]) => [key, candidates(register).map(told)]),
  captures: byKey(state.captures).map(([key, register]) => [key, candidates(register).map(told)]),
  rows: byKey(state.rows).map(([key, { writes }]) => [key, byKey(writes).map(([, w]) => told(w))]),
  inbox: byKey(state.inbox).map(([key, write]) => [key, told(write)]),
  tools: byKey(state.tools).map(([key, { status, ends }]) => [
    key,
    status,
    ends.map((end) => [end.status, told(end.write)]),
  ]),
  messages: byKey(state.messages).map(([id, { parent, epoch, consumes, redacted, write }]) => ({
    ...{ id, parent, epoch, consumes, redacted, device: write.device, stamp: write.stamp },
  })),
  history: history(state).map(({ id }) => id),
  conflicts: conflicts(state).length,
})
