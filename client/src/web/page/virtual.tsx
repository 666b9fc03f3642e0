/**
 * A long list of which only the rows in sight are in the page: a feed, whose articles say their place
 * for those who do not see it. Heights are guessed, measured when a row is drawn, and the browser's own
 * scroll anchoring keeps what is read where it is.
 */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks'
import { createHeights } from './heights.ts'

export interface VirtualProps {
  readonly label: string
  readonly count: number
  /** Another number wherever rows say something else. */
  readonly turn: number
  /** More rows may come. */
  readonly busy: boolean
  /** It is read from its end, which is followed as it grows until a person scrolls up. */
  readonly follows: boolean
  readonly row: (index: number) => ComponentChildren
  /** Is given what goes to the last row. */
  readonly toEnd: { current?: () => void }
}

const guessPx = 96
/** Rows drawn beyond what is in sight, so that scrolling finds them there. */
const marginPx = 600

export function Virtual({ label, count, busy, follows, row, toEnd }: VirtualProps) {
  const box = useRef<HTMLDivElement>(null)
  const heights = useMemo(() => createHeights(guessPx), [])
  const atEnd = useRef(follows)
  const [, draw] = useReducer((turn: number) => turn + 1, 0)
  heights.grow(count)
  const top = box.current?.scrollTop ?? 0
  const seen = box.current?.clientHeight ?? 800
  const first = heights.rowAt(Math.max(0, top - marginPx))
  const last = count === 0 ? -1 : heights.rowAt(top + seen + marginPx)

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    let changed = false
    for (const child of element.querySelectorAll<HTMLElement>(':scope > article')) {
      const index = Number(child.getAttribute('aria-posinset')) - 1
      if (heights.set(index, child.offsetHeight)) changed = true
    }
    // Whoever went to the end stays there while what is above turns out longer than it was guessed.
    if (atEnd.current) element.scrollTop = element.scrollHeight
    if (changed) draw(0)
  })

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    let width = element.clientWidth
    const watcher = new ResizeObserver(() => {
      if (element.clientWidth !== width) heights.forget()
      width = element.clientWidth
      draw(0)
    })
    watcher.observe(element)
    // What unfolds a row does not bubble.
    const unfolded = () => draw(0)
    element.addEventListener('toggle', unfolded, true)
    return () => {
      watcher.disconnect()
      element.removeEventListener('toggle', unfolded, true)
    }
  }, [heights])

  toEnd.current = () => {
    const element = box.current
    if (!element) return
    atEnd.current = true
    element.scrollTop = element.scrollHeight
    draw(0)
  }

  const rows = []
  for (let index = first; index <= last; index++) {
    rows.push(
      <article key={index} aria-posinset={index + 1} aria-setsize={busy ? -1 : count} tabIndex={-1}>
        {row(index)}
      </article>,
    )
  }
  return (
    <div
      class="feed"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
      tabIndex={0}
      role="feed"
      aria-label={label}
      aria-busy={busy}
      onKeyDown={(event) => {
        if (event.key !== 'End' || event.target !== event.currentTarget) return
        // The browser would go slowly to where the end was guessed to be.
        event.preventDefault()
        toEnd.current?.()
      }}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = (follows || scrollTop > 0) && scrollTop + clientHeight >= scrollHeight - 4
        draw(0)
      }}
    >
      <div style={{ height: `${heights.offset(first)}px` }} />
      {rows}
      <div style={{ height: `${heights.offset(count) - heights.offset(last + 1)}px` }} />
    </div>
  )
}
