/** `baton up`: runs this device here or, with --daemon, in the background. `baton down` ends it. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { BatonError } from '@baton/shared/errors'
import type { Daemon } from '../daemon.ts'
import { guardKind } from '../guard/guard.ts'
import type { Context } from './command.ts'
import { failedAs, type Told, tellable } from './exit.ts'
import { createSheet } from './hang.ts'
import { createHappenings, devicePhrase } from './happening.ts'
import { certificatePaths, type LaunchOptions, launchOptions } from './launch.ts'
import { createKeyAccess, passphraseDescriptor } from './passphrase.ts'
import { askAboutRequests, type Questions } from './questions.ts'
import { resumeHere } from './resuming.ts'

export interface UpOptions extends LaunchOptions {
  readonly daemon?: boolean
}

export async function up(context: Context, options: UpOptions): Promise<void> {
  if (options.daemon) return background(context, options)
  const daemon = await open(context, options)
  await greet(context, daemon)
  await untilStopped(context, daemon, askAboutRequests(context, daemon.mesh))
  context.terminal.tell('stopped')
  context.terminal.object({ type: 'result', ok: true })
}

/** Opens the device; whoever started it in the background is told, or why it came to nothing. */
async function open(context: Context, options: UpOptions): Promise<Daemon> {
  try {
    const launch = launchOptions(context, options)
    const { openDaemon } = await import('../daemon.ts')
    const daemon = await openDaemon(launch)
    await tellParent({ at: 'up' })
    return daemon
  } catch (error) {
    await tellParent({ at: 'failed', error: tellable(error) })
    throw error
  }
}

/** What starts a process in the background is told, and what it says: then each goes its way. */
type Began = { readonly at: 'up' } | { readonly at: 'failed'; readonly error: Told }

async function tellParent(began: Began): Promise<void> {
  if (!process.send) return
  // Without waiting, a process that ends at once may take its word along.
  await new Promise<void>((resolve) => process.send?.(began, undefined, {}, () => resolve()))
  if (process.connected) process.disconnect()
}

/** Tells what happens until someone ends it, then closes. */
export async function untilStopped(
  context: Context,
  daemon: Daemon,
  questions?: Questions,
): Promise<void> {
  const { terminal } = context
  const lineOf = createHappenings(terminal.note, context)
  const here = resumeHere(context, (on) => questions?.hold(on))
  const noMore = here.runner ? daemon.mesh.handoffs.serveResume(here.runner) : undefined
  const unwatch = daemon.mesh.watch((event) => {
    terminal.object({ type: 'event', at: event.kind, ...event })
    const line = lineOf(event)
    const isAsked = event.kind === 'handoff' && event.handoff.waitsForUs && questions?.asks
    if (line === undefined || isAsked) return
    here.tell(line)
    if (!here.isRunning()) questions?.draw()
  })
  let undo = () => {}
  const interrupted = new Promise<void>((resolve) => {
    // Ctrl-C is for the agent that has the terminal.
    undo = context.onInterrupt(() => here.isRunning() || resolve())
  })
  await Promise.race([interrupted, daemon.asked])
  undo()
  unwatch()
  noMore?.()
  questions?.close()
  terminal.wipe()
  await daemon.close()
}

async function greet(
  { terminal }: Context,
  { mesh, facts, signaling, page }: Daemon,
): Promise<void> {
  const status = await mesh.status()
  terminal.object({ type: 'event', at: 'up', ...status, process: facts })
  const { up: title, row } = createSheet(terminal.tell, terminal.columns, terminal.note)
  title(devicePhrase(status.self))
  row('meets at', signaling, [ownService(facts), terminal.note.dim])
  if (page !== undefined) row('page', page, [` (${pageFor(facts)})`, terminal.note.dim])
  row('sessions', `${status.sessions.found} found`)
  row('devices', `${status.devices.paired} paired`)
  row('next', status.devices.paired === 0 ? 'baton pair' : 'baton send')
}

/** Who can open the page. */
export const pageFor = ({ page }: Daemon['facts']): string =>
  page === undefined ? 'for a browser of this machine' : 'for any browser, a phone too'

/** Behind the address of a service that this device runs itself; nothing for another's. */
export const ownService = ({ embedded, beyond, behind }: Daemon['facts']): string => {
  if (!embedded) return ''
  if (behind !== undefined) return ` (runs here; the tunnel leads to ${behind})`
  return beyond ? ' (runs here, open to this network)' : ' (runs here, for this machine only)'
}

/** Resolves once the other process answers; it outlives this one. */
async function background(context: Context, options: UpOptions): Promise<void> {
  const { terminal } = context
  // Wrong options are told here, where someone reads them.
  launchOptions(context, options)
  const pid = await startBackground(context, argumentsOf(context, options))
  terminal.object({ type: 'result', ok: true, pid })
  terminal.tell(`${terminal.note.good('●')} up, in the background: process ${pid}`)
  terminal.tell(terminal.note.dim('  baton status shows it, baton down stops it'))
}

/** What is remembered is read there; only what concerns this run is handed on. */
const argumentsOf = (
  context: Context,
  { signal, lan, host, port, tls, public: address }: LaunchOptions,
): string[] => [
  ...(signal === undefined ? [] : ['--signal', signal]),
  ...(lan === true ? ['--lan'] : []),
  ...(host === undefined ? [] : ['--host', host]),
  ...(port === undefined ? [] : ['--port', port]),
  ...(address === undefined ? [] : ['--public', address]),
  ...(tls === undefined ? [] : ['--tls', ...Object.values(certificatePaths(context, tls))]),
]

/** A passphrase is asked for here, where someone is, and handed on. Resolves with the process id. */
export async function startBackground(context: Context, args: readonly string[]): Promise<number> {
  const { places, env } = context
  const asks = existsSync(places.keys) && guardKind(places.keys) === 'passphrase'
  const passphrase = asks ? await createKeyAccess(context).passphrase() : undefined
  const program = fileURLToPath(new URL('../../../bin/baton.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, 'up', '--quiet', ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(asks ? (['pipe'] as const) : [])],
    windowsHide: true,
    env: asks ? { ...env, BATON_PASSPHRASE_FD: String(passphraseDescriptor) } : env,
  })
  const entrance = child.stdio[passphraseDescriptor] as Writable | null | undefined
  entrance?.on('error', () => undefined)
  entrance?.end(passphrase)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 4096)
  })
  return new Promise((resolve, reject) => {
    let failed: BatonError | undefined
    child.once('message', (began: Began) => {
      if (began.at === 'failed') {
        failed = failedAs(began.error)
        return
      }
      child.stderr?.destroy()
      child.unref()
      resolve(child.pid ?? 0)
    })
    child.once('close', () => reject(failed ?? whyItEnded(said)))
    child.once('error', () => reject(whyItEnded('')))
  })
}

/** It came to no word of its own: what it wrote, taken apart again. */
function whyItEnded(said: string): BatonError {
  const message = /^error: (.*)$/m.exec(said)?.[1] ?? 'failed to start: the process ended'
  const hint = /^hint: (.*)$/m.exec(said)?.[1]
  return new BatonError('invalid', message, hint ? { hint } : {})
}

export async function down({ terminal, control }: Context): Promise<void> {
  const { process: facts } = await control().status()
  await control().down()
  await gone(facts.pid)
  terminal.object({ type: 'result', ok: true, pid: facts.pid })
  terminal.tell(`stopped: process ${facts.pid}`)
}

/** Ends what a command started for itself, unless someone uses it by now; true when it is gone. */
export async function stopUnused({ control }: Context, pid: number): Promise<boolean> {
  const stopping = await control()
    .down({ idle: true })
    .catch(() => false)
  if (stopping) await gone(pid)
  return stopping
}

/** Waits until the process has let go of its home, at most 10 s. */
async function gone(pid: number): Promise<void> {
  const { isRunning } = await import('../process.ts')
  const { setTimeout: sleep } = await import('node:timers/promises')
  for (let waited = 0; waited < 10_000 && isRunning(pid); waited += 50) await sleep(50)
}
