/** The checks in the order a person would make them; each is told as soon as it is done. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isBatonError } from '@baton/shared/errors'
import { parseServerUrl } from '../../rendezvous/server-url.ts'
import { bytes, plural, shortPath, took } from '../cli/units.ts'
import type { StatusReply } from '../control/status.ts'
import { guardKind, type KeyAccess } from '../guard/guard.ts'
import { makeHome } from '../home.ts'
import { parseIce } from '../ice.ts'
import { devicePath } from '../key-folder.ts'
import { openKeyring } from '../keyring.ts'
import type { Places } from '../paths.ts'
import { createClock, createRandom, nativeSha256 } from '../platform.ts'
import { readSettings } from '../settings.ts'
import { claudeConfigDir, createClaudeCodeSource } from '../sources/claude-code/source.ts'
import { type Check, fail, homeFault, nodeVerdict, ok, warn } from './check.ts'
import { checkSignaling, getPlain } from './signaling.ts'

export interface Patient {
  readonly places: Places
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: string | undefined
  readonly keys: KeyAccess
  status(): Promise<StatusReply>
}

export async function* runChecks(patient: Patient): AsyncGenerator<Check> {
  const { places } = patient
  yield nodeVerdict(process.versions.node)
  yield await checkWebRtc()
  yield checkHome(patient)
  yield await guarded('keys', () => checkKeys(patient))
  yield await guarded('settings', async () => checkSettings(patient))
  const status = await patient.status().catch(() => undefined)
  yield status
    ? ok('device', `runs as process ${status.process.pid}`)
    : warn('device', 'is not running', `start it: baton up (socket ${places.socket})`)
  yield* await checkMeeting(patient, status)
  yield await checkAgent(patient)
}

async function guarded(name: string, run: () => Promise<Check>): Promise<Check> {
  try {
    return await run()
  } catch (error) {
    if (!isBatonError(error)) throw error
    return fail(name, error.message, error.hint ?? 'look at the file that is named')
  }
}

interface WebRtcSaid {
  readonly ms?: number
  readonly kinds?: readonly string[]
  readonly error?: { readonly message?: string; readonly hint?: string }
}

function checkWebRtc(): Promise<Check> {
  const program = fileURLToPath(new URL('./webrtc.js', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [program], { timeout: 20_000 }, (_, out) => {
      let said: WebRtcSaid = {}
      try {
        said = JSON.parse(out) as WebRtcSaid
      } catch {
        // What lands here: the native library took its process down before it could say anything.
      }
      const { ms, kinds = [], error } = said
      if (ms !== undefined) {
        resolve(ok('webrtc', `connects two ends here in ${took(ms)} (${kinds.join(', ')})`))
        return
      }
      const text = error?.message ?? 'the native library crashed'
      const hint =
        error?.hint ?? 'install again: npm ci; a firewall on this machine may be in the way'
      resolve(fail('webrtc', text, hint))
    })
  })
}

const littleBytes = 256 * 1024 * 1024

function checkHome({ places, home }: Patient): Check {
  const { data } = places
  const shown = shortPath(data, home)
  try {
    makeHome(data)
    const probe = join(data, `.doctor-${process.pid}`)
    writeFileSync(probe, 'x')
    rmSync(probe)
    const { bavail, bsize } = statfsSync(data)
    const free = bavail * bsize
    if (free >= littleBytes) return ok('home', `${shown}, ${bytes(free)} free`)
    return warn('home', `${shown}, only ${bytes(free)} free`, 'make some room')
  } catch (error) {
    return homeFault(shown, error)
  }
}

async function checkKeys({ places, keys }: Patient): Promise<Check> {
  if (!existsSync(devicePath(places.keys))) {
    return ok('keys', 'none yet; the first start makes them')
  }
  const kind = guardKind(places.keys)
  // Nobody is asked for a passphrase only to be told that all is well.
  if (kind === 'passphrase') return ok('keys', 'sealed, by a passphrase')
  await openKeyring(places.keys, createRandom(), { access: keys })
  if (kind === 'keychain') return ok('keys', `sealed, by the ${keys.keychain?.name}`)
  return ok('keys', `in files that only you can read; ${await insteadOfFiles(keys)}`)
}

/** Whether there is a better place for what seals them. */
async function insteadOfFiles({ keychain }: KeyAccess): Promise<string> {
  const other = 'baton lock seals them by a passphrase'
  if (keychain === undefined) return `no keychain is asked; ${other}`
  try {
    await keychain.get('probe')
    return `the ${keychain.name} answers: baton lock --keychain`
  } catch {
    return `no ${keychain.name} answers here; ${other}`
  }
}

function checkSettings({ places, env }: Patient): Check {
  const { ice = [], policy = 'auto' } = readSettings(places.config)
  const { BATON_TURN_USERNAME: username, BATON_TURN_CREDENTIAL: credential } = env
  const { servers } = parseIce(ice, policy, {
    ...(username === undefined ? {} : { BATON_TURN_USERNAME: username }),
    ...(credential === undefined ? {} : { BATON_TURN_CREDENTIAL: credential }),
  })
  const which = servers.length === 0 ? 'no ICE servers' : plural(servers.length, 'ICE server')
  return ok('settings', `${which}, policy ${policy}`)
}

async function checkMeeting(patient: Patient, status: StatusReply | undefined): Promise<Check[]> {
  let named = patient.signal ?? status?.signaling?.server
  try {
    named ??= readSettings(patient.places.config).signal
    if (named === undefined) return [ok('signaling', 'this device runs the service itself')]
    const clock = createClock()
    return await checkSignaling(parseServerUrl(named).origin, getPlain, clock)
  } catch (error) {
    if (!isBatonError(error)) throw error
    return [fail('signaling', error.message, error.hint ?? 'baton up --signal URL')]
  }
}

async function checkAgent({ env, home }: Patient): Promise<Check> {
  const { CLAUDE_CONFIG_DIR: configured } = env
  const configDir = claudeConfigDir({ CLAUDE_CONFIG_DIR: configured }, home)
  const source = createClaudeCodeSource({ sha256: nativeSha256, clock: createClock(), configDir })
  let count = 0
  for await (const _ of source.find()) count += 1
  const where = source.roots.map((root) => shortPath(root, home)).join(', ')
  if (count > 0) return ok('agents', `claude-code: ${plural(count, 'session')} in ${where}`)
  return warn(
    'agents',
    `claude-code: no sessions in ${where}`,
    'set CLAUDE_CONFIG_DIR if it keeps them elsewhere; receiving works without',
  )
}
