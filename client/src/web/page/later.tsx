/**
 * Screens that nobody sees first, loaded once the page is up (rule WB16): all of them, so that a page
 * never goes on with files of a newer version than its own.
 */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { w } from './words/words.ts'

const waiting: (() => void)[] = []

/** What stands for the component until it is there: a moment, unless the network went in between. */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
): (props: P) => ReturnType<typeof Loading> {
  const there: Signal<{ readonly Screen?: ComponentType<P>; readonly failed?: true }> = signal({})
  let begun = false
  const begin = () => {
    if (begun) return
    begun = true
    load().then(
      (Screen) => {
        there.value = { Screen }
      },
      () => {
        there.value = { failed: true }
      },
    )
  }
  waiting.push(begin)
  return (props) => {
    begin()
    const { Screen, failed } = there.value
    return Screen ? <Screen {...props} /> : <Loading failed={failed === true} />
  }
}

export function loadLater(): void {
  for (const begin of waiting.splice(0)) begin()
}

const Loading = ({ failed }: { readonly failed: boolean }) => (
  <p class="page quiet" aria-busy={!failed}>
    {failed ? w().frame.notLoaded : w().frame.wait}
  </p>
)
