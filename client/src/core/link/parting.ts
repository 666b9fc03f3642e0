/**
 * How a link ends in order (rules L22, L23). A machine: it is told what happened and answers what
 * to do next. Either side may begin, or both.
 *
 *   close()   what was taken leaves, 2 s at most
 *   BYE    -> what left, what was handed over, why
 *          <- PARTED, when the last frame was handed over, or after 500 ms: what was
 *   end
 */
import type { Offsets } from '@baton/shared/encoding/frame'
import { byeMs, drainMs } from '@baton/shared/limits'

export type PartingStep = 'bye' | 'answer' | 'end'

export interface Parting {
  /** No new message is taken. */
  readonly begun: boolean
  /** Both sides know: a BYE was answered here or there. */
  readonly done: boolean
  /** The peer still waits for our answer, so the pipe must not close at once. */
  readonly lingers: boolean
  readonly reason: string
  /** This side wants to end. */
  leave(reason: string, now: number): void
  /** The peer said BYE. */
  bye(sent: Offsets, reason: string, now: number): void
  /** The peer answered ours. */
  parted(): void
  /** `flushed`: nothing taken is left to send. `got`: what was handed over. */
  next(now: number, flushed: boolean, got: Offsets): PartingStep | undefined
  deadline(): number
}

type Mine =
  | { readonly at: 'staying' }
  | { readonly at: 'draining'; readonly until: number }
  | { readonly at: 'leaving'; readonly until: number }
  | { readonly at: 'parted' }

type Theirs =
  | { readonly at: 'staying' }
  | { readonly at: 'leaving'; readonly until: number; readonly sent: Offsets }
  | { readonly at: 'answered' }

export function createParting(): Parting {
  let mine: Mine = { at: 'staying' }
  let theirs: Theirs = { at: 'staying' }
  let why = ''

  return {
    get begun() {
      return mine.at !== 'staying' || theirs.at !== 'staying'
    },
    get done() {
      return mine.at === 'parted' || theirs.at === 'answered'
    },
    get lingers() {
      return theirs.at === 'answered'
    },
    get reason() {
      return why
    },
    leave(reason, now) {
      if (mine.at !== 'staying') return
      mine = { at: 'draining', until: now + drainMs }
      if (theirs.at === 'staying') why = reason
    },
    bye(sent, reason, now) {
      if (theirs.at !== 'staying') return
      theirs = { at: 'leaving', until: now + byeMs, sent }
      if (mine.at === 'staying') why = reason
    },
    parted() {
      if (mine.at === 'leaving') mine = { at: 'parted' }
    },
    next(now, flushed, got) {
      if (theirs.at === 'leaving') {
        const all = theirs.sent.every((offset, lane) => got[lane] === offset)
        if (all || now >= theirs.until) {
          theirs = { at: 'answered' }
          return 'answer'
        }
      }
      if (mine.at === 'draining') {
        if (theirs.at === 'answered') return 'end'
        if (!flushed && now < mine.until) return undefined
        mine = { at: 'leaving', until: now + byeMs }
        return 'bye'
      }
      if (mine.at === 'leaving') return now >= mine.until ? 'end' : undefined
      return mine.at === 'parted' || theirs.at === 'answered' ? 'end' : undefined
    },
    deadline() {
      const here = mine.at === 'draining' || mine.at === 'leaving' ? mine.until : Infinity
      const there = theirs.at === 'leaving' ? theirs.until : Infinity
      return Math.min(here, there)
    },
  }
}
