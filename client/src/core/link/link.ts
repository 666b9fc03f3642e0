/**
 * The link: a Channel over a frame pipe (rules L). It joins the halves (inbox, outbox), puts frames in
 * order, asks whether the peer is there, and ends: by a drained BYE, or at the first thing that no
 * honest peer does. A link that ended is never mended; what it lost, the layer above sends again.
 */
import type { Bytes } from '@baton/shared/bytes'
import {
  decodeFrame,
  type Frame,
  type FrameLane,
  type LinkFrame,
  printable,
} from '@baton/shared/encoding/frame'
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import {
  byeMs,
  clockJumpMs,
  maxMessageBytes,
  strangerMs,
  strangerSignals,
} from '@baton/shared/limits'
import type { Channel, ChannelEnd, Lane } from '../ports/channel.ts'
import type { FramePipe, PipeLane } from '../ports/pipe.ts'
import type { Clock, Trace } from '../ports/platform.ts'
import { createAlarm } from './alarm.ts'
import { createInbox } from './inbox.ts'
import { createLiveness, type LifeAction } from './liveness.ts'
import { createOrder } from './order.ts'
import { createOutbox } from './outbox.ts'
import { createParting } from './parting.ts'
import { createProbe } from './probe.ts'
import { createRoundTrip } from './rtt.ts'
import { createTail } from './tail.ts'

export interface LinkPorts {
  /** Open already; the link attaches its handlers at once. */
  readonly pipe: FramePipe
  readonly clock: Clock
  readonly trace?: Trace
}

const laneOf: Readonly<Record<Lane, FrameLane>> = { control: 0, live: 1, bulk: 2 }
/** How often a closed gate is looked at: Node says nothing, a browser says so and may forget. */
const emptyPollMs = 3
const drainPollMs = 100

export function createLink({ pipe, clock, trace }: LinkPorts): Channel {
  const opened = clock.monotonic()
  const rtt = createRoundTrip()
  const probe = createProbe(rtt)
  const life = createLiveness(opened)
  const tail = createTail()
  const parting = createParting()
  const outbox = createOutbox({ pipe, now: clock.monotonic, bigFrames: rtt.allowsBigFrames })
  const inbox = createInbox({ rtt, now: clock.monotonic, owe, fail: end })
  const orders = [createOrder<Frame>(handle), createOrder<Frame>(handle)] as const
  const alarm = createAlarm(clock, wake)
  const enders: ((end: ChannelEnd) => void)[] = []
  let ended: ChannelEnd | undefined
  let admitted = false
  let strangers = 0
  let bytesReceived = 0
  let poll: { readonly due: number; readonly cancel: () => void } | undefined

  const moved = () => outbox.bytes + bytesReceived

  function end(code: ErrorCode, reason: string): void {
    if (ended !== undefined) return
    const unconfirmedBytes = outbox.unconfirmed()
    const clean = parting.done && unconfirmedBytes === 0
    ended = { clean, code, reason: printable(reason), unconfirmedBytes }
    alarm.stop()
    poll?.cancel()
    inbox.stop()
    outbox.refuse()
    trace?.('link.end', { code, clean, unconfirmedBytes })
    if (parting.lingers) clock.after(byeMs, () => pipe.close())
    else pipe.close()
    for (const ender of enders.splice(0)) ender(ended)
  }

  /** Runs what hands frames to the pipe; false when the pipe would not have them. */
  function sending<T>(run: () => T): T | undefined {
    if (ended !== undefined) return undefined
    try {
      return run()
    } catch {
      // A closed channel, a full native queue, a message the platform refuses: all mean lost frames.
      end('link-closed', 'pipe failed')
      return undefined
    }
  }

  function signal(frame: LinkFrame): void {
    sending(() => outbox.signal(frame))
  }

  function owe(lane: FrameLane): void {
    signal({ kind: 'credit', lane, ...inbox.grant(lane) })
  }

  function ask(now: number): void {
    signal({ kind: 'ping', id: probe.ask(now, moved()), sent: outbox.sent()[2] })
  }

  function pollIn(ms: number): void {
    const due = clock.monotonic() + ms
    if (poll !== undefined && poll.due <= due) return
    poll?.cancel()
    const cancel = clock.after(ms, () => {
      poll = undefined
      move()
    })
    poll = { due, cancel }
  }

  /** Sends what may be sent, and takes the next step of an end that has begun. */
  function move(): void {
    const held = sending(outbox.pump)
    if (ended !== undefined) return
    if (held === 'burst') pollIn(0)
    else if (held === 'gate') pollIn(pipe.gate === 'empty' ? emptyPollMs : drainPollMs)
    const now = clock.monotonic()
    if (probe.due(now, moved())) ask(now)
    if (parting.begun) part(held === 'done')
  }

  function part(flushed: boolean): void {
    const now = clock.monotonic()
    for (;;) {
      const step = parting.next(now, flushed, inbox.got())
      if (step === undefined) break
      if (step === 'answer') signal({ kind: 'parted', got: inbox.got() })
      if (step === 'bye') {
        const { reason } = parting
        signal({ kind: 'bye', sent: outbox.sent(), got: inbox.got(), reason })
      }
      if (step === 'end') end('link-closed', parting.reason)
      if (ended !== undefined) return
    }
    alarm.by(parting.deadline())
  }

  function handle(frame: Frame): void {
    if (ended !== undefined) return
    const now = clock.monotonic()
    if (frame.kind === 'data') {
      life.busy(now)
      inbox.data(frame, now)
      return
    }
    strangers += 1
    if (!admitted && strangers > strangerSignals) {
      end('link-limit', 'too many frames before admission')
      return
    }
    switch (frame.kind) {
      case 'credit':
        if (!outbox.credit(frame.lane, frame.consumed, frame.window)) lied()
        return
      case 'ping':
        signal({ kind: 'pong', id: frame.id, sent: outbox.sent()[2] })
        announced(frame.sent, now)
        return
      case 'pong':
        probe.answer(frame.id, now, moved())
        announced(frame.sent, now)
        return
      case 'bye':
        outbox.refuse()
        parting.bye(frame.sent, frame.reason, now)
        if (!outbox.confirm(frame.got)) lied()
        return
      case 'parted':
        parting.parted()
        if (!outbox.confirm(frame.got)) lied()
        return
    }
  }

  function lied(): void {
    end('invalid', 'confirms what was not sent')
  }

  function announced(sent: number, now: number): void {
    if (tail.announced(sent, inbox.received(2), now))
      end('link-sequence', 'the last frames are lost')
  }

  function message(lane: PipeLane, bytes: Bytes): void {
    if (ended !== undefined) return
    const now = clock.monotonic()
    bytesReceived += bytes.length
    if (life.heard(now)) {
      trace?.('link.heard', {})
      rtt.reset()
    }
    const frame = decodeFrame(bytes)
    const bulk = frame?.kind === 'data' && frame.lane === 2
    if (frame === undefined || bulk !== (lane === 1)) {
      end('invalid', 'not a frame')
      return
    }
    const order = orders[lane]
    if (!order.accept(frame, now)) end('link-sequence', 'a frame is lost')
    alarm.by(Math.min(order.deadline(), life.deadline()))
    move()
  }

  function live(actions: LifeAction[], now: number): void {
    for (const action of actions) {
      if (action === 'ping') ask(now)
      if (action === 'down') end('link-timeout', 'nothing heard from the peer')
      if (action === 'restart') pipe.restart()
      if (action === 'suspect') probe.forget()
      if (action === 'suspect' || action === 'restart') trace?.(`link.${action}`, {})
    }
  }

  function wake(lateMs: number): void {
    const now = clock.monotonic()
    live(lateMs >= clockJumpMs ? life.jumped(lateMs, now) : life.tick(now), now)
    if (orders.some((order) => now >= order.deadline())) end('link-sequence', 'a frame is lost')
    if (now >= inbox.deadline()) end('link-timeout', 'a message was not finished')
    if (now >= admission()) end('link-timeout', 'not admitted')
    move()
    if (ended === undefined) arm()
  }

  const admission = () => (admitted ? Number.POSITIVE_INFINITY : opened + strangerMs)

  function arm(): void {
    const holes = orders.map((order) => order.deadline())
    alarm.by(Math.min(life.deadline(), admission(), inbox.deadline(), parting.deadline(), ...holes))
  }

  function onClose(handler: (end: ChannelEnd) => void): void {
    if (ended === undefined) enders.push(handler)
    else handler(ended)
  }

  arm()
  pipe.onMessage(message)
  pipe.onDrain(move)
  pipe.onClose((reason) => end('link-closed', reason))

  return {
    fingerprints: pipe.fingerprints,
    send(lane, bytes) {
      if (bytes.length > maxMessageBytes) {
        return Promise.reject(
          new BatonError('too-large', 'failed to send: more than a message holds'),
        )
      }
      const taken = outbox.take(laneOf[lane], bytes)
      life.busy(clock.monotonic())
      alarm.by(life.deadline())
      move()
      return taken
    },
    receive(handler) {
      inbox.receive(handler)
      move()
    },
    admit() {
      if (admitted || ended !== undefined) return
      admitted = true
      inbox.admit()
      ask(clock.monotonic())
    },
    facts: () => ({
      path: pipe.path(),
      rttMs: rtt.ms,
      bytesSent: outbox.bytes,
      bytesReceived,
    }),
    onClose,
    close(reason) {
      return new Promise((resolve) => {
        onClose(() => resolve())
        if (ended !== undefined) return
        parting.leave(reason, clock.monotonic())
        outbox.refuse()
        move()
      })
    },
  }
}
