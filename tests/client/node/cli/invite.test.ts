/** CL25, CL33, CL34: inviting into a session and joining one, for people and as JSON. */
import { Readable } from 'node:stream'
import type { HandoffRow, InvitationRow, JoinEvent } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { exitOf } from '@baton/client/node/cli/exit'
import { handoffs } from '@baton/client/node/cli/handoffs'
import { invite } from '@baton/client/node/cli/invite'
import { join } from '@baton/client/node/cli/join'
import { createPaint } from '@baton/client/node/cli/paint'
import { sessionId } from '@baton/shared/ids'
import { guestInvitationLink, sealedInvitationLink } from '@baton/shared/protocol/invitation-link'
import { expect, it } from 'vitest'
import { alice, aliceId, bob, bobId } from '../../../support/fake-mesh.ts'

const session = sessionId(new Uint8Array(16))
const sealed = sealedInvitationLink(new Uint8Array(130).fill(5))
const server = 'http://127.0.0.1:7370'
const forGuests = guestInvitationLink({ nameplate: '412', prs: new Uint8Array(16), server })
const invitation: InvitationRow = {
  ...{ id: 'abcdef0123456789abcdef0123456789', session, title: 'plan', kind: 'mirror' },
  ...{ mode: undefined, to: bobId, at: 1000, expiresAt: 361_000 },
}
const handoff: HandoffRow = {
  ...{ id: invitation.id, kind: 'observe', session, title: 'plan', from: aliceId, to: bobId },
  ...{ askedBy: bobId, at: 1000, expiresAt: 301_000, state: 'active', reason: undefined },
  waitsForUs: false,
}
const holding = {
  ...{ session, held: true, holder: aliceId, epoch: 0, passingTo: undefined, split: false },
}
const done: JoinEvent = { at: 'done', handoff, holding, pauseMs: undefined }

interface Given {
  readonly events?: readonly JoinEvent[]
  readonly stdin?: string
  readonly live?: boolean
  readonly columns?: number
}

function contextFor({ events = [done], stdin = '', live = false, columns = 80 }: Given = {}) {
  const [lines, told, objects, asked]: [string[], string[], object[], unknown[]] = [[], [], [], []]
  const terminal = {
    ...{ columns, live, asks: false, stdin: Readable.from([stdin]) },
    ...{ paint: createPaint(false), note: createPaint(false) },
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: (text = '') => void told.push(text),
    warn: (text: string) => void told.push(text),
    draw: () => undefined,
    wipe: () => undefined,
  }
  const stream = (name: string) => (request: object) => {
    asked.push([name, request])
    async function* all() {
      yield* events
    }
    return { events: all(), cancel: () => void asked.push(['cancel']) }
  }
  const control = {
    devices: async () => [alice, bob],
    status: async () => ({
      process: { pid: 1, embedded: true, beyond: true },
      signaling: { server, state: 'up' },
    }),
    inviteGuest: stream('inviteGuest'),
    joinSession: stream('joinSession'),
    async call(name: string, request: object) {
      asked.push([name, request])
      if (name === 'inviteDevice') return { ...invitation, link: sealed }
      return { handoffs: [], invitations: [invitation] }[name] ?? {}
    },
  }
  const context = {
    ...{ terminal, control: () => control, now: () => 61_000 },
    onInterrupt: () => () => undefined,
  } as unknown as Context
  return { context, lines, told, objects, asked }
}

it('CL33 the link of a paired device stands alone on stdout, and is good at once', async () => {
  const { context, lines, told, objects, asked } = contextFor()
  await invite(context, 'ses', { to: 'bob', mirror: true, mode: 'mobile' })
  expect(asked).toEqual([
    ['inviteDevice', { ref: 'ses', kind: 'mirror', mode: 'mobile', to: bobId }],
  ])
  expect(lines).toEqual([sealed])
  expect(told.join('\n')).toContain('baton join')
  expect(told.join('\n')).toContain('bob alone, once, within 5:00')
  expect(told.join('\n')).toContain('baton handoffs abcdef01 --cancel')
  expect(told.join('\n')).not.toContain(sealed)
  expect(objects).toEqual([{ type: 'result', ok: true, link: sealed, invitation }])
})

it('CL33 a terminal that is wide enough shows it as a QR code, too', async () => {
  const dark = /[█▀▄]/
  const wide = contextFor({ live: true, columns: 100 })
  await invite(wide.context, 'ses', { to: 'bob' })
  expect(wide.told.join('')).toMatch(dark)
  for (const options of [{ qr: false }, {}]) {
    const { context, told } = contextFor({ live: options.qr === false, columns: 100 })
    await invite(context, 'ses', { to: 'bob', ...options })
    expect(told.join('')).not.toMatch(dark)
  }
})

it('CL33 any other device: it waits until one came, and says which', async () => {
  const device = { ...bob, id: bobId, name: 'visitor', trust: 0.3 }
  const events: JoinEvent[] = [
    { at: 'meeting', stage: 'waiting' },
    { at: 'link', link: forGuests, expiresAt: 661_000 },
    { at: 'met', device },
    done,
  ]
  const { context, lines, told, objects, asked } = contextFor({ events })
  await invite(context, 'ses', {})
  // Without a word it is the least of the three.
  expect(asked).toEqual([['inviteGuest', { ref: 'ses', kind: 'observe' }]])
  expect(lines).toEqual([forGuests])
  expect(told.join('\n')).toContain('it gets this session and nothing else')
  expect(told.join('\n')).toMatch(/met +visitor, for this session alone/)
  expect(objects.map((each) => (each as { at?: string }).at)).toEqual([
    ...['meeting', 'link', 'met', undefined],
  ])
  expect(objects.at(-1)).toMatchObject({ type: 'result', ok: true, handoff: { kind: 'observe' } })
})

it('CL33 two kinds, or this device itself, are refused before anything is asked', async () => {
  const { context, asked } = contextFor()
  const usage = { code: 'usage' }
  await expect(invite(context, 's', { mirror: true, transfer: true })).rejects.toMatchObject(usage)
  await expect(invite(context, 's', { to: alice.name })).rejects.toMatchObject(usage)
  await expect(invite(context, 's', { to: 'nobody' })).rejects.toMatchObject({ code: 'not-paired' })
  expect(asked).toEqual([])
})

it('CL34 a link is read from stdin or the line, and how it goes on is told', async () => {
  const piped = contextFor({ stdin: `${sealed}\nmore` })
  await join(piped.context, '-')
  expect(piped.asked).toEqual([['joinSession', { link: sealed }]])
  expect(piped.told.at(-1)).toBe('baton watch AAAAAAAA reads along')
  expect(piped.objects.at(-1)).toMatchObject({ type: 'result', ok: true })
  const moved: JoinEvent = { ...done, handoff: { ...handoff, kind: 'transfer', mode: 'desktop' } }
  const typed = contextFor({ events: [moved] })
  await join(typed.context, ` ${forGuests} `)
  expect(typed.asked).toEqual([['joinSession', { link: forGuests }]])
  expect(typed.told[0]).toMatch(/^warning: .*shell history/)
  expect(typed.told.at(-2)).toBe('it goes on in the mode desktop')
  expect(typed.told.at(-1)).toContain('baton run --session AAAAAAAA <agent>')
})

it('CL34 what is no invitation is refused before anything is asked, without quoting it', async () => {
  const { context, asked } = contextFor({ stdin: '\n' })
  for (const bad of ['412-candle-castle-anvil', 'baton:412.q6urq6urq6urq6urq6urqw.a.org', 'x']) {
    const error = await join(context, bad).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'code-format' })
    expect(String(error)).not.toContain(bad)
  }
  await expect(join(context, '-')).rejects.toMatchObject({ code: 'usage' })
  await expect(join(context, undefined)).rejects.toMatchObject({ code: 'usage' })
  expect(asked).toEqual([])
})

it('CL34 each refusal ends with an exit code that says whose turn it is', async () => {
  const exits = {
    ...{ timeout: 7, 'code-dead': 7, revoked: 4, 'not-paired': 4, 'not-permitted': 4 },
    ...{ 'code-format': 2, 'bad-signature': 1, 'peer-offline': 6, cancelled: 3 },
  }
  for (const [code, exit] of Object.entries(exits)) {
    const { context } = contextFor({ events: [{ at: 'failed', code, message: 'no', hint: 'ask' }] })
    await expect(join(context, sealed)).rejects.toMatchObject({ code, hint: 'ask' })
    expect([code, exitOf(code)]).toEqual([code, exit])
  }
})

it('CL25 invitations that wait stand in the list, and are called off by the beginning of their id', async () => {
  const { context, lines, objects, asked } = contextFor()
  await handoffs(context, undefined, {})
  expect(lines[1]).toMatch(/^abcdef01 +plan +bob +this device +write along +invited/)
  expect(objects[0]).toEqual({ type: 'result', ok: true, handoffs: [], invitations: [invitation] })
  await handoffs(context, 'abcd', { cancel: true })
  expect(asked.at(-1)).toEqual(['handoffCancel', { id: 'abcd' }])
})
