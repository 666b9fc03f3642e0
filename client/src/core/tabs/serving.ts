/**
 * The leader's side (rule WB31): answers what other pages ask. Each has so many questions and so much to
 * follow at once; of what it follows the next events go when it has read those before, so that a page
 * which is frozen or slow holds a bounded heap of them.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type Following, isCall, runCall, runStream, type Served } from './calls.ts'
import { maxTabAnswerUnits, maxTabAsks, maxTabStreams, tabBatch } from './limits.ts'
import { isWithin, type TabError, type TabMessage, type TabWord } from './messages.ts'

export interface Serving {
  heard(message: TabMessage): void
  /** The page is gone. */
  forget(tab: string): void
  close(): void
}

interface Followed {
  readonly following: Following
  credit: boolean
  sent(): void
  /** There is room again, or nobody reads any more. */
  room(): void
}

interface Tab {
  asking: number
  readonly followed: Map<number, Followed>
}

export interface ServingPorts {
  post(word: TabWord): void
  /** What a message may hold on its way. */
  readonly maxUnits: number
  /** The store is another page's. */
  fenced(): void
}

export function createServing(served: Served, ports: ServingPorts): Serving {
  const { post, fenced } = ports
  const maxUnits = Math.min(maxTabAnswerUnits, ports.maxUnits) - 1024
  const tabs = new Map<string, Tab>()
  let closed = false

  function tabOf(id: string): Tab {
    const known = tabs.get(id)
    if (known) return known
    const tab: Tab = { asking: 0, followed: new Map() }
    tabs.set(id, tab)
    return tab
  }

  async function answer(to: string, ask: number, name: string, args: readonly unknown[]) {
    const tab = tabOf(to)
    if (tab.asking >= maxTabAsks) return
    tab.asking += 1
    let said: { value?: unknown; error?: TabError }
    try {
      const value = await runCall(served, name, args)
      said = isWithin(value, maxUnits) ? { value } : { error: tabError(tooLarge()) }
    } catch (error) {
      said = { error: tabError(error) }
    }
    tab.asking -= 1
    if (!closed) post({ kind: 'answer', to, ask, ...said })
    if (said.error?.code === 'store-fenced') fenced()
  }

  async function follow(to: string, ask: number, name: string, args: readonly unknown[]) {
    const tab = tabOf(to)
    if (tab.followed.has(ask) || tab.followed.size >= maxTabStreams) return
    const end = (error?: unknown) => {
      tab.followed.delete(ask)
      const told = error === undefined ? {} : { error: tabError(error) }
      if (!closed) post({ kind: 'events', to, ask, events: [], over: true, ...told })
    }
    let own: Followed
    try {
      own = { following: runStream(served, name, args), credit: true, sent() {}, room() {} }
    } catch (error) {
      return end(error)
    }
    tab.followed.set(ask, own)
    const here = () => tab.followed.get(ask) === own
    let kept: unknown[] = []
    own.sent = () => {
      if (!own.credit || kept.length === 0 || !here()) return
      const events = kept
      kept = []
      own.credit = false
      post({ kind: 'events', to, ask, events, over: false })
      own.room()
    }
    try {
      for await (const event of own.following.events) {
        if (!here()) return
        kept.push(event)
        own.sent()
        // An event is a message of a transcript at most.
        if (kept.length >= tabBatch || !isWithin(kept, maxUnits / 8)) {
          await new Promise<void>((resolve) => {
            own.room = resolve
          })
        }
      }
      if (!here()) return
      // What is left goes whether there is room or not: it is less than one message.
      own.credit = true
      own.sent()
      end()
    } catch (error) {
      if (here()) end(error)
    }
  }

  function drop(tab: Tab, ask: number): void {
    const followed = tab.followed.get(ask)
    tab.followed.delete(ask)
    followed?.following.cancel?.()
    followed?.room()
  }

  return {
    heard(message) {
      const { from } = message
      if (message.kind === 'ask') {
        const { ask, name, args } = message
        void (isCall(name) ? answer(from, ask, name, args) : follow(from, ask, name, args))
        return
      }
      const tab = tabs.get(from)
      if (!tab || !('ask' in message)) return
      const followed = tab.followed.get(message.ask)
      if (message.kind === 'cancel') {
        if (message.drop) drop(tab, message.ask)
        else followed?.following.cancel?.()
      }
      if (message.kind === 'reply') followed?.following.answer?.(message.yes)
      else if (message.kind === 'more' && followed) {
        followed.credit = true
        followed.sent()
      }
    },
    forget(id) {
      const tab = tabs.get(id)
      tabs.delete(id)
      for (const ask of [...(tab?.followed.keys() ?? [])]) drop(tab as Tab, ask)
    },
    close() {
      closed = true
      for (const tab of tabs.values()) for (const ask of [...tab.followed.keys()]) drop(tab, ask)
      tabs.clear()
    },
  }
}

/** What another page may know of an error: nothing of one that was not expected. */
export function tabError(error: unknown): TabError {
  if (!isBatonError(error)) return { code: 'invalid', message: 'an unexpected error' }
  const { code, message, hint } = error
  const told = { code, message: message.slice(0, 4096) }
  return hint === undefined ? told : { ...told, hint: hint.slice(0, 4096) }
}

const tooLarge = () =>
  new BatonError('too-large', 'failed to tell another tab: it is too much', {
    hint: 'open it in the tab that is in front when Baton starts',
  })
