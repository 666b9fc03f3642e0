import { mapPath } from '@baton/client/node/sources/claude-code/path-map'
import { expect, it } from 'vitest'

it.each([
  ['/home/a/p/app', '/home/a/p', '/srv/p', '/srv/p/app'],
  ['/home/a/p', '/home/a/p/', '/srv/p/', '/srv/p/'],
  ['/home/a/p2', '/home/a/p', '/srv/p', undefined],
  ['/home/a/p', '/', '/mnt', '/mnt/home/a/p'],
  ['/home/a/p', '/home/A', '/srv', undefined],
  ['C:\\w\\app\\src', 'c:\\W', '/home/me/w', '/home/me/w/app/src'],
  ['C:/w/app', 'C:\\w', 'D:\\work', 'D:\\work\\app'],
  ['\\\\nas\\share\\p', '\\\\nas\\share', '/nas', '/nas/p'],
  ['/home/a/p/x', '/home/a', 'C:\\Users\\a', 'C:\\Users\\a\\p\\x'],
  ['/home/a/../../etc', '/home', '/srv', undefined],
  ['relative/p', '/home', '/srv', undefined],
])('PL9 %s by %s=%s is %s', (path, from, to, expected) => {
  expect(mapPath(path, [{ from, to }])).toBe(expected)
})

it('PL9 the longest rule that fits decides', () => {
  const maps = [
    { from: '/a', to: '/one' },
    { from: '/a/b', to: '/two' },
    { from: '/a/b/c/d', to: '/three' },
  ]
  expect(mapPath('/a/b/c', maps)).toBe('/two/c')
  expect(mapPath('/a/b/c', [])).toBeUndefined()
})
