/** Opening an invitation (rule WB47): a link fills in the form, and nothing is asked before a person presses. */
import { isInvitationLink } from '@baton/shared/protocol/invitation-link'
import { useSignal, useSignalEffect } from '@preact/signals'
import { Trouble } from './parts.tsx'
import { hrefOf, type Place } from './route.ts'
import type { PageState } from './state.ts'
import type { VisitView } from './visits.ts'
import { w } from './words/words.ts'

export function JoinScreen({ state, place }: { readonly state: PageState; readonly place: Place }) {
  const t = w().invitation
  const all = state.visits.view.value
  const view = all?.way === 'join' ? all : undefined
  return (
    <div class="page pair">
      <h1>{t.join}</h1>
      {view && view.at !== 'failed' ? (
        <Way view={view} state={state} place={place} />
      ) : (
        <>
          <p>{t.joinIntro}</p>
          <LinkForm state={state} place={place} />
          {view?.failed && <Trouble problem={view.failed} />}
          <p class="quiet">{t.guestTerms}</p>
          <p class="or">
            <a href={hrefOf({ at: 'pair' })}>{t.other}</a>
          </p>
        </>
      )}
    </div>
  )
}

function LinkForm({ state, place }: { readonly state: PageState; readonly place: Place }) {
  const t = w().invitation
  const link = useSignal('')
  const wrong = useSignal(false)
  useSignalEffect(() => {
    if (place.invitation.value !== '') link.value = place.invitation.value
  })
  return (
    <form
      class="code-form"
      onSubmit={(event) => {
        event.preventDefault()
        wrong.value = !isInvitationLink(link.value)
        if (wrong.value) return
        place.invitation.value = ''
        state.visits.join(link.value)
      }}
    >
      <label for="invitation">{t.field}</label>
      <div class="code-line">
        <input
          id="invitation"
          type="text"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellcheck={false}
          aria-describedby="invitation-note"
          value={link.value}
          onInput={({ currentTarget }) => {
            link.value = currentTarget.value
            wrong.value = false
          }}
        />
        <button type="submit">{t.open}</button>
      </div>
      <p id="invitation-note" class="code-note" aria-live="polite">
        {wrong.value && t.damaged}
      </p>
    </form>
  )
}

function Way({ view, state, place }: { view: VisitView; state: PageState; place: Place }) {
  const t = w().invitation
  const { session } = view
  const over = view.at === 'done'
  return (
    <div class="under">
      <p class="stage" role="status">
        {wordsFor(view)}
      </p>
      {over && session !== undefined && (
        <button
          type="button"
          onClick={() => {
            state.visits.clear()
            place.go({ at: 'session', session })
          }}
        >
          {t.read}
        </button>
      )}
      <button type="button" class="plain" onClick={over ? state.visits.clear : state.visits.cancel}>
        {over ? t.again : t.cancel}
      </button>
    </div>
  )
}

function wordsFor({ at, name }: VisitView): string {
  const t = w().invitation
  switch (at) {
    case 'begun':
      return t.begun
    case 'meeting':
    case 'link':
      return t.meeting
    case 'met':
      return name === undefined ? t.meeting : t.met(name)
    case 'asking':
    case 'waiting':
    case 'accepted':
    case 'open':
      return t.asking
    case 'carrying':
    case 'signed':
      return t.carrying
    default:
      return t.done
  }
}
