/**
 * Sends a session to one device (rules SD1 to SD6): takes what the agent wrote, grants, waits until
 * the other side holds every entry durably, asks it to place and sign, keeps the receipt. Each stage
 * is told as it goes; an interruption leaves nothing half done, and a second run goes on.
 */
import { equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import {
  encodeTransfer,
  fromMessage,
  parseReport,
  type TransferStatement,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import { createEventQueue } from '../event-queue.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { SendEvent, SendOptions, Task } from '../mesh-api.ts'
import type { ChannelFacts } from '../ports/channel.ts'
import type { Clock, Keyring } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'
import { deliverMethod, encodeQuestion, parseAnswer } from './delivery.ts'
import type { Receipts } from './receipts.ts'
import type { Sharing } from './sharing.ts'
import type { Transcripts } from './transcripts.ts'
import { type SessionView, viewFor } from './views.ts'

export interface Reachable {
  readonly exchange: Exchange
  facts(): ChannelFacts
}

export interface SenderPorts {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly sharing: Sharing
  readonly receipts: Receipts
  readonly keyring: Keyring
  readonly primitives: Primitives
  readonly clock: Clock
  /** Finds the session a person means and takes what its files have. */
  take(ref: string, progress: (records: number, bytes: number) => void): Promise<SessionId>
  /** The open exchange, or undefined; `changed` runs whenever that or acknowledgements change. */
  reach(device: DeviceId): Reachable | undefined
  acked(device: DeviceId, session: SessionId): boolean
  ackedBytes(device: DeviceId, session: SessionId): number
  onChange(run: () => void): () => void
  grew(session: SessionId): void
}

/** Longest wait for a device that is not connected. */
const offlineMs = 60_000
/** Longest wait without any progress once connected. */
const stallMs = 60_000
const deliverMs = 10 * 60_000
const maxMoved = 5
const progressMs = 200

export function createSender(ports: SenderPorts) {
  const { transcripts, primitives, repository } = ports

  return function send(ref: string, options: SendOptions): Task<SendEvent> {
    const queue = createEventQueue<SendEvent>()
    const started = ports.clock.monotonic()
    let cancelled = false
    let wake: () => void = () => undefined

    const check = () => {
      if (cancelled) throw new BatonError('cancelled', 'the send was cancelled')
    }

    /** Resolves at the next change or after `ms`. */
    function change(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const stop = ports.clock.after(ms, done)
        const off = ports.onChange(done)
        wake = done
        function done(): void {
          stop()
          off()
          resolve()
        }
      })
    }

    async function connect(): Promise<Reachable> {
      const until = ports.clock.monotonic() + offlineMs
      for (let told = false; ; told = true) {
        check()
        const reachable = ports.reach(options.to)
        if (reachable) return reachable
        if (ports.clock.monotonic() >= until) {
          throw new BatonError(
            'peer-offline',
            'failed to send: the other device is not connected',
            {
              hint: 'run baton up there; what was taken here is kept, send again when it is back',
            },
          )
        }
        if (!told) queue.push({ at: 'connecting', device: options.to })
        await change(Math.max(1, until - ports.clock.monotonic()))
      }
    }

    /** Until the peer holds all of the session durably. */
    async function carry(session: SessionId, view: SessionView): Promise<Reachable> {
      let last = ports.clock.monotonic()
      let seen = -1
      let shown = Number.NEGATIVE_INFINITY
      for (;;) {
        const reachable = await connect()
        const { exchange } = reachable
        const now = ports.clock.monotonic()
        const moved = exchange.sent.raw + ports.ackedBytes(options.to, session)
        if (moved !== seen) {
          seen = moved
          last = now
        }
        const done = ports.acked(options.to, session)
        if (done || now - shown >= progressMs) {
          shown = now
          queue.push({
            at: 'sending',
            sentBytes: done ? view.bytes : ports.ackedBytes(options.to, session),
            totalBytes: view.bytes,
            wireBytes: exchange.sent.wire,
            path: reachable.facts().path,
          })
        }
        if (done) return reachable
        check()
        if (now - last > stallMs) {
          throw new BatonError('timeout', 'failed to send: nothing moved for a minute', {
            hint: 'the link may be stuck; send again to go on where it stopped',
          })
        }
        await change(progressMs)
      }
    }

    async function run(): Promise<void> {
      const session = await ports.take(ref, (records, bytes) =>
        queue.push({ at: 'reading', records, bytes }),
      )
      check()
      await ports.sharing.grant(session, options.to)
      ports.grew(session)
      for (let attempt = 1; ; attempt++) {
        const view = await viewNow(session)
        const reachable = await carry(session, view)
        try {
          return await deliver(session, reachable)
        } catch (error) {
          // The session moved on while it was carried: carry what is new, ask again.
          const moved =
            isBatonError(error) && ['source-changed', 'link-closed'].includes(error.code)
          if (!moved || attempt >= maxMoved) throw error
          await change(progressMs)
        }
      }
    }

    const viewNow = async (session: SessionId) =>
      viewFor(await transcripts.state(session), primitives.sha256, repository.device)

    async function deliver(session: SessionId, { exchange }: Reachable): Promise<void> {
      const vector = repository
        .heads(session)
        .map(({ log, seq, hash }) => ({ log, seq, h: hash.slice(0, 8) }))
      const view = await viewNow(session)
      const statement: TransferStatement = {
        session,
        from: repository.device,
        to: options.to,
        at: ports.clock.now(),
        vector,
        digest: view.digest,
        records: view.records,
        bytes: view.bytes,
        last: view.last,
      }
      const transfer = encodeTransfer(statement)
      const signature = await ports.keyring.sign(fromMessage(transfer))
      queue.push({ at: 'placing' })
      const { maps, project, carryOnly } = options
      const question = { transfer, signature, maps, project, carryOnly: carryOnly === true }
      const reply = await exchange.ask(deliverMethod, encodeQuestion(question), deliverMs)
      const answer = parseAnswer(reply)
      const receipt = await ports.receipts.keep({
        transfer,
        report: answer.report,
        fromSignature: signature,
        toSignature: answer.signature,
      })
      if (!equalBytes(answer.digest, view.digest)) {
        throw new BatonError('invalid', 'failed to send: the other device shows another history')
      }
      const { placed, unplaced, merged } = parseReport(answer.report)
      queue.push({
        at: 'done',
        receipt,
        digest: { here: toHex(view.digest), there: toHex(answer.digest) },
        placed,
        unplaced: unplaced && describe(unplaced),
        merged,
        ms: Math.round(ports.clock.monotonic() - started),
      })
    }

    run()
      .catch((error: unknown) => {
        const known = isBatonError(error)
        const code: ErrorCode = known ? error.code : 'invalid'
        const message = known ? error.message : 'failed to send: an unexpected error'
        const hint = known ? error.hint : undefined
        queue.push({ at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) })
      })
      .finally(() => queue.end())

    return {
      events: queue.events,
      cancel() {
        cancelled = true
        wake()
      },
    }
  }
}

const describe = ({ message, hint }: { message: string; hint: string }): string =>
  hint === '' ? message : `${message}; ${hint}`
