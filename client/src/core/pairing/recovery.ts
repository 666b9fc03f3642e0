/**
 * The day after a pairing that was cut short: a joiner that proved itself asks whether the inviter
 * committed, an inviter that committed answers. Rules: P9, P10. It decides nothing about rosters.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import {
  openAnswer,
  openQuestion,
  type RecoveredRun,
  recoverySaltBytes,
  sealAnswer,
  sealQuestion,
} from '@baton/shared/protocol/pairing-recovery'
import { openPairMailbox, type PairMailbox } from '../contact/mailbox.ts'
import type { PendingRecord, RecoveryAnswer } from './memory.ts'
import type { PairPorts } from './ports.ts'

/** A joiner asks at once, then less and less often. */
const askFirstMs = 5_000
const askMostMs = 30 * 60_000
/** Answers to one run; each question costs the asker a post, so this bounds a replaying service. */
const maxAnswers = 200

export interface PairRecovery {
  /** Inviter: answers questions about this run until `until`. */
  serve(id: string, answer: RecoveryAnswer): void
  /** Joiner: asks until answered; `recovered` runs once, with a verified answer. */
  ask(record: PendingRecord): void
  stop(id: string): void
  close(): void
}

export interface RecoveryHooks {
  recovered(record: PendingRecord, run: RecoveredRun): void
  expired(record: PendingRecord): void
}

export function createPairRecovery(ports: PairPorts, hooks: RecoveryHooks): PairRecovery {
  const { rendezvous, clock, random, verify, trace } = ports
  const active = new Map<string, { close(): void }>()
  let closed = false

  function start(id: string, open: () => { close(): void }): void {
    if (!closed && !active.has(id)) active.set(id, open())
  }

  function stop(id: string): void {
    active.get(id)?.close()
    active.delete(id)
  }

  /** Undefined when the random source repeats: nothing is sealed then, and it is tried again later. */
  function draw(): Bytes | undefined {
    try {
      return random.bytes(recoverySaltBytes)
    } catch {
      trace('recovery.random', { ok: false })
      return undefined
    }
  }

  function serve(id: string, answer: RecoveryAnswer): void {
    const seen = new Set<string>()
    start(id, () => {
      const mailbox: PairMailbox = openPairMailbox({
        rendezvous,
        clock,
        root: answer.recovery,
        side: 'low',
        withoutContactMs: () => Number.POSITIVE_INFINITY,
        onBlob(blob) {
          if (clock.now() > answer.until) return stop(id)
          const question = openQuestion(answer, blob)
          if (!question || seen.has(toHex(question)) || seen.size >= maxAnswers) return
          const salt = draw()
          if (!salt) return
          seen.add(toHex(question))
          const reply = sealAnswer(answer, question, salt)
          mailbox.post(() => reply).catch(() => trace('recovery.unreachable'))
        },
      })
      return mailbox
    })
  }

  function ask(record: PendingRecord): void {
    start(record.id, () => {
      let question: Bytes | undefined
      let waitMs = askFirstMs
      let cancelTimer = () => {}
      const mailbox = openPairMailbox({
        rendezvous,
        clock,
        root: record.recovery,
        side: 'high',
        withoutContactMs: () => Number.POSITIVE_INFINITY,
        onBlob(blob) {
          const run = question && openAnswer(record, question, blob)
          if (run) void check(run)
        },
      })

      async function check(run: RecoveredRun): Promise<void> {
        const ok = await verify(run.met.peer.device, run.statement, run.signature)
        if (!ok || !active.has(record.id)) return
        stop(record.id)
        hooks.recovered(record, run)
      }

      function turn(): void {
        if (clock.now() > record.until) {
          stop(record.id)
          hooks.expired(record)
          return
        }
        const drawn = draw()
        if (drawn) {
          question = drawn
          const sealed = sealQuestion(record, drawn)
          mailbox.post(() => sealed).catch(() => trace('recovery.unreachable'))
        }
        cancelTimer = clock.after(waitMs, turn)
        waitMs = Math.min(waitMs * 2, askMostMs)
      }

      turn()
      return {
        close() {
          cancelTimer()
          mailbox.close()
        },
      }
    })
  }

  return {
    serve,
    ask,
    stop,
    close() {
      closed = true
      for (const id of [...active.keys()]) stop(id)
    },
  }
}
