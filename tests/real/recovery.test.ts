/** RS12, RS15, CL17, CL18 with everything real: the command, spawned, over WebRTC. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import { builtChild } from '../support/built.ts'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'

beforeAll(() => void builtChild('real/recovery'))

interface Made {
  readonly words: readonly string[]
  readonly link: string
}

async function pairAt(inviter: CliHome, joiner: CliHome): Promise<void> {
  const shown = inviter.start(['pair', '--show'])
  const code = (await shown.until(/\n/)).trim()
  expect(await joiner.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  expect(await shown.ended).toMatchObject({ code: 0 })
}

const shows = (home: CliHome, line: RegExp) =>
  vi.waitFor(async () => expect((await home.run(['devices'])).out).toMatch(line), 30_000)

async function make(home: CliHome): Promise<Made> {
  const made = await home.run(['recovery', 'make', '--json', '--reveal'])
  expect(made.code).toBe(0)
  return jsonLines(made.out)[0] as never
}

/** Every file of a device's home. */
function filesOf(folder: string): Buffer[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name)))
}

it('RS12 RS13 CL18 a thief that removed all others is removed by the words, and no file holds them', async () => {
  const [alice, phone, carol] = [cliHome('alice'), cliHome('phone'), cliHome('carol')]
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(phone, '--signal', signal, '--name', 'phone')
  await upAt(carol, '--signal', signal, '--name', 'carol')
  await pairAt(alice, phone)
  await pairAt(alice, carol)
  for (const home of [phone, carol]) await shows(home, /(phone|carol) +connected/)

  const unasked = await alice.run(['recovery', 'make'])
  expect(unasked).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--reveal') })
  expect(await phone.run(['recovery', 'make', '--reveal'])).toMatchObject({ code: 4, out: '' })
  const { words, link } = await make(alice)
  expect(await alice.run(['role', 'phone', 'admin'])).toMatchObject({ code: 0 })
  await vi.waitFor(async () => {
    for (const home of [phone, carol]) {
      expect((await home.run(['recovery'])).out).toMatch(/alice .*counts/)
    }
    expect((await phone.run(['devices'])).out).toMatch(/phone .*admin/)
  }, 30_000)

  for (const name of ['alice', 'carol']) {
    expect(await phone.run(['remove', name, '--yes'])).toMatchObject({ code: 0 })
  }
  await vi.waitFor(async () => {
    const { out } = await alice.run(['devices', '--json'])
    expect(out).toMatch(/"self":true,"state":"removed"/)
  }, 30_000)
  const wrong = await alice.run(['recovery', 'use', '-'], `${words.slice(1).join(' ')} ability\n`)
  expect(wrong).toMatchObject({ code: 2, out: '' })
  const used = await alice.run(
    ['recovery', 'use', '-', '--remove', 'phone', '--back', 'carol', '--yes'],
    `${words.join(' ').toUpperCase()}\n`,
  )
  expect(used).toMatchObject({ code: 0, out: '' })
  expect(used.err).toContain('phone is removed')
  await shows(alice, /phone +removed/)
  await shows(alice, /carol +connected/)
  await shows(carol, /phone +removed/)
  expect((await phone.run(['devices'])).out).not.toMatch(/alice +connected/)

  for (const home of [alice, phone, carol]) {
    await home.run(['down'])
    const secret = Buffer.from(link.slice('baton-recovery:'.length), 'base64url')
    for (const file of filesOf(home.baton)) {
      for (const each of [secret, link, words.slice(0, 3).join(' ')]) {
        expect(file.includes(each)).toBe(false)
      }
    }
  }
})

it('RS15 the last admin leaves, and the words make another of what is left', async () => {
  const [alice, bob] = [cliHome('alice'), cliHome('bob')]
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  await pairAt(alice, bob)
  await shows(alice, /bob +connected/)
  const refused = await alice.run(['remove', 'alice', '--yes'])
  expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('baton recovery make') })
  const { link } = await make(alice)
  await vi.waitFor(async () => {
    expect((await bob.run(['recovery'])).out).toContain('counts')
  }, 30_000)
  expect(await alice.run(['remove', 'alice', '--yes'])).toMatchObject({ code: 0 })
  await shows(bob, /alice +removed/)
  expect(await bob.run(['role', 'bob', 'admin'])).toMatchObject({ code: 4 })
  expect(await bob.run(['recovery', 'use', '-'], link)).toMatchObject({ code: 0, out: '' })
  expect((await bob.run(['devices'])).out).toMatch(/bob .*admin/)
})
