/** HO1, HO2, HO4: the structure that the compiler and the runner enforce stays enforced. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Compiles throw-away files inside `layer`, and returns what the compiler said of each. */
function compile(layer: string, sources: readonly string[]): readonly string[] {
  const dir = mkdtempSync(join(root, layer, 'probe-'))
  try {
    for (const [i, source] of sources.entries()) writeFileSync(join(dir, `probe${i}.ts`), source)
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', configOf(layer), '--noEmit'],
      { cwd: root, encoding: 'utf8', stdio: 'pipe' },
    )
    return []
  } catch (error) {
    const lines = String((error as { stdout?: string }).stdout).split('\n')
    return sources.map((_, i) => lines.filter((line) => line.includes(`probe${i}.ts`)).join('\n'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const configOf = (layer: string) => join(root, layer.replace(/^(shared|signaling)\/src$/, '$1'))

const nodeFile = readdirSync(join(root, 'client/src/node')).find((name) => name.endsWith('.ts'))

it.each([
  ['shared/src', "import '../../../client/src/core/ports/store.ts'"],
  ['client/src/core', `import '../../node/${nodeFile}'`],
  ['client/src/rtc', "import '../../testing/channel.ts'"],
  ['client/src/web', `import '../../node/${nodeFile}'`],
])('HO1 KT1 %s refuses %s', (layer, source) => {
  expect(compile(layer, [source])[0]).toMatch(/error TS(6307|6059|2307)/)
})

const unknown = ['setTimeout(() => 0, 0)', 'console.log(1)', 'new TextEncoder()', 'fetch("x")']

describe('one run of the compiler', () => {
  let said: readonly string[] = []
  beforeAll(() => {
    said = compile(
      'shared/src',
      unknown.map((source) => `${source}\nexport {}`),
    )
  })

  it.each(unknown)('HO1 shared does not know %s', (source) => {
    expect(said[unknown.indexOf(source)]).toMatch(/error TS2(304|584|585)/)
  })
})

it('HO2 signaling imports only signals, limits and errors from shared', () => {
  const dir = join(root, 'signaling/src')
  const imports = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(join(dir, name), 'utf8').matchAll(/from '@baton\/shared\/([^']+)'/g),
    ])
    .map((match) => match[1])
  expect(
    imports.filter((name) => !['protocol/rendezvous', 'limits', 'errors'].includes(name ?? '')),
  ).toEqual([])
})

it('HO4 every test project forks', () => {
  const config = readFileSync(join(root, 'vitest.config.ts'), 'utf8')
  expect(config).toContain("pool: 'forks'")
  expect(config).not.toMatch(/threads'/)
})
