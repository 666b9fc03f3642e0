import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findRepository,
  parseRemote,
  remoteKey,
} from '@baton/client/node/sources/claude-code/repository'
import { expect, it, onTestFinished } from 'vitest'
import { put, writeProject } from '../../../../support/corpus/tree.ts'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'baton-git-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

it.each([0, 1, 2, 3, 4, 5])('SO8 project kind %i is told with its remote and place', async (n) => {
  const project = writeProject(folder(), n)
  const found = await findRepository(project.path)
  expect(found?.remote).toBe(project.remote)
  if (found) expect(found.below).toBe(project.below)
})

it('SO8 no remote, a broken link and a huge configuration are no repository', async () => {
  const dir = folder()
  put(join(dir, 'none/.git/config'), '[core]\n')
  put(join(dir, 'broken/.git'), 'gitdir: /nowhere/at/all\n')
  put(join(dir, 'empty/.git'), '')
  put(
    join(dir, 'huge/.git/config'),
    `#${'x'.repeat(300_000)}\n[remote "origin"]\nurl = https://h/a\n`,
  )
  for (const name of ['none', 'broken', 'empty', 'huge']) {
    expect(await findRepository(join(dir, name))).toBeUndefined()
  }
})

it.each([
  ['[remote "origin"]\n\turl = https://h/a/b.git\n', 'https://h/a/b.git'],
  ['[remote "fork"]\nurl=git@h:me/b\n[remote "origin"]\nurl = git@h:a/b\n', 'git@h:a/b'],
  ['[remote "fork"]\nurl=git@h:me/b\n', 'git@h:me/b'],
  ['[ REMOTE "origin" ]\n URL = "https://h/a"\n', 'https://h/a'],
  ['[remote "origin"]\nurl = https://me:hunter2@h/a\n', 'https://h/a'],
  ['[remote "origin"]\nurl = /srv/git/a.git\n', undefined],
  ['[remote "origin"]\nurl = file:///srv/git/a.git\n', undefined],
  ['[branch "x"]\nurl = https://h/a\n', undefined],
])('SO8 the remote of %j is %s', (config, remote) => {
  expect(parseRemote(config)).toBe(remote)
})

it('SO8 spellings of one repository have one key', () => {
  const keys = [
    'https://Host.example/a/b.git',
    'http://host.example:8080/a/b/',
    'ssh://git@host.example:22/a/b.git',
    'git@host.example:a/b',
    'host.example:a/b.git',
    'https://token@host.example/a/b',
  ].map(remoteKey)
  expect(new Set(keys)).toEqual(new Set(['host.example/a/b']))
  expect(remoteKey('https://host.example/a/c')).not.toBe(keys[0])
  for (const none of ['', '/a', 'C:\\a', 'file:///a', 'x', `https://h/${'a'.repeat(3000)}`]) {
    expect(remoteKey(none)).toBeUndefined()
  }
})
