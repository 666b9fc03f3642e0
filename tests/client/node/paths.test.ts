/** PF6: where things live, on every platform. */
import { findPlaces, type Surroundings } from '@baton/client/node/paths'
import { expect, it } from 'vitest'

const linux: Surroundings = {
  platform: 'linux',
  env: {},
  home: '/home/ann',
  temp: '/tmp',
  cwd: '/w',
}
const mac: Surroundings = { ...linux, platform: 'darwin', home: '/Users/ann', temp: '/var/f/T' }
const windows: Surroundings = {
  platform: 'win32',
  env: { LOCALAPPDATA: 'C:\\Users\\Ann\\AppData\\Local' },
  home: 'C:\\Users\\Ann',
  temp: 'C:\\Temp',
  cwd: 'C:\\w',
}

it('PF6 Linux follows XDG, and ignores what is empty or relative', () => {
  expect(findPlaces(linux)).toEqual({
    config: '/home/ann/.config/baton',
    data: '/home/ann/.local/share/baton',
    state: '/home/ann/.local/state/baton',
    keys: '/home/ann/.local/share/baton/keys',
    store: '/home/ann/.local/share/baton/store',
    log: '/home/ann/.local/state/baton/baton.log',
    socket: '/home/ann/.local/state/baton/control.sock',
  })
  const env = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_STATE_HOME: '/s' }
  expect(findPlaces({ ...linux, env: { ...env, XDG_RUNTIME_DIR: '/run/user/1' } })).toMatchObject({
    config: '/c/baton',
    keys: '/d/baton/keys',
    log: '/s/baton/baton.log',
    socket: '/run/user/1/baton/control.sock',
  })
  expect(findPlaces({ ...linux, env: { XDG_DATA_HOME: 'd', XDG_STATE_HOME: '' } })).toEqual(
    findPlaces(linux),
  )
})

it('PF6 macOS uses Library, Windows LOCALAPPDATA and a pipe', () => {
  expect(findPlaces(mac)).toMatchObject({
    store: '/Users/ann/Library/Application Support/Baton/store',
    log: '/Users/ann/Library/Logs/Baton/baton.log',
    socket: '/Users/ann/Library/Application Support/Baton/control.sock',
  })
  const places = findPlaces(windows)
  expect(places.keys).toBe('C:\\Users\\Ann\\AppData\\Local\\Baton\\keys')
  expect(places.socket).toMatch(/^\\\\\.\\pipe\\baton-[0-9a-f]{16}$/)
  expect(findPlaces({ ...windows, env: {} })).toEqual(places)
})

it('PF6 BATON_HOME puts everything into one folder, on every platform', () => {
  const env = { BATON_HOME: '/b', XDG_DATA_HOME: '/d', XDG_RUNTIME_DIR: '/r' }
  for (const platform of [linux, mac]) {
    const { socket, log, keys } = findPlaces({ ...platform, env })
    expect([socket, log, keys]).toEqual(['/b/control.sock', '/b/baton.log', '/b/keys'])
  }
  expect(findPlaces({ ...linux, env: { BATON_HOME: 'x/../b' } }).store).toBe('/w/b/store')
  expect(findPlaces({ ...windows, env: { BATON_HOME: 'D:\\b' } }).store).toBe('D:\\b\\store')
  expect(findPlaces({ ...linux, env: { BATON_HOME: '' } })).toEqual(findPlaces(linux))
})

it('PF6 a socket path too long for the system goes to a folder of its own in temp', () => {
  const at = (name: string, temp = '/tmp') =>
    findPlaces({ ...linux, temp, env: { BATON_HOME: `/${name}` } }).socket
  const fits = 'h'.repeat(100 - '//control.sock'.length)
  expect(at(fits)).toBe(`/${fits}/control.sock`)
  expect(at(`${fits}h`)).toMatch(/^\/tmp\/baton-[0-9a-f]{16}\/control\.sock$/)
  expect(at(`${fits}h`)).not.toBe(at(`${fits}i`))
  expect(at('é'.repeat(45))).toMatch(/^\/tmp\/baton-/)
  const longTemp = `/${'t'.repeat(90)}`
  expect(Buffer.byteLength(at(`${fits}h`, longTemp))).toBeLessThanOrEqual(100)
  const pipes = ['D:\\b', 'd:\\B', 'D:\\c'].map(
    (BATON_HOME) => findPlaces({ ...windows, env: { BATON_HOME } }).socket,
  )
  expect(pipes[0]).toBe(pipes[1])
  expect(pipes[0]).not.toBe(pipes[2])
})
