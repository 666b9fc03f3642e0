/**
 * Invitations that this device made, and those that it means to use, in memory and in the store (rules
 * IV7, IV8). What was made is known until it has expired: used once, also across a restart.
 */
import { toHex, utf8Encode } from '@baton/shared/bytes'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { maxInvitationChars } from '@baton/shared/limits'
import { type ParsedInvitation, parseInvitation } from '@baton/shared/protocol/invitation'
import * as z from 'zod/mini'
import { traceFault } from '../fault.ts'
import type { Clock, Trace } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { nameKey, under } from '../repo/keys.ts'

const states = ['open', 'used', 'cancelled', 'held'] as const
export type IssuedState = Exclude<(typeof states)[number], 'held'>

export interface Issued {
  readonly jws: string
  readonly of: ParsedInvitation
  readonly state: IssuedState
}

export interface Invitations {
  /** By its id in hex. */
  issued(id: string): Issued | undefined
  /** Those that are open, the newest first. */
  open(): readonly Issued[]
  /** Durable when it resolves. */
  keep(issued: Issued): Promise<void>
  /** From now on it is used; on disk by the row that is returned. */
  use(issued: Issued): Write
  /** What this device presents under that id. */
  held(id: string): { readonly jws: string; readonly of: ParsedInvitation } | undefined
  hold(jws: string, of: ParsedInvitation): Promise<void>
  /** Durable when it resolves. */
  drop(id: string): Promise<void>
}

const prefix = 'invitation/'
const keyOf = (id: string) => nameKey(`${prefix}${id}`)
const schema = z.tuple([z.enum(states), z.string().check(z.maxLength(maxInvitationChars))])

const idOf = ({ id }: ParsedInvitation): string => toHex(id)
const rowOf = (state: (typeof states)[number], jws: string, of: ParsedInvitation): Write => ({
  put: keyOf(idOf(of)),
  value: encode([state, jws]),
})

export async function openInvitations(ports: {
  readonly store: Store
  readonly clock: Clock
  readonly trace: Trace
}): Promise<Invitations> {
  const { store, clock, trace } = ports
  const issued = new Map<string, Issued>()
  const held = new Map<string, { readonly jws: string; readonly of: ParsedInvitation }>()
  for await (const [, row] of store.list(under('m', utf8Encode(prefix)))) {
    try {
      const [state, jws] = decodeAs(schema, row)
      const of = parseInvitation(jws)
      if (typeof of === 'string') continue
      if (state === 'held') held.set(idOf(of), { jws, of })
      else issued.set(idOf(of), { jws, of, state })
    } catch (error) {
      traceFault(trace, 'invitation.damaged', error)
    }
  }

  /** What is gone from here is refused as expired, and as unknown where the clock was set back. */
  function expired(): Write[] {
    const now = clock.now()
    return [...issued].flatMap(([id, { of }]) => {
      if (now < of.expiresAt * 1000) return []
      issued.delete(id)
      return [{ delete: keyOf(id) }]
    })
  }

  async function write(rows: Write[]): Promise<void> {
    await store.write([...expired(), ...rows])
    await store.flush()
  }

  return {
    issued: (id) => issued.get(id),
    open: () =>
      [...issued.values()]
        .filter(({ state, of }) => state === 'open' && clock.now() < of.expiresAt * 1000)
        .sort((a, b) => b.of.issuedAt - a.of.issuedAt),
    async keep(given) {
      issued.set(idOf(given.of), given)
      await write([rowOf(given.state, given.jws, given.of)])
    },
    use({ jws, of }) {
      issued.set(idOf(of), { jws, of, state: 'used' })
      return rowOf('used', jws, of)
    },
    held: (id) => held.get(id),
    async hold(jws, of) {
      held.set(idOf(of), { jws, of })
      await write([rowOf('held', jws, of)])
    },
    async drop(id) {
      if (held.delete(id)) await write([{ delete: keyOf(id) }])
    },
  }
}
