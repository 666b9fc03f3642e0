/** `baton pair`: shows a code, or takes one (rules CL6, CL7). */
import { linkOnPage } from '@baton/shared/keyexchange/code-link'
import type { PairingEvent, PairingTask } from '../../core/mesh-api.ts'
import { askCode } from './ask-code.ts'
import type { Context } from './command.ts'
import { failedAs, usage } from './exit.ts'
import { devicePhrase } from './happening.ts'
import { confirm as ask, choose } from './keys.ts'
import { namedService } from './launch.ts'
import { qrLines } from './qr.ts'
import { ensureRunning } from './running.ts'
import { clockLeft, took } from './units.ts'
import { stopUnused } from './up.ts'

export interface PairOptions {
  readonly join?: boolean
  readonly show?: boolean
  readonly confirm?: boolean
  readonly qr?: boolean
  readonly signal?: string
}

export async function pair(
  context: Context,
  given: string | undefined,
  options: PairOptions,
): Promise<void> {
  const { terminal, control } = context
  const signal = options.signal === undefined ? undefined : namedService(options.signal)
  const joins =
    given !== undefined || options.join === true || (await wantsToJoin(context, options))
  // Typed before anything is started or sent.
  const code = joins ? await askCode(terminal, given) : undefined
  const { pid, started } = await ensureRunning(context, signal)
  try {
    const { process: facts, signaling } = await control().status()
    const confirm = options.confirm ?? facts.confirm
    const qr = terminal.json || (options.qr !== false && terminal.live)
    const task =
      code === undefined ? control().invite({ qr, confirm }) : control().join(code, { confirm })
    const alone = facts.embedded && !facts.beyond
    const { page } = facts
    await follow(context, task, {
      ...{ server: signaling?.server, alone },
      ...(page === undefined ? {} : { page }),
    })
  } catch (error) {
    // Nobody asked for a device in the background, but for a pairing.
    if (started && (await stopUnused(context, pid))) {
      terminal.tell(terminal.note.dim('the device that was started for this is stopped again'))
    }
    throw error
  }
}

async function wantsToJoin({ terminal }: Context, { show }: PairOptions): Promise<boolean> {
  if (show === true || !terminal.asks) return false
  return choose(terminal, 'Show a code, or type the one the other device shows?', [
    { value: false, label: 'show a code' },
    { value: true, label: 'type a code' },
  ])
}

export interface FollowOptions {
  /** Where the other device finds this one. */
  readonly server: string | undefined
  /** That is an address of this machine alone. */
  readonly alone?: boolean
  /** Where the other device may be a page. */
  readonly page?: string
}

/** Tells a pairing as it goes. Rejects with what went wrong. */
export async function follow(
  context: Context,
  task: PairingTask,
  { server, alone = false, page }: FollowOptions,
): Promise<void> {
  const { terminal } = context
  const undo = context.onInterrupt(() => task.cancel())
  let stopCounting = () => {}
  try {
    for await (const event of task.events) {
      stopCounting()
      if (event.at !== 'failed') terminal.object({ type: 'event', ...event })
      if (event.at === 'code') {
        showCode(context, event, { server, alone, ...(page === undefined ? {} : { page }) })
        stopCounting = count(context, event.expiresAt)
      } else await tell(context, event, task)
      if (event.at === 'paired') {
        terminal.object({ type: 'result', ok: true, device: event.device })
        return
      }
    }
  } finally {
    stopCounting()
    undo()
  }
}

function showCode(
  { terminal }: Context,
  event: PairingEvent & { at: 'code' },
  { server, alone, page }: FollowOptions,
): void {
  const { dim, bold } = terminal.note
  const line = `baton pair --join${server === undefined ? '' : ` --signal ${server}`}`
  terminal.tell(alone ? 'In another home of this machine run' : 'On the other device run')
  terminal.tell()
  terminal.tell(`  ${bold(line)}`)
  if (page !== undefined) terminal.tell(`  or open ${bold(page)} in its browser`)
  terminal.tell()
  terminal.tell('and type this code:')
  terminal.tell()
  terminal.line(terminal.paint.bold(event.code))
  terminal.tell()
  const colour = terminal.note.dim(' ') !== ' '
  if (alone) {
    terminal.tell(dim('For a device elsewhere start this one with: baton up --lan, or --signal'))
    return
  }
  const lines =
    event.qr && terminal.live && qrLines(linkOnPage(event.qr, page), terminal.columns, colour)
  if (!lines) return
  terminal.tell(dim('or scan:'))
  for (const each of lines) terminal.tell(each)
}

/** Draws what is left of a code's life; returns how to stop. */
function count({ terminal, now }: Context, expiresAt: number): () => void {
  const draw = () =>
    terminal.draw(`waiting for the other device, ${clockLeft(expiresAt - now())} left`)
  draw()
  const timer = setInterval(draw, 1000)
  return () => {
    clearInterval(timer)
    terminal.wipe()
  }
}

async function tell(context: Context, event: PairingEvent, task: PairingTask): Promise<void> {
  const { terminal } = context
  const { good, bold, dim } = terminal.note
  switch (event.at) {
    case 'claimed':
      terminal.tell(dim('  the other device is there'))
      return
    case 'released':
      terminal.tell(dim('  it went away; the code still works'))
      return
    case 'proving':
      terminal.draw('checking the code')
      return
    case 'connecting':
      terminal.draw('connecting')
      return
    case 'check': {
      terminal.tell(`  ${event.emoji.join('   ')}`)
      if (!event.confirm) return
      task.answer(await matches(context, event.peer.name, task))
      return
    }
    case 'paired': {
      const path = event.device.path === undefined ? '' : `, ${event.device.path}`
      terminal.tell(
        `${good('✓')} paired with ${bold(devicePhrase(event.device))} ${dim(`${took(event.ms)}${path}`)}`,
      )
      return
    }
    case 'failed':
      throw failedAs(event)
    default:
      return
  }
}

async function matches({ terminal }: Context, name: string, task: PairingTask): Promise<boolean> {
  if (terminal.asks) return ask(terminal, `Does ${name} show the same pictures?`)
  task.cancel()
  throw usage(
    'failed to pair: the pictures have to be compared by a person',
    'run it in a terminal, or start the device without --confirm',
  )
}
