/** One session to be read, and written into: its transcript as a feed, who holds it, and a field. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { SessionRow } from '../../core/mesh-api.ts'
import { modeNow } from '../tabs/mode.ts'
import { Composer } from './composer.tsx'
import { type Facts, watchFacts } from './facts.ts'
import { Holding } from './holding.tsx'
import { Row } from './message.tsx'
import { Icon, Trouble } from './parts.tsx'
import { followSession, readSession } from './reading.ts'
import { hrefOf } from './route.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { Virtual } from './virtual.tsx'
import { w } from './words/words.ts'

export interface SessionProps {
  readonly state: PageState
  /** A session's id, or its agent's for it. */
  readonly session: string
  /** Of a transcript; without it what this page reads as its main history. */
  readonly branch?: string | undefined
}

export const rowOf = ({ state, session }: Omit<SessionProps, 'branch'>): SessionRow | undefined =>
  state.sessions.value?.find((row) => row.id === session || row.agentSession === session)

/** What stands around a session, while a screen shows it. */
export function useFacts(state: PageState, row: SessionRow | undefined): Facts | undefined {
  const id = row?.id
  const driven = row?.driven === true
  const watch = useMemo(
    () => (id === undefined ? undefined : watchFacts(state.mesh, id, driven)),
    [state.mesh, id, driven],
  )
  useEffect(() => () => watch?.stop(), [watch])
  // What this page handed on has a receipt by then, and nothing else tells of that.
  const sent = state.sending.view.value?.event?.at
  const handed = state.handing.view.value?.at
  useEffect(() => watch?.refresh(), [watch, sent, handed])
  return watch?.facts.value
}

export function SessionScreen(props: SessionProps) {
  const row = rowOf(props)
  // How it is read depends on what it is.
  if (props.state.sessions.value === undefined) {
    return (
      <p class="page quiet" aria-busy="true">
        {w().frame.wait}
      </p>
    )
  }
  return <Reader {...props} row={row} />
}

interface ReaderProps extends SessionProps {
  readonly row: SessionRow | undefined
}

function Reader({ state, session, branch, row }: ReaderProps) {
  const all = useSignal(false)
  const driven = row?.driven === true
  const facts = useFacts(state, row)
  // What was said beside the history leaves it: then it is read anew.
  const beside = facts?.beside.reduce((sum, { messages }) => sum + messages, 0) ?? 0
  const open = useMemo(() => new Set<number>(), [all.value, beside])
  const reading = useMemo(
    () =>
      driven
        ? followSession(state.mesh, session)
        : readSession(state.mesh, session, { all: all.value, branch }),
    [state.mesh, session, branch, driven, all.value, beside],
  )
  useEffect(() => () => reading.stop(), [reading])
  const toEnd = useMemo<{ current?: () => void }>(() => ({}), [])
  const at = reading.at.value
  const turn = reading.turn.value
  const { hidden, list } = reading.items
  const from = row && nameOf(state.devices.value ?? [], row.origin)
  const t = w().session
  const title = row?.title ?? t.untitled
  const ui = facts?.ui
  return (
    <div
      class={`reader layout-${layoutHere(ui?.layout)}`}
      style={{ '--said': String(Math.min(Math.max(ui?.fontSize ?? 14, 8), 32)) }}
    >
      {ui?.sidebarOpen && <Sidebar state={state} session={session} />}
      <header>
        <a class="back" href={hrefOf({ at: 'sessions' })}>
          <Icon name="back" />
          <span class="unseen">{t.all}</span>
        </a>
        <div class="titles">
          <h1>{title}</h1>
          <p class="quiet">
            {from === undefined ? '' : `${w().sessions.from(from)} · `}
            {branch === undefined ? '' : `${t.branch(branch)} · `}
            {at === 'reading' ? t.reading : t.messages(list.length)}
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
                  {t.bookkeeping(hidden)}
                </button>
              </>
            )}
          </p>
        </div>
        <a class="button chip" href={hrefOf({ at: 'about', session })}>
          <Icon name="about" />
          <span>{t.details}</span>
          {facts !== undefined && toMind(facts) > 0 && (
            <span class="count">
              {toMind(facts)}
              <span class="unseen">{t.toLookAt}</span>
            </span>
          )}
        </a>
        <button type="button" class="chip latest" onClick={() => toEnd.current?.()}>
          <Icon name="down" />
          <span>{t.latest}</span>
        </button>
        {row?.id !== undefined && facts?.holding?.held && (
          <Holding state={state} session={row.id} holding={facts.holding} />
        )}
      </header>
      {typeof at === 'object' ? (
        <Trouble problem={at} />
      ) : (
        <Virtual
          label={title}
          count={list.length}
          turn={turn}
          busy={at === 'reading'}
          follows={driven}
          toEnd={toEnd}
          row={(index) => {
            const item = list[index]
            return item && <Row item={item} open={open} index={index} />
          }}
        />
      )}
      {row?.id !== undefined && driven && facts !== undefined && (
        <Composer state={state} session={row.id} facts={facts} />
      )}
    </div>
  )
}

/** A tab has room for all: the layout of a narrower place that came along is none for it. */
const layoutHere = (layout = 'standard'): string =>
  modeNow() === 'tab' || !/^[a-z]{1,16}$/.test(layout) ? 'standard' : layout

/** The other sessions, beside the one that is read. */
function Sidebar({ state, session }: Omit<SessionProps, 'branch'>) {
  return (
    <section class="sidebar" aria-label={w().sessions.title}>
      {(state.sessions.value ?? []).slice(0, maxBeside).map((row) => {
        const id = row.id ?? row.agentSession
        return (
          <a
            key={id}
            href={hrefOf({ at: 'session', session: id })}
            aria-current={id === session ? 'page' : undefined}
          >
            {row.title ?? w().session.untitled}
          </a>
        )
      })}
    </section>
  )
}

const maxBeside = 100

/** What wants a person's eye: conflicts, and what was said beside the history. */
const toMind = ({ conflicts, beside }: Facts): number => conflicts.length + beside.length
