/**
 * What a device says of itself (RO8): what kind of thing it is and what it can do. Its own row in the
 * roster, in collection `device`; the last one counts. Untrusted words: policy may ask for more, and
 * nothing is believed because of them.
 */
import * as z from 'zod/mini'
import type { Value } from '../encoding/msgpack.ts'
import { encodeRow, parseRow } from '../model/document-entries.ts'

export const deviceTypes = ['mobile', 'desktop', 'tablet', 'embedded', 'server'] as const
export type DeviceType = (typeof deviceTypes)[number]

export interface Capability {
  /** Like `webrtc`, `session_import`, `agent:claude-code`. */
  readonly name: string
  /** Of what provides it; empty where there is none. */
  readonly version: string
  readonly supported: boolean
}

export interface DeviceRecord {
  readonly type: DeviceType
  readonly capabilities: readonly Capability[]
}

const collection = 'device'
const key = 'self'
const maxCapabilities = 64
const word = z.string().check(z.maxLength(64))

const schema = z.object({
  type: z.enum(deviceTypes),
  capabilities: z
    .array(z.object({ name: word.check(z.minLength(1)), version: word, supported: z.boolean() }))
    .check(z.maxLength(maxCapabilities)),
})

export function deviceRecordPayload({ type, capabilities }: DeviceRecord): Value {
  const value: Value = {
    type,
    capabilities: capabilities.slice(0, maxCapabilities).map((each) => ({ ...each })),
  }
  return encodeRow({ collection, key, held: { at: 'value', value } })
}

/** Undefined for what is no record of a device. */
export function parseDeviceRecord(payload: Value): DeviceRecord | undefined {
  const row = parseRow(payload)
  if (row?.collection !== collection || row.key !== key || row.held.at !== 'value') return undefined
  const parsed = schema.safeParse(row.held.value)
  return parsed.success ? parsed.data : undefined
}
