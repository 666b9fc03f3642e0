/** A log writer with a scripted clock and randomness, and runs of entries made with it. */
import type { Stamp } from '@baton/shared/clock/hlc'
import type { Value } from '@baton/shared/encoding/msgpack'
import type { SessionId } from '@baton/shared/ids'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import type { Genesis } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import { createWriter, type LogWriter, type WriterOptions } from '@baton/shared/log/writer'
import { createCount } from './count.ts'
import { nodePrimitives, type Signer } from './signer.ts'

const incarnation = createCount()

export function author(
  who: Signer,
  session: SessionId,
  genesis: Genesis = { predecessor: undefined, descriptor: undefined },
  more: Partial<WriterOptions> = {},
): LogWriter {
  let counter = 0
  const stamp = (): Stamp => ({ ms: 1_790_000_000_000, counter: counter++ })
  return createWriter({
    session,
    device: who.device,
    sha256: nodePrimitives.sha256,
    sign: who.sign,
    random: (length) => new Uint8Array(length).fill(incarnation() + 1),
    stamp,
    genesis: () => genesis,
    ...more,
  })
}

/** Appends the payloads as records and seals once. */
export async function written(writer: LogWriter, payloads: Value[]): Promise<VerifiedDelta[]> {
  for (const payload of payloads) writer.append(kinds.record, payload)
  return [...(await writer.seal())]
}
