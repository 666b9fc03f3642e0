/**
 * Where the page is, in the fragment of its address: a server never sees it. A pairing link stands in
 * the fragment, too; it is read once, cleared from the address and the history at once (rule WB8), and
 * only ever fills in a form.
 */
import { type Signal, signal } from '@preact/signals'

export type Route =
  | { readonly at: 'sessions' }
  | { readonly at: 'devices' }
  | { readonly at: 'pair' }
  | { readonly at: 'settings' }
  | { readonly at: 'session'; readonly session: string; readonly branch?: string }
  | { readonly at: 'about'; readonly session: string }

export function parseRoute(fragment: string): Route {
  const [, screen, rest = '', part] = fragment.replace(/^#/, '').split('/')
  if (screen === 'devices' || screen === 'pair' || screen === 'settings') return { at: screen }
  if (screen === 'session' && /^[\w-]{1,64}$/.test(rest)) {
    if (part === 'about') return { at: 'about', session: rest }
    const branch = /^branch-(.{1,400})$/.exec(part ?? '')?.[1]
    return { at: 'session', session: rest, ...(branch ? { branch: decoded(branch) } : {}) }
  }
  return { at: 'sessions' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function hrefOf(route: Route): string {
  if (route.at === 'session') {
    const branch = route.branch === undefined ? '' : `/branch-${encodeURIComponent(route.branch)}`
    return `#/session/${route.session}${branch}`
  }
  if (route.at === 'about') return `#/session/${route.session}/about`
  return `#/${route.at}`
}

export interface Place {
  readonly route: Signal<Route>
  /** A code that came with the address; empty without one. */
  readonly code: string
  go(route: Route): void
}

export function openPlace(): Place {
  const code = takeCode()
  const route = signal<Route>(code === '' ? parseRoute(location.hash) : { at: 'pair' })
  addEventListener('hashchange', () => {
    const late = takeCode()
    route.value = late === '' ? parseRoute(location.hash) : { at: 'pair' }
  })
  return {
    route,
    code,
    go(next) {
      location.hash = hrefOf(next)
    },
  }
}

/** Like `#412.q83vEjRWeJCrze8SNFZ4kA.signal.example`: what a QR code of Baton holds. */
const codeLike = /^#[1-9][0-9]{0,8}\.[\w-]{22}\..{1,600}$/

function takeCode(): string {
  const { hash } = location
  if (!codeLike.test(hash)) return ''
  history.replaceState(null, '', `${location.pathname}#/pair`)
  return `baton:${hash.slice(1)}`
}
