/** Every mutant still breaks something: what it replaces stands in its file, and only once. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

interface Mutant {
  readonly rule: string
  readonly file: string
  readonly from: string
}

const root = new URL('../../', import.meta.url)
const folder = new URL('tests/mutants/', root)

it('HO6 what a mutant replaces stands once in its file', async () => {
  const stale: string[] = []
  for (const name of readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith('.mjs'))) {
    const { mutants } = (await import(new URL(name, folder).href)) as { mutants: readonly Mutant[] }
    for (const { rule, file, from } of mutants) {
      const parts = readFileSync(new URL(file, root), 'utf8').split(from)
      if (parts.length !== 2) stale.push(`${name}: ${rule} in ${file}, ${parts.length - 1} times`)
    }
  }
  expect(stale).toEqual([])
})
