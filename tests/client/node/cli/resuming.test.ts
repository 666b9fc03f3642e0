/** UP14, CL35: a session that came is gone on with in the terminal of `up`; and what the sender is told. */
import type { HandoffEvent } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { handoff } from '@baton/client/node/cli/handoff'
import { handoffs } from '@baton/client/node/cli/handoffs'
import { resumeHere } from '@baton/client/node/cli/resuming'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { keptTerminal } from '../../../support/cli-terminal.ts'
import { alice, aliceId, bob, bobId } from '../../../support/fake-mesh.ts'

const at = { path: '/here/x.jsonl', resume: "cd '/here' && claude --resume x" }

function desk(asks = true) {
  const { terminal, err } = keptTerminal()
  const holds: boolean[] = []
  const ends: (() => void)[] = []
  const lines: string[] = []
  const here = resumeHere(
    { terminal: { ...terminal, asks, tell: terminal.tell }, env: {} },
    (on) => holds.push(on),
    (_, line) => {
      lines.push(line)
      return new Promise((resolve, reject) => {
        ends.push(() => (lines.length > 1 ? reject(new Error('no shell')) : resolve(0)))
      })
    },
  )
  const ended = async () => {
    ends.at(-1)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { here, holds, lines, err, ended }
}

it('UP14 the agent has the terminal until it ends, one at a time, and what happens meanwhile is told after', async () => {
  const { here, holds, lines, err, ended } = desk()
  expect(here.runner?.(at)).toBe(true)
  expect(here.runner?.(at)).toBe(false)
  here.tell('a device came')
  expect([holds, lines, here.isRunning()]).toEqual([[true], [at.resume], true])
  expect(err()).not.toContain('a device came')
  await ended()
  expect([holds, here.isRunning()]).toEqual([[true, false], false])
  expect(err()).toContain('a device came')
  expect(here.runner?.({ ...at, resume: 'broken \u001b[2J' })).toBe(true)
  await ended()
  expect(err()).toContain('did not start; go on with: broken')
  expect(err()).not.toContain('\u001b[2J')
})

it('UP14 where nobody sits at a terminal nothing is run', () => {
  expect(desk(false).here.runner).toBeUndefined()
})

const session = 'AAAAAAAAAAAAAAAAAAAAAA'
const done = {
  ...{ at: 'done', pauseMs: undefined, placed: at },
  handoff: { id: 'abcd', kind: 'transfer', from: aliceId, to: bobId },
  holding: { session, held: true, holder: bobId, epoch: 1, passingTo: undefined, split: false },
} as unknown as HandoffEvent

function contextFor(word: string | undefined) {
  const kept = keptTerminal()
  const asked: unknown[] = []
  const objects: object[] = []
  const control = {
    devices: async () => [alice, bob],
    hand: () => ({
      cancel: () => undefined,
      events: (async function* () {
        yield done
      })(),
    }),
    async call(name: string, request: object) {
      asked.push([name, request])
      if (name === 'handoffResume' && word === undefined) throw new BatonError('peer-offline', 'no')
      return { word, policy: 'always' }
    },
  }
  const terminal = { ...kept.terminal, object: (value: object) => void objects.push(value) }
  const context = { terminal, control: () => control, onInterrupt: () => () => undefined }
  return { context: context as unknown as Context, asked, objects, ...kept }
}

it('CL35 handoff --resume says whether its agent runs there, or why not, with the line that goes on', async () => {
  const good = contextFor('started')
  await handoff(good.context, 'ses', { to: 'bob', resume: true })
  expect(good.asked).toEqual([['handoffResume', { id: 'abcd' }]])
  expect(good.err()).toContain('its agent, on bob')
  expect(good.out()).toBe('')
  expect(good.objects.at(-1)).toMatchObject({ type: 'result', ok: true, resumed: 'started' })
  for (const [word, why] of [
    ['not-allowed', 'baton handoffs --resume always'],
    ['no-terminal', 'runs in no terminal'],
    ['busy', 'another agent'],
    ['no-agent', 'baton run --session'],
    ['not-here', 'not in its place'],
    [undefined, 'did not answer'],
  ] as const) {
    const { context, err, out } = contextFor(word)
    await handoff(context, 'ses', { to: 'bob', resume: true })
    expect(err()).toContain(why)
    expect(out().trim()).toBe(at.resume)
  }
  const wrong = handoff(good.context, 'ses', { to: 'bob', resume: true, mirror: true })
  await expect(wrong).rejects.toMatchObject({ code: 'usage' })
})

it('CL35 who may have it run here is said by the person here, of one device or of all', async () => {
  const { context, asked, err } = contextFor('started')
  await handoffs(context, undefined, { resume: 'always', from: 'bob' })
  await handoffs(context, undefined, { resume: 'never' })
  expect(asked).toEqual([
    ['resumePolicy', { device: bobId, policy: 'always' }],
    ['resumePolicy', { policy: 'never' }],
  ])
  expect(err()).toMatch(/bob hands over with --resume runs its agent here[\s\S]*by hand/)
})
