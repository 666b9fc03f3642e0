/**
 * Small runs that follow one another go as one (rule XC13): what a person wrote word by word is signed
 * word by word, but its last signature vouches for all before it. Whoever takes it checks one
 * signature instead of thousands, and keeps one row.
 */
import { packBytes } from '@baton/shared/limits'
import { type Delta, lastSeq } from '@baton/shared/log/delta'
import { segments } from '@baton/shared/log/segment'
import type { StoredRun } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'

/** In the order they came, those that cannot be joined as they are. */
export async function* joined(
  { open, pack }: Pick<Repository, 'open' | 'pack'>,
  runs: AsyncIterable<StoredRun>,
): AsyncGenerator<StoredRun> {
  let small: { run: StoredRun; delta: Delta }[] = []

  async function* flush(): AsyncGenerator<StoredRun> {
    const waiting = small
    small = []
    const [only] = waiting
    if (only && waiting.length === 1) yield only.run
    else {
      for (const delta of segments(waiting.map((each) => each.delta))) {
        const { log, after } = delta
        yield { log, after, last: lastSeq(delta), blobs: [], packed: await pack(delta) }
      }
    }
  }

  for await (const run of runs) {
    const { packed, blobs } = run
    if (packed.rawBytes > 0 || packed.bytes.length >= packBytes || blobs.length > 0) {
      yield* flush()
      yield run
      continue
    }
    small.push({ run, delta: await open(packed) })
    if (small.length === atOnce) yield* flush()
  }
  yield* flush()
}

/** Runs held at once, so that a log of any length takes little memory. */
const atOnce = 1024
