/** GU7: where a passphrase comes from, and that it is not shown. */
import { chmodSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createKeyAccess, givenPassphrase, newPassphrase } from '@baton/client/node/cli/passphrase'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { expect, it, vi } from 'vitest'
import { tempFolder } from '../../../support/temp.ts'

/** A terminal that someone types into: each line when the question before it stands there. */
function typing(...lines: string[]) {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: () => undefined,
  })
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  let said = ''
  let asked = 0
  out.on('data', (part: Buffer) => {
    said += part.toString()
    const questions = said.split('(not shown)').length - 1
    if (questions > asked && lines.length > 0) {
      asked = questions
      // Nobody types before the question is out.
      setImmediate(() => stdin.write(`${lines.shift()}\r`))
    }
  })
  const streams = { stdin, stdout: out, stderr: out } as never as {
    stdin: NodeJS.ReadStream
    stdout: NodeJS.WriteStream
    stderr: NodeJS.WriteStream
  }
  const terminal = createTerminal({ ...streams, env: {}, json: false, quiet: false })
  return { terminal, said: () => said }
}

function fileOf(text: string, mode = 0o600): string {
  const path = join(tempFolder('passphrase'), 'file')
  writeFileSync(path, text, { mode })
  chmodSync(path, mode)
  return path
}

it('GU7 a prompt does not show it, and takes what was typed, mended', async () => {
  const { terminal, said } = typing('wrong one\u0015first wordz\u007fs')
  const access = createKeyAccess({ terminal, env: { BATON_KEYCHAIN: 'off' } })
  expect(access.keychain).toBeUndefined()
  expect(await access.passphrase()).toBe('first words')
  expect(await access.passphrase()).toBe('first words')
  expect(said()).not.toMatch(/wrong|first|words/)
})

it('GU7 a new one is typed twice, the same', async () => {
  const right = typing('first words', 'first words')
  expect(await newPassphrase({ terminal: right.terminal, env: {} })).toBe('first words')
  const wrong = typing('first words', 'other words')
  const taken = newPassphrase({ terminal: wrong.terminal, env: {} })
  await expect(taken).rejects.toMatchObject({ code: 'usage', hint: 'nothing was changed' })
  const short = typing('seven77')
  await expect(newPassphrase({ terminal: short.terminal, env: {} })).rejects.toMatchObject({
    code: 'usage',
  })
})

it('GU7 a file holds one line, private to its owner; a descriptor goes before it', () => {
  const given = (file: string) => givenPassphrase({ BATON_PASSPHRASE_FILE: file })
  expect(given(fileOf('first wörds\n'))).toBe('first wörds')
  expect(given(fileOf('first words'))).toBe('first words')
  expect(givenPassphrase({})).toBeUndefined()
  for (const text of ['', '\n', 'two\nlines\n', `${'x'.repeat(1030)}\n`]) {
    expect(() => given(fileOf(text))).toThrow(/one line|too big/)
  }
  expect(() => given(fileOf('first words', 0o644))).toThrow(/others can reach it/)
  const link = join(tempFolder('link'), 'link')
  symlinkSync(fileOf('first words'), link)
  expect(() => given(link)).toThrow(/symbolic link/)
  expect(() => given('/nonexistent/file')).toThrow(/no such file/)
  const fd = openSync(fileOf('from a descriptor\n'), 'r')
  const both = { BATON_PASSPHRASE_FD: String(fd), BATON_PASSPHRASE_FILE: fileOf('first words') }
  expect(givenPassphrase(both)).toBe('from a descriptor')
  for (const wrong of ['999', 'x', '-1']) {
    expect(() => givenPassphrase({ BATON_PASSPHRASE_FD: wrong })).toThrow(/no descriptor/)
  }
})

it('GU7 without a terminal nothing is asked', async () => {
  const { terminal } = typing()
  const asks = vi.fn()
  const unattended = { ...terminal, asks: false, raw: asks }
  const access = createKeyAccess({ terminal: unattended, env: {} })
  await expect(access.passphrase()).rejects.toMatchObject({ code: 'keyring-locked' })
  await expect(newPassphrase({ terminal: unattended, env: {} })).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('BATON_PASSPHRASE_FILE'),
  })
  expect(asks).not.toHaveBeenCalled()
})
