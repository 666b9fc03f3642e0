/** Documents among the sessions of a device (rule NS6): which they are, and their rows. */
import { history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import type { SessionId } from '@baton/shared/ids'
import type { SessionRow } from '../mesh-api.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from './sharing.ts'

export interface DocumentRows {
  state(session: SessionId): Promise<DocumentState>
}

/** What a session that is none of an agent's files says its agent is. */
const drivenAgent = 'baton'

/** Of a document, and not of an agent's transcript. */
export function isDocument(sharing: Pick<Sharing, 'descriptor'>, session: SessionId): boolean {
  const descriptor = sharing.descriptor(session)
  if (descriptor === undefined) return false
  return descriptor.kind !== 'agent' || descriptor.agent === drivenAgent
}

/** Its records are the messages of its history, its bytes what its logs hold. */
export async function documentRow(
  ports: {
    readonly repository: Repository
    readonly sharing: Sharing
    readonly documents: DocumentRows
  },
  session: SessionId,
): Promise<SessionRow> {
  const { repository, sharing } = ports
  const state = await ports.documents.state(session)
  const descriptor = sharing.descriptor(session)
  const agent = descriptor?.kind === 'agent' ? descriptor : undefined
  let modified = descriptor?.created ?? 0
  for (const { changed } of state.logs.values()) modified = Math.max(modified, changed)
  return {
    id: session,
    agent: agent?.agent ?? descriptor?.kind ?? 'unknown',
    agentSession: agent?.agentSession ?? '',
    title: descriptor?.title,
    project: undefined,
    origin: state.author ?? repository.device,
    records: history(state).length,
    bytes: repository.heads(session).reduce((sum, { bytes }) => sum + bytes, 0),
    modified,
    live: false,
    ...(agent ? { driven: true } : {}),
    placed: undefined,
    sharedWith: [...sharing.members(session)].filter((device) => device !== repository.device),
    branches: [],
  }
}
