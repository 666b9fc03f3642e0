import { createFifo } from '@baton/client/core/link/fifo'
import fc from 'fast-check'
import { expect, it } from 'vitest'

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
        for (let i = 0; i > move; i--) {
          expect(fifo.peek()).toBe(model[0])
          expect(fifo.shift()).toBe(model.shift())
        }
        expect(fifo.length).toBe(model.length)
      }
    }),
    { numRuns: 20 },
  )
})
