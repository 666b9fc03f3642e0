/**
 * A session as it goes (rules WA1 to WA3): the last screen, then what is new, made of looks at the document
 * that are compared with what was told. One look at a time, made when its reader wants more: a slow
 * reader gets fewer and larger pieces, and the same text.
 */
import { isBatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import type { Document, DocumentMessage } from '../documents-api.ts'
import type { LiveEvent, LiveTask } from '../driven-api.ts'
import { planPath } from './drive.ts'
import { callFacts, planOf, saidIn, stateOf } from './reading.ts'

/** UTF-16 units of text in one event. */
export const liveChars = 64 * 1024

export function liveTask(
  open: () => Promise<Document>,
  titleOf: (session: SessionId) => string | undefined,
  last: number,
): LiveTask {
  let stopped = false
  let wake = () => {}

  async function* events(): AsyncGenerator<LiveEvent> {
    let unwatch = () => {}
    try {
      const document = await open()
      const { session } = document
      let changed = true
      unwatch = document.watch(() => {
        changed = true
        wake()
      })
      yield { at: 'session', session, title: titleOf(session), driven: true }
      const looks = createLooks(document, last)
      for (let first = true; !stopped; first = false) {
        changed = false
        yield* await looks()
        if (first) yield { at: 'now' }
        await new Promise<void>((resolve) => {
          wake = resolve
          if (changed || stopped) resolve()
        })
      }
    } catch (error) {
      yield failed(error)
    } finally {
      unwatch()
    }
  }

  return {
    events: events(),
    cancel() {
      stopped = true
      wake()
    },
  }
}

interface Told {
  text: string
  state: string
}

/** Each look resolves with what is new since the one before. */
export function createLooks(document: Document, last: number): () => Promise<LiveEvent[]> {
  const messages = new Map<string, Told>()
  const calls = new Map<string, string>()
  const inputs = new Set<string>()
  let plan = '[]'
  let first = true

  /** The end of the history, back to something that was told. */
  async function tail(): Promise<readonly DocumentMessage[]> {
    for (let count = Math.max(1, last); ; count *= 4) {
      const found = await document.history({ last: count })
      const joins = first || found.length < count || messages.has(found[0]?.id ?? '')
      if (joins) return found
    }
  }

  return async () => {
    const events: LiveEvent[] = []
    const shown = await tail()
    const rows = await document.tools()
    const facts = new Map(rows.map((row) => [row.call, callFacts(row)]))
    for (const message of shown) {
      const { role, text, call } = saidIn(message.value)
      if (call === undefined) tellMessage(events, messages, message, role, text)
      else if (!messages.has(message.id)) {
        messages.set(message.id, { text: '', state: 'whole' })
        const of = facts.get(call) ?? { call, status: 'unknown', name: text || 'tool' }
        calls.set(call, of.status)
        events.push({ at: 'call', ...of })
      }
    }
    for (const [call, of] of facts) {
      const known = calls.get(call)
      if (known === of.status) continue
      calls.set(call, of.status)
      // What is above the first screen is no news.
      if (known !== undefined || !first) events.push({ at: 'call', ...of })
    }
    const entries = planOf(await document.get(planPath))
    if (JSON.stringify(entries) !== plan) {
      plan = JSON.stringify(entries)
      events.push({ at: 'plan', entries })
    }
    for (const { id, device, value } of await document.inputs()) {
      if (inputs.has(id)) continue
      inputs.add(id)
      events.push({ at: 'input', id, device, text: saidIn(value).text.slice(0, liveChars) })
    }
    first = false
    return events
  }
}

function tellMessage(
  events: LiveEvent[],
  told: Map<string, Told>,
  message: DocumentMessage,
  role: string,
  text: string,
): void {
  const { id, device, at: time, stream } = message
  const state = stateOf(message)
  const known = told.get(id)
  const more = (from: number) => {
    for (let at = from; at < text.length; at += liveChars) {
      events.push({ at: 'text', id, text: text.slice(at, at + liveChars) })
    }
  }
  const flaw = stream?.flaw === undefined ? {} : { flaw: stream.flaw }
  // One that is whole stays as it is, or is taken back: its text need not be kept.
  if (known?.state === state && (state === 'whole' || known.text === text)) return
  told.set(id, { text: state === 'whole' ? '' : text, state })
  if (known?.state !== 'open' || !text.startsWith(known.text) || state === 'retracted') {
    const head = text.slice(0, liveChars)
    const cut = head.length < text.length
    events.push({
      at: 'message',
      id,
      role,
      device,
      time,
      text: head,
      state: cut ? 'open' : state,
      ...flaw,
    })
    if (!cut) return
    more(liveChars)
    if (state !== 'open' && state !== 'retracted') events.push({ at: 'ended', id, state, ...flaw })
    return
  }
  more(known.text.length)
  if (state !== 'open') events.push({ at: 'ended', id, state, ...flaw })
}

function failed(error: unknown): LiveEvent {
  const known = isBatonError(error)
  const { code, message, hint } = known
    ? error
    : { code: 'invalid', message: 'an unexpected error', hint: undefined }
  return { at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) }
}
