/**
 * A disk that loses what it may lose: `crash` drops some suffix of the batches that were not flushed
 * and never a part of one; it can be full, hold its writes and its flushes back, and be taken by a
 * newer opening, which fences the older store. It passes the Store contract.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { checkBatch, storeClosed } from '@baton/client/core/memory/batch'
import { createMemoryStore, type Row } from '@baton/client/core/memory/store'
import type { Store, Write } from '@baton/client/core/ports/store'
import { BatonError } from '@baton/shared/errors'

export interface FaultyDisk {
  /** Fences the store that had it open. */
  open(): Promise<Store>
  /** The process dies: every call under way or to come says so; returns how many batches are lost. */
  crash(): number
  /** Writes succeed for `batches` more, then say `store-full`; undefined makes room again. */
  fill(batches: number | undefined): void
  /** Flushes do not end until `release` is called (or a crash comes). */
  holdFlushes(): { release(): void }
  /** Batches wait until they are let through, in the order given: a slow disk. */
  holdWrites(): HeldWrites
  /** Batches written and not flushed. */
  unflushed(): number
  /** What is on disk now, and a disk that has it again: a backup. Nothing may have it open then. */
  backup(): Promise<readonly Row[]>
  restore(backup: readonly Row[]): void
}

export interface HeldWrites {
  readonly waiting: number
  pass(batches: number): void
  /**
   * There is no room for the first one, which takes all those behind it with it (rule ST9); each is
   * told in a turn of its own. Resolves when the last one was.
   */
  refuse(): Promise<void>
  /** Lets all through, and what comes after them. */
  release(): void
}

interface HeldWrite {
  readonly pass: () => void
  readonly refuse: (error: BatonError) => void
}

const refusal = {
  crashed: () => new BatonError('store-closed', 'failed to use the store: its process died'),
  closed: storeClosed,
  fenced: () => new BatonError('store-fenced', 'failed to write the store: another one took it'),
  full: () => new BatonError('store-full', 'failed to write the store: the disk is full'),
}

export function createFaultyDisk(random: () => number = Math.random): FaultyDisk {
  /** Rows at the last opening, batches since, and how many of those are on disk. */
  let base: readonly Row[] = []
  let log: (readonly Write[])[] = []
  let flushed = 0
  let room: number | undefined
  let hold: { readonly until: Promise<void>; readonly release: () => void } | undefined
  let current: { fate: keyof typeof refusal | undefined } = { fate: undefined }
  let held: HeldWrite[] | undefined
  /** Refusals that are still being told: nothing is taken meanwhile (rule ST9). */
  let telling = 0
  /** Batches given and neither written nor refused. */
  const underWay = new Set<Promise<void>>()

  const turnOfWrite = () => new Promise<void>((pass, refuse) => held?.push({ pass, refuse }))

  function use(inner: Store): Store {
    const life = current
    const check = (taken: (keyof typeof refusal)[] = ['crashed', 'closed']) => {
      if (life.fate !== undefined && taken.includes(life.fate)) throw refusal[life.fate]()
    }
    async function settle() {
      await Promise.all(underWay)
      const target = log.length
      await hold?.until
      check(['crashed'])
      if (life === current) flushed = Math.max(flushed, target)
    }
    async function commit(batch: readonly Write[]) {
      if (held) await turnOfWrite()
      check(['crashed', 'fenced'])
      if (room !== undefined && --room < 0) {
        telling += 1
        void turn().then(() => {
          telling -= 1
        })
        throw refusal.full()
      }
      await inner.write(batch)
      // Its process died, or lost the store, while it was under way: it is not among what is kept.
      check(['crashed', 'fenced'])
      log.push(batch.map(copy))
    }
    let closing: Promise<void> | undefined
    return {
      async get(key) {
        check()
        return await inner.get(key)
      },
      async *list(range) {
        check()
        for await (const row of inner.list(range)) {
          yield row
          check()
        }
      },
      async write(batch) {
        check(['crashed', 'closed', 'fenced'])
        checkBatch(batch)
        if (telling > 0) throw refusal.full()
        const written = commit(batch)
        underWay.add(written)
        try {
          await written
        } finally {
          underWay.delete(written)
        }
      },
      async flush() {
        check()
        await settle()
      },
      close() {
        closing ??= life.fate === 'crashed' ? Promise.resolve() : settle()
        if (life.fate !== 'crashed') life.fate = 'closed'
        return closing
      },
    }
  }

  return {
    async open() {
      if (current.fate === undefined) current.fate = 'fenced'
      const store = createMemoryStore(base)
      for (const batch of log) await store.write(batch)
      base = store.rows()
      log = []
      flushed = 0
      current = { fate: undefined }
      return use(store)
    },
    crash() {
      current.fate = 'crashed'
      hold?.release()
      for (const { pass } of held?.splice(0) ?? []) pass()
      const kept = flushed + Math.floor(random() * (log.length - flushed + 1))
      const lost = log.length - kept
      log = log.slice(0, kept)
      return lost
    },
    fill(batches) {
      room = batches
    },
    holdFlushes() {
      const { promise, resolve } = withResolvers()
      const release = () => {
        hold = undefined
        resolve()
      }
      hold = { until: promise, release }
      return { release }
    },
    holdWrites() {
      const mine: HeldWrite[] = []
      held = mine
      return {
        get waiting() {
          return mine.length
        },
        pass(batches) {
          for (const { pass } of mine.splice(0, batches)) pass()
        },
        async refuse() {
          telling += 1
          for (const { refuse } of mine.splice(0)) {
            refuse(refusal.full())
            await turn()
          }
          telling -= 1
        },
        release() {
          held = undefined
          for (const { pass } of mine.splice(0)) pass()
        },
      }
    },
    unflushed: () => log.length - flushed,
    async backup() {
      const store = createMemoryStore(base)
      for (const batch of log.slice(0, flushed)) await store.write(batch)
      return store.rows()
    },
    restore(backup) {
      if (current.fate === undefined) current.fate = 'fenced'
      base = backup
      log = []
      flushed = 0
    },
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const copy = (write: Write): Write =>
  'put' in write
    ? { put: write.put.slice(), value: write.value.slice() }
    : { delete: write.delete.slice() }
