/** Requests to hand a session over, in memory and in the store (rules HF1, HF4). */
import { utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { maxHandoffsKept } from '@baton/shared/limits'
import {
  encodeRequest,
  type HandoffInput,
  type HandoffRequest,
  isOver,
  parseRequest,
  stepHandoff,
} from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import type { Clock, Trace } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { nameKey, under } from '../repo/keys.ts'

export interface Requests {
  get(id: string): HandoffRequest | undefined
  /** The newest first. */
  all(): readonly HandoffRequest[]
  open(): readonly HandoffRequest[]
  openWith(device: DeviceId): number
  /** Durable when it resolves, and `rows` with it, in one write. */
  add(request: HandoffRequest, rows?: readonly Write[]): Promise<void>
  /** The request after that, durable; undefined when there is none. */
  step(id: string, input: HandoffInput): Promise<HandoffRequest | undefined>
  onChange(run: (request: HandoffRequest) => void): () => void
  close(): void
}

const prefix = 'handoff/'
const keyOf = (id: string) => nameKey(`${prefix}${id}`)

export async function openRequests(ports: {
  readonly store: Store
  readonly clock: Clock
  readonly trace: Trace
}): Promise<Requests> {
  const { store, clock, trace } = ports
  const known = new Map<string, HandoffRequest>()
  const handlers = new Set<(request: HandoffRequest) => void>()
  let timer: (() => void) | undefined
  for await (const [, row] of store.list(under('m', utf8Encode(prefix)))) {
    try {
      const request = parseRequest(row)
      known.set(request.id, request)
    } catch (error) {
      traceFault(trace, 'handoff.damaged', error)
    }
  }

  const newestFirst = () =>
    [...known.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))

  async function write(request: HandoffRequest, more: readonly Write[]): Promise<void> {
    const rows: Write[] = [...more, { put: keyOf(request.id), value: encodeRequest(request) }]
    const over = newestFirst().filter(isOver)
    for (const { id } of over.slice(maxHandoffsKept)) {
      known.delete(id)
      rows.push({ delete: keyOf(id) })
    }
    await store.write(rows)
    await store.flush()
  }

  async function keep(request: HandoffRequest, rows: readonly Write[] = []): Promise<void> {
    known.set(request.id, request)
    await write(request, rows)
    for (const handler of [...handlers]) handler(request)
    arm()
  }

  async function step(id: string, input: HandoffInput): Promise<HandoffRequest | undefined> {
    const before = known.get(id)
    const after = before && stepHandoff(before, input)
    if (after && after !== before) await keep(after)
    return after
  }

  /** Those that nobody answered end by the clock. */
  function arm(): void {
    timer?.()
    timer = undefined
    const pending = [...known.values()].filter(({ state }) => state === 'pending')
    if (pending.length === 0) return
    const next = Math.min(...pending.map(({ expiresAt }) => expiresAt))
    timer = clock.after(Math.max(0, next - clock.now()), () => {
      timer = undefined
      for (const { id } of pending) {
        step(id, { on: 'time', now: clock.now() }).catch((error: unknown) =>
          traceFault(trace, 'handoff.expire', error),
        )
      }
      arm()
    })
  }
  arm()

  return {
    get: (id) => known.get(id),
    all: newestFirst,
    open: () => newestFirst().filter((each) => !isOver(each)),
    openWith: (device) =>
      [...known.values()].filter((each) => !isOver(each) && [each.from, each.to].includes(device))
        .length,
    add: keep,
    step,
    onChange(run) {
      handlers.add(run)
      return () => handlers.delete(run)
    },
    close() {
      timer?.()
      timer = undefined
    },
  }
}

/** By its id or the beginning of it. Throws `not-found` or `ambiguous`. */
export function findRequest(requests: Pick<Requests, 'all'>, id: string): HandoffRequest {
  const fits = requests.all().filter((each) => id.length >= 4 && each.id.startsWith(id))
  const [only] = fits
  if (fits.length > 1) {
    throw new BatonError('ambiguous', 'failed to find the handoff: more than one begins so')
  }
  if (only) return only
  throw new BatonError('not-found', 'failed to find the handoff: there is none of that id', {
    hint: 'baton handoffs lists them',
  })
}
