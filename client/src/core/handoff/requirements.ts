/** What a session says that it needs where it goes (rule HF3): names of capabilities. */
import type { SessionId } from '@baton/shared/ids'
import { maxHandoffRequires } from '@baton/shared/limits'
import type { DocumentKeeper } from '../documents/documents.ts'

export async function requirementsOf(
  documents: DocumentKeeper,
  session: SessionId,
): Promise<readonly string[]> {
  const needs = await (await documents.open(session)).get(['requires'])
  return (Array.isArray(needs) ? needs : [])
    .filter((each): each is string => typeof each === 'string' && each.length <= 64)
    .slice(0, maxHandoffRequires)
}
