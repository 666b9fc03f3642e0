/**
 * One message's text as it comes (rules TF15, TF16): each part of it is read once and given once,
 * however long the whole is. What was said ahead and given is held until it is signed, to see whether
 * it was the same.
 */
import type { DocumentState } from '@baton/shared/conflict/document'
import { type ShownStream, shownStream } from '@baton/shared/conflict/shown-stream'
import type { StreamPart } from '@baton/shared/conflict/streams'
import { isBatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import type { Sha256 } from '@baton/shared/primitives'
import type { FollowEvent } from '../documents-api.ts'
import type { DocumentMessage } from '../mesh-api.ts'
import type { Repository } from '../repo/repository.ts'
import { type Ahead, aheadOf, readMessages, readParts } from './bodies.ts'
import type { Watch } from './watching.ts'

export interface FollowingPorts {
  readonly repository: Repository
  readonly sha256: Sha256
  state(session: SessionId): Promise<DocumentState>
  readonly watch: Watch
  aheadIn(session: SessionId): Ahead
}

type Handler = (event: FollowEvent) => void

/** Gives events of a message until what it returns is called. */
export type Follow = (session: SessionId, id: string, handler: Handler) => () => void

export function createFollowing({ repository, sha256, ...ports }: FollowingPorts): Follow {
  return (session, id, handler) => {
    const ahead = ports.aheadIn(session)
    const of: FollowPorts = {
      ahead,
      state: () => ports.state(session),
      texts: (parts) => readParts(repository, parts),
      async message(now) {
        const node = now.messages.get(id)
        return (await readMessages(repository, sha256, node ? [node] : [], now, ahead))[0]
      },
      watch: (run) => ports.watch(session, run),
    }
    return follow(id, of, handler)
  }
}

interface FollowPorts {
  state(): Promise<DocumentState>
  /** Text of these parts, in order. */
  texts(parts: readonly StreamPart[]): Promise<string>
  /** The message as the history shows it; undefined when there is none. */
  message(seen: DocumentState): Promise<DocumentMessage | undefined>
  readonly ahead: Ahead
  /** Runs with every change, until what it returns is called. */
  watch(run: () => void): () => void
}

function follow(id: string, ports: FollowPorts, handler: Handler): () => void {
  let stopped = false
  let looking = false
  let again = false
  /** Parts that were given, and what was given behind them. */
  let given: readonly StreamPart[] = []
  let tail = ''
  /** What was told last of how it stands. */
  let told: string | undefined

  const tell = (event: FollowEvent) => {
    if (!stopped) handler(event)
  }
  const stop = () => {
    stopped = true
    unwatch()
  }

  async function look(): Promise<void> {
    const now = await ports.state()
    const node = now.messages.get(id)
    if (!node) return
    const author = node.stream
    if (node.redacted || !author) return last(now)
    const shown = shownStream(now, author, id)
    await give(shown, (offset) => ports.ahead(shown.writer, id, offset))
    if (shown.state === 'open') told = undefined
    else await over(now, shown.state === 'done')
  }

  /** A message that does not come bit by bit, or is taken back. */
  async function last(now: DocumentState): Promise<void> {
    const content = contentOf(await ports.message(now))
    if (given.length > 0 || tail !== '') tell({ at: 'anew', text: content })
    else if (content !== '') tell({ at: 'text', text: content })
    await over(now, true)
  }

  async function give(shown: ShownStream, ahead: (offset: number) => string): Promise<void> {
    const { parts, state } = shown
    const known = given.length
    const same = given.every((part, i) => isSame(part, parts[i]))
    const fresh = await ports.texts(same ? parts.slice(known) : parts)
    const more = aheadOf(shown, ahead)
    const text = fresh + more
    given = parts
    // A link was lost, and what it said ahead with it: that was given, and comes again or is signed.
    const waits = same && state === 'open' && tail.startsWith(text)
    if (waits) {
      tail = tail.slice(fresh.length)
      return
    }
    if (!same) tell({ at: 'anew', text })
    else if (text.startsWith(tail)) {
      if (text !== tail) tell({ at: 'text', text: text.slice(tail.length) })
    } else tell({ at: 'anew', text: (await ports.texts(parts)) + more })
    tail = more
  }

  async function over(now: DocumentState, forGood: boolean): Promise<void> {
    const message = await ports.message(now)
    const { stream, redacted } = message ?? {}
    const event: FollowEvent = {
      at: 'over',
      ...(stream && { stream }),
      ...(redacted && { redacted }),
    }
    const news = JSON.stringify(event)
    if (news !== told) tell(event)
    told = news
    if (forGood) stop()
  }

  async function run(): Promise<void> {
    looking = true
    try {
      do {
        again = false
        await look()
      } while (again && !stopped)
    } catch (error) {
      if (!isBatonError(error)) throw error
      const { code, message, hint } = error
      tell({ at: 'failed', code, message, ...(hint !== undefined && { hint }) })
      stop()
    } finally {
      looking = false
    }
  }

  const woken = () => {
    if (looking) again = true
    else if (!stopped) void run()
  }
  const unwatch = ports.watch(woken)
  woken()
  return stop
}

const isSame = (a: StreamPart, b: StreamPart | undefined): boolean =>
  a.log === b?.log && a.seq === b.seq

function contentOf(message: DocumentMessage | undefined): string {
  const { value } = message ?? {}
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : ''
  const content = (value as { readonly content?: unknown }).content
  return typeof content === 'string' ? content : ''
}
