/**
 * A page that writes numbered batches until its browser is killed, and tells of each that is on disk; before
 * that it says what it found.
 */
import '@baton/client/web/no-eval'
import { ascii } from '@baton/client/testing/rows'
import { openDatabase } from '@baton/client/web/database'
import { openKeyring } from '@baton/client/web/keyring'
import { createSealing } from '@baton/client/web/sealing'
import { openPageStore } from '@baton/client/web/store'
import { toHex } from '@baton/shared/bytes'
import { window as kept, lastBatchIn, nameOf, rowsIn, sizeOf } from '../support/numbered-rows.ts'

const u32 = (...values: number[]) => {
  const bytes = new Uint8Array(values.length * 4)
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setUint32(i * 4, value)
  return bytes
}

function valueAt(i: number, j: number): Uint8Array {
  const bytes = new Uint8Array(sizeOf(i, j) + 8).fill((i * 31 + j) & 255)
  bytes.set(u32(i, j))
  return bytes
}

async function open() {
  const database = await openDatabase('kill', { lost: () => {} })
  const { keyring, rows } = await openKeyring(database)
  const store = await openPageStore(database, createSealing(rows))
  const secret = await keyring.getSecret('batch')
  const found = {
    head: await lastBatchIn(store),
    device: toHex(keyring.device),
    secret: secret?.[0],
  }
  return { keyring, store, found }
}

const opening = open()
const say = (word: string, i: number) => globalThis.told(word, i)

/** Sometimes many in flight, sometimes one by one, with and without waiting for the disk. */
async function write(): Promise<void> {
  const { keyring, store, found } = await opening
  for (let i = found.head + 1; ; i++) {
    const rows = Array.from({ length: rowsIn(i) }, (_, j) => ({
      put: ascii(nameOf(i, j)),
      value: valueAt(i, j),
    }))
    const old = i - kept
    const gone = Array.from({ length: old < 1 ? 0 : rowsIn(old) }, (_, j) => ({
      delete: ascii(nameOf(old, j)),
    }))
    const written = store.write([...rows, ...gone, { put: ascii('head'), value: u32(i) }])
    const told = written.then(() => say('durable', i))
    if (i % 11 === 0) {
      await keyring.putSecret('batch', new Uint8Array(32).fill(i & 255))
      say('secret', i)
    }
    if (i % 4 !== 0 || i % 40 === 0) await told
  }
}

declare global {
  /** The runner outside hears it. */
  var told: (word: string, i: number) => void
  var killed: { found(): Promise<Awaited<ReturnType<typeof open>>['found']>; write(): void }
}
globalThis.killed = { found: async () => (await opening).found, write: () => void write() }
