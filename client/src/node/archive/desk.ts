/** Exports and imports of a running device as tasks that tell how far they are (rules AR4, AR7). */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { createEventQueue } from '../../core/event-queue.ts'
import type { Imported, ImportPlace, Mesh, Task } from '../../core/mesh-api.ts'
import type { Keyring, Random } from '../../core/ports/platform.ts'
import { openChunks, sealChunks } from './chunks.ts'
import { openArchiveFile, writeArchive } from './file.ts'
import { makeHead, maxLeadBytes, openHead, parseHead, type Recipient } from './header.ts'

interface Failed {
  readonly at: 'failed'
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export type ExportEvent =
  | { readonly at: 'writing'; readonly bytes: number; readonly total: number }
  | {
      readonly at: 'done'
      readonly path: string
      readonly session: string
      readonly entries: number
      readonly blobs: number
      /** Of the file. */
      readonly bytes: number
    }
  | Failed

export type ImportEvent =
  | { readonly at: 'checking' | 'storing'; readonly bytes: number; readonly total: number }
  | { readonly at: 'placing' }
  | ({ readonly at: 'done'; readonly bytes: number } & Imported)
  | Failed

export interface ExportRequest {
  readonly ref: string
  /** Absolute. */
  readonly path: string
  readonly to: { readonly passphrase: string } | { readonly device: DeviceId }
}

export interface ImportRequest {
  /** Absolute. */
  readonly path: string
  readonly passphrase?: string
  readonly place?: ImportPlace
}

export interface ArchiveDesk {
  export(request: ExportRequest): Task<ExportEvent>
  import(request: ImportRequest): Task<ImportEvent>
}

/** A line of progress each so many bytes. */
const stepBytes = 4 * 1024 * 1024

export interface DeskPorts {
  readonly mesh: Pick<Mesh, 'archives'>
  readonly keyring: Pick<Keyring, 'device' | 'exchange' | 'agree'>
  readonly random: Random
  /** Less than usual for tests alone. */
  readonly logN?: number
}

export function createArchiveDesk({ mesh, keyring, random, logN }: DeskPorts): ArchiveDesk {
  const { archives } = mesh

  function recipient(to: ExportRequest['to']): Recipient {
    if ('device' in to) return { ...to, exchange: archives.exchangeKey(to.device) }
    return logN === undefined ? to : { ...to, logN }
  }

  return {
    export: ({ ref, path, to }) =>
      task<ExportEvent>(async (tell, check) => {
        const sealedTo = recipient(to)
        const archive = await archives.read(ref)
        const { session, entries, blobs, bytes: total } = archive
        const { head, key } = await makeHead(sealedTo, random)
        const counted = counting(archive.pieces(), check, (bytes) =>
          tell({ at: 'writing', bytes, total }),
        )
        async function* all(): AsyncGenerator<Bytes> {
          yield head
          yield* sealChunks(key, counted)
        }
        const bytes = await writeArchive(path, all())
        tell({ at: 'done', path, session, entries, blobs, bytes })
      }),
    import: ({ path, passphrase, place }) =>
      task<ImportEvent>(async (tell, check) => {
        const file = await openArchiveFile(path)
        try {
          const head = parseHead(await file.start(maxLeadBytes))
          const key = await openHead(head, keyring, passphrase)
          let at: 'checking' | 'storing' = 'checking'
          // What is being stored is stored to its end: half a session is worth less than none.
          const stop = () => at === 'checking' && check()
          const open = () =>
            openChunks(
              key,
              counting(file.pieces(head.bytes.length), stop, (bytes) =>
                tell({ at, bytes, total: file.bytes }),
              ),
            )
          const told = (stage: 'checking' | 'storing' | 'placing') => {
            if (stage === 'placing') tell({ at: stage })
            else at = stage
          }
          const imported = await archives.take(open, told, place)
          tell({ at: 'done', bytes: file.bytes, ...imported })
        } finally {
          await file.close()
        }
      }),
  }
}

async function* counting(
  pieces: AsyncIterable<Bytes>,
  check: () => unknown,
  tell: (bytes: number) => void,
): AsyncGenerator<Bytes> {
  let [bytes, told] = [0, 0]
  tell(0)
  for await (const piece of pieces) {
    check()
    bytes += piece.length
    if (bytes - told >= stepBytes) {
      told = bytes
      tell(bytes)
    }
    yield piece
  }
}

function task<E extends object>(
  run: (tell: (event: E) => void, check: () => void) => Promise<void>,
): Task<E> {
  const queue = createEventQueue<E>()
  let cancelled = false
  const check = () => {
    if (cancelled) throw new BatonError('cancelled', 'cancelled')
  }
  void run(queue.push, check)
    .catch((error: unknown) => queue.push(failure(error) as unknown as E))
    .finally(queue.end)
  return {
    events: queue.events,
    cancel() {
      cancelled = true
    },
  }
}

function failure(error: unknown): Failed {
  if (!isBatonError(error)) return { at: 'failed', code: 'invalid', message: 'an unexpected error' }
  const { code, message, hint } = error
  return { at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) }
}
