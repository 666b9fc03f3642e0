/** ST22: homes that earlier versions left, as they stood on a disk (tests/homes). */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readHome, unpackHome } from '../../support/old-home.ts'

const homes = fileURLToPath(new URL('../../homes/', import.meta.url))

it.each(readdirSync(homes).filter((name) => /^\d/.test(name)))(
  'ST22 a home that version %s left opens and says what it said',
  async (version) => {
    const said = JSON.parse(readFileSync(`${homes}${version}/said.json`, 'utf8')) as unknown
    const folder = unpackHome(`${homes}${version}`)
    try {
      expect(await readHome(folder)).toEqual(said)
      // Again: what this version wrote into it, it reads.
      expect(await readHome(folder)).toEqual(said)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
