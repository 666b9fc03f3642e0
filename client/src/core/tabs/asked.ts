/**
 * Whom a page asks just now (rule WB31): itself, the leader, or nobody yet, and then it waits. What was
 * under way when the leader went is asked again where that changes nothing or comes to the same; what
 * may have been done, or not, says so.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import { gone } from './asking.ts'
import { type CallName, calls, type Following, type StreamName, streams } from './calls.ts'
import { maxTabAsks } from './limits.ts'

/** Who answers: this page, or another one. */
export interface Answers {
  call(name: CallName, args: readonly unknown[]): Promise<unknown>
  follow(name: StreamName, args: readonly unknown[]): Following
}

export interface Asked extends Answers {
  follow(name: StreamName, args: readonly unknown[]): Required<Following>
  /** From now on this one, or nobody for now. */
  use(answers: Answers | undefined): void
  /** What is asked from now on, and what waits, is refused with it. */
  fail(error: BatonError): void
}

/** `fenced`: what answered here has lost its store. */
export function createAsked(fenced: (by: Answers) => void): Asked {
  let now: Answers | undefined
  let failed: BatonError | undefined
  let waiting: (() => void)[] = []
  const switches = new Set<() => void>()

  const wake = () => {
    const all = waiting
    waiting = []
    for (const run of all) run()
  }

  async function current(): Promise<Answers> {
    while (!now) {
      if (failed) throw failed
      if (waiting.length >= maxTabAsks) throw unknown()
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    return now
  }

  /** True when who was asked is no longer there. */
  function isOver(error: unknown, asked: Answers): boolean {
    if (error === gone) return true
    if (!isBatonError(error)) return false
    if (error.code === 'store-fenced' && asked === now) fenced(asked)
    return ['store-fenced', 'store-closed'].includes(error.code) && asked !== now
  }

  /** Who answers may be closed and say nothing more: its events end with its turn. */
  async function* untilSwitch({ events, cancel }: Following): AsyncGenerator<unknown> {
    const reader = events[Symbol.asyncIterator]()
    let over = false
    let stop = () => {}
    const stopped = () => {
      over = true
      stop()
    }
    switches.add(stopped)
    try {
      for (;;) {
        const next = await new Promise<IteratorResult<unknown> | undefined>((resolve, reject) => {
          stop = () => resolve(undefined)
          if (over) stop()
          else reader.next().then(resolve, reject)
        })
        if (!next) throw gone
        if (next.done) return
        yield next.value
      }
    } catch (error) {
      cancel?.()
      throw error
    } finally {
      switches.delete(stopped)
      // Not awaited: it may stand at something that never comes.
      reader.return?.().then(
        () => {},
        () => {},
      )
    }
  }

  return {
    async call(name, args) {
      for (;;) {
        const asked = await current()
        try {
          return await asked.call(name, args)
        } catch (error) {
          if (!isOver(error, asked)) throw error
          if (!calls[name].again) throw unknown()
        }
      }
    },
    follow(name, args) {
      const { then } = streams[name]
      let own: Following | undefined
      let cancelled = false
      async function* read(): AsyncGenerator<unknown> {
        let told = 0
        for (;;) {
          const asked = await current()
          let skip = then === 'skips' ? told : 0
          try {
            own = asked.follow(name, args)
            if (cancelled) own.cancel?.()
            for await (const event of untilSwitch(own)) {
              if (skip-- > 0) continue
              told += 1
              yield event
            }
            return
          } catch (error) {
            if (!isOver(error, asked)) throw error
            if (then === 'ends') throw unknown()
            if (cancelled) return
          }
        }
      }
      return {
        events: read(),
        cancel() {
          cancelled = true
          own?.cancel?.()
        },
        answer: (yes) => own?.answer?.(yes),
      }
    },
    use(answers) {
      now = answers
      failed = undefined
      for (const stop of [...switches]) stop()
      if (answers) wake()
    },
    fail(error) {
      now = undefined
      failed = error
      wake()
    },
  }
}

const unknown = () =>
  new BatonError('no-answer', 'the tab that was asked went away before it answered', {
    hint: 'look whether it is done, and if not do it again',
  })
