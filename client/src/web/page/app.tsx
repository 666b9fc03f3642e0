/** The frame around the screens: where one is, where one can go, and how the device stands. */
import { useEffect, useRef } from 'preact/hooks'
import { Asks } from './asks.tsx'
import { later } from './later.tsx'
import { PairScreen } from './pair.tsx'
import { Dot, Icon, type IconName, Mark } from './parts.tsx'
import { hrefOf, type Place, type Route } from './route.ts'
import { SessionsScreen } from './sessions.tsx'
import type { PageState } from './state.ts'

export interface AppProps {
  readonly state: PageState
  readonly place: Place
}

const AboutScreen = later(async () => (await import('./about.tsx')).AboutScreen)
const DevicesScreen = later(async () => (await import('./devices.tsx')).DevicesScreen)
const SessionScreen = later(async () => (await import('./session.tsx')).SessionScreen)
const SettingsScreen = later(async () => (await import('./settings.tsx')).SettingsScreen)

const screens = [
  { at: 'sessions', title: 'Sessions' },
  { at: 'devices', title: 'Devices' },
  { at: 'pair', title: 'Pair' },
  { at: 'settings', title: 'Settings' },
] as const

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
        Skip to the content
      </button>
      <header class="bar">
        <a class="brand" href={hrefOf({ at: 'sessions' })}>
          <Mark />
          <span>Baton</span>
        </a>
        <nav aria-label="Screens">
          {screens.map(({ at, title }) => (
            <Tab key={at} at={at} title={title} route={route} />
          ))}
        </nav>
        <Standing state={state} />
      </header>
      <Asks state={state} />
      <main ref={main} tabIndex={-1}>
        <Screen state={state} place={place} route={route} />
      </main>
      <Notice state={state} />
    </div>
  )
}

function Tab({ at, title, route }: { at: IconName & Route['at']; title: string; route: Route }) {
  const inSession = route.at === 'session' || route.at === 'about'
  const here = route.at === at || (at === 'sessions' && inSession)
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
  const { connected, paired } = status.devices
  const down = status.signaling?.state === 'down'
  const word =
    connected > 0
      ? `${connected} of ${paired} connected`
      : paired === 0
        ? 'not paired'
        : down
          ? 'offline'
          : 'looking for your devices'
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
        <span class="unseen">Put away</span>
      </button>
    </div>
  )
}
