/** Random histories of a store against a sorted list (rule ST4). */
import type { Range, Write } from '../../core/ports/store.ts'
import { equal } from '../check.ts'
import { createDice, type Dice } from '../dice.ts'
import { collect, modelRange, type Row } from '../rows.ts'
import type { StoreSetup } from '../store.ts'
import { withStore } from './place.ts'

export function historyTests(setup: StoreSetup): void {
  const { test, histories = 25, seed: first = 1 } = setup
  test('ST4 any range over any history equals a sorted list', async () => {
    for (let seed = first; seed < first + histories; seed++) {
      await withStore(setup, async ({ store }) => {
        const dice = createDice(seed)
        const model = new Map<string, Row>()
        for (let batches = dice.below(5); batches > 0; batches--) {
          const batch = Array.from({ length: dice.below(13) }, () => writeOf(dice))
          await store.write(batch)
          for (const each of batch) {
            if ('put' in each) model.set(String(each.put), [each.put, each.value])
            else model.delete(String(each.delete))
          }
        }
        for (let ranges = 6; ranges > 0; ranges--) {
          const range = rangeOf(dice)
          const what = `a range after history ${seed} (${JSON.stringify(range)})`
          equal(await collect(store, range), modelRange(model.values(), range), what)
        }
      })
    }
  })
}

/** Few keys, some beyond ASCII, so that writes meet. */
const keyOf = (dice: Dice, least: number) =>
  Uint8Array.from({ length: least + dice.below(3) }, () => dice.below(256) & 0x83)

function writeOf(dice: Dice): Write {
  const key = keyOf(dice, 1)
  if (dice.below(3) === 0) return { delete: key }
  return { put: key, value: Uint8Array.from({ length: dice.below(4) }, () => dice.below(256)) }
}

function rangeOf(dice: Dice): Range {
  return {
    from: keyOf(dice, 0),
    to: keyOf(dice, 1),
    ...(dice.below(2) === 0 ? { limit: dice.below(6) } : {}),
    ...(dice.below(2) === 0 ? { reverse: dice.below(2) === 0 } : {}),
  }
}
