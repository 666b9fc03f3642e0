/** UP4: what `npm start` has to do before anything runs, decided without doing it. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

interface Prepare {
  isNodeNewEnough(version: string): boolean
  isInstalled(wants: object, has: object | undefined): boolean
  sourceKey(folder: string): string
}
const path = '../../../scripts/prepare.mjs'
const { isInstalled, isNodeNewEnough, sourceKey } = (await import(path)) as Prepare

it('UP4 Node 20.19 and newer is new enough', () => {
  const verdicts = ['18.20.0', '20.18.9', '20.19.0', '21.0.0', '24.1.0'].map(isNodeNewEnough)
  expect(verdicts).toEqual([false, false, true, true, true])
})

it('UP4 installs when a package that running needs is missing or of another version', () => {
  const wants = {
    packages: {
      '': {},
      client: { version: '0.1.0' },
      'node_modules/ws': { version: '8.0.0' },
      'node_modules/vitest': { version: '4.0.0', dev: true },
      'node_modules/@lmdb/lmdb-win32-x64': { version: '3.0.0', optional: true },
    },
  }
  const has = (version: string) => ({ packages: { 'node_modules/ws': { version } } })
  expect(isInstalled(wants, undefined)).toBe(false)
  expect(isInstalled(wants, { packages: {} })).toBe(false)
  expect(isInstalled(wants, has('7.9.9'))).toBe(false)
  expect(isInstalled(wants, has('8.0.0'))).toBe(true)
})

it('UP4 builds again when a source changed, came or went', () => {
  const root = tempFolder('prepare')
  for (const dir of ['shared/src', 'signaling/src', 'client/src']) {
    mkdirSync(join(root, dir), { recursive: true })
    writeFileSync(join(root, dir, 'a.ts'), 'a')
  }
  for (const name of ['tsconfig.json', 'package-lock.json']) writeFileSync(join(root, name), '{}')
  const key = sourceKey(root)
  expect(sourceKey(root)).toBe(key)
  utimesSync(join(root, 'client/src/a.ts'), 1, 1)
  const touched = sourceKey(root)
  expect(touched).not.toBe(key)
  writeFileSync(join(root, 'shared/src/b.ts'), '')
  expect(sourceKey(root)).not.toBe(touched)
})
