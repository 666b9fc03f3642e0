import { execFileSync } from 'node:child_process'
import { posixResume, powershellResume } from '@baton/client/node/sources/claude-code/resume-line'
import { expect, it } from 'vitest'

const id = '11111111-1111-4111-8111-111111111111'
const nasty = [
  "it's",
  '$(touch x)',
  '`id`',
  '; rm -rf ~',
  '-n',
  'a\\',
  'two  blanks',
  'é🙂',
  '"',
  '!!',
  '*',
]

it.each(nasty)('PL12 a shell takes %j as a path and nothing else', (name) => {
  const line = posixResume({ project: `/p/${name}`, id, configDir: `/c/${name}` })
  const script = `cd() { printf 'cd<%s>' "$1"; }; claude() { printf '%s<%s>' "$CLAUDE_CONFIG_DIR" "$*"; }; ${line}`
  const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' })
  expect(said).toBe(`cd</p/${name}>/c/${name}<--resume ${id}>`)
})

it('PL12 without a folder of its own the line is plain', () => {
  expect(posixResume({ project: '/p', id, configDir: undefined })).toBe(
    `cd '/p' && claude --resume ${id}`,
  )
})

it('PL12 PowerShell gets its own quotes, the typographic ones too', () => {
  expect(powershellResume({ project: "C:\\it's ‘x’", id, configDir: undefined })).toBe(
    `Set-Location -LiteralPath 'C:\\it''s ‘‘x’’' -ErrorAction Stop; claude --resume ${id}`,
  )
})
