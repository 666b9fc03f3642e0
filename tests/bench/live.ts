/**
 * One record appended by an agent, on an open link: when it was flushed here, when it entered the
 * channel, when the other device had verified and written it. The raw channel's own time is half a
 * round trip of a small message over it, after the same rest.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Mark, pairUp } from '../support/peer-process.ts'
import { openDevices, writeSession } from './devices.ts'
import { type Measure, type Options, quantile } from './measure.ts'
import { measureRoundTrips } from './raw.ts'

/** Between two changes: longer than a watcher gathers. */
const pauseMs = 400

const record = (n: number) =>
  `${JSON.stringify({ type: 'user', uuid: `live-${n}`, message: { role: 'user', content: 'on' } })}\n`

export async function measureLive(options: Options): Promise<Measure[]> {
  const count = options.quick ? 10 : 40
  const hurried = await measureRoundTrips('raw')
  const { p50Ms } = await measureRoundTrips('raw', count, pauseMs)
  let id = ''
  const devices = await openDevices(
    (folder) => {
      id = writeSession(folder, 'random', 64 * 1024)
    },
    ['marks'],
  )
  try {
    const { alice, bob, project, folder } = devices
    await pairUp(alice, bob)
    await alice.sent(id, { to: bob.self, maps: [], project })
    const path = join(folder('alice'), 'home/.claude/projects/-work', `${id}.jsonl`)
    const changed: number[] = []
    const sent: Mark[] = []
    const applied: Mark[] = []
    const flushed: Mark[] = []
    for (let n = 0; n < count; n++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const [here, there] = [alice.marks.length, bob.marks.length]
      changed.push(performance.timeOrigin + performance.now())
      appendFileSync(path, record(n))
      const news = await arrival(bob.marks, 'applied', there)
      const out = await arrival(alice.marks, 'sent', here)
      const before = alice.marks.slice(here, alice.marks.indexOf(out))
      sent.push(out)
      applied.push(news)
      flushed.push(before.findLast(({ name }) => name === 'flushed') ?? out)
    }
    const between = (to: readonly Mark[], from: readonly (Mark | number)[]) =>
      to.map(({ when }, i) => {
        const start = from[i]
        return when - (typeof start === 'number' ? start : (start?.when ?? Number.NaN))
      })
    const delta = between(applied, flushed)
    return [
      { name: 'raw channel, one way, back to back', value: hurried.p50Ms / 2, unit: 'ms' },
      { name: 'raw channel, one way, at the same rhythm', value: p50Ms / 2, unit: 'ms' },
      { name: 'change to sent, p50', value: quantile(between(sent, changed), 0.5), unit: 'ms' },
      { name: 'durable to applied there, p50', value: quantile(delta, 0.5), unit: 'ms' },
      { name: 'durable to applied there, p95', value: quantile(delta, 0.95), unit: 'ms' },
      {
        name: "durable to applied less the raw channel's own, p50",
        value: quantile(delta, 0.5) - p50Ms / 2,
        unit: 'ms',
        target: '<= 1',
      },
      {
        name: 'bytes of the delta',
        value: quantile(
          sent.map(({ bytes }) => bytes),
          0.5,
        ),
        unit: 'B',
      },
    ]
  } finally {
    await devices.close()
  }
}

async function arrival(marks: readonly Mark[], name: string, after: number): Promise<Mark> {
  for (let waited = 0; waited < 30_000; waited += 5) {
    const found = marks.slice(after).find((mark) => mark.name === name)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`nothing ${name} within 30 s`)
}
