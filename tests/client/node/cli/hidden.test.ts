/** CL19: `baton hidden`, for people and as JSON. */
import type { HiddenRow } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { hidden } from '@baton/client/node/cli/hidden'
import { createPaint } from '@baton/client/node/cli/paint'
import { describe, expect, it } from 'vitest'
import { aliceId, bobId, createFakeMesh } from '../../../support/fake-mesh.ts'

const rows: readonly HiddenRow[] = [
  {
    ...{ id: 'abcdef012345', log: 'log' as never, seq: 4, device: bobId, reason: 'revoked' },
    ...{ at: 1000, kind: 'register', about: ['config', 'model\u001b[2J'], taken: false },
  },
  {
    ...{ id: 'abc000012345', log: 'log' as never, seq: 5, device: aliceId, reason: 'forked' },
    ...{ at: undefined, kind: 'message', about: [], taken: true },
  },
]

async function run(entry?: string, options: object = {}, given = rows, columns = 200) {
  const lines: string[] = []
  const told: string[] = []
  const objects: object[] = []
  const mesh = createFakeMesh({ hidden: given })
  const terminal = {
    columns,
    paint: createPaint(false),
    note: createPaint(false),
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: (text: string) => void told.push(text),
  }
  const control = {
    devices: mesh.devices,
    hidden: mesh.hidden,
    adopt: ({ ref, what }: { ref: string; what: 'all' }) => mesh.adopt(ref, what),
  }
  const context = { terminal, control: () => control, now: () => 61_000 }
  await hidden(context as unknown as Context, 'ses', entry, options)
  return { lines, told, objects, asked: mesh.asked }
}

describe('the list', () => {
  it('CL19 names each entry, who wrote it and when, and why it does not count', async () => {
    const { lines, told, objects } = await run()
    expect(lines[1]).toMatch(
      /^abcdef {2}register config › model\ufffd\[2J {2}bob {2,}1 min ago {2}its device was removed/,
    )
    expect(lines[2]).toMatch(
      /^abc000 {2}message {2,}this device {2,}its device ran twice from one copy {2}taken over$/,
    )
    expect(told).toEqual(['baton hidden ses abcdef --adopt, or --adopt --all, lets it count again'])
    expect(objects).toEqual([{ type: 'result', ok: true, hidden: rows }])
  })

  it('CL19 fits a narrow terminal, can be of one entry, and says when everything counts', async () => {
    const narrow = await run(undefined, {}, rows, 48)
    expect(narrow.lines.every((line) => line.length <= 48)).toBe(true)
    expect((await run('abc0')).lines).toHaveLength(2)
    expect((await run('abc0')).told).toEqual([])
    const none = await run(undefined, {}, [])
    expect([none.lines, none.told]).toEqual([[], ['everything counts']])
  })
})

describe('taking over', () => {
  it('CL19 is of one entry or of all, and says how many count again', async () => {
    const one = await run('abcd', { adopt: true })
    expect(one.asked).toEqual([
      ['hidden', 'ses'],
      ['adopt', 'ses', { log: 'log', seq: 4 }],
    ])
    expect(one.told).toEqual(['1 entry counts again, as what this device says'])
    expect(one.objects).toEqual([{ type: 'result', ok: true, taken: 1 }])
    const all = await run(undefined, { adopt: true, all: true })
    expect(all.asked).toEqual([['adopt', 'ses', 'all']])
    expect(all.told).toEqual(['7 entries count again, as what this device says'])
  })

  it('CL19 refuses what names none or several, and asks nothing for what makes no sense', async () => {
    const codeOf = (...args: Parameters<typeof run>) =>
      run(...args).then(
        () => 'done',
        ({ code }: { code: string }) => code,
      )
    expect(await codeOf('abc', { adopt: true })).toBe('ambiguous')
    expect(await codeOf('ffff', { adopt: true })).toBe('not-found')
    expect(await codeOf('', { adopt: true })).toBe('not-found')
    expect(await codeOf(undefined, { adopt: true })).toBe('usage')
    expect(await codeOf('abc', { adopt: true, all: true })).toBe('usage')
    expect(await codeOf(undefined, { all: true })).toBe('usage')
  })
})
