/** GU2, GU7: `baton lock`, and a device that starts behind it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { cliHome, jsonLines } from '../support/cli.ts'
import { hasSecretService, noSecretService, startSecretService } from '../support/secret-service.ts'

beforeAll(() => void builtChild('real/cli'))

const words = 'first words of mine'

/** Everything below `folder`, by path. */
function filesOf(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = names
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
  return new Map(files.map((path) => [path, readFileSync(path)]))
}

it('GU2 GU7 a locked device starts with its passphrase alone, and is the same one', async () => {
  const home = cliHome('lock')
  const self = async () =>
    jsonLines((await home.run(['status', '--json'])).out)[0] as never as Status
  const keys = join(home.baton, 'keys')
  const withWords = { BATON_PASSPHRASE_FD: '0' }
  const up = (...more: Parameters<typeof home.run>) =>
    home.run(['up', '--daemon', ...more[0]], ...(more.slice(1) as []))
  expect(await up(['--port', '0'])).toMatchObject({ code: 0 })
  const before = await self()
  expect(before.process.keys).toBe('files')
  const running = await home.run(['lock'], words, withWords)
  expect(running).toMatchObject({ code: 1, err: expect.stringContaining('already runs') })
  await home.run(['down'])
  const plain = filesOf(keys)

  // Nobody to ask, and nothing given: nothing changes.
  expect(await home.run(['lock'])).toMatchObject({ code: 2 })
  expect(await home.run(['lock', '--remove', '--keychain'])).toMatchObject({ code: 2 })
  expect(filesOf(keys)).toEqual(plain)

  const locked = await home.run(['lock', '--json'], words, withWords)
  expect(jsonLines(locked.out)).toEqual([{ type: 'result', ok: true, keys: 'passphrase' }])
  const sealed = filesOf(keys)
  for (const bytes of sealed.values()) {
    expect(bytes.includes(words)).toBe(false)
    for (const old of plain.values()) {
      expect(bytes.includes(old.toString().split(' ')[3] as string)).toBe(false)
    }
  }

  for (const args of [
    ['--port', '0'],
    ['--port', '0', '--json'],
  ]) {
    const none = await up(args)
    expect(none.code).toBe(2)
    if (!args.includes('--json'))
      expect(none.err).toMatch(/under a passphrase\nhint: .*BATON_PASSPHRASE_FILE/)
    expect(await up(args, 'other words', withWords)).toMatchObject({ code: 9 })
  }
  expect(await home.run(['up', '--port', '0'], 'other words', withWords)).toMatchObject({ code: 9 })
  expect(filesOf(keys)).toEqual(sealed)
  const doctor = await home.run(['doctor'])
  expect(doctor.out).toContain('sealed, by a passphrase')

  const file = join(home.folder, 'passphrase')
  writeFileSync(file, `${words}\n`, { mode: 0o600 })
  expect(await up(['--port', '0'], '', { BATON_PASSPHRASE_FILE: file })).toMatchObject({ code: 0 })
  const after = await self()
  expect(after.process.keys).toBe('passphrase')
  expect(after.self.id).toBe(before.self.id)
  expect((await home.run(['status'])).out).toMatch(/keys +sealed, by a passphrase/)
  await home.run(['down'])
  for (const [path, bytes] of filesOf(home.baton))
    expect([path, bytes.includes(words)]).toEqual([path, false])

  expect(await home.run(['lock', '--remove'], words, withWords)).toMatchObject({ code: 0 })
  expect(filesOf(keys)).toEqual(plain)
  expect(await up(['--port', '0'])).toMatchObject({ code: 0 })
  expect((await self()).self.id).toBe(before.self.id)
})

interface Status {
  readonly self: { readonly id: string }
  readonly process: { readonly keys: string }
}

it('GU3 GU8 a new device has its keys in the keychain, and does not start without it', async ({
  skip,
}) => {
  skip(!hasSecretService(), noSecretService)
  const { DBUS_SESSION_BUS_ADDRESS: bus = '' } = await startSecretService()
  const home = cliHome('keychain')
  const within = { DBUS_SESSION_BUS_ADDRESS: bus, BATON_KEYCHAIN: 'on' }
  const up = (env: Record<string, string>) => home.run(['up', '--daemon', '--port', '0'], '', env)
  expect(await up(within)).toMatchObject({ code: 0 })
  const status = jsonLines((await home.run(['status', '--json'])).out)[0]
  expect(status).toMatchObject({ process: { keys: 'keychain' } })
  await home.run(['down'])
  const keys = filesOf(join(home.baton, 'keys'))
  for (const [path, bytes] of keys) {
    if (!path.endsWith('guard.key')) expect(bytes.toString()).toMatch(/^baton-key 2 /)
  }
  for (const env of [{}, { BATON_KEYCHAIN: 'on' }]) {
    expect(await up(env as Record<string, string>)).toMatchObject({ code: 9 })
  }
  expect(filesOf(join(home.baton, 'keys'))).toEqual(keys)
  expect((await home.run(['doctor'], '', within)).out).toContain('sealed, by the Secret Service')
  expect(await up(within)).toMatchObject({ code: 0 })
})

it('GU8 where no keychain answers keys stand in files, and the doctor says so', async () => {
  const home = cliHome('no-keychain')
  const without = { BATON_KEYCHAIN: 'on', XDG_RUNTIME_DIR: home.folder }
  const { code } = await home.run(['up', '--daemon', '--port', '0'], '', without)
  expect(code).toBe(0)
  const status = jsonLines((await home.run(['status', '--json'])).out)[0]
  expect(status).toMatchObject({ process: { keys: 'files' } })
  expect((await home.run(['doctor'], '', without)).out).toMatch(
    /in files that only you can read; no (.|\n)*answers/,
  )
})
