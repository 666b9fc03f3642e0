/** The first screen of `npm start`: who this is, where it meets others, what it found. */
import type { Context } from '../cli/command.ts'
import { devicePhrase } from '../cli/happening.ts'
import { sessionTable } from '../cli/sessions.ts'
import { plural, shortPath } from '../cli/units.ts'
import { whose } from '../cli/up.ts'
import type { Daemon } from '../daemon.ts'
import { isSample } from './sample.ts'

const shownSessions = 5

export async function showHome(context: Context, daemon: Daemon): Promise<void> {
  const { terminal, home } = context
  const { mesh, facts, signaling } = daemon
  const { bold, good, dim } = terminal.note
  const [{ self, devices, sources }, rows] = await Promise.all([mesh.status(), mesh.sessions()])
  const sessions = rows.filter((row) => !isSample(row))
  const row = (name: string, text: string) => terminal.tell(`  ${dim(name.padEnd(10))}${text}`)
  terminal.tell(`${good('●')} ${bold(devicePhrase(self))} is up`)
  row('meets at', `${signaling}${facts.embedded ? dim(` (${whose(facts.beyond)})`) : ''}`)
  row('devices', `${devices.paired} paired`)
  row('sessions', sessions.length === 0 ? 'none found; looked in' : `${sessions.length} found`)
  if (sessions.length === 0) {
    for (const { agent, roots } of sources.slice(0, 1)) {
      for (const root of roots) row('', `${shortPath(root, home)} ${dim(`(${agent})`)}`)
    }
    return
  }
  terminal.tell()
  for (const line of sessionTable(context, sessions.slice(0, shownSessions))) terminal.tell(line)
  const more = sessions.length - shownSessions
  if (more > 0)
    terminal.tell(dim(`and ${plural(more, 'more', 'more')}: node client/bin/baton.mjs sessions`))
}
