/**
 * Where recorded sessions of real agents lie: `BATON_DATA`, else `../shared/data` beside the
 * repository. They are not part of it; tests that need them say so and skip.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const beside = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const { BATON_DATA: folder = beside } = process.env

export const realData: string | undefined = existsSync(folder) ? folder : undefined

export const noRealData = `no recorded sessions at ${folder}: set BATON_DATA to the folder that holds them`
