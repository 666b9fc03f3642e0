/** What the page's screens are made of, as far as it needs no browser (rules WB8, WB11, WB12). */
import type { ShownRecord } from '@baton/client/core/mesh-api'
import { describeAgent, detectPage } from '@baton/client/web/device-record'
import { ago, bytes, clock } from '@baton/client/web/page/format'
import { createHeights } from '@baton/client/web/page/heights'
import { createItems } from '@baton/client/web/page/items'
import { parseInline, parseMarks } from '@baton/client/web/page/marks'
import { hrefOf, parseRoute } from '@baton/client/web/page/route'
import { cleanLines } from '@baton/shared/clean-text'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

it('WB11 heights, guessed and measured, give the places that adding them up gives', () => {
  const step = fc.oneof(
    fc.record({ grow: fc.integer({ min: 0, max: 3_000 }) }),
    fc.record({ row: fc.nat(3_000), height: fc.integer({ min: 1, max: 500 }) }),
    fc.constant({ forget: true as const }),
  )
  const law = fc.property(
    fc.array(step, { maxLength: 40 }),
    fc.array(fc.nat(400_000)),
    (steps, at) => {
      const heights = createHeights(96)
      let model: number[] = []
      for (const each of steps) {
        if ('grow' in each) {
          heights.grow(each.grow)
          while (model.length < each.grow) model.push(96)
        } else if ('forget' in each) {
          heights.forget()
          model = model.map(() => 96)
        } else {
          heights.set(each.row, each.height)
          if (each.row < model.length) model[each.row] = each.height
        }
      }
      const ends: number[] = [0]
      for (const height of model) ends.push((ends.at(-1) as number) + height)
      expect(heights.count).toBe(model.length)
      for (const row of [0, 1, model.length >> 1, model.length]) {
        expect(heights.offset(row)).toBe(ends[Math.min(row, model.length)])
      }
      for (const place of at) {
        const after = ends.findIndex((end) => end > place)
        const row = after < 0 ? model.length - 1 : after - 1
        expect(heights.rowAt(place)).toBe(Math.max(0, row))
      }
    },
  )
  fc.assert(law, { numRuns: tries(60) })
})

it('WB11 a row that turns out higher moves those after it, and none before', () => {
  const heights = createHeights(100)
  heights.grow(10)
  expect([heights.set(3, 250), heights.set(3, 250)]).toEqual([true, false])
  expect([3, 4, 10].map(heights.offset)).toEqual([300, 550, 1150])
  expect([299, 300, 549, 550, 9_999].map(heights.rowAt)).toEqual([2, 3, 3, 4, 9])
})

const record = (
  kind: ShownRecord['kind'],
  index: number,
  file = 'transcript.jsonl',
): ShownRecord => ({
  file,
  index,
  kind,
  at: undefined,
  text: `${kind} ${index}`,
  bytes: 1,
})

it('WB11 results stand in their calls in order, bookkeeping apart, and each file under its name', () => {
  const items = createItems(false)
  for (const each of [
    record('user', 0),
    record('tool', 1),
    record('tool', 2),
    record('other', 3),
    record('result', 4),
    record('result', 5),
    record('result', 6),
    record('assistant', 7),
    record('tool', 0, 'subagents/a.jsonl'),
    record('result', 1, 'subagents/a.jsonl'),
  ]) {
    items.add(each)
  }
  const shown = items.list.map((item) => {
    if (item.at === 'file') return item.file
    if (item.at === 'said') return item.record.text
    return [item.record.text, ...item.results.map(({ text }) => text)].join(' > ')
  })
  expect(shown).toEqual([
    'user 0',
    'tool 1 > result 4',
    'tool 2 > result 5',
    'result 6',
    'assistant 7',
    'subagents/a.jsonl',
    'tool 0 > result 1',
  ])
  expect(items.hidden).toBe(1)
})

it('WB12 marks become blocks of text; what does not close, and every tag, is text', () => {
  const hostile = '<img src=x onerror=alert(1)> [a](javascript:alert(1)) **not closed `nor this'
  expect(parseMarks(hostile)).toEqual([{ at: 'text', inline: [{ at: 'text', text: hostile }] }])
  const text =
    '# Title\nwords with `code` and **weight**\n\n- one\n- two\n  more\n\n> said\n\n```js\n**a**\n```\nend'
  expect(parseMarks(text)).toEqual([
    { at: 'heading', inline: [{ at: 'text', text: 'Title' }] },
    {
      at: 'text',
      inline: [
        { at: 'text', text: 'words with ' },
        { at: 'code', text: 'code' },
        { at: 'text', text: ' and ' },
        { at: 'strong', text: 'weight' },
      ],
    },
    {
      at: 'list',
      ordered: false,
      items: [[{ at: 'text', text: 'one' }], [{ at: 'text', text: 'two\nmore' }]],
    },
    { at: 'quote', inline: [{ at: 'text', text: 'said' }] },
    { at: 'code', text: '**a**' },
    { at: 'text', inline: [{ at: 'text', text: 'end' }] },
  ])
})

it('WB12 no text is lost or invented by taking its marks apart, and none takes long', () => {
  const piece = fc.constantFrom('`', '**', '```', '\n', '- ', '# ', '> ', '1. ', 'word', ' ', '<b>')
  const law = fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
    const words = (text: string) => text.match(/word|<b>/g)?.length ?? 0
    const inline = parseInline(pieces.join(''))
    expect(words(inline.map(({ text }) => text).join(''))).toBe(words(pieces.join('')))
    expect(words(JSON.stringify(parseMarks(pieces.join(''))))).toBeLessThanOrEqual(
      words(pieces.join('')),
    )
  })
  fc.assert(law, { numRuns: tries(300) })
  const began = performance.now()
  for (const each of ['`', '*', '**', '> ', '- ', '\n', '# ']) parseMarks(each.repeat(16_384))
  expect(performance.now() - began).toBeLessThan(2_000)
})

it('WB12 text read at length keeps its lines and loses what cannot be seen', () => {
  expect(cleanLines('a\r\n\tb  \n\n\n\nc\u202e\u0007\u001b[31md', 100)).toBe('a\n\tb\n\nc d')
  expect(cleanLines('\n \u200b\n', 100)).toBeUndefined()
  const began = performance.now()
  for (const each of [' ', '\n', '\u001b', '\u001b]'])
    cleanLines(`${each.repeat(400_000)}x`, 16_384)
  expect(performance.now() - began).toBeLessThan(2_000)
  const law = fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
    const clean = cleanLines(text, 50) ?? ''
    expect(clean.length).toBeLessThanOrEqual(51)
    expect(clean.replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
  fc.assert(law, { numRuns: tries(100) })
})

it('WB8 an address names a screen, or is none; what it names is an address again', () => {
  expect(parseRoute('#/devices')).toEqual({ at: 'devices' })
  expect(parseRoute('#/session/a-b_1')).toEqual({ at: 'session', session: 'a-b_1' })
  for (const none of ['', '#', '#/session/', '#/session/<x>', '#/none', '#412.secret']) {
    expect(parseRoute(none)).toEqual({ at: 'sessions' })
  }
  for (const route of [{ at: 'pair' }, { at: 'session', session: 'x' }] as const) {
    expect(parseRoute(hrefOf(route))).toEqual(route)
  }
})

it('RS5 a browser says what it is by words that are true of it', () => {
  const agent = (userAgent: string, maxTouchPoints = 0) => ({ userAgent, maxTouchPoints })
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
  const ipad =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15'
  const android = chrome
    .replace('X11; Linux x86_64', 'Linux; Android 10; K')
    .replace(' Safari', ' Mobile Safari')
  expect(describeAgent(agent(chrome))).toEqual({ browser: 'Chrome 156', system: 'Linux' })
  expect(describeAgent(agent(android))).toEqual({ browser: 'Chrome 156', system: 'Android' })
  expect(describeAgent(agent(ipad))).toEqual({ browser: 'Safari 26', system: 'macOS' })
  expect(describeAgent(agent('curl'))).toEqual({ browser: 'Browser', system: 'unknown system' })
  expect(
    [agent(chrome), agent(ipad, 5), agent(android)].map((each) => detectPage(each).type),
  ).toEqual(['desktop', 'tablet', 'mobile'])
})

it('WB11 sizes and times are told as people read them', () => {
  expect([0, 999, 1000, 58_600, 999_900, 2_500_000].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '59 kB',
    '1.0 MB',
    '2.5 MB',
  ])
  const now = Date.UTC(2026, 10, 20)
  expect([now, now - 5 * 60_000, now - 3 * 3_600_000].map((at) => ago(at, now))).toEqual([
    'now',
    '5 min. ago',
    '3 hr. ago',
  ])
  expect([clock(undefined), clock('no time')]).toEqual(['', ''])
})
