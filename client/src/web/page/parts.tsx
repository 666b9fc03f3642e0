/** Small pieces that every screen uses. */
import type { ComponentChildren } from 'preact'
import type { Problem } from './problem.ts'

export type IconName =
  | 'sessions'
  | 'devices'
  | 'pair'
  | 'back'
  | 'close'
  | 'down'
  | 'about'
  | 'settings'

const paths: Readonly<Record<IconName, string>> = {
  sessions: 'M4 5h16M4 10h16M4 15h10M4 20h7',
  devices: 'M3 5h13v10H3zM7 19h5M18 9h3v11h-5v-3',
  pair: 'M9 15 15 9M7 12l-2 2a3.5 3.5 0 0 0 5 5l2-2M17 12l2-2a3.5 3.5 0 0 0-5-5l-2 2',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6 6 18',
  about: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v6M12 7.5v.5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4v6M9 14v6',
  down: 'M12 5v14M6 13l6 6 6-6',
}

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)

export const Mark = () => (
  <svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
    <rect width="64" height="64" rx="14" />
    <path d="M15 49 49 15" />
    <path class="band" d="m29 35 6-6" />
  </svg>
)

/** A whole screen that says one thing, and what to do about it. */
export const Message = (props: {
  readonly title: string
  readonly children?: ComponentChildren
  readonly busy?: boolean
}) => (
  <main class="message" aria-busy={props.busy === true}>
    <Mark />
    <h1>{props.title}</h1>
    {props.children}
  </main>
)

export const Dot = ({ state }: { readonly state: string }) => (
  <span class={`dot ${state}`} aria-hidden="true" />
)

/** What went wrong, and what helps. */
export const Trouble = ({ problem }: { readonly problem: Problem }) => (
  <div class="trouble" role="alert">
    <p>{problem.message}</p>
    {problem.hint !== undefined && <p class="quiet">{problem.hint}</p>}
  </div>
)
