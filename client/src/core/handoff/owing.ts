/**
 * Receipts that this device owes for what it handed over (rule RE7): kept in the store until both
 * signatures are here. What the other end cannot sign yet, because one of the two knows more of the
 * session, is asked for again when more of it came, and what a link took is asked for on the next one.
 */
import { type Bytes, equalBytes, utf8Decode, utf8Encode } from '@baton/shared/bytes'
import { bytesField, bytesUpTo } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { isBatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import type { HandoffRequest } from '@baton/shared/protocol/handoff'
import * as z from 'zod/mini'
import { traceFault } from '../fault.ts'
import { nameKey, under } from '../repo/keys.ts'
import type { HandoffPorts } from './ports.ts'
import type { Requests } from './requests.ts'
import type { Signed, Signing } from './signing.ts'
import { waitFor } from './waiting.ts'

export interface Owing {
  /** Durably owed when this has begun; resolves when it is signed, or has to wait for another link. */
  owe(request: HandoffRequest): Promise<void>
  /** Asks again for what is owed to devices that are connected. */
  look(): void
  close(): void
}

/** Of one receipt while this process runs: who keeps refusing is asked no more until the next start. */
const maxTries = 32
/** Longest wait for more of the session. */
const moreMs = handoffReadyMs / 6

const prefix = 'owed/'
const keyOf = (id: string) => nameKey(`${prefix}${id}`)
const signedSchema = z.union([z.tuple([]), z.tuple([bytesUpTo(1024 * 1024), bytesField(64)])])

export async function openOwing(
  ports: HandoffPorts,
  requests: Pick<Requests, 'get'>,
  signing: Signing,
): Promise<Owing> {
  const { store, clock, repository, trace } = ports
  const owed = new Map<string, Signed | undefined>()
  const tries = new Map<string, number>()
  const running = new Map<string, Promise<void>>()
  let closed = false
  for await (const [key, row] of store.list(under('m', utf8Encode(prefix)))) {
    const id = utf8Decode(key.slice(1 + prefix.length))
    owed.set(id, read(row))
  }

  async function keep(id: string, signed?: Signed): Promise<void> {
    owed.set(id, signed)
    const value = encode(signed ? [signed.transfer, signed.signature] : [])
    await store.write([{ put: keyOf(id), value }])
    await store.flush()
  }

  async function forget(id: string): Promise<void> {
    owed.delete(id)
    await store.write([{ delete: keyOf(id) }])
  }

  async function run(id: string): Promise<void> {
    const request = requests.get(id)
    // Of what nobody remembers, or of a device that is gone, none comes any more.
    if (!request || ports.isRemoved(request.to)) return forget(id)
    while (!closed && owed.has(id) && ports.reach(request.to)) {
      const tried = (tries.get(id) ?? 0) + 1
      tries.set(id, tried)
      if (tried > maxTries) return
      const seen = repository.frontier(request.session)
      try {
        const signed = owed.get(id) ?? (await signing.make(request))
        if (!signed) return await forget(id)
        // Asked for again it is the same receipt: its answer may have been lost alone.
        await keep(id, signed)
        await signing.ask(request, signed)
        return await forget(id)
      } catch (error) {
        traceFault(trace, 'handoff.receipt', error)
        if (!isBatonError(error) || !again.has(error.code)) return
        await keep(id)
        await more(request, seen)
      }
    }
  }

  /** Until more of the session is here, or may be there. */
  function more({ session, to }: HandoffRequest, seen: Bytes): Promise<unknown> {
    let asked = false
    return waitFor(clock, moreMs, [ports.onLinks, (look) => repository.onGrew(look)], () => {
      const moved = asked || !equalBytes(repository.frontier(session), seen) || !ports.reach(to)
      asked = true
      return moved || undefined
    }).catch(() => undefined)
  }

  function start(id: string): Promise<void> {
    const known = running.get(id)
    if (known) return known
    const task = run(id)
      .catch((error: unknown) => traceFault(trace, 'handoff.receipt', error))
      .finally(() => running.delete(id))
    running.set(id, task)
    return task
  }

  function look(): void {
    for (const id of owed.keys()) void start(id)
  }

  /** Devices that were reachable when it was last looked. */
  let reached = new Set<DeviceId>()
  const off = ports.onLinks(() => {
    if (owed.size === 0) return
    const now = new Set<DeviceId>()
    for (const id of owed.keys()) {
      const to = requests.get(id)?.to
      if (!to || !ports.reach(to)) continue
      now.add(to)
      if (!reached.has(to)) void start(id)
    }
    reached = now
  })
  look()

  return {
    async owe({ id }) {
      if (!owed.has(id)) await keep(id)
      await start(id)
    },
    look,
    close() {
      closed = true
      off()
    },
  }
}

/** One of the two ends knows more than the other just now. */
const again: ReadonlySet<string> = new Set(['source-changed', 'invalid'])

/** A row of this device's own store; what is damaged is made anew. */
function read(row: Bytes): Signed | undefined {
  try {
    const [transfer, signature] = decodeAs(signedSchema, row.slice())
    return transfer && signature ? { transfer, signature } : undefined
  } catch {
    return undefined
  }
}
