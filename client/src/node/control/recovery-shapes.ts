/** Calls about recovery keys, as they cross the control socket (rule CS3). Only `use` carries words. */
import { maxCodeChars, maxRosterDevices } from '@baton/shared/limits'
import * as z from 'zod/mini'
import type { RecoveryRow } from '../../core/mesh-api.ts'

const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const ids = z.array(id).check(z.maxLength(maxRosterDevices))
const when = z.object({ by: id, at: z.number() })
const keyShape = z.object({
  id,
  short: z.string().check(z.maxLength(64)),
  by: id,
  at: z.number(),
  ended: z.optional(when),
})
const done = z.object({}) as unknown as z.ZodMiniType<object>

export const recoveryCalls = {
  recoveryKeys: {
    request: z.object({}),
    // The schema checks; the cast says that a key JSON left out reads as undefined.
    reply: z.array(keyShape).check(z.maxLength(1000)) as unknown as z.ZodMiniType<RecoveryRow[]>,
  },
  recoveryName: { request: z.object({ key: id }), reply: done },
  recoveryEnd: { request: z.object({ key: id }), reply: done },
  recoveryUse: {
    request: z.object({
      secret: z.string().check(z.maxLength(maxCodeChars)),
      raise: z.boolean(),
      remove: ids,
      back: ids,
      successor: z.optional(id),
      end: z.boolean(),
    }),
    reply: done,
  },
}
