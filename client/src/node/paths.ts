/**
 * Where things live on this platform (rule PF6): a pure function of the environment, so that every
 * platform's answer can be tested on any. It creates nothing.
 */
import { createHash } from 'node:crypto'
import { posix, win32 } from 'node:path'

export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: { readonly BATON_HOME?: string } & Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly temp: string
  /** The working directory, for a relative BATON_HOME. */
  readonly cwd: string
}

/** Absolute paths. Keys lie with the data: configuration folders get synchronised and published. */
export interface Places {
  readonly config: string
  readonly data: string
  readonly state: string
  readonly keys: string
  readonly store: string
  readonly log: string
  /** A unix socket of at most 100 bytes in a folder of its own, or a named pipe. */
  readonly socket: string
}

/** sun_path takes 104 bytes on macOS, 108 on Linux, with a NUL. */
const maxSocketBytes = 100

/** `BATON_HOME` puts everything into one folder; else XDG, ~/Library or %LOCALAPPDATA%. */
export function findPlaces(where: Surroundings): Places {
  const { join } = pathOf(where)
  const { config, data, state, runtime } = folders(where)
  return {
    config,
    data,
    state,
    keys: join(data, 'keys'),
    store: join(data, 'store'),
    log: join(state, 'baton.log'),
    socket: socketIn(where, runtime, data),
  }
}

const pathOf = ({ platform }: Surroundings) => (platform === 'win32' ? win32 : posix)

function folders(where: Surroundings) {
  const { platform, env, home, cwd } = where
  const { join, resolve } = pathOf(where)
  const named = env.BATON_HOME
  if (named !== undefined && named !== '') {
    const all = resolve(cwd, named)
    return { config: all, data: all, state: all, runtime: all }
  }
  if (platform === 'win32') {
    const all = join(set(where, 'LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'Baton')
    return { config: all, data: all, state: all, runtime: all }
  }
  if (platform === 'darwin') {
    const data = join(home, 'Library', 'Application Support', 'Baton')
    return { config: data, data, state: join(home, 'Library', 'Logs', 'Baton'), runtime: data }
  }
  const xdg = (name: string, ...otherwise: string[]) =>
    join(set(where, name) ?? join(home, ...otherwise), 'baton')
  const state = xdg('XDG_STATE_HOME', '.local', 'state')
  return {
    config: xdg('XDG_CONFIG_HOME', '.config'),
    data: xdg('XDG_DATA_HOME', '.local', 'share'),
    state,
    runtime: set(where, 'XDG_RUNTIME_DIR') === undefined ? state : xdg('XDG_RUNTIME_DIR'),
  }
}

/** A variable that is set and absolute: the XDG specification has the others ignored. */
function set(where: Surroundings, name: string): string | undefined {
  const value = where.env[name]
  return value !== undefined && pathOf(where).isAbsolute(value) ? value : undefined
}

function socketIn(where: Surroundings, runtime: string, data: string): string {
  const { join } = pathOf(where)
  const windows = where.platform === 'win32'
  const name = `baton-${shortHash(windows ? data.toLowerCase() : data)}`
  if (windows) return `\\\\.\\pipe\\${name}`
  const candidates = [
    join(runtime, 'control.sock'),
    join(where.temp, name, 'control.sock'),
    join('/tmp', name, 'control.sock'),
  ]
  return candidates.find((path) => Buffer.byteLength(path) <= maxSocketBytes) as string
}

const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16)
