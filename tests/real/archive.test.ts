/** AR4, AR8: `baton export` and `baton import`, between two devices that never met. */
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'

const sample = fileURLToPath(new URL('../../client/sample', import.meta.url))
const sampleId = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'
const words = 'words for the file'
const asked = { BATON_PASSPHRASE_FD: '0' }

beforeAll(() => void builtChild('real/cli'))

const allBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))

it('AR4 AR8 a session goes by file to a device that never met this one, and is read there', async () => {
  const [home, other] = [cliHome('export'), cliHome('import')]
  cpSync(sample, home.claude, { recursive: true })
  expect(await home.run(['export', sampleId])).toMatchObject({ code: 5 })
  expect(await other.run(['import', 'nothing'])).toMatchObject({ code: 5 })
  await Promise.all([upAt(home, '--port', '0'), upAt(other, '--port', '0')])
  const file = join(home.folder, 'out.baton')
  const exporting = ['export', sampleId.slice(0, 8), '--out', file]

  expect(await home.run(exporting)).toMatchObject({ code: 2 })
  expect(await home.run(exporting, 'short', asked)).toMatchObject({ code: 2 })
  expect(await home.run(['export', 'ffffffff', '--out', file], words, asked)).toMatchObject({
    code: 1,
  })
  const exported = await home.run([...exporting, '--json'], words, asked)
  const result = jsonLines(exported.out).at(-1)
  expect(result).toMatchObject({ type: 'result', ok: true, path: file, bytes: statSync(file).size })
  expect(await home.run(exporting, words, asked)).toMatchObject({ code: 8 })
  expect(statSync(file).mode & 0o777).toBe(0o600)

  // Nothing that was said can be read: not in the file, not in either store, not in a log.
  const said = sayings(home.claude)
  expect(said.length).toBeGreaterThan(5)

  const importing = (path: string, passphrase = words) =>
    other.run(['import', path], passphrase, asked)
  const bytes = readFileSync(file)
  const bad = join(other.folder, 'bad.baton')
  const put = (content: Uint8Array) => {
    writeFileSync(bad, content)
    return bad
  }
  expect(await other.run(['import', file])).toMatchObject({ code: 2 })
  expect(await importing(file, 'other words')).toMatchObject({ code: 9 })
  expect(await importing(put(bytes.subarray(0, -1)))).toMatchObject({ code: 1 })
  expect(
    await importing(put(Buffer.concat([Buffer.from('baton-export 2'), bytes.subarray(14)]))),
  ).toMatchObject({
    code: 1,
    err: expect.stringContaining('update this installation'),
  })
  expect(jsonLines((await other.run(['sessions', '--json'])).out).at(-1)).toMatchObject({
    sessions: [],
  })

  const before = allBelow(other.folder).filter((path) => !path.startsWith(other.baton))
  const imported = await importing(file)
  expect(imported).toMatchObject({ code: 0, out: expect.stringMatching(/^baton show [\w-]{8}\n$/) })
  expect(imported.err).toContain('no file was placed')
  expect(allBelow(other.folder).filter((path) => !path.startsWith(other.baton))).toEqual(before)
  const shown = async (of: CliHome) => (await of.run(['show', sampleId, '--all'])).out
  expect(await shown(other)).toBe(await shown(home))
  const again = await other.run(['import', file, '--json'], words, asked)
  expect(jsonLines(again.out).at(-1)).toMatchObject({ ok: true, fresh: 0 })

  // It is placed when that is asked for: as a send would, or it says why not.
  expect(await other.run(['import', file, '--project', '/somewhere'])).toMatchObject({ code: 2 })
  expect(await other.run(['import', file, '--place'], words, asked)).toMatchObject({
    code: 8,
    err: expect.stringContaining('not in its place'),
  })
  const project = join(other.folder, 'project')
  const placed = await other.run(['import', file, '--place', '--project', project], words, asked)
  expect(placed).toMatchObject({
    code: 0,
    out: expect.stringContaining(`claude --resume ${sampleId}`),
  })
  expect(allBelow(other.claude).some((path) => path.endsWith(`${sampleId}.jsonl`))).toBe(true)
  // The device it is of has the agent's own file: it is left alone.
  expect(await home.run(['import', file, '--place'], words, asked)).toMatchObject({ code: 8 })

  await Promise.all([home.run(['down']), other.run(['down'])])
  for (const path of [file, ...allBelow(home.baton), ...allBelow(other.baton)]) {
    const content = readFileSync(path)
    const found = [...said, words].filter((text) => content.includes(text))
    expect([path, found]).toEqual([path, []])
  }
})

it('AR6 AR8 a file sealed to a device opens there alone, and asks nobody', async () => {
  const [home, other, third] = [cliHome('from'), cliHome('to'), cliHome('neither')]
  cpSync(sample, home.claude, { recursive: true })
  const server = await upAt(home, '--port', '0', '--name', 'from')
  await upAt(other, '--signal', server, '--name', 'to')
  await upAt(third, '--signal', server)
  const shown = home.start(['pair'])
  const code = await shown.until(/^[1-9]\d*(-[a-z]{4,8}){3}\n$/)
  expect(await other.run(['pair', '--join', '-'], code)).toMatchObject({ code: 0 })
  expect((await shown.ended).code).toBe(0)
  const file = join(home.folder, 'out.baton')
  const sealed = await home.run(['export', sampleId, '--out', file, '--to', 'to'])
  expect(sealed).toMatchObject({ code: 0, out: `${file}\n` })
  expect(await other.run(['import', file])).toMatchObject({ code: 0 })
  expect((await other.run(['show', sampleId])).code).toBe(0)
  for (const elsewhere of [home, third]) {
    expect(await elsewhere.run(['import', file])).toMatchObject({ code: 4 })
  }
})

/** What stands in the messages of the agent's own files: texts long enough to be no accident. */
function sayings(folder: string): string[] {
  const found = new Set<string>()
  for (const path of allBelow(folder).filter((each) => each.endsWith('.jsonl'))) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      for (const [, text = ''] of line.matchAll(/"(?:text|content|thinking)":"([^"\\]{12,40})/g))
        found.add(text)
    }
  }
  return [...found]
}
