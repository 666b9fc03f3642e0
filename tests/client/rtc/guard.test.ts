/** RT5 to RT8: which signals of a peer reach the peer connection. */
import { type Admitted, createSignalGuard } from '@baton/client/rtc/guard'
import { maxCandidates } from '@baton/shared/limits'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chromiumOffer, fingerprintLine, nodeOffer } from '../../support/sdp.ts'
import { tries } from '../../support/tries.ts'

const sdpOf = (ufrag: string) => chromiumOffer.replace('aB3+', ufrag)
const offer = (ufrag: string) => ({ type: 'offer', sdp: sdpOf(ufrag) })
const answer = (ufrag: string) => ({ type: 'answer', sdp: sdpOf(ufrag) })
const line = (port: number, ufrag?: string, type = 'host') =>
  `candidate:1 1 udp 2122265343 10.0.0.1 ${port} typ ${type}${ufrag ? ` ufrag ${ufrag}` : ''}`
const candidates = (...list: string[]) => ({
  type: 'candidates',
  list: list.map((candidate) => ({ candidate, sdpMid: '0', sdpMLineIndex: 0 })),
})
const kinds = (admitted: readonly Admitted[]) => admitted.map((each) => each.kind).join(' ')
const many = (count: number, ufrag: string) =>
  candidates(...Array.from({ length: count }, (_, index) => line(1 + index, ufrag)))

const offerer = () => {
  const guard = createSignalGuard({ initiator: true, relays: true })
  guard.described()
  return guard
}
const answerer = (relays = true) => createSignalGuard({ initiator: false, relays })

it('RT5 an initiator takes one answer to each offer, and no other description', () => {
  const guard = offerer()
  expect(kinds(guard.receive(offer('aaaa')))).toBe('')
  expect(kinds(guard.receive(answer('aaaa')))).toBe('description')
  expect(kinds(guard.receive(answer('aaaa')))).toBe('')
  expect(kinds(guard.receive(answer('bbbb')))).toBe('')
  guard.described()
  expect(kinds(guard.receive(answer('aaaa')))).toBe('')
  expect(kinds(guard.receive(answer('bbbb')))).toBe('description')
  guard.described()
  expect(kinds(guard.receive(answer('aaaa')))).toBe('')
  expect(guard.dropped).toBe(5)
})

it('RT5 an answerer takes one offer a generation, answers a repeated one again, and no older one', () => {
  const guard = answerer()
  expect(kinds(guard.receive(answer('aaaa')))).toBe('')
  expect(kinds(guard.receive(offer('aaaa')))).toBe('description')
  expect(kinds(guard.receive(offer('aaaa')))).toBe('')
  expect(kinds(guard.receive(offer('bbbb')))).toBe('')
  guard.described()
  expect(kinds(guard.receive(offer('aaaa')))).toBe('repeat')
  expect(kinds(guard.receive(offer('bbbb')))).toBe('description')
  guard.described()
  expect(kinds(guard.receive(offer('aaaa')))).toBe('')
})

it('RT5 only the initiator, and only between negotiations, hears a wish for a restart', () => {
  const guard = offerer()
  expect(kinds(guard.receive({ type: 'restart' }))).toBe('')
  guard.receive(answer('aaaa'))
  expect(kinds(guard.receive({ type: 'restart' }))).toBe('restart')
  expect(kinds(answerer().receive({ type: 'restart' }))).toBe('')
})

it('RT5 a later description with another certificate is dropped', () => {
  const guard = answerer()
  guard.receive(offer('aaaa'))
  guard.described()
  const foreign = { type: 'offer', sdp: sdpOf('bbbb').replace('33:A7', '34:A7') }
  expect(kinds(guard.receive(foreign))).toBe('')
  expect(guard.remote?.ufrag).toBe('aaaa')
})

it.each([
  ['null', null],
  ['a string', '{"type":"offer"}'],
  ['an unknown type', { type: 'transceiverRequest' }],
  ['an unknown key', { type: 'restart', renegotiate: true }],
  [
    'an offer without a fingerprint',
    { type: 'offer', sdp: sdpOf('a1b2').replace(fingerprintLine, '') },
  ],
  ['41 candidates', many(41, 'aaaa')],
])('RT5 %s is dropped and changes nothing', (_name, junk) => {
  const guard = answerer()
  expect(guard.receive(junk)).toEqual([])
  expect(guard.dropped).toBe(1)
  expect(kinds(guard.receive(offer('aaaa')))).toBe('description')
})

it('RT6 candidates that come early wait for their description, those of another are dropped', () => {
  const guard = answerer()
  expect(guard.receive(candidates(line(1, 'aaaa'), line(2, 'zzzz'), line(3)))).toEqual([])
  expect(kinds(guard.receive(offer('aaaa')))).toBe('description candidate candidate')
  guard.described()
  expect(kinds(guard.receive(candidates(line(4, 'aaaa'), line(5))))).toBe('candidate candidate')
  expect(guard.receive(candidates(line(6, 'bbbb')))).toEqual([])
  expect(kinds(guard.receive(offer('bbbb')))).toBe('description candidate')
  expect(guard.receive(candidates(line(7, 'aaaa')))).toEqual([])
})

it('RT6 one bad candidate does not take the good ones of its batch along', () => {
  const guard = answerer()
  guard.receive(offer('aaaa'))
  const mixed = candidates(line(1, 'aaaa'), 'candidate:junk', line(0, 'aaaa'), line(2, 'aaaa'))
  expect(kinds(guard.receive(mixed))).toBe('candidate candidate')
})

it('RT6 a generation has 40 candidates, those inside its description included', () => {
  const guard = answerer()
  guard.receive({ type: 'offer', sdp: nodeOffer })
  let taken = 3
  for (let batch = 0; batch < 250; batch++) taken += guard.receive(many(40, '3Cg4')).length
  expect(taken).toBe(maxCandidates)
  guard.described()
  guard.receive(offer('bbbb'))
  expect(guard.receive(many(40, 'bbbb'))).toHaveLength(maxCandidates)
})

it('RT6 what waits early is bounded too', () => {
  const guard = answerer()
  for (let batch = 0; batch < 250; batch++) guard.receive(many(40, 'aaaa'))
  expect(guard.dropped).toBe(10_000 - maxCandidates)
  expect(guard.receive(offer('aaaa'))).toHaveLength(1 + maxCandidates)
})

it('RT7 without relays the relay candidates of a peer are left out and remembered', () => {
  const guard = answerer(false)
  const sdp = `${chromiumOffer}a=${line(9, undefined, 'relay')}\r\na=${line(8)}\r\n`
  const admitted = guard.receive({ type: 'offer', sdp })
  expect(kinds(admitted)).toBe('description candidate')
  expect(JSON.stringify(admitted)).not.toContain('relay')
  expect(guard.receive(candidates(line(7, 'aB3+', 'relay')))).toEqual([])
  expect([...guard.refusedRelays]).toEqual(['10.0.0.1 9', '10.0.0.1 7'])
})

it('RT5 whatever comes, the connection sees a lawful negotiation', () => {
  const ufrag = fc.constantFrom('aaaa', 'bbbb', 'cccc', 'dddd')
  const signal = fc.oneof(
    ufrag.map(offer),
    ufrag.map(answer),
    ufrag.map((name) => candidates(line(1, name))),
    fc.constant({ type: 'restart' }),
  )
  const steps = fc.array(fc.oneof(signal, fc.constant('described' as const)), { maxLength: 40 })
  fc.assert(
    fc.property(fc.boolean(), steps, (initiator, script) => {
      const guard = createSignalGuard({ initiator, relays: true })
      let open = false
      const seen = new Set<string>()
      for (const step of script) {
        if (step === 'described') {
          // simple-peer describes an answer only after an offer, an offer at any time.
          if (!initiator && !open) continue
          guard.described()
          open = initiator
          continue
        }
        for (const admitted of guard.receive(step)) {
          if (admitted.kind !== 'description') continue
          const name = guard.remote?.ufrag ?? ''
          expect(admitted.description.type).toBe(initiator ? 'answer' : 'offer')
          expect(open).toBe(initiator)
          expect(seen).not.toContain(name)
          seen.add(name)
          open = !initiator
        }
      }
    }),
    { numRuns: tries(300) },
  )
})
