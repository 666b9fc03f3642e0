/**
 * Loads @roamhq/wrtc behind the guards of safe-connection.ts, or says why it does not load and what
 * to do. Rules LH1, LH2. The library's own loader hides the reason; it is asked for again here.
 */
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { BatonError } from '@baton/shared/errors'
import type { WebRtc } from '../../rtc/peer.ts'
import { safeConnection } from './safe-connection.ts'

/** What decides which native build would fit. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** Version of the C library, undefined where it is not glibc. */
  readonly glibc: string | undefined
}

const require = createRequire(import.meta.url)
let loaded: WebRtc | undefined

/** Throws `native-missing`, with a hint for this machine. Loads once per process. */
export function loadWrtc(): WebRtc {
  if (!isMainThread) {
    // A second thread that loads the library crashes the process.
    throw new BatonError('native-missing', 'failed to load WebRTC: not possible in a worker thread')
  }
  loaded ??= guarded(requireNative())
  return loaded
}

/** The error for a machine on which the library did not load; `cause` is what loading said. */
export function nativeMissing(machine: Machine, cause: unknown): BatonError {
  const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause)
  return new BatonError(
    'native-missing',
    `failed to load WebRTC for ${machine.platform}-${machine.arch}: ${reason}`,
    { cause, hint: advise(machine, cause) },
  )
}

function advise({ platform, arch, glibc }: Machine, cause: unknown): string {
  const builds = 'builds exist for linux and macOS on x64 and arm64, and for Windows on x64'
  if (platform === 'linux' && glibc === undefined) {
    return 'musl (Alpine) has no build: use a distribution with glibc 2.34 or newer'
  }
  if (platform === 'linux' && glibc !== undefined && older(glibc, [2, 34])) {
    return `glibc ${glibc} is too old, 2.34 is needed: Debian 12, Ubuntu 22.04, RHEL 9 or newer`
  }
  if (platform === 'win32' && arch === 'arm64') {
    return 'Windows on arm64 has no build: install the x64 build of Node, which runs there too'
  }
  if (!supported.has(`${platform}-${arch}`)) return `this machine has no build; ${builds}`
  if ((cause as { code?: string }).code === 'MODULE_NOT_FOUND') {
    return 'install again with optional dependencies: npm install --include=optional'
  }
  return 'install again: npm ci'
}

const supported = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'])

function older(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a < major || (a === major && b < minor)
}

function requireNative(): WebRtc {
  try {
    return require('@roamhq/wrtc') as WebRtc
  } catch {
    const machine = thisMachine()
    try {
      require(`@roamhq/wrtc-${machine.platform}-${machine.arch}`)
    } catch (cause) {
      throw nativeMissing(machine, cause)
    }
    throw nativeMissing(machine, new Error('the library did not find its binary'))
  }
}

function thisMachine(): Machine {
  const report = process.report?.getReport() as
    | { readonly header?: { readonly glibcVersionRuntime?: string } }
    | undefined
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: report?.header?.glibcVersionRuntime,
  }
}

type NativeConstructor = new (config: object) => Parameters<typeof safeConnection>[0]

function guarded(native: WebRtc): WebRtc {
  const Native = native.RTCPeerConnection as NativeConstructor
  function GuardedConnection(config: object): object {
    return safeConnection(new Native(config))
  }
  return {
    RTCPeerConnection: GuardedConnection,
    RTCSessionDescription: native.RTCSessionDescription,
    RTCIceCandidate: native.RTCIceCandidate,
  }
}
