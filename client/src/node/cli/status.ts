/** `baton status`: never empty, and always names the next thing to type. */
import { BatonError } from '@baton/shared/errors'
import type { StatusReply } from '../control/status.ts'
import type { Context } from './command.ts'
import { createSheet, type Part } from './hang.ts'
import { devicePhrase } from './happening.ts'
import { ago, bytes, plural, shortPath } from './units.ts'
import { ownService } from './up.ts'

export async function status(context: Context): Promise<void> {
  const { terminal, control } = context
  const now = await control()
    .status()
    .catch((error: unknown) => notRunning(context, error))
  const next = nextOf(now)
  terminal.object({ type: 'result', ok: true, running: true, next, ...now })
  const { bold, dim } = terminal.paint
  const { up, row } = createSheet(terminal.line, terminal.columns, terminal.paint)
  up(devicePhrase(now.self))
  if (now.self.removed) {
    row('removed', [
      `${ago(now.self.removed.at, context.now())}: nothing it says counts`,
      terminal.paint.bad,
    ])
  }
  row('meets at', ...signalingOf(context, now))
  row('devices', `${now.devices.paired} paired, ${now.devices.connected} connected`)
  for (const name of now.ranTwice) row('ran twice', `${name}, from one copy; nothing is lost`)
  row('sessions', `${now.sessions.found} found, ${now.sessions.carried} carried`)
  for (const { agent, roots } of now.sources) {
    const where = roots.map((root) => shortPath(root, context.home)).join(', ')
    row('agent', `${agent} `, [where, dim])
  }
  if (now.store.bytes !== undefined) row('store', `${now.store.kind}, ${bytes(now.store.bytes)}`)
  row(
    'keys',
    now.process.keys === 'files' ? 'in files' : `sealed, by ${sealedBy[now.process.keys]}`,
  )
  if (now.process.ice.servers > 0 || now.process.ice.policy !== 'auto') {
    row('ice', `${plural(now.process.ice.servers, 'server')}, policy ${now.process.ice.policy}`)
  }
  row('since', `${ago(now.process.startedAt, context.now())}, process ${now.process.pid}`)
  row('next', [next, bold])
}

const sealedBy = { keychain: 'the keychain', passphrase: 'a passphrase' } as const

function signalingOf({ terminal }: Context, { signaling, process: facts }: StatusReply): Part[] {
  const { warn, dim } = terminal.paint
  if (signaling === undefined) return [['nowhere', warn]]
  if (facts.embedded) return [signaling.server, [ownService(facts), dim]]
  if (signaling.state === 'unasked') return [signaling.server, [' not asked yet', dim]]
  return [signaling.server, [signaling.state === 'down' ? ' no answer' : '', warn]]
}

function nextOf({ self, devices, sessions }: StatusReply): string {
  if (self.removed) return 'BATON_HOME=<a new folder> baton pair'
  if (devices.paired === 0) return 'baton pair'
  return sessions.found === 0 ? 'baton doctor' : 'baton send'
}

function notRunning({ terminal }: Context, error: unknown): never {
  if (error instanceof BatonError && error.code === 'not-running') {
    terminal.line(`${terminal.paint.warn('○')} this device is not running`)
    const { row } = createSheet(terminal.line, terminal.columns, terminal.paint)
    row('next', ['baton up', terminal.paint.bold])
  }
  throw error
}
