/** One session to be read: its transcript as a feed, calls of tools folded, bookkeeping left out. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { plural } from './format.ts'
import { Row } from './message.tsx'
import { Icon } from './parts.tsx'
import { readSession } from './reading.ts'
import { hrefOf } from './route.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { Virtual } from './virtual.tsx'

export function SessionScreen({
  state,
  session,
}: {
  readonly state: PageState
  readonly session: string
}) {
  const all = useSignal(false)
  const open = useMemo(() => new Set<number>(), [all.value])
  const reading = useMemo(
    () => readSession(state.mesh, session, all.value),
    [state.mesh, session, all.value],
  )
  useEffect(() => () => reading.stop(), [reading])
  const toEnd = useMemo<{ current?: () => void }>(() => ({}), [])
  const found = state.sessions.value?.find(
    (row) => row.id === session || row.agentSession === session,
  )
  const at = reading.at.value
  const count = reading.count.value
  const { hidden } = reading.items
  const from = found && nameOf(state.devices.value ?? [], found.origin)
  return (
    <div class="reader">
      <header>
        <a class="back" href={hrefOf({ at: 'sessions' })}>
          <Icon name="back" />
          <span class="unseen">All sessions</span>
        </a>
        <div>
          <h1>{found?.title ?? 'Session'}</h1>
          <p class="quiet">
            {from === undefined ? '' : `from ${from} · `}
            {at === 'reading' ? 'reading' : plural(count, 'message')}
            {hidden > 0 && !all.value && (
              <>
                {' · '}
                <button
                  type="button"
                  class="plain"
                  onClick={() => {
                    all.value = true
                  }}
                >
                  show {plural(hidden, 'bookkeeping record')}
                </button>
              </>
            )}
          </p>
        </div>
        <button type="button" class="chip latest" onClick={() => toEnd.current?.()}>
          <Icon name="down" />
          <span>Latest</span>
        </button>
      </header>
      {typeof at === 'object' ? (
        <div class="trouble" role="alert">
          <p>{at.message}</p>
          {at.hint !== undefined && <p class="quiet">{at.hint}</p>}
        </div>
      ) : (
        <Virtual
          label={found?.title ?? 'Session'}
          count={count}
          busy={at === 'reading'}
          toEnd={toEnd}
          row={(index) => {
            const item = reading.items.list[index]
            return item && <Row item={item} open={open} index={index} />
          }}
        />
      )}
    </div>
  )
}
