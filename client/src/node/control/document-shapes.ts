/** Conflicts, and what does not count, as they cross the control socket (rule CS3). */
import * as z from 'zod/mini'

const text = (max: number) => z.string().check(z.maxLength(max))
const word = text(64)
const line = text(1024)
const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const count = z.number()
const list = <T extends z.ZodMiniType>(of: T, max: number) => z.array(of).check(z.maxLength(max))

/** A value as JSON tells it: bytes are {$bytes: base64url}. */
const jsonValue = z.unknown()
const conflictShape = z.object({
  id: word,
  kind: z.enum(['field', 'history', 'tool']),
  path: list(text(16 * 1024), 8),
  strategy: z.enum(['timestamp', 'merge', 'manual', 'user_choice']),
  sides: list(z.object({ device: id, at: count, value: z.optional(jsonValue) }), 4096),
  shown: z.optional(jsonValue),
})
export const conflictedShape = z.object({
  session: id,
  title: z.optional(line),
  conflicts: list(conflictShape, 10_000),
})
export const settlingShape = z.discriminatedUnion('by', [
  z.object({ by: z.literal('side'), side: z.int().check(z.minimum(0)) }),
  z.object({ by: z.literal('value'), value: jsonValue }),
  z.object({ by: z.literal('deletion') }),
])

/** A place of a log: what `hidden` lists, and `adopt` names. */
export const placeShape = z.object({ log: text(100), seq: count })
export const hiddenShape = z.object({
  ...{ id: word, log: text(100), seq: count, device: id, kind: word },
  reason: z.enum(['revoked', 'observer', 'forked']),
  at: z.optional(count),
  about: list(text(16 * 1024), 8),
  taken: z.boolean(),
})
