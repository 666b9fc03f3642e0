/** SU3: one write that is said again more than once, by copies or over a backup that came back. */
import {
  compareWrites,
  createRegister,
  foldWrite,
  type Write,
} from '@baton/shared/conflict/register'
import { joinLogId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import type { Dep } from '@baton/shared/log/entry'
import { expect, it } from 'vitest'
import { deviceOf, session, value } from '../../support/document-world.ts'

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]]
  return list.flatMap((each, i) =>
    permutations(list.toSpliced(i, 1)).map((rest) => [each, ...rest]),
  )
}

it('SU3 of several that say one write again whoever saw any has seen all, in every order', () => {
  const at = (of: number, seq: number): Dep => ({
    log: joinLogId(session, deviceOf('alice'), new Uint8Array(8).fill(of)),
    ...{ seq, hash: new Uint8Array(8) },
  })
  const again = (place: Dep, ...from: Dep[]): Write => ({
    ...place,
    ...{ device: deviceOf('alice'), stamp: { ms: 5, counter: 0 }, held: value('old') },
    ...{ again: from.map(depKey), stood: from },
  })
  const said = [
    again(at(2, 3), at(1, 2)),
    again(at(3, 4), at(1, 2), at(8, 8)),
    again(at(4, 5), at(8, 8)),
  ]
  const by = { ...at(9, 9), device: deviceOf('alice') }
  const last: Write = { ...by, stamp: { ms: 9, counter: 0 }, held: value('new') }
  for (const seen of [at(8, 8), at(1, 2), at(2, 3), at(3, 4), at(4, 5)]) {
    const all = [
      ...said.map((write) => ({ write, saw: [] as Dep[] })),
      { write: last, saw: [seen] },
    ]
    for (const order of permutations(all)) {
      const register = createRegister()
      for (const { write, saw } of order) foldWrite(register, write, saw)
      expect(register.live.map(({ held }) => held)).toEqual([value('new')])
    }
  }
  const shown = new Set<string>()
  for (const order of permutations(said)) {
    const register = createRegister()
    // What comes a second time adds nothing.
    for (const write of [...order, ...order]) foldWrite(register, write, [])
    expect(register.live.map((write) => write.log)).toEqual([said.toSorted(compareWrites)[0]?.log])
    shown.add(JSON.stringify(register.live))
  }
  expect(shown.size).toBe(1)
})
