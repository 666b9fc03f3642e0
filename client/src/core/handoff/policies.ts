/** What comes of a request when nobody is asked (rule HF3): of one device, or of all that have no own word. */
import { utf8Decode, utf8Encode } from '@baton/shared/bytes'
import type { DeviceId } from '@baton/shared/ids'
import { type HandoffPolicy, handoffPolicies } from '@baton/shared/protocol/handoff'
import type { Store } from '../ports/store.ts'
import { nameKey, under } from '../repo/keys.ts'

export interface Policies {
  /** Of one device, or of all that have no own word. */
  of(device?: DeviceId): HandoffPolicy
  set(policy: HandoffPolicy, device?: DeviceId): Promise<void>
}

/** `name`: of the question they answer; `unsaid`: while nobody said anything. */
export async function openPolicies(
  store: Store,
  name = 'handoff-policy',
  unsaid: HandoffPolicy = 'ask',
): Promise<Policies> {
  const prefix = `${name}/`
  const known = new Map<string, HandoffPolicy>()
  for await (const [key, row] of store.list(under('m', utf8Encode(prefix)))) {
    const policy = handoffPolicies.find((each) => each === utf8Decode(row))
    // A word of a later version: nothing happens without a person.
    known.set(utf8Decode(key.slice(1 + prefix.length)), policy ?? unsaid)
  }

  return {
    of: (device?: DeviceId): HandoffPolicy => known.get(device ?? '') ?? known.get('') ?? unsaid,
    async set(policy: HandoffPolicy, device?: DeviceId): Promise<void> {
      known.set(device ?? '', policy)
      await store.write([{ put: nameKey(`${prefix}${device ?? ''}`), value: utf8Encode(policy) }])
      await store.flush()
    },
  }
}
