/**
 * A device that runs: the peer, its control socket and, unless a service is named, a signaling
 * service of its own (rules UP). It reads no arguments and prints nothing.
 */
import { hostname } from 'node:os'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { maxNameChars } from '@baton/shared/limits'
import type { Mesh } from '../core/mesh-api.ts'
import type { IceSettings } from '../core/ports/channel.ts'
import { createControl } from './control/app.ts'
import { checkAlone, serveControl } from './control/serve.ts'
import type { ProcessFacts } from './control/status.ts'
import { guardKind } from './guard/guard.ts'
import { makeHome } from './home.ts'
import { createNotifier } from './notifications/notifier.ts'
import { notifyOfRequests } from './notifications/requests.ts'
import { type OwnChoice, type OwnService, openOwnService } from './own-service.ts'
import type { Places } from './paths.ts'
import { openPeer, type Peer, type PeerOptions } from './peer.ts'
import { createClock } from './platform.ts'
import { createTrace, openLogFile } from './trace.ts'
import { packageVersion } from './version.ts'

export type SignalChoice =
  | { readonly at: 'service'; readonly url: string }
  | ({ readonly at: 'own' } & OwnChoice)

export interface DaemonOptions {
  readonly places: Places
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: SignalChoice
  readonly ice: IceSettings
  readonly confirm: boolean
  /** The desktop shows what waits for an answer. */
  readonly notify?: boolean
  readonly keys?: NonNullable<PeerOptions['keys']>
  readonly name?: string
  /** Further sources, looked at after the agents' own. */
  readonly sources?: NonNullable<PeerOptions['sources']>
}

export interface Daemon {
  readonly mesh: Mesh
  readonly facts: ProcessFacts
  /** Where devices meet, as the other one needs it. */
  readonly signaling: string
  /** Where a browser opens the page, if this process serves it: of this machine, or by https any. */
  readonly page: string | undefined
  /** Resolves when someone asked over the control socket to stop. */
  readonly asked: Promise<void>
  close(): Promise<void>
}

/** Rejects with `already-running`, `port-taken`, `store-readonly` and whatever opening a peer says. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const { places } = options
  for (const folder of [places.data, places.state]) makeHome(folder)
  await checkAlone(places.socket)
  const undo: (() => Promise<void>)[] = []
  const close = async () => {
    for (const each of undo.splice(0).reverse()) await each()
  }
  try {
    const { signal } = options
    const clock = createClock()
    const log = openLogFile(places.log)
    undo.push(async () => log.close())
    const trace = createTrace(clock, log.write)
    const own = signal.at === 'own' ? await openOwnService(signal, { clock, trace }) : undefined
    if (own) undo.push(() => own.close())
    const url = signal.at === 'own' ? (own?.url ?? '') : signal.url
    const peer = await openPeer({
      ...options,
      signaling: url,
      ...(own ? { dial: own.dial } : {}),
      name: nameOf(options.name),
      trace,
    }).catch(taken)
    undo.push(() => peer.close())
    const { env, notify } = options
    const { platform } = process
    const notifier = notify ? createNotifier({ platform, env, trace }) : undefined
    if (notifier) {
      const unwatch = notifyOfRequests(peer.mesh, notifier)
      undo.push(async () => {
        unwatch()
        notifier.close()
      })
    }
    const { promise: asked, resolve: stop } = withResolvers()
    const facts = factsOf(options, own)
    const app = createControl({
      mesh: peer.mesh,
      archives: peer.archives,
      facts: () => facts,
      stop,
    })
    const control = await serveControl(places.socket, app)
    undo.push(() => control.close())
    return { mesh: peer.mesh, facts, signaling: url, page: own?.page, asked, close }
  } catch (error) {
    await close()
    throw error
  }
}

function factsOf(
  { confirm, ice, places }: DaemonOptions,
  own: OwnService | undefined,
): ProcessFacts {
  return {
    pid: process.pid,
    version: packageVersion(),
    startedAt: Date.now(),
    embedded: own !== undefined,
    beyond: own?.beyond ?? false,
    ...(own?.behind === undefined ? {} : { behind: own.behind }),
    ...(own?.secure && own.page !== undefined ? { page: own.page } : {}),
    confirm,
    keys: guardKind(places.keys),
    ice: { servers: ice.servers.length, policy: ice.policy },
  }
}

/** A device's name is shown by others: the host's first label is what people call a machine. */
const nameOf = (given: string | undefined): string =>
  given ?? (hostname().split('.')[0] || 'device').slice(0, maxNameChars)

/** Two that start at once: the store's lock tells the second one before the socket can. */
function taken(error: unknown): Promise<Peer> {
  if (!isBatonError(error) || error.code !== 'store-locked') throw error
  throw new BatonError('already-running', error.message.replace('open the store', 'start'), {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
