/** What is in the way, above every screen (rule WB48). */
import type { Hindrance } from './hindrances.ts'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function InTheWay({ state }: { readonly state: PageState }) {
  const list = state.hindrances.list.value
  return (
    <section class="in-the-way" aria-label={w().hindrance.label} aria-live="polite">
      {list.map((each) => (
        <p key={each.at} class="trouble">
          {wordsFor(each)}
        </p>
      ))}
    </section>
  )
}

function wordsFor(each: Hindrance): string {
  const t = w().hindrance
  switch (each.at) {
    case 'webrtc':
      return t.webrtc
    case 'lna-denied':
      return t.lnaDenied
    case 'lna-prompt':
      return t.lnaPrompt
    case 'full':
      return t.full
    default:
      return t.clock(spanOf(each.ms))
  }
}

/** "3 hours", in the language of the page. */
function spanOf(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const [value, unit] = minutes < 90 ? [minutes, 'minute'] : [Math.round(minutes / 60), 'hour']
  return new Intl.NumberFormat(document.documentElement.lang, {
    ...{ style: 'unit', unit, unitDisplay: 'long' },
  }).format(value)
}
