/**
 * Writing into a session (rule WB19): a message where this page holds it, else a word for the inbox of
 * who does. What could not be said stays in the field.
 */

import type { SessionId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { InputRow } from '../../core/mesh-api.ts'
import type { Facts } from './facts.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

/** Longer texts belong in a file. */
const maxChars = 200_000

export interface ComposerProps {
  readonly state: PageState
  readonly session: SessionId
  readonly facts: Facts
}

export function Composer({ state, session, facts }: ComposerProps) {
  const text = useSignal('')
  const busy = useSignal(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const { holding, inputs } = facts
  const holder = holding?.holder
  const direct = holding?.held === false || holder === state.mesh.self
  const t = w().composer
  const name = holder === undefined ? t.whoever : nameOf(state.devices.value ?? [], holder)

  useEffect(() => {
    state.drafts.read(session).then(
      (kept) => {
        if (text.value === '') text.value = kept
      },
      () => {},
    )
  }, [session])

  async function say(): Promise<void> {
    if (busy.value || text.value.trim() === '') return
    busy.value = true
    const said = await state.attempt(() =>
      state.mesh.driven.say(session, { role: 'user', text: text.value }),
    )
    busy.value = false
    if (!said) return
    text.value = ''
    state.drafts.clear(session)
    field.current?.focus()
  }

  /** What waited becomes a message of the history: once, whatever happens in between. */
  const takeUp = (consumes: string, content: string) =>
    void state.attempt(async () =>
      (await state.mesh.documents.open(session)).takeUp(consumes, content),
    )

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void say()
      }}
    >
      {inputs.length > 0 && (
        <ul class="inputs" aria-label={t.inbox}>
          {inputs.slice(-3).map(({ id, value }) => (
            <li key={id}>
              <span class="badge">{t.waitsFor(direct ? w().frame.thisPage : name)}</span>{' '}
              <span>{inputText(value)}</span>{' '}
              {direct && (
                <button type="button" class="plain" onClick={() => takeUp(id, inputText(value))}>
                  {t.takeUp}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <label class="unseen" for="say">
        {direct ? t.yours : t.forInbox(name)}
      </label>
      <textarea
        id="say"
        ref={field}
        rows={2}
        maxLength={maxChars}
        placeholder={direct ? t.say : t.leave(name)}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value
          state.drafts.write(session, text.value)
        }}
        onKeyDown={(event) => {
          // A thumb has no Shift: there Enter is a new line, and the button says it.
          const fingers = matchMedia('(pointer: coarse)').matches
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing || fingers) return
          event.preventDefault()
          void say()
        }}
      />
      <button type="submit" aria-disabled={busy.value || text.value.trim() === ''}>
        {direct ? t.sayIt : t.leaveIt}
      </button>
    </form>
  )
}

function inputText(value: InputRow['value']): string {
  const content = (value as { readonly content?: unknown } | null)?.content
  const text = typeof value === 'string' ? value : typeof content === 'string' ? content : ''
  return text.slice(0, 500)
}
