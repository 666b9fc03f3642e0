/** Typing a code: words complete at a space, what may be meant stands below, a slip is told at once. */
import { type CodeLine, lineOf, typeAll } from '@baton/shared/keyexchange/code-line'
import { completeWord } from '@baton/shared/keyexchange/word-search'
import { codeWords } from '@baton/shared/limits'
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { w } from './words/words.ts'

const maxOffered = 5

export function CodeField(props: { readonly begin: string; onCode(code: string): void }) {
  const line = useSignal<CodeLine>(typeAll(props.begin))
  const input = useRef<HTMLInputElement>(null)
  const { text, ghost, note, complete } = line.value
  const offered = offers(line.value)

  function take(word: string): void {
    const parts = text.split('-')
    parts[parts.length - 1] = word
    line.value = lineOf(parts.join('-') + (parts.length <= codeWords ? '-' : ''))
    input.current?.focus()
  }

  return (
    <form
      class="code-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (complete) props.onCode(text + ghost)
        else input.current?.focus()
      }}
    >
      <label for="code">{w().pair.field}</label>
      <div class="code-line">
        <input
          id="code"
          ref={input}
          type="text"
          inputMode="text"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellcheck={false}
          enterKeyHint="go"
          placeholder="412-candle-castle-anvil"
          aria-describedby="code-note"
          value={text}
          onInput={(event) => {
            const { currentTarget: field, inputType } = event as Typed
            const atEnd = field.selectionStart === field.value.length
            const typed = atEnd && !inputType.startsWith('delete')
            line.value = typed ? typeAll(field.value) : lineOf(field.value)
          }}
        />
        <button type="submit" aria-disabled={!complete}>
          {w().pair.pair}
        </button>
      </div>
      <p id="code-note" class="code-note" aria-live="polite">
        {offered.length === 0 && (note || (complete ? w().pair.whole : ''))}
        {offered.map((word) => (
          <button key={word} type="button" class="chip" onClick={() => take(word)}>
            {word}
          </button>
        ))}
      </p>
    </form>
  )
}

type Typed = InputEvent & { readonly currentTarget: HTMLInputElement }

/** Words that the one being typed may become, when they are few. */
function offers({ text, complete }: CodeLine): readonly string[] {
  const parts = text.split('-')
  const typed = parts.at(-1) ?? ''
  if (complete || parts.length < 2 || parts.length > codeWords + 1 || typed === '') return []
  const fitting = completeWord(typed)
  return fitting.length > 0 && !fitting.includes(typed) ? fitting.slice(0, maxOffered) : []
}
