/** A handoff, or an invitation, as a person follows it on either end (rules CL24, CL27, CL33). */
import type { DeviceRow, HandoffEvent, HandoffRow, JoinEvent, Task } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { nameOf, whoIs } from './devices.ts'
import { failedAs } from './exit.ts'
import { safeLine } from './safe-text.ts'
import { took } from './units.ts'

type Done = HandoffEvent & { readonly at: 'done' }

/** Tells it as it goes. Rejects with why it came to nothing. */
export async function followHandoff(
  context: Context,
  task: Task<JoinEvent>,
  given: readonly DeviceRow[],
  showLink?: (event: JoinEvent & { at: 'link' }) => void,
): Promise<Done> {
  const { terminal } = context
  const { good, dim } = terminal.note
  let rows = given
  let interrupted = false
  const undo = context.onInterrupt(() => {
    interrupted = true
    terminal.tell('calling it off')
    task.cancel()
  })
  const step = (what: string, text: string) =>
    terminal.tell(`  ${good('✓')} ${what.padEnd(9)} ${text}`)
  let waits = ''
  /** What is waited for, once: drawn over on a terminal, a line of its own elsewhere. */
  function wait(text: string): void {
    if (terminal.live) terminal.draw(text)
    else if (text !== waits) terminal.tell(`  · ${text}`)
    waits = text
  }
  const self = rows.find((row) => row.self)?.id
  const other = ({ from, to }: HandoffRow) => safeLine(whoIs(rows, from === self ? to : from))
  try {
    for await (const event of task.events) {
      if (event.at === 'failed') {
        // Whoever interrupts it wants to know what came of it: the exit says no more than that.
        if (interrupted) terminal.warn(event.code === 'cancelled' ? calledOff : event.message)
        throw failedAs(event)
      }
      if (event.at === 'done') return event
      terminal.object({ type: 'event', ...event })
      if (event.at === 'link') {
        showLink?.(event)
        wait('waiting for the other device')
        continue
      }
      if (event.at === 'meeting') continue
      if (event.at === 'met') {
        rows = [...rows.filter(({ id }) => id !== event.device.id), event.device]
        step('met', `${safeLine(nameOf(event.device))}, ${terms(event.device)}`)
        continue
      }
      const name = other(event.handoff)
      switch (event.at) {
        case 'asking':
          wait(`asking ${name}`)
          break
        case 'waiting':
          wait(`waiting for ${name} to be there`)
          break
        case 'accepted':
          step('accepted', `by ${safeLine(whoIs(rows, acceptedBy(event.handoff)))}`)
          break
        case 'open':
          wait(openThere(event.handoff, name, self))
          break
        case 'carrying':
          wait('waiting until everything is on the disk there')
          break
        case 'signed':
          step('signed', dim('this device writes its history no more'))
      }
    }
  } finally {
    terminal.wipe()
    undo()
  }
  throw failedAs({ code: 'link-closed', message: 'failed to hand over: it ended without a word' })
}

/** Its person is the one to close it, and sits at the device that lets go. */
const openThere = ({ from }: HandoffRow, name: string, self: string | undefined) =>
  from === self
    ? 'its agent has it open on this device: it goes over once you close it there'
    : `its agent has it open on ${name}: it comes once that is closed`

const terms = ({ trust }: DeviceRow) =>
  trust < 0.5 ? 'for this session alone' : 'which is paired already'

const calledOff = 'called off: the session stays where it was'

const acceptedBy = ({ askedBy, from, to }: HandoffRow) => (askedBy === from ? to : from)

/** What came of it, for people and as the one result. */
export function concludeHandoff(
  { terminal }: Context,
  { handoff, holding, pauseMs, placed, unplaced }: Done,
  rows: readonly DeviceRow[],
  /** What came of going on with it there. */
  resumed?: string,
): void {
  const { good, warn, dim } = terminal.note
  const step = (what: string, text: string) =>
    terminal.tell(`  ${good('✓')} ${what.padEnd(9)} ${text}`)
  terminal.object({
    ...{ type: 'result', ok: true, handoff, holding, pauseMs, placed, unplaced },
    ...(resumed === undefined ? {} : { resumed }),
  })
  const who = (id: string) => safeLine(whoIs(rows, id))
  if (handoff?.kind === 'mirror') step('mirrored', `${who(handoff.to)} writes along`)
  else if (handoff?.kind === 'observe') step('observed', `${who(handoff.to)} reads along`)
  else {
    const holder = holding.holder === undefined ? 'nobody yet' : who(holding.holder)
    const pause = pauseMs === undefined ? '' : dim(`  ${took(pauseMs)} between the two`)
    step('held', `by ${holder}, epoch ${holding.epoch}${pause}`)
  }
  if (placed) step('placed', safeLine(placed.path))
  if (unplaced !== undefined) {
    terminal.warn(`warning: it is not in its place: ${safeLine(unplaced)}`)
  }
  if (!holding.split) return
  terminal.warn(
    `${warn('possible split')}: the device that held it was not asked; what it wrote meanwhile will stand beside the history`,
  )
}
