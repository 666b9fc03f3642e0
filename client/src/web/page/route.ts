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
  | { readonly at: 'join' }
  | { readonly at: 'settings' }
  | { readonly at: 'session'; readonly session: string; readonly branch?: string }
  | { readonly at: 'about'; readonly session: string }

export function parseRoute(fragment: string): Route {
  const [, screen, rest = '', part] = fragment.replace(/^#/, '').split('/')
  const plain = plainScreens.find((each) => each === screen)
  if (plain) return { at: plain }
  if (screen === 'session' && /^[\w-]{1,64}$/.test(rest)) {
    if (part === 'about') return { at: 'about', session: rest }
    const branch = /^branch-(.{1,400})$/.exec(part ?? '')?.[1]
    return { at: 'session', session: rest, ...(branch ? { branch: decoded(branch) } : {}) }
  }
  return { at: 'sessions' }
}

const plainScreens = ['devices', 'pair', 'join', 'settings'] as const

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
  /** A code that came with the address and was not used yet; empty without one. */
  readonly code: Signal<string>
  /** The same of an invitation. */
  readonly invitation: Signal<string>
  go(route: Route): void
}

export function openPlace(): Place {
  const code = signal('')
  const invitation = signal('')
  const look = (): Route => {
    const link = takeLink()
    if (link === '') return parseRoute(location.hash)
    if (link.startsWith('baton:invite.')) {
      invitation.value = link
      return { at: 'join' }
    }
    code.value = link
    return { at: 'pair' }
  }
  const route = signal<Route>(look())
  addEventListener('hashchange', () => {
    route.value = look()
  })
  return {
    ...{ route, code, invitation },
    go(next) {
      location.hash = hrefOf(next)
    },
  }
}

/** Like `#412.q83vEjRWeJCrze8SNFZ4kA.signal.example`: what a QR code of Baton holds. */
const codeLike = /^#[1-9][0-9]{0,8}\.[\w-]{22}\..{1,600}$/

/** Like `#invite.` and anything: one that is damaged is taken out of the address, too. */
const invitationLike = /^#invite\..{0,1000}$/

function takeLink(): string {
  const { hash } = location
  const screen = codeLike.test(hash) ? 'pair' : invitationLike.test(hash) ? 'join' : undefined
  if (screen === undefined) return ''
  history.replaceState(null, '', `${location.pathname}#/${screen}`)
  return `baton:${hash.slice(1)}`
}
