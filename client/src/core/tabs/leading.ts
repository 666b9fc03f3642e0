/**
 * Who leads the pages of one origin (rules WB4, WB30): the page that holds the browser's lock. All wait
 * for it; it goes with its page. A leader that is frozen or hangs keeps it and says nothing, so it is
 * asked, and after `tabAsks` questions without an answer the lock is taken from it. Questions are counted
 * and not time, since a page at the back, or one that slept, hears late. What is taken too early costs an
 * opening: the store's fence lets only the last one write. Time is an input.
 */
import { tabAskMs, tabAsks } from './limits.ts'

export interface Leading {
  /** `stopped`: it could not be opened here, or this page is frozen: it waits for nothing. */
  readonly role: 'waiting' | 'taking' | 'opening' | 'leading' | 'stopped'
  /** Whom this page asks; its term is the number that the store's fence gave it. */
  readonly leader: { readonly tab: string; readonly term: number } | undefined
  /** The highest that was heard of, or held. */
  readonly term: number
  readonly unanswered: number
  /** Doubles with each taking, so that two slow pages do not take it from each other for ever. */
  readonly patience: number
  readonly askedAt: number
}

export type LeadingInput =
  | { readonly on: 'begin' | 'thawed'; readonly now: number }
  /** The lock is ours. */
  | { readonly on: 'granted' }
  /** Another page took the lock, or the store's fence says so. */
  | { readonly on: 'lost'; readonly now: number }
  | { readonly on: 'opened'; readonly term: number }
  /** The device could not be opened, or is none any more. */
  | { readonly on: 'refused' }
  | { readonly on: 'asked' }
  /** A leader's word; term 0 while it opens. */
  | { readonly on: 'heard'; readonly tab: string; readonly term: number; readonly now: number }
  /** A page goes, lets go, or is gone. */
  | { readonly on: 'going'; readonly tab: string; readonly now: number }
  | { readonly on: 'tick'; readonly now: number; readonly front: boolean }
  | { readonly on: 'frozen' }

export type LeadingEffect =
  /** Wait for the lock; take it from who has it; let it go, or wait no more. */
  | { readonly do: 'queue' | 'steal' | 'release' }
  /** Open the device; close it. */
  | { readonly do: 'open' | 'close' }
  /** Ask who leads; say that this page does; say that it does no more, or is about to. */
  | { readonly do: 'ask' | 'tell' | 'pass' }
  /** What the leader was asked will not be answered; there is one to be asked. */
  | { readonly do: 'gone' | 'follow' }

export type LeadingStep = readonly [Leading, readonly LeadingEffect[]]

export const beginLeading = (): Leading => ({
  ...{ role: 'stopped', leader: undefined, term: 0, unanswered: 0, patience: tabAsks, askedAt: 0 },
})

export function stepLeading(state: Leading, input: LeadingInput): LeadingStep {
  const { role, leader } = state
  const leads = role === 'opening' || role === 'leading'
  switch (input.on) {
    case 'begin':
    case 'thawed':
      return role === 'stopped' ? wait(state, input.now) : [state, []]
    case 'granted':
      if (role !== 'waiting' && role !== 'taking') return [state, []]
      return [
        { ...state, role: 'opening', leader: undefined },
        effects(leader && 'gone', 'tell', 'open'),
      ]
    case 'opened':
      if (role !== 'opening') return [state, []]
      return [{ ...state, role: 'leading', term: input.term }, effects('tell', 'follow')]
    case 'refused':
      return [{ ...state, role: 'stopped' }, leads ? effects('pass', 'close', 'release') : []]
    case 'lost': {
      if (!leads) return [state, []]
      const [next, then] = wait(state, input.now)
      return [next, [...effects('gone', 'close', 'release'), ...then]]
    }
    case 'asked':
      return [state, leads ? effects('tell') : []]
    case 'heard':
      return heard(state, input)
    case 'going':
      if (leads || role === 'stopped') return [state, []]
      // Whoever gets the lock now opens the store first: it has its time from here on.
      if (leader?.tab !== input.tab) return [{ ...state, unanswered: 0, askedAt: input.now }, []]
      return [
        { ...state, leader: undefined, term: 0, unanswered: 0, askedAt: input.now },
        effects('gone', 'ask'),
      ]
    case 'tick': {
      if (role !== 'waiting' || input.now - state.askedAt < tabAskMs) return [state, []]
      const { unanswered, patience } = state
      if (unanswered < patience * (input.front ? 1 : 4)) {
        return [{ ...state, unanswered: unanswered + 1, askedAt: input.now }, effects('ask')]
      }
      return [
        { ...state, role: 'taking', leader: undefined, unanswered: 0, patience: patience * 2 },
        effects(leader && 'gone', 'pass', 'steal'),
      ]
    }
    case 'frozen':
      if (role === 'stopped') return [state, []]
      return [
        { ...state, role: 'stopped', leader: undefined },
        leads ? effects('gone', 'pass', 'close', 'release') : effects(leader && 'gone', 'release'),
      ]
  }
}

function wait(state: Leading, now: number): LeadingStep {
  const next: Leading = {
    ...{ ...state, role: 'waiting', leader: undefined, unanswered: 0, askedAt: now },
  }
  return [next, effects('queue', 'ask')]
}

function heard(
  state: Leading,
  { tab, term, now }: Extract<LeadingInput, { readonly on: 'heard' }>,
): LeadingStep {
  const { role, leader } = state
  // One that leads hears of it from the browser's lock, or from the store's fence: words may be anybody's.
  if (role !== 'waiting') return [state, []]
  // The word of one that was, and does not know yet that it leads no more.
  if (term > 0 && term < state.term) return [state, []]
  const next = { ...state, unanswered: 0, askedAt: now }
  if (term === 0) return [next, []]
  if (leader?.tab === tab && leader.term === term) return [next, []]
  return [
    { ...next, leader: { tab, term }, term },
    effects(leader !== undefined && 'gone', 'follow'),
  ]
}

type Maybe = LeadingEffect['do'] | false | undefined

const effects = (...all: readonly Maybe[]): readonly LeadingEffect[] =>
  all.flatMap((each) => (typeof each === 'string' ? [{ do: each }] : []))
