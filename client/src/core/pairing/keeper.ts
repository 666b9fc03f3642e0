/**
 * What a pairing writes, in the order that makes a crash at any point leave both devices paired or
 * neither: rules P9, P10. It owns the memory and the questions of the day after; it runs no machine.
 *
 *     inviter   put(paired, answer)   -> commitAdd (the commit)  -> `added` leaves   -> put(paired)
 *     joiner    put(pending)          -> proof leaves  -> `added` comes  -> put(paired, adopting)
 *               -> adoptRoster        -> put(paired)   -> `adopted` leaves
 */
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { maxPendings, pendingLifeMs } from '@baton/shared/limits'
import type { Answer, Met, Pending } from '@baton/shared/protocol/pairing-effects'
import type { PairRecord, PendingRecord } from './memory.ts'
import { pairRecord, peerOf, recordId } from './peer.ts'
import type { PairHooks, PairPorts } from './ports.ts'
import { createPairRecovery } from './recovery.ts'

/** One run's writes. A promise that rejects is a disk that refused. */
export interface PairKeeping {
  persist(pending: Pending): Promise<void>
  forget(th: Bytes): Promise<void>
  commit(met: Met, answer: Answer): Promise<void>
  adopt(met: Met, th: Bytes): Promise<void>
  /** Inviter: the joiner has adopted, nobody will ask any more. */
  acknowledged(): void
  /** The run is over without a verdict: a joiner that proved itself goes on asking. */
  abandoned(): void
}

export interface PairKeeper {
  run(): PairKeeping
  resume(): Promise<void>
  close(): void
}

export function createPairKeeper(ports: PairPorts, hooks: PairHooks): PairKeeper {
  const { memory, clock, trace } = ports
  let tail: Promise<unknown> = Promise.resolve()

  /** One write at a time, in the order they were asked for. */
  function queued<T>(work: () => Promise<T>): Promise<T> {
    const done = tail.then(work)
    tail = done.catch(() => {})
    return done
  }

  const quietly = (work: Promise<unknown>) =>
    void work.catch(() => trace('pairing.memory', { ok: false }))

  const recovery = createPairRecovery(ports, {
    recovered: (record, run) =>
      quietly(
        adoptAs(record.id, run.met).then(() =>
          hooks.recovered(peerOf(pairRecord(record.id, run.met))),
        ),
      ),
    expired: (record) => quietly(queued(() => memory.remove(record.id))),
  })

  function adoptAs(id: string, met: Met): Promise<void> {
    return queued(async () => {
      if (met.guest) return memory.remove(id)
      await memory.put(pairRecord(id, met, { adopting: met.peer.roster }))
      await finishAdopting(pairRecord(id, met), met.peer.roster)
    })
  }

  /** Two devices share one root: what an earlier pairing left gives way to the new one. */
  async function replaceOlder(record: PairRecord): Promise<void> {
    for (const other of await memory.all()) {
      if (other.at !== 'paired' || other.id === record.id) continue
      if (!equalBytes(other.device, record.device)) continue
      recovery.stop(other.id)
      await memory.remove(other.id)
    }
  }

  async function finishAdopting(record: PairRecord, roster: Bytes): Promise<void> {
    await hooks.adoptRoster(roster, peerOf(record))
    await memory.put({ ...record, adopting: undefined })
    await replaceOlder(record)
  }

  async function makeRoom(): Promise<void> {
    const pendings = (await memory.all()).filter((record) => record.at === 'pending')
    const surplus = pendings.sort((a, b) => a.until - b.until).slice(0, -(maxPendings - 1))
    for (const record of pendings.length < maxPendings ? [] : surplus) {
      recovery.stop(record.id)
      await memory.remove(record.id)
    }
  }

  function run(): PairKeeping {
    let pending: PendingRecord | undefined
    let committed: PairRecord | undefined

    return {
      persist(kept) {
        const record: PendingRecord = {
          at: 'pending',
          id: recordId(kept.th),
          ...kept,
          until: clock.now() + pendingLifeMs,
        }
        return queued(async () => {
          await makeRoom()
          pending = record
          await memory.put(record)
        })
      },
      forget(th) {
        return queued(async () => {
          pending = undefined
          await memory.remove(recordId(th))
        })
      },
      commit(met, answer) {
        if (met.guest) return Promise.resolve()
        const record = pairRecord(recordId(answer.th), met, {
          answer: { ...answer, until: clock.now() + pendingLifeMs },
        })
        return queued(async () => {
          await memory.put(record)
          await hooks.commitAdd(peerOf(record))
          await replaceOlder(record)
          committed = record
          if (record.answer) recovery.serve(record.id, record.answer)
        })
      },
      async adopt(met, th) {
        await adoptAs(recordId(th), met)
        pending = undefined
      },
      acknowledged() {
        if (!committed) return
        recovery.stop(committed.id)
        const settled = { ...committed, answer: undefined }
        quietly(queued(() => memory.put(settled)))
      },
      abandoned() {
        // Whoever has not said yes yet cannot have been committed to.
        quietly(
          queued(async () => {
            if (pending?.agreed) recovery.ask(pending)
            else if (pending) await memory.remove(pending.id)
          }),
        )
      },
    }
  }

  /** What a crash left: each record comes to its end, one way or the other. */
  async function resume(): Promise<void> {
    // Of several with one device the last was written last.
    const pairs = (await memory.all()).filter((record) => record.at === 'paired')
    const newest = new Map(pairs.map((record) => [toHex(record.device), record]))
    for (const record of newest.values()) await replaceOlder(record)

    for (const record of await memory.all()) {
      if (record.at === 'pending') {
        if (record.agreed && record.until > clock.now()) recovery.ask(record)
        else await memory.remove(record.id)
      } else if (record.adopting) {
        await finishAdopting(record, record.adopting)
      } else if (record.answer) {
        await resumeCommit(record, record.answer.until)
      }
    }
  }

  async function resumeCommit(record: PairRecord, until: number): Promise<void> {
    if (!(await hooks.isMember(record.device))) return memory.remove(record.id)
    if (record.answer && until > clock.now()) recovery.serve(record.id, record.answer)
    else await memory.put({ ...record, answer: undefined })
  }

  return { run, resume: () => queued(resume), close: () => recovery.close() }
}
