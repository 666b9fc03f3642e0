import { createFifo } from '@baton/client/core/link/fifo'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../support/tries.ts'

it('L1 the queue of a lane gives back what it took, in order, at any length', () => {
  const steps = fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 12 })
  fc.assert(
    fc.property(steps, (moves) => {
      const fifo = createFifo<number>()
      const model: number[] = []
      let next = 0
      for (const move of moves) {
        for (let i = 0; i < move; i++, next++) {
          fifo.push(next)
          model.push(next)
        }
        const taken = Array.from({ length: Math.max(0, -move) }, () => [fifo.peek(), fifo.shift()])
        const meant = model.splice(0, taken.length)
        expect(taken).toEqual(taken.map((_, i) => [meant[i], meant[i]]))
        expect(fifo.length).toBe(model.length)
      }
    }),
    { numRuns: tries(20) },
  )
})
