/** PF7, PF8: what gets into a log line, and how big a log gets. */
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { traceFault } from '@baton/client/core/fault'
import type { TraceField } from '@baton/client/core/ports/platform'
import { createTrace, openLogFile } from '@baton/client/node/trace'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

const clock = { now: () => 0, monotonic: () => 0, after: () => () => {} }

function traced(event: string, fields?: Record<string, TraceField>): string {
  const lines: string[] = []
  createTrace(clock, (line) => lines.push(line))(event, fields)
  return lines.join('')
}

it('PF7 a line holds time, event and the fields on the list', () => {
  const fields = { peer: 'AbCd_-12', bytes: 12, ok: true, error: 'store-full', path: undefined }
  expect(traced('link.open', fields)).toBe(
    '1970-01-01T00:00:00.000Z link.open peer=AbCd_-12 bytes=12 ok=true error=store-full\n',
  )
})

it('PF7 a failure is told by its code, or by its name and where it came from', () => {
  const told = (error: unknown) => {
    const lines: string[] = []
    const trace = createTrace(clock, (line) => lines.push(line))
    traceFault(trace, 'send.failed', error)
    return lines.join('')
  }
  expect(told(new BatonError('store-full', 'a secret'))).toContain('send.failed error=store-full\n')
  const line = told(new TypeError('a secret'))
  expect(line).toMatch(/error=type-error file=test line=\d+\n$/)
})

it('PF7 whatever is not on the list, or not in its shape, is left out and counted', () => {
  const secrets: Record<string, TraceField>[] = [
    { secret: 'AbCd_-12' },
    { code: '7-apple-river-stone' },
    { error: 'apple-river-stone' },
    { reason: '7-apple' },
    { peer: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a' },
    { kind: 'two words' },
    { kind: 'line\nbreak' },
    { path: '192.168.1.7' },
    { bytes: '12' },
    { ms: Number.NaN },
    { ok: 'yes' },
    { constructor: 'x', toString: 'y' },
  ]
  for (const fields of secrets) {
    const count = Object.keys(fields).length
    expect(traced('link.open', fields)).toBe(
      `1970-01-01T00:00:00.000Z link.open left-out=${count}\n`,
    )
  }
  expect(traced('paired with 7-apple')).toBe('1970-01-01T00:00:00.000Z event\n')
})

it('PF8 a log takes at most two files of its bound, 0600, and goes on after a restart', () => {
  const path = join(tempFolder('log'), 'state', 'baton.log')
  for (let run = 0; run < 3; run++) {
    const log = openLogFile(path, 1_000)
    for (let i = 0; i < 100; i++) log.write(`${run} line ${i}\n`)
    log.close()
  }
  const folder = join(path, '..')
  expect(readdirSync(folder).toSorted()).toEqual(['baton.log', 'baton.log.1'])
  for (const name of readdirSync(folder)) {
    const { size, mode } = statSync(join(folder, name))
    expect(size).toBeLessThanOrEqual(1_000)
    expect(mode & 0o777).toBe(0o600)
  }
  const all = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')
  const lines = all.trim().split('\n')
  expect(lines.at(-1)).toBe('2 line 99')
  expect(lines.at(-60)).toBe('2 line 40')
})

it('PF8 a log that cannot be written is silent, and follows no link', () => {
  const folder = tempFolder('log')
  const file = join(folder, 'file')
  writeFileSync(file, 'untouched')
  symlinkSync(file, join(folder, 'baton.log'))
  for (const path of [join(folder, 'baton.log'), join(file, 'below.log')]) {
    const log = openLogFile(path)
    log.write('line\n')
    log.close()
    log.close()
  }
  expect(readFileSync(file, 'utf8')).toBe('untouched')
})
