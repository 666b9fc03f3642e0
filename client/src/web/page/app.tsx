/** The frame around the screens: where one is, where one can go, and how the device stands. */
import { useEffect, useRef } from 'preact/hooks'
import { Asks } from './asks.tsx'
import { InTheWay } from './in-the-way.tsx'
import { later } from './later.tsx'
import { PairScreen } from './pair.tsx'
import { Dot, Icon, type IconName, Mark } from './parts.tsx'
import { hrefOf, type Place, type Route } from './route.ts'
import { SessionsScreen } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export interface AppProps {
  readonly state: PageState
  readonly place: Place
}

const AboutScreen = later(async () => (await import('./about.tsx')).AboutScreen)
const DevicesScreen = later(async () => (await import('./devices.tsx')).DevicesScreen)
const JoinScreen = later(async () => (await import('./join.tsx')).JoinScreen)
const SessionScreen = later(async () => (await import('./session.tsx')).SessionScreen)
const SettingsScreen = later(async () => (await import('./settings.tsx')).SettingsScreen)

const screens = ['sessions', 'devices', 'pair', 'settings'] as const

export function App({ state, place }: AppProps) {
  const route = place.route.value
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  const where = hrefOf(route)
  useEffect(() => {
    // Who goes to another screen by keyboard or screen reader starts at its top.
    if (!first.current) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [where])
  return (
    <div class={`frame at-${route.at}`}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {w().frame.skip}
      </button>
      <header class="bar">
        <a class="brand" href={hrefOf({ at: 'sessions' })}>
          <Mark />
          <span>Baton</span>
        </a>
        <nav aria-label={w().frame.screensLabel}>
          {screens.map((at) => (
            <Tab key={at} at={at} title={w().frame.screens[at]} route={route} />
          ))}
        </nav>
        <Standing state={state} />
      </header>
      <div class="above">
        <InTheWay state={state} />
        <Asks state={state} />
      </div>
      <main ref={main} tabIndex={-1}>
        <Screen state={state} place={place} route={route} />
      </main>
      <Notice state={state} />
    </div>
  )
}

function Tab({ at, title, route }: { at: IconName & Route['at']; title: string; route: Route }) {
  const inSession = route.at === 'session' || route.at === 'about'
  const here =
    route.at === at || (at === 'sessions' && inSession) || (at === 'pair' && route.at === 'join')
  return (
    <a href={hrefOf({ at } as Route)} aria-current={here ? 'page' : undefined}>
      <Icon name={at} />
      {title}
    </a>
  )
}

function Screen({ state, place, route }: AppProps & { readonly route: Route }) {
  switch (route.at) {
    case 'devices':
      return <DevicesScreen state={state} />
    case 'join':
      return <JoinScreen state={state} place={place} />
    case 'pair':
      return <PairScreen state={state} place={place} />
    case 'settings':
      return <SettingsScreen state={state} />
    case 'about':
      return <AboutScreen key={route.session} state={state} place={place} session={route.session} />
    case 'session':
      return (
        <SessionScreen
          key={hrefOf(route)}
          state={state}
          session={route.session}
          branch={route.branch}
        />
      )
    default:
      return <SessionsScreen state={state} place={place} />
  }
}

function Standing({ state }: { readonly state: PageState }) {
  const status = state.status.value
  if (!status) return <p class="standing" />
  const t = w().frame
  const { connected, paired } = status.devices
  const down = status.signaling?.state === 'down'
  const word =
    connected > 0
      ? t.connected(connected, paired)
      : paired === 0
        ? t.notPaired
        : down
          ? t.offline
          : t.looking
  return (
    <p class="standing" role="status">
      <Dot state={connected > 0 ? 'connected' : 'offline'} />
      {word}
    </p>
  )
}

function Notice({ state }: { readonly state: PageState }) {
  const text = state.notice.value
  return (
    <div class="notice" role="status" hidden={text === ''}>
      <p>{text}</p>
      <button type="button" class="plain" onClick={() => state.tell('')}>
        <Icon name="close" />
        <span class="unseen">{w().frame.putAway}</span>
      </button>
    </div>
  )
}
