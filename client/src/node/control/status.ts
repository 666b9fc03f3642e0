/** What `status` answers: the mesh's own view and the facts of the process that runs it. */
import { maxServerChars } from '@baton/shared/limits'
import * as z from 'zod/mini'
import type { MeshStatus } from '../../core/mesh-api.ts'
import type { IceSettings } from '../../core/ports/channel.ts'
import type { GuardKind } from '../guard/guard.ts'

export interface ProcessFacts {
  readonly pid: number
  readonly version: string
  /** ms since 1970. */
  readonly startedAt: number
  /** This process runs the signaling service itself. */
  readonly embedded: boolean
  /** That service listens to other machines too. */
  readonly beyond: boolean
  /** Address of the page by https, which a browser of any machine can open; none without TLS. */
  readonly page?: string
  /** Where the tunnel or proxy in front has to lead, host and port. */
  readonly behind?: string
  /** Pairings wait for a person's yes to the emoji. */
  readonly confirm: boolean
  /** Where the key is that seals this device's keys: nowhere, in a keychain, under a passphrase. */
  readonly keys: GuardKind
  readonly ice: { readonly servers: number; readonly policy: IceSettings['policy'] }
}

export interface StatusReply extends MeshStatus {
  readonly process: ProcessFacts
}

/** `ProcessFacts` on the control socket. */
export const processShape = z.object({
  pid: z.number(),
  version: z.string().check(z.maxLength(64)),
  startedAt: z.number(),
  embedded: z.boolean(),
  beyond: z.boolean(),
  behind: z.optional(z.string().check(z.maxLength(maxServerChars))),
  page: z.optional(z.string().check(z.maxLength(maxServerChars))),
  confirm: z.boolean(),
  keys: z.enum(['files', 'keychain', 'passphrase']),
  ice: z.object({ servers: z.number(), policy: z.enum(['auto', 'direct', 'relay']) }),
})
