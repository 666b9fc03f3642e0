/** DV5, DV6: what a peer's words can do to the disk of the receiver, and to its own history. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { writeRegistry } from '../../../support/corpus/corpus.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

const everything = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

it('DV5 a project that is no directory here is a reason, and the session is held', async () => {
  const { alice, bob, root, found, options } = await twoPeers()
  await link(alice, bob)
  const file = join(root, 'file')
  writeFileSync(file, '')
  symlinkSync(file, join(root, 'to-file'))
  symlinkSync(join(root, 'loop'), join(root, 'loop'))
  const projects = [
    file,
    join(root, 'to-file'),
    join(root, 'loop'),
    join(root, 'nowhere'),
    'project',
    './project',
    '..',
    '',
    '\0',
    `${root}/project\0`,
    'x'.repeat(4096),
  ]
  const before = everything(root)
  for (const project of projects) {
    alice.clock.advance(1000)
    const done = await sent(alice, found.id, { ...options, project })
    expect(done.receipt.unplaced?.code, project).toBe('place-unmapped')
    expect(done.digest.there).toBe(done.digest.here)
  }
  expect(everything(root)).toEqual(before)
  expect(await bob.library.rows()).toMatchObject([{ placed: undefined, origin: alice.device }])
})

it('DV5 maps lead to directories that are there, or nowhere', async () => {
  const { alice, bob, root, found, options } = await twoPeers()
  await link(alice, bob)
  const from = found.project.path
  const before = everything(root)
  for (const to of [join(root, 'x', '..', '..', 'nowhere'), '', '..', 'project', '\0']) {
    alice.clock.advance(1000)
    const maps = [
      { from, to },
      { from: '', to: '/' },
      { from: '/..', to: '/' },
    ]
    const { receipt } = await sent(alice, found.id, { to: options.to, maps })
    if (receipt.unplaced?.code !== 'place-unmapped') expect([to, receipt.placed]).toEqual([])
  }
  expect(everything(root)).toEqual(before)
})

it('DV5 a project that is a symlink is the directory it leads to; files stay in the agent folder', async () => {
  const { alice, bob, root, project, found, options } = await twoPeers()
  await link(alice, bob)
  symlinkSync(project, join(root, 'linked'))
  const { placed } = await sent(alice, found.id, { ...options, project: join(root, 'linked') })
  expect(placed?.path.startsWith(join(root, '2', '.claude', 'projects'))).toBe(true)
  expect(placed?.resume).toContain(`cd '${project}'`)
  expect(readdirSync(project)).toEqual([])
})

it('DV5 an agent folder that cannot be written is a reason, with nothing of the system in it', async () => {
  const { alice, bob, root, found, options } = await twoPeers()
  await link(alice, bob)
  mkdirSync(join(root, '2', '.claude'), { recursive: true })
  writeFileSync(join(root, '2', '.claude', 'projects'), 'a file in its place')
  const { receipt } = await sent(alice, found.id, options)
  expect(receipt.unplaced).toMatchObject({ code: 'invalid' })
  expect(receipt.unplaced?.message).not.toContain(root)
  expect(bob.traced.some((line) => line.startsWith('place.failed '))).toBe(true)
})

it('DV5 carry-only writes no file, at home neither', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const there = await sent(alice, found.id, options)
  agentAppends(there.placed?.path as string, 2, 1)
  const before = readFileSync(found.path, 'utf8')
  const back = await sent(bob, found.id, { to: alice.device, maps: [], carryOnly: true })
  expect(back).toMatchObject({ placed: undefined, unplaced: undefined, merged: undefined })
  expect(readFileSync(found.path, 'utf8')).toBe(before)
  expect(await alice.library.rows()).toMatchObject([{ branches: [{ records: 2 }] }])
})

it('DV6 a send back goes on with main, or stands beside it while the agent runs or both went on', async () => {
  const { alice, bob, project, found, options } = await twoPeers()
  await link(alice, bob)
  const copy = (await sent(alice, found.id, options)).placed?.path as string
  const home = { to: alice.device, maps: [] }
  agentAppends(copy, 2, 1)
  writeRegistry(dirname(dirname(dirname(found.path))), process.pid, found.id, project)
  const live = await sent(bob, found.id, home)
  expect(live).toMatchObject({ merged: 'beside', receipt: { unplaced: { code: 'place-live' } } })
  expect(existsSync(found.path)).toBe(true)
})
