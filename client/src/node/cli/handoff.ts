/** `baton handoff` and `baton take`: a session changes hands, stage by stage (rule CL24). */
import type { DeviceRow, HandoffEvent, HandoffKind, Task } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf, whoIs } from './devices.ts'
import { failedAs, usage } from './exit.ts'
import { choose } from './keys.ts'
import { safeLine } from './safe-text.ts'
import { took } from './units.ts'

interface KindOptions {
  readonly mirror?: boolean
  readonly observe?: boolean
}

export interface HandoffOptions extends KindOptions {
  readonly to?: string
}

export interface TakeOptions extends KindOptions {
  readonly force?: boolean
}

function kindOf({ mirror = false, observe = false }: KindOptions): HandoffKind {
  if (mirror && observe)
    throw usage('--mirror and --observe are two things', 'leave one of them out')
  return mirror ? 'mirror' : observe ? 'observe' : 'transfer'
}

export async function handoff(context: Context, ref: string, options: HandoffOptions) {
  const kind = kindOf(options)
  const rows = await context.control().devices()
  const device = await targetOf(context, rows, options.to)
  const task = context.control().hand({ ref, to: device.id, kind })
  await follow(context, task, rows, nameOf(device), kind)
}

export async function take(context: Context, ref: string, options: TakeOptions) {
  const kind = kindOf(options)
  const { force = false } = options
  if (force && kind !== 'transfer') throw usage('--force takes the session itself', 'leave it out')
  const rows = await context.control().devices()
  await follow(
    context,
    context.control().take({ ref, kind, force }),
    rows,
    'the other device',
    kind,
  )
}

async function targetOf({ terminal }: Context, rows: readonly DeviceRow[], to: string | undefined) {
  if (to !== undefined) return findDevice(rows, to)
  const others = rows.filter(({ self, state }) => !self && state !== 'removed')
  if (others.length === 0) return findDevice(rows, '')
  if (!terminal.asks) throw usage('failed to hand over: no device was named', 'give one: --to NAME')
  return choose(
    terminal,
    'To which device?',
    others.map((row) => ({ value: row, label: nameOf(row), hint: row.state })),
  )
}

/** Tells it as it goes. Rejects with why it came to nothing. */
async function follow(
  context: Context,
  task: Task<HandoffEvent>,
  rows: readonly DeviceRow[],
  name: string,
  kind: HandoffKind,
): Promise<void> {
  const { terminal } = context
  const { good, warn, dim } = terminal.note
  const undo = context.onInterrupt(() => task.cancel())
  const step = (mark: string, what: string, text: string) =>
    terminal.tell(`  ${mark} ${what.padEnd(9)} ${text}`)
  try {
    for await (const event of task.events) {
      if (event.at === 'failed') throw failedAs(event)
      if (event.at !== 'done') terminal.object({ type: 'event', ...event })
      switch (event.at) {
        case 'asking':
          terminal.draw(`asking ${safeLine(name)}`)
          break
        case 'waiting':
          terminal.draw(`waiting for ${safeLine(name)} to be there`)
          break
        case 'accepted':
          step(good('✓'), 'accepted', `by ${safeLine(name)}`)
          break
        case 'carrying':
          terminal.draw('waiting until everything is on the disk there')
          break
        case 'signed':
          step(good('✓'), 'signed', dim('this device writes its history no more'))
          break
        case 'done': {
          const { handoff, holding, pauseMs } = event
          terminal.wipe()
          terminal.object({ type: 'result', ok: true, handoff, holding, pauseMs })
          if (kind === 'mirror') step(good('✓'), 'mirrored', `${safeLine(name)} writes along`)
          else if (kind === 'observe') step(good('✓'), 'observed', `${safeLine(name)} reads along`)
          else {
            const holder = holding.holder === undefined ? 'nobody yet' : whoIs(rows, holding.holder)
            const pause = pauseMs === undefined ? '' : dim(`  ${took(pauseMs)} between the two`)
            step(good('✓'), 'held', `by ${safeLine(holder)}, epoch ${holding.epoch}${pause}`)
          }
          if (holding.split) {
            terminal.warn(
              `${warn('possible split')}: the device that held it was not asked; what it wrote meanwhile will stand beside the history`,
            )
          }
          return
        }
      }
    }
  } finally {
    terminal.wipe()
    undo()
  }
  throw failedAs({ code: 'link-closed', message: 'failed to hand over: it ended without a word' })
}
