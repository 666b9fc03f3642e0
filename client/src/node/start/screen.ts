/** The first screen of `npm start`: who this is, where it meets others, what it found. */
import type { Context } from '../cli/command.ts'
import { createSheet } from '../cli/hang.ts'
import { devicePhrase } from '../cli/happening.ts'
import { sessionTable } from '../cli/sessions.ts'
import { plural, shortPath } from '../cli/units.ts'
import { ownService, pageFor } from '../cli/up.ts'
import type { Daemon } from '../daemon.ts'
import { isSample } from './sample.ts'

const shownSessions = 5

export async function showHome(context: Context, daemon: Daemon): Promise<void> {
  const { terminal, home } = context
  const { mesh, facts, signaling, page } = daemon
  const { dim } = terminal.note
  const [{ self, devices, sources }, rows] = await Promise.all([mesh.status(), mesh.sessions()])
  const sessions = rows.filter((row) => !isSample(row))
  const { up, row } = createSheet(terminal.tell, terminal.columns, terminal.note)
  up(devicePhrase(self))
  row('meets at', signaling, [ownService(facts), dim])
  if (page !== undefined) row('page', page, [` (${pageFor(facts)})`, dim])
  row('devices', `${devices.paired} paired`)
  row('sessions', sessions.length === 0 ? 'none found; looked in' : `${sessions.length} found`)
  if (sessions.length === 0) {
    for (const { agent, roots } of sources.slice(0, 1)) {
      for (const root of roots) row('', `${shortPath(root, home)} `, [`(${agent})`, dim])
    }
    return
  }
  terminal.tell()
  for (const line of sessionTable(context, sessions.slice(0, shownSessions))) terminal.tell(line)
  const more = sessions.length - shownSessions
  if (more > 0)
    terminal.tell(dim(`and ${plural(more, 'more', 'more')}: node client/bin/baton.mjs sessions`))
}
