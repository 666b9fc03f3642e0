/**
 * What this device is and can do, as found at start (rule RS5): the words of the seeds for what a peer
 * may have, and the agents whose sessions it reads or could run.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Capability, DeviceRecord, DeviceType } from '@baton/shared/roster/record'
import { claudeConfigDir } from './sources/claude-code/source.ts'

export interface Surroundings {
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const require = createRequire(import.meta.url)

export function detectDevice({ home, env }: Surroundings): DeviceRecord {
  const sessions = existsSync(claudeConfigDir(env, home))
  return {
    type: typeOf(env),
    capabilities: [
      webrtc(),
      has('real_time_sync', true),
      has('session_import', sessions),
      has('agent:claude-code', sessions || onPath('claude', env)),
      // A headless peer has none of these, and says so.
      has('indexeddb', false),
      has('speech_recognition', false),
      has('voice_input', false),
    ],
  }
}

const has = (name: string, supported: boolean, version = ''): Capability => ({
  name,
  version,
  supported,
})

/** Whether a build for this machine is installed; that it loads is found out in the link host. */
function webrtc(): Capability {
  try {
    require.resolve(`@roamhq/wrtc-${platform()}-${arch()}`)
    const { version } = require('@roamhq/wrtc/package.json') as { version: string }
    return has('webrtc', true, version)
  } catch {
    return has('webrtc', false)
  }
}

/** By what a machine without a screen, a phone or a board has to show for itself. */
function typeOf(env: Surroundings['env']): DeviceType {
  const { TERMUX_VERSION, DISPLAY, WAYLAND_DISPLAY } = env
  if (platform() === 'android' || TERMUX_VERSION !== undefined) return 'mobile'
  if (platform() !== 'linux') return 'desktop'
  if (read('/proc/device-tree/model') !== undefined) return 'embedded'
  return DISPLAY || WAYLAND_DISPLAY ? 'desktop' : 'server'
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

function onPath(program: string, { PATH = '' }: Surroundings['env']): boolean {
  const names = platform() === 'win32' ? [`${program}.cmd`, `${program}.exe`] : [program]
  return PATH.split(delimiter).some(
    (folder) => folder !== '' && names.some((name) => existsSync(join(folder, name))),
  )
}
