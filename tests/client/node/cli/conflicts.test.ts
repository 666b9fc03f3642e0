/** CL14: `baton conflicts`, for people and as JSON. */
import type { ConflictedSession, Settling } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { conflicts } from '@baton/client/node/cli/conflicts'
import { createPaint } from '@baton/client/node/cli/paint'
import { describe, expect, it } from 'vitest'
import { aliceId, aSession, bobId, createFakeMesh } from '../../../support/fake-mesh.ts'

const open: ConflictedSession = {
  session: aSession.id as never,
  title: 'router\u001b[2J sprint',
  conflicts: [
    {
      id: 'abcdef012345',
      kind: 'field',
      path: ['configuration', 'model'],
      strategy: 'user_choice',
      sides: [
        { device: aliceId, at: 1000, value: 'gpt' },
        { device: bobId, at: 500, value: undefined },
      ],
      shown: 'gpt',
    },
    {
      id: '0123456789ab',
      kind: 'field',
      path: ['ui', 'popup'],
      strategy: 'merge',
      sides: [
        { device: aliceId, at: 1000, value: { a: 1 } },
        { device: bobId, at: 500, value: { b: 2 } },
      ],
      shown: { a: 1, b: 2 },
    },
  ],
}

async function run(args: readonly (string | undefined)[], options: object = {}, columns = 200) {
  const lines: string[] = []
  const told: string[] = []
  const objects: object[] = []
  const mesh = createFakeMesh({ conflicts: [open] })
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
    conflicts: mesh.conflicts,
    settle: ({ ref, conflict, settling }: { ref: string; conflict: string; settling: Settling }) =>
      mesh.settle(ref, conflict, settling),
  }
  const context = { terminal, control: () => control, now: () => 61_000 }
  await conflicts(context as unknown as Context, args[0], args[1], options)
  return { lines, told, objects, asked: mesh.asked }
}

describe('the list', () => {
  it('CL14 names each side, who wrote it and when, what is shown meanwhile and how to settle it', async () => {
    const { lines, objects } = await run([])
    const text = lines.join('\n')
    expect(text).toContain('router\ufffd[2J sprint')
    expect(text).toContain('abcdef  configuration › model  one side to be chosen')
    expect(lines[2]).toMatch(/^ {2}1 {2}"gpt" {2}this device, .+ago {2}shown meanwhile$/)
    expect(lines[3]).toMatch(/^ {2}2 {2}\(deleted\) {2}bob, /)
    expect(text).toMatch(/baton conflicts \S{8} abcdef --take 1\n/)
    expect(text).toContain('{"a":1,"b":2}  shown meanwhile')
    expect(text).toContain('012345 --take 1, or --value JSON')
    expect(objects).toEqual([{ type: 'result', ok: true, sessions: [open] }])
  })

  it('CL14 fits a narrow terminal, and can be of one conflict', async () => {
    const { lines } = await run(['x', '0123'], {}, 40)
    expect(lines.every((line) => line.length <= 40)).toBe(true)
    expect(lines.join('\n')).not.toContain('abcdef')
    const none = await run(['x', 'ffff'])
    expect([none.lines, none.told]).toEqual([[], ['nothing conflicts']])
  })
})

describe('settling', () => {
  it('CL14 passes a side, a value or a deletion on, and says so', async () => {
    const asked = async (options: object) => (await run(['s', 'abc'], options)).asked
    expect(await asked({ take: '2' })).toEqual([['settle', 's', 'abc', { by: 'side', side: 1 }]])
    expect(await asked({ value: '{"a":[1]}' })).toEqual([
      ['settle', 's', 'abc', { by: 'value', value: { a: [1] } }],
    ])
    expect(await asked({ delete: true })).toEqual([['settle', 's', 'abc', { by: 'deletion' }]])
    expect((await run(['s', 'abc'], { take: '1' })).objects).toEqual([{ type: 'result', ok: true }])
  })

  it('CL14 refuses what makes no sense before anything is asked', async () => {
    for (const options of [
      { take: '0' },
      { take: 'x' },
      { take: '1.5' },
      { value: 'text' },
      { take: '1', delete: true },
      { take: '1', value: '1' },
    ]) {
      await expect(run(['s', 'abc'], options)).rejects.toMatchObject({ code: 'usage' })
    }
    await expect(run(['s', undefined], { take: '1' })).rejects.toMatchObject({ code: 'usage' })
    await expect(run([undefined, undefined], { delete: true })).rejects.toMatchObject({
      code: 'usage',
    })
  })
})
