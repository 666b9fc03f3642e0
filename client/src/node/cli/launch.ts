/**
 * From what a person typed and what the home remembers to a running device (rules UP1 to UP3): the
 * options that `up` and `start` share.
 */
import { isAbsolute, resolve } from 'node:path'
import { maxNameChars } from '@baton/shared/limits'
import { parseServerUrl } from '../../rendezvous/server-url.ts'
import type { DaemonOptions, SignalChoice } from '../daemon.ts'
import { icePolicies, parseIce } from '../ice.ts'
import { canNotify } from '../notifications/notifier.ts'
import { readSettings, rememberSettings, type Settings } from '../settings.ts'
import { type CertificatePaths, readCertificate } from '../tls/certificate.ts'
import type { Context } from './command.ts'
import { typed, usage } from './exit.ts'
import { createKeyAccess } from './passphrase.ts'

export interface LaunchOptions {
  /** A URL, or `own`. */
  readonly signal?: string
  readonly lan?: boolean
  readonly host?: string
  readonly port?: string
  /** Certificate and key. */
  readonly tls?: readonly string[]
  /** The https address of a tunnel or proxy. */
  readonly public?: string
  readonly ice?: readonly string[]
  readonly policy?: string
  readonly name?: string
  readonly confirm?: boolean
  readonly notify?: boolean
}

/** The origin of a service that was typed, or `own`. Throws `usage`. */
export const namedService = (text: string): string =>
  text === 'own' ? text : typed(() => parseServerUrl(text).origin)

/**
 * Remembers what is worth it, and says how to open the device. Throws `usage` for what was typed, and
 * `invalid` for what the home remembers.
 */
export function launchOptions(context: Context, given: LaunchOptions): DaemonOptions {
  const { places, home, env } = context
  const settings = remember(context, given)
  const policy = settings.policy ?? 'auto'
  const { BATON_TURN_USERNAME: username, BATON_TURN_CREDENTIAL: credential } = env
  return {
    places,
    home,
    env,
    signal: signalChoice(context, given, settings),
    ice: parseIce(settings.ice ?? [], policy, {
      ...(username === undefined ? {} : { BATON_TURN_USERNAME: username }),
      ...(credential === undefined ? {} : { BATON_TURN_CREDENTIAL: credential }),
    }),
    confirm: settings.confirm ?? false,
    notify: settings.notify ?? false,
    keys: createKeyAccess(context),
    ...(settings.name === undefined ? {} : { name: settings.name }),
  }
}

function remember({ places, cwd, env }: Context, given: LaunchOptions): Settings {
  const said: Partial<Record<keyof Settings, unknown>> = {}
  if (given.signal !== undefined) {
    const signal = namedService(given.signal)
    said.signal = signal === 'own' ? undefined : signal
  }
  if (given.name !== undefined) {
    if (given.name.trim() === '' || [...given.name].length > maxNameChars) {
      throw usage(
        `failed to use the name: it has 1 to ${maxNameChars} characters`,
        'give one like --name desk',
      )
    }
    said.name = given.name
  }
  if (given.ice !== undefined) {
    const named = given.ice.filter((each) => each !== 'none')
    said.ice = named.length === 0 ? undefined : named.map((each) => absolute(cwd, each))
  }
  if (given.policy !== undefined) {
    if (!icePolicies.includes(given.policy as never)) {
      throw usage('failed to use the policy', `it is one of ${icePolicies.join(', ')}`)
    }
    said.policy = given.policy
  }
  if (given.confirm !== undefined) said.confirm = given.confirm
  if (given.notify !== undefined) {
    if (given.notify && !canNotify(process.platform)) {
      throw usage(
        `failed to switch notifications on: there are none on ${process.platform} yet`,
        'leave --notify out; baton handoffs lists what waits for an answer',
      )
    }
    said.notify = given.notify
  }
  const settings = readSettings(places.config)
  if (Object.keys(said).length === 0) return settings
  const next = { ...settings, ...said } as Settings
  // Nothing is kept that would not start.
  const check = () => parseIce(next.ice ?? [], next.policy ?? 'auto', env)
  if (given.ice === undefined && given.policy === undefined) check()
  else typed(check)
  return rememberSettings(places.config, said)
}

/** An empty value is a variable of a script that was not set, and not the working directory. */
const absolute = (cwd: string, named: string): string =>
  named === '' || /^(stuns?|turns?):/i.test(named) || isAbsolute(named)
    ? named
    : resolve(cwd, named)

function signalChoice(context: Context, given: LaunchOptions, settings: Settings): SignalChoice {
  const { lan, host, port, tls } = given
  const serves = [host, port, tls, given.public].some((each) => each !== undefined) || lan === true
  if (serves && given.signal !== undefined && given.signal !== 'own') {
    throw usage(
      'failed to start: --signal names a service, --lan, --host, --port, --tls and --public run one here',
      'leave one of them out',
    )
  }
  if (!serves && settings.signal !== undefined) return { at: 'service', url: settings.signal }
  return {
    at: 'own',
    // Who has a certificate means other machines.
    host: host ?? (lan === true || tls !== undefined ? '0.0.0.0' : '127.0.0.1'),
    port: port === undefined ? undefined : parsePort(port),
    ...(tls === undefined ? {} : { tls: certificatePaths(context, tls) }),
    ...(given.public === undefined ? {} : { public: publicAddress(given.public) }),
  }
}

/** Files that can be used now. Throws `usage`, or `keyring-mode` for a key that others can read. */
export function certificatePaths(
  { cwd, now }: Context,
  [cert, key, ...more]: readonly string[],
): CertificatePaths {
  if (!cert || !key || more.length > 0) {
    throw usage(
      'failed to read --tls: it takes two files, a certificate and its key',
      'like --tls desk.pem desk-key.pem',
    )
  }
  const paths = { cert: resolve(cwd, cert), key: resolve(cwd, key) }
  typed(() => readCertificate(paths, now()))
  return paths
}

/** Browsers give keys to pages by https alone, and only for them is a tunnel needed. */
function publicAddress(text: string): string {
  const { origin } = typed(() => parseServerUrl(text))
  if (origin.startsWith('https:')) return origin
  throw usage(
    'failed to read --public: it is an https address',
    'like --public https://desk.example.org; for http in this network there is --lan',
  )
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw usage('failed to read the port: it is a number up to 65535', 'like --port 7370')
}
