/** RT7, RT8: local descriptions and candidates on their way out. */
import { createOutbox } from '@baton/client/rtc/outbox'
import { maxCandidates } from '@baton/shared/limits'
import type { Signal } from '@baton/shared/protocol/signal'
import { expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'
import { nodeOffer } from '../../support/sdp.ts'

const line = (port: number, type = 'host', ufrag = '3Cg4', transport = 'udp') =>
  `candidate:1 1 ${transport} 21222 10.0.0.1 ${port} typ ${type} generation 0 ufrag ${ufrag}`

function setup(relays = true) {
  const clock = createManualClock()
  const sent: Signal[] = []
  const outbox = createOutbox({ clock, relays, signal: (signal) => sent.push(signal) })
  const gather = (...lines: string[]) => {
    for (const candidate of lines) outbox.candidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 })
  }
  const shape = () =>
    sent.map((each) => (each.type === 'candidates' ? each.list.length : each.type))
  return { clock, sent, outbox, gather, shape }
}

it('RT8 a description goes at once and without candidates, these follow in batches', () => {
  const { clock, sent, outbox, gather, shape } = setup()
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  expect(JSON.stringify(sent)).not.toContain('candidate:')
  gather(line(1), line(2))
  expect(shape()).toEqual(['offer'])
  clock.advance(10)
  expect(shape()).toEqual(['offer', 2])
  gather(line(3))
  clock.advance(49)
  gather(line(4))
  expect(shape()).toEqual(['offer', 2])
  clock.advance(1)
  expect(shape()).toEqual(['offer', 2, 2])
})

it('RT8 candidates that come before their description still follow it, older ones do not', () => {
  const { clock, sent, outbox, gather, shape } = setup()
  gather(line(1, 'host', 'oldU'), line(2))
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  clock.advance(10)
  expect(shape()).toEqual(['offer', 1])
  expect(JSON.stringify(sent)).not.toContain('oldU')
})

it('RT8 at most 40 go out, with room kept for those that come last', () => {
  const { clock, outbox, gather, shape } = setup()
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  for (let port = 1; port <= 100; port++) gather(line(port))
  for (let port = 1; port <= 100; port++) gather(line(port, 'srflx'))
  clock.advance(10)
  expect(shape()).toEqual(['offer', maxCandidates])
  expect([...outbox.sent]).toEqual([
    ['host', 24],
    ['srflx', 16],
  ])
})

it('RT8 neither end marks, TCP host candidates nor what the other guard would refuse go out', () => {
  const { clock, outbox, gather, shape } = setup()
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  gather('', line(1, 'host', '3Cg4', 'tcp'), line(0), 'candidate:x')
  clock.advance(100)
  expect(shape()).toEqual(['offer'])
  gather(line(1, 'relay', '3Cg4', 'tcp'))
  clock.advance(100)
  expect(shape()).toEqual(['offer', 1])
})

it('RT7 policy direct gives no relay candidate away', () => {
  const { clock, outbox, gather, shape } = setup(false)
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  gather(line(1, 'relay'), line(2, 'srflx'))
  clock.advance(10)
  expect(shape()).toEqual(['offer', 1])
})

it('RT8 repeating sends the description and all its candidates again', () => {
  const { clock, outbox, gather, shape } = setup()
  outbox.repeat()
  expect(shape()).toEqual([])
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  gather(line(1), line(2))
  clock.advance(10)
  outbox.repeat()
  expect(shape()).toEqual(['offer', 2, 'offer', 2])
})

it('RT17 a closed outbox sends nothing and leaves no timer', () => {
  const { clock, outbox, gather, shape } = setup()
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  gather(line(1))
  outbox.close()
  outbox.describe({ type: 'offer', sdp: nodeOffer })
  gather(line(2))
  outbox.repeat()
  clock.advance(1_000)
  expect(shape()).toEqual(['offer'])
  expect(clock.pending).toBe(0)
})
