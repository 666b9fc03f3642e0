/** Invitations, as they cross the control socket (rule CS3). Links go to the commands, never into a log. */
import { maxCodeChars } from '@baton/shared/limits'
import { interfaceModes } from '@baton/shared/model/agent/schema'
import { handoffKinds } from '@baton/shared/protocol/handoff'
import * as z from 'zod/mini'
import type { InvitationRow, JoinEvent } from '../../core/mesh-api.ts'
import { handoffEvents } from './handoff-shapes.ts'

const text = (max: number) => z.string().check(z.maxLength(max))
const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const ref = text(200)
const link = text(maxCodeChars)
const count = z.number()
const kind = z.enum(handoffKinds)
const mode = z.optional(z.enum(interfaceModes))

/** The schema checks; the cast says that a key JSON left out reads as undefined. */
const row = <T>(schema: z.ZodMiniType): z.ZodMiniType<T> => schema as unknown as z.ZodMiniType<T>

const invitationShape = z.object({
  ...{ id, session: id, title: z.optional(text(1024)), kind, mode, to: id },
  ...{ at: count, expiresAt: count },
})

const stages = ['waiting', 'claimed', 'proving', 'connecting', 'released', 'check'] as const

export const invitationCalls = {
  invitations: {
    request: z.object({}),
    reply: row<InvitationRow[]>(z.array(invitationShape).check(z.maxLength(10_000))),
  },
  /** For a paired device. */
  inviteDevice: {
    request: z.object({ ref, to: id, kind, mode }),
    reply: row<InvitationRow & { readonly link: string }>(
      z.object({ ...invitationShape.shape, link }),
    ),
  },
}

/** `deviceShape`: of the table that these stand in. */
export function invitationStreams(deviceShape: z.ZodMiniType) {
  const event = row<JoinEvent>(
    z.union([
      z.object({ at: z.literal('link'), link, expiresAt: count }),
      z.object({ at: z.literal('meeting'), stage: z.enum(stages) }),
      z.object({ at: z.literal('met'), device: deviceShape }),
      handoffEvents,
    ]),
  )
  return {
    inviteGuest: { request: z.object({ ref, kind, mode }), event },
    joinSession: { request: z.object({ link }), event },
  }
}
