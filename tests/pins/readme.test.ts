/** CL12: what the README says of commands and codes is what the program does. */
import { readFileSync } from 'node:fs'
import { listCommands } from '@baton/client/node/cli/program'
import { parseCode } from '@baton/shared/keyexchange/code'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const everywhere = ['--json', '-q, --quiet', '-h, --help']

it('CL12 the table of the README names every command with its options (npm run docs)', () => {
  const rows = new Map(
    [...readme.matchAll(/^\| `(baton [^`]+)` \| (.*)$/gm)].map(([, usage, rest]) => [usage, rest]),
  )
  const known = listCommands().map(({ name, args, description, options }) => {
    const flags = options.map((each) => each.flags).filter((each) => !everywhere.includes(each))
    const cells = flags.map((each) => `\`${each}\``).join(' ')
    return [`baton ${`${name} ${args}`.trim()}`, `${description} | ${cells} |`]
  })
  expect([...rows]).toEqual(known)
})

it('CL12 every command that the README shows exists, and its code could be one', () => {
  const names = new Set(listCommands().map(({ name }) => name))
  const shown = [...readme.matchAll(/(?:`|^)baton ([a-z]+)/gm)].map(([, name = '']) => name)
  expect(shown.filter((name) => !names.has(name))).toEqual([])
  const codes = [...readme.matchAll(/`(\d+(?:-[a-z]+){3})`/g)].map(([, code = '']) => code)
  expect(codes.map((code) => parseCode(code).method)).toEqual(['words'])
})
