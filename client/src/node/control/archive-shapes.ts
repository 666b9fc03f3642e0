/** Exports and imports as they cross the control socket (rules CS3, AR7). */
import { maxPassphraseBytes } from '@baton/shared/limits'
import * as z from 'zod/mini'
import type { ExportEvent, ImportEvent } from '../archive/desk.ts'

const text = (max: number) => z.string().check(z.maxLength(max))
const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const path = text(4096).check(z.minLength(1))
const count = z.number()
const passphrase = text(maxPassphraseBytes)
const failed = z.object({
  at: z.literal('failed'),
  code: text(64),
  message: text(8192),
  hint: z.optional(text(4096)),
})

const exportRequest = z.object({
  ref: text(200),
  path,
  to: z.union([z.strictObject({ passphrase }), z.strictObject({ device: id })]),
})
const exportShape = z.discriminatedUnion('at', [
  z.object({ at: z.literal('writing'), bytes: count, total: count }),
  z.object({
    at: z.literal('done'),
    path,
    session: id,
    entries: count,
    blobs: count,
    bytes: count,
  }),
  failed,
])

const importRequest = z.object({
  path,
  passphrase: z.optional(passphrase),
  place: z.optional(
    z.object({
      maps: z.array(z.object({ from: path, to: path })).check(z.maxLength(64)),
      project: z.optional(path),
    }),
  ),
})
const importShape = z.discriminatedUnion('at', [
  z.object({ at: z.enum(['checking', 'storing']), bytes: count, total: count }),
  z.object({ at: z.literal('placing') }),
  z.object({
    at: z.literal('done'),
    session: id,
    author: z.optional(id),
    authors: z.array(id).check(z.maxLength(4096)),
    entries: count,
    fresh: count,
    blobs: count,
    bytes: count,
    placed: z.optional(z.object({ path, resume: text(16 * 1024) })),
    unplaced: z.optional(z.object({ code: text(64), message: text(8192) })),
  }),
  failed,
])

const row = <T>(schema: z.ZodMiniType): z.ZodMiniType<T> => schema as unknown as z.ZodMiniType<T>

export const archiveStreams = {
  export: { request: exportRequest, event: row<ExportEvent>(exportShape) },
  import: { request: importRequest, event: row<ImportEvent>(importShape) },
}
