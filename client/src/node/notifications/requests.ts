/** A notification for each request to hand a session over that waits for a person here (rule UP12). */
import { cleanText } from '@baton/shared/clean-text'
import type { HandoffRow, Mesh } from '../../core/mesh-api.ts'
import type { Notifier } from './notifier.ts'

/** Who asks for what, in a sentence without its end. `name`: of the other device. */
export function requestPhrase({ kind, from, askedBy, title }: HandoffRow, name: string): string {
  const what = cleanText(title ?? '', 80) || 'a session'
  const who = cleanText(name, 80) || 'another device'
  const offers = from === askedBy
  if (kind === 'transfer')
    return offers ? `${who} hands over ${what}` : `${who} wants to take ${what}`
  const how = kind === 'mirror' ? 'write in' : 'read'
  return offers ? `${who} lets this device ${how} ${what}` : `${who} wants to ${how} ${what}`
}

/** Until what it returns is called. */
export function notifyOfRequests(
  mesh: Pick<Mesh, 'watch' | 'devices'>,
  notifier: Pick<Notifier, 'show'>,
): () => void {
  const told = new Set<string>()
  return mesh.watch((event) => {
    if (event.kind !== 'handoff') return
    const { handoff } = event
    if (!handoff.waitsForUs) {
      told.delete(handoff.id)
      return
    }
    if (told.has(handoff.id)) return
    told.add(handoff.id)
    void nameIn(mesh, handoff).then((name) =>
      notifier.show(
        requestPhrase(handoff, name),
        `baton handoffs ${handoff.id.slice(0, 8)} --accept`,
      ),
    )
  })
}

export async function nameIn(mesh: Pick<Mesh, 'devices'>, row: HandoffRow): Promise<string> {
  const devices = await mesh.devices().catch(() => [])
  return devices.find(({ id }) => id === row.askedBy)?.name ?? ''
}
