/**
 * Sends a session to one device (rules SD1 to SD12): takes what the agent wrote, grants, waits until
 * the other side holds every entry durably, asks it to place and sign, keeps the receipt. Each stage
 * is told as it goes; an interruption leaves nothing half done, and a second run goes on.
 */
import { equalBytes, toHex } from '@baton/shared/bytes'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import {
  encodeTransfer,
  fromMessage,
  parseReport,
  type TransferStatement,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import { createEventQueue } from '../event-queue.ts'
import type { Exchange, StoreTrouble } from '../exchange/exchange.ts'
import { traceFault } from '../fault.ts'
import type { SendEvent, SendOptions, Task } from '../mesh-api.ts'
import type { ChannelFacts } from '../ports/channel.ts'
import type { Clock, Keyring, Trace } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'
import { createCancellation } from './cancellation.ts'
import { deliverMethod, encodeQuestion, parseAnswer } from './delivery.ts'
import type { ImportHow } from './importer.ts'
import type { Receipts } from './receipts.ts'
import type { Sharing } from './sharing.ts'
import { stallOf } from './stall.ts'
import type { Transcripts } from './transcripts.ts'
import { type SessionView, viewFor } from './views.ts'

export interface Reachable {
  readonly exchange: Exchange
  facts(): ChannelFacts
  /** What the device last said of its disk. */
  diskTrouble(): StoreTrouble | undefined
}

export interface SenderPorts {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly sharing: Sharing
  readonly receipts: Receipts
  readonly keyring: Keyring
  readonly primitives: Primitives
  readonly clock: Clock
  readonly trace: Trace
  /** Finds the session a person means and takes what its files have. */
  take(ref: string, how: Pick<ImportHow, 'progress' | 'skipped'>): Promise<SessionId>
  /** Records of the session that its file here no longer holds. */
  cut(session: SessionId): Promise<number>
  /** Whether there is such a device to send to, connected or not. */
  knows(device: DeviceId): boolean
  /** The open exchange, or undefined; `changed` runs whenever that or acknowledgements change. */
  reach(device: DeviceId): Reachable | undefined
  acked(device: DeviceId, session: SessionId): boolean
  ackedBytes(device: DeviceId, session: SessionId): number
  onChange(run: () => void): () => void
  grew(session: SessionId): void
}

/** Longest wait for a device that is not connected. */
export const offlineMs = 60_000
/** Longest wait for the answer: placing a large session takes its time. */
export const deliverMs = 10 * 60_000
const maxMoved = 5
const progressMs = 200

/** File names are anyone's words. */
const toldName = (text: string) => cleanText(text, 200) ?? ''

/** Bytes on the wire since now, over the links that follow one another. */
function createCount(first: Exchange | undefined): (on: Exchange) => number {
  let link = first
  let before = 0
  let from = first?.sent.wire ?? 0
  return (on) => {
    if (on !== link) {
      before += (link?.sent.wire ?? 0) - from
      from = 0
      link = on
    }
    return before + on.sent.wire - from
  }
}

export function createSender(ports: SenderPorts) {
  const { clock, repository, transcripts, primitives } = ports

  const viewNow = async (session: SessionId) =>
    viewFor(await transcripts.state(session), primitives.sha256, repository.device)

  return function send(ref: string, options: SendOptions): Task<SendEvent> {
    const queue = createEventQueue<SendEvent>()
    const started = clock.monotonic()
    /** One moment for the whole send: asked for again, an unchanged session is the same transfer. */
    const at = clock.now()
    const cancellation = createCancellation()
    const { unlessCancelled } = cancellation

    /** What this send put on the wire: a link counts all it ever carried. */
    const wire = createCount(ports.reach(options.to)?.exchange)

    /** Resolves at the next change or after `ms`. */
    async function change(ms: number): Promise<void> {
      let stop = () => {}
      let off = () => {}
      const changed = new Promise<void>((resolve) => {
        stop = clock.after(ms, resolve)
        off = ports.onChange(resolve)
      })
      try {
        await unlessCancelled(changed)
      } finally {
        stop()
        off()
      }
    }

    async function connect(): Promise<Reachable> {
      const until = clock.monotonic() + offlineMs
      for (let told = false; ; told = true) {
        const reachable = ports.reach(options.to)
        if (reachable) return reachable
        if (clock.monotonic() >= until) throw offline()
        if (!told) queue.push({ at: 'connecting', device: options.to })
        await change(Math.max(1, until - clock.monotonic()))
      }
    }

    /** Until the peer holds all of the session durably. */
    async function carry(session: SessionId, view: SessionView): Promise<Reachable> {
      let last = clock.monotonic()
      let seen = -1
      let shown = Number.NEGATIVE_INFINITY
      for (;;) {
        const reachable = await connect()
        const { exchange } = reachable
        const now = clock.monotonic()
        const moved = exchange.sent.raw + ports.ackedBytes(options.to, session)
        // Also when the link is a new one, which counts from nothing.
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
            wireBytes: wire(exchange),
            path: reachable.facts().path,
          })
        }
        if (done) return reachable
        const stalled = stallOf(now - last, reachable.diskTrouble())
        if (stalled) throw stalled
        await change(progressMs)
      }
    }

    async function run(): Promise<void> {
      if (!ports.knows(options.to) || options.to === repository.device) throw unknown()
      const session = await unlessCancelled(
        ports.take(ref, {
          progress: (records, bytes) => queue.push({ at: 'reading', records, bytes }),
          skipped: (files) => queue.push({ at: 'skipped', files: files.map(toldName) }),
        }),
      )
      const cut = await unlessCancelled(ports.cut(session))
      if (cut > 0) queue.push({ at: 'cut', records: cut })
      await unlessCancelled(ports.sharing.grant(session, options.to))
      ports.grew(session)
      for (let attempt = 1; ; attempt++) {
        const view = await unlessCancelled(viewNow(session))
        const reachable = await carry(session, view)
        try {
          queue.push(await unlessCancelled(deliver(session, reachable)))
          return
        } catch (error) {
          // The session moved on while it was carried: carry what is new, ask again.
          const moved =
            isBatonError(error) && ['source-changed', 'link-closed'].includes(error.code)
          if (!moved || attempt >= maxMoved) throw error
          await change(progressMs)
        }
      }
    }

    /** Goes on to the receipt when the send is cancelled: the other device may have signed by then. */
    async function deliver(session: SessionId, { exchange }: Reachable): Promise<SendEvent> {
      const vector = repository
        .heads(session)
        // What waits here for a blob is not held, and so not handed over either.
        .filter(({ log, seq }) => repository.durable(log) >= seq)
        .map(({ log, seq, hash }) => ({ log, seq, h: hash.slice(0, 8) }))
      const { digest, records, bytes, last } = await viewNow(session)
      const to = options.to
      const statement: TransferStatement = {
        session,
        from: repository.device,
        to,
        at,
        vector,
        digest,
        records,
        bytes,
        last,
      }
      const transfer = encodeTransfer(statement)
      const signature = await ports.keyring.sign(fromMessage(transfer))
      queue.push({ at: 'placing' })
      const { maps, project, carryOnly } = options
      const question = { transfer, signature, maps, project, carryOnly: carryOnly === true }
      const reply = await exchange.ask(deliverMethod, encodeQuestion(question), deliverMs)
      const answer = parseAnswer(reply)
      if (!equalBytes(answer.digest, digest)) throw otherHistory()
      const { report } = answer
      const receipt = await ports.receipts.keep({
        transfer,
        report,
        fromSignature: signature,
        toSignature: answer.signature,
      })
      const { placed, unplaced, merged } = parseReport(report)
      return {
        at: 'done',
        receipt,
        digest: { here: toHex(digest), there: toHex(answer.digest) },
        placed,
        unplaced: unplaced && describe(unplaced),
        merged,
        ms: Math.round(clock.monotonic() - started),
      }
    }

    run()
      .catch((error: unknown) => {
        if (!isBatonError(error)) traceFault(ports.trace, 'send.failed', error)
        const { code, message, hint } = isBatonError(error) ? error : unexpected()
        queue.push({ at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) })
      })
      .finally(() => queue.end())

    return { events: queue.events, cancel: cancellation.cancel }
  }
}

const describe = ({ message, hint }: { message: string; hint: string }): string =>
  hint === '' ? message : `${message}; ${hint}`

const unknown = () =>
  new BatonError('not-found', 'failed to send: no such device is paired with this one', {
    hint: 'baton devices lists them',
  })

const offline = () =>
  new BatonError('peer-offline', 'failed to send: the other device is not connected', {
    hint: 'run baton up there; what was taken here is kept, send again when it is back',
  })

const otherHistory = () =>
  new BatonError('invalid', 'failed to send: the other device shows another history')

const unexpected = () => new BatonError('invalid', 'failed to send: an unexpected error')
