/** CL24 to CL26: handing over and taking, and the requests, for people and as JSON. */
import type { BesideRow, HandoffEvent, HandoffRow, HoldingRow } from '@baton/client/core/mesh-api'
import { branches } from '@baton/client/node/cli/branches'
import type { Context } from '@baton/client/node/cli/command'
import { handoff, take } from '@baton/client/node/cli/handoff'
import { handoffs } from '@baton/client/node/cli/handoffs'
import { createPaint } from '@baton/client/node/cli/paint'
import { sessionId } from '@baton/shared/ids'
import { describe, expect, it } from 'vitest'
import { alice, aliceId, bob, bobId } from '../../../support/fake-mesh.ts'

const session = sessionId(new Uint8Array(16))
const row: HandoffRow = {
  ...{ id: 'abcdef0123456789abcdef0123456789', kind: 'transfer', session, title: 'plan\u001b[2J' },
  ...{ from: aliceId, to: bobId, askedBy: aliceId, at: 1000, expiresAt: 301_000 },
  ...{ state: 'pending', reason: undefined, waitsForUs: false },
}
const holding: HoldingRow = {
  ...{ session, held: true, holder: bobId, epoch: 1, passingTo: undefined, split: false },
}

function contextFor(
  events: readonly HandoffEvent[] = [],
  rows: readonly HandoffRow[] = [],
  beside: readonly BesideRow[] = [],
) {
  const [lines, told, objects, asked]: [string[], string[], object[], unknown[]] = [[], [], [], []]
  const terminal = {
    columns: 120,
    asks: false,
    paint: createPaint(false),
    note: createPaint(false),
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: (text: string) => void told.push(text),
    warn: (text: string) => void told.push(text),
    draw: () => undefined,
    wipe: () => undefined,
  }
  let interrupt = () => {}
  const stream = (name: string) => (request: object) => {
    asked.push([name, request])
    async function* all() {
      yield* events
    }
    return { events: all(), cancel: () => void asked.push(['cancel']) }
  }
  const control = {
    devices: async () => [alice, bob],
    sessions: async () => [],
    hand: stream('hand'),
    take: stream('take'),
    async call(name: string, request: object) {
      asked.push([name, request])
      if (name === 'invitations') return []
      return { handoffs: rows, beside, branchOff: { session: 'fresh' } }[name] ?? {}
    },
  }
  const context = {
    terminal,
    control: () => control,
    now: () => 61_000,
    onInterrupt(run: () => void) {
      interrupt = run
      return () => undefined
    },
  } as unknown as Context
  return { context, lines, told, objects, asked, interrupt: () => interrupt() }
}

const accepted = { ...row, state: 'accepted' as const }
const whole: readonly HandoffEvent[] = [
  { at: 'asking', handoff: row },
  { at: 'accepted', handoff: accepted },
  { at: 'carrying', handoff: accepted },
  { at: 'signed', handoff: accepted },
  { at: 'done', handoff: { ...row, state: 'active' }, holding, pauseMs: 42 },
]

describe('handoff and take', () => {
  it('CL24 each stage is told, and who holds it in the end', async () => {
    const { context, told, objects, asked } = contextFor(whole)
    await handoff(context, 'ses', { to: 'bob' })
    expect(asked).toEqual([['hand', { ref: 'ses', to: bobId, kind: 'transfer' }]])
    expect(
      told.filter((line) => line.includes('✓')).map((line) => line.trim().split(/\s+/)[1]),
    ).toEqual([...['accepted', 'signed', 'held']])
    expect(told.at(-1)).toContain('by bob, epoch 1')
    expect(told.at(-1)).toContain('42 ms')
    expect(objects.at(-1)).toMatchObject({ type: 'result', ok: true, holding: { epoch: 1 } })
  })

  it('CL24 a takeover is told as a possible split', async () => {
    const done: HandoffEvent = {
      ...{ at: 'done', handoff: undefined, pauseMs: undefined },
      holding: { ...holding, holder: aliceId, split: true },
    }
    const { context, told, asked } = contextFor([done])
    await take(context, 'ses', { force: true })
    expect(asked).toEqual([['take', { ref: 'ses', kind: 'transfer', force: true }]])
    expect(told[0]).toContain('by this device, epoch 1')
    expect(told[1]).toContain('possible split')
  })

  it('CL24 a failure is an error with its hint, and Ctrl-C calls it off', async () => {
    const failed: HandoffEvent = {
      at: 'failed',
      code: 'not-holder',
      message: 'no',
      hint: 'take it',
    }
    const one = contextFor([failed])
    await expect(handoff(one.context, 'ses', { to: 'bob' })).rejects.toMatchObject({
      ...{ code: 'not-holder', hint: 'take it' },
    })
    one.interrupt()
    expect(one.asked.at(-1)).toEqual(['cancel'])
    const silent = contextFor([])
    await expect(take(silent.context, 'ses', {})).rejects.toMatchObject({ code: 'link-closed' })
  })

  it('CL28 of a watched session the line that goes on is alone on stdout, and --resume runs it', async () => {
    const resume = "cd '/there' && claude --resume x"
    const placed = { path: '/there/x.jsonl', resume }
    const done = (line: string): HandoffEvent => ({
      ...{ at: 'done', handoff: undefined, holding, pauseMs: undefined },
      placed: { ...placed, resume: line },
    })
    const one = contextFor([done(resume)])
    await handoff(one.context, 'ses', { to: 'bob', map: ['/a=/b'], project: '/there' })
    const where = { maps: [{ from: '/a', to: '/b' }], project: '/there' }
    expect(one.asked[0]).toEqual(['hand', { ref: 'ses', to: bobId, kind: 'transfer', where }])
    expect(one.lines).toEqual([resume])
    expect(one.told.join('\n')).toContain('/there/x.jsonl')
    const two = contextFor([done(resume)])
    expect(await take(two.context, 'ses', {})).toBe(0)
    expect(two.lines).toEqual([resume])
    const three = contextFor([done('exit 3')])
    expect(await take(three.context, 'ses', { resume: true })).toBe(3)
    expect(three.lines).toEqual([])
    const both = take(three.context, 's', { resume: true, observe: true })
    await expect(both).rejects.toMatchObject({ code: 'usage' })
  })

  it('CL28 an agent that is still open is told with where, and what stands in no place with why', async () => {
    const taken = { ...row, from: bobId, to: aliceId, state: 'accepted' as const }
    const there = contextFor([
      { at: 'open', handoff: taken },
      {
        ...{ at: 'done', handoff: taken, holding, pauseMs: undefined },
        unplaced: 'no folder here\u001b[2J stands for it',
      },
    ])
    expect(await take(there.context, 'ses', {})).toBe(0)
    expect(there.told[0]).toMatch(/open on bob: it comes once/)
    expect(there.told.join()).toContain('not in its place: no folder here')
    expect(there.told.join()).not.toContain('\u001b')
    const here = contextFor([{ at: 'open', handoff: accepted }, ...whole.slice(4)])
    await handoff(here.context, 'ses', { to: 'bob' })
    expect(here.told[0]).toMatch(/open on this device: it goes over once/)
  })

  it('CL27 who is asked is named, and without a terminal each wait is a line, once', async () => {
    const taken = { ...row, from: bobId, to: aliceId }
    const { context, told } = contextFor([
      { at: 'asking', handoff: taken },
      { at: 'waiting', handoff: taken },
      { at: 'waiting', handoff: taken },
      { at: 'accepted', handoff: { ...taken, state: 'accepted' } },
      { at: 'done', handoff: { ...taken, kind: 'mirror' }, holding, pauseMs: undefined },
    ])
    await take(context, 'ses', { mirror: true })
    expect(told.map((line) => line.trim())).toEqual([
      '· asking bob',
      '· waiting for bob to be there',
      '✓ accepted  by bob',
      '✓ mirrored  this device writes along',
    ])
  })

  it('CL27 who interrupts it is told what came of it', async () => {
    const failed = (code: string, message: string): HandoffEvent => ({
      at: 'failed',
      code,
      message,
    })
    for (const [event, says] of [
      [failed('cancelled', 'the handoff was cancelled'), 'stays where it was'],
      [failed('handing-over', 'it is signed over by now'), 'signed over by now'],
    ] as const) {
      const asking: HandoffEvent = { at: 'asking', handoff: row }
      const { context, told, asked, interrupt } = contextFor([asking, event])
      const tell = (text: string) => {
        told.push(text)
        if (text.includes('asking')) interrupt()
      }
      Object.assign(context.terminal, { tell })
      await expect(handoff(context, 'ses', { to: 'bob' })).rejects.toThrow()
      expect(asked.at(-1)).toEqual(['cancel'])
      expect(told.slice(1).join()).toContain(says)
    }
  })

  it('CL24 what makes no sense is refused before anything is asked', async () => {
    const { context, asked } = contextFor()
    const usage = { code: 'usage' }
    const both = { mirror: true, observe: true }
    await expect(handoff(context, 's', { ...both, to: 'bob' })).rejects.toMatchObject(usage)
    await expect(handoff(context, 's', {})).rejects.toMatchObject(usage)
    await expect(take(context, 's', { mirror: true, force: true })).rejects.toMatchObject(usage)
    expect(asked).toEqual([])
  })
})

describe('branches', () => {
  const beside: BesideRow = {
    ...{ device: bobId, epoch: 2, reason: 'split', messages: 3, from: 1000, to: 2000 },
  }

  it('CL26 lists what stands beside, and goes on with it', async () => {
    const { context, lines, told, objects, asked } = contextFor([], [], [beside])
    await branches(context, 'ses', undefined, {})
    expect(lines[1]).toMatch(/^1 {2}bob .* 3 .*while another took it over/)
    expect(told).toEqual(['baton branches ses 1 --continue'])
    expect(objects[0]).toEqual({ type: 'result', ok: true, branches: [beside] })
    await branches(context, 'ses', '1', { continue: true })
    expect(asked.at(-1)).toEqual(['branchOff', { ref: 'ses', device: bobId, epoch: 2 }])
    expect(lines.at(-1)).toBe('fresh')
    const missing = { code: 'not-found' }
    for (const number of ['2', '0', 'x']) {
      await expect(branches(context, 'ses', number, { continue: true })).rejects.toMatchObject(
        missing,
      )
    }
    await expect(branches(context, 'ses', undefined, { continue: true })).rejects.toMatchObject({
      code: 'usage',
    })
  })

  it('CL26 says when there is nothing', async () => {
    const { context, told } = contextFor()
    await branches(context, 'ses', undefined, {})
    expect(told).toEqual(['everything that was said is in its history'])
  })
})

describe('handoffs', () => {
  const waiting = { ...row, from: bobId, to: aliceId, askedBy: bobId, waitsForUs: true }
  it('CL25 lists what there is, and what waits for an answer', async () => {
    const { context, lines, told, objects } = contextFor([], [waiting, { ...row, state: 'active' }])
    await handoffs(context, undefined, {})
    expect(lines[1]).toMatch(/^abcdef01 {2}plan\ufffd\[2J {2,}this device {2}bob .*waits for you/)
    expect(lines[2]).toContain('active')
    expect(told).toEqual(['baton handoffs abcdef01 --accept, or --decline'])
    expect(objects).toMatchObject([{ ok: true, handoffs: [waiting, { ...row, state: 'active' }] }])
    const none = contextFor()
    await handoffs(none.context, undefined, {})
    expect(none.told).toEqual(['no session was handed over, or is to be'])
  })

  it('CL25 answers, calls off, and says what comes of requests by itself', async () => {
    const { context, told, asked } = contextFor([], [waiting])
    await handoffs(context, 'abcd', { accept: true })
    await handoffs(context, 'abcd', { decline: true })
    await handoffs(context, 'abcd', { cancel: true })
    await handoffs(context, undefined, { policy: 'always' })
    await handoffs(context, undefined, { policy: 'never', from: 'bob' })
    expect(asked).toEqual([
      ['handoffAnswer', { id: 'abcd', accept: true }],
      ['handoffAnswer', { id: 'abcd', accept: false }],
      ['handoffCancel', { id: 'abcd' }],
      ['handoffPolicy', { policy: 'always' }],
      ['handoffPolicy', { device: bobId, policy: 'never' }],
    ])
    expect(told.slice(0, 3)).toEqual(['accepted', 'declined', 'called off'])
    expect(told.slice(3)).toEqual([
      'what other devices ask for is accepted at once',
      'what bob asks for is declined',
    ])
  })

  it('CL25 one that is not there is an error, and no empty list', async () => {
    const { context } = contextFor([], [waiting])
    await expect(handoffs(context, 'ffff', {})).rejects.toMatchObject({ code: 'not-found' })
  })

  it('CL25 what makes no sense is refused before anything is asked', async () => {
    const { context, asked } = contextFor()
    for (const [id, options] of [
      ['a', { accept: true, cancel: true }],
      [undefined, { accept: true }],
      [undefined, { from: 'bob' }],
    ] as const) {
      await expect(handoffs(context, id, options)).rejects.toMatchObject({ code: 'usage' })
    }
    expect(asked).toEqual([])
  })
})
