/** `baton send`: hands a session over, stage by stage, and says how to go on there (rule CL10). */
import { cleanText } from '@baton/shared/clean-text'
import type { DeviceRow, SendEvent, SessionRow, Task } from '../../core/mesh-api.ts'
import { isSample } from '../start/sample.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { exitField, failedAs, placedExit, usage } from './exit.ts'
import { choose } from './keys.ts'
import { safeLine } from './safe-text.ts'
import { projectOf, refOf, titleOf } from './sessions.ts'
import { createStages } from './stages.ts'
import { ago, plural } from './units.ts'

export interface SendCommandOptions {
  readonly to?: string
  readonly map?: readonly string[]
  readonly project?: string
  readonly carryOnly?: boolean
}

/** Resolves with the exit code: 8 when it is there but could not be put in its place. */
export async function send(
  context: Context,
  given: string | undefined,
  options: SendCommandOptions,
): Promise<number> {
  const control = context.control()
  const rows = await control.devices()
  const maps = (options.map ?? []).map(parseMap)
  const ref = given ?? (await chooseSession(context, await control.sessions()))
  const device = await chooseDevice(context, rows, options.to)
  const task = control.send({
    ref,
    to: device.id,
    maps,
    carryOnly: options.carryOnly ?? false,
    ...(options.project === undefined ? {} : { project: options.project }),
  })
  const done = await followSend(context, task, nameOf(device), {
    carryOnly: options.carryOnly ?? false,
  })
  return options.carryOnly === true ? 0 : placedExit(done.unplaced)
}

/** `from=to`, at the first sign of equality that is not the first character. */
export function parseMap(text: string): { from: string; to: string } {
  const at = text.indexOf('=', 1)
  const from = text.slice(0, Math.max(0, at))
  const to = text.slice(at + 1)
  if (at > 0 && to !== '') return { from, to }
  throw usage(
    'failed to read --map: it is like --map /there/work=/here/work',
    'the first path is on the device that made the session, the second where it goes',
  )
}

async function chooseSession({ terminal, now, home }: Context, rows: readonly SessionRow[]) {
  const own = rows.filter((row) => !isSample(row))
  if (own.length === 0) throw usage('failed to send: there is no session yet', 'baton sessions')
  if (!terminal.asks) throw usage('failed to send: no session was named', 'baton sessions')
  return choose(
    terminal,
    'Which session?',
    own.slice(0, 50).map((row) => ({
      value: refOf(row),
      label: titleOf(row).slice(0, 60),
      hint: `${projectOf(row, home)} ${ago(row.modified, now())}`,
    })),
  )
}

async function chooseDevice(
  { terminal }: Context,
  rows: readonly DeviceRow[],
  to: string | undefined,
): Promise<DeviceRow> {
  if (to !== undefined) return findDevice(rows, to)
  const others = rows.filter(({ self }) => !self)
  if (others.length === 0) return findDevice(rows, '')
  if (!terminal.asks) throw usage('failed to send: no device was named', 'give one: --to NAME')
  return choose(
    terminal,
    'To which device?',
    others.map((row) => ({ value: row, label: nameOf(row), hint: row.state })),
  )
}

export type Done = SendEvent & { readonly at: 'done' }

/** Tells a send as it goes. Rejects with what went wrong. */
export async function followSend(
  context: Context,
  task: Task<SendEvent>,
  name: string,
  options: { readonly resume?: boolean; readonly carryOnly?: boolean } = {},
): Promise<Done> {
  const { terminal } = context
  const undo = context.onInterrupt(() => task.cancel())
  const stages = createStages(terminal, () => performance.now())
  try {
    for await (const event of task.events) {
      if (event.at === 'failed') throw failedAs(event)
      if (event.at !== 'done') terminal.object({ type: 'event', ...event })
      stages.step(event, name)
      if (event.at !== 'done') continue
      terminal.object({
        type: 'result',
        ok: true,
        ...exitField(options.carryOnly ? 0 : placedExit(event.unplaced)),
        ...event,
      })
      stages.end()
      conclude(context, event, name, options.resume !== false)
      return event
    }
  } finally {
    stages.end()
    undo()
  }
  throw failedAs({ code: 'link-closed', message: 'failed to send: it ended without a word' })
}

const sum = (counts: readonly (readonly [string, number])[]) =>
  counts.reduce((all, [, count]) => all + count, 0)

function conclude({ terminal }: Context, done: Done, name: string, resume: boolean): void {
  const { dim, warn } = terminal.note
  const beside = /^sidecar-/
  const counts = Object.entries(done.receipt.neutralised)
  const left = sum(counts.filter(([what]) => !beside.test(what)))
  const files = sum(counts.filter(([what]) => beside.test(what)))
  if (files > 0) {
    terminal.tell(
      dim(`  ${plural(files, 'file')} beside it left out of the copy: another has the name there`),
    )
  }
  if (left > 0) {
    terminal.tell(
      dim(
        `  ${left} settings of this device were left out of the copy: they are not for ${name} to obey`,
      ),
    )
  }
  if (done.merged === 'beside') {
    terminal.tell(
      `  ${warn('beside')}    it went on there meanwhile: both histories are kept, apart`,
    )
  }
  if (done.unplaced !== undefined) {
    terminal.warn(`warning: it is there, but not in its place: ${cleanText(done.unplaced, 600)}`)
  }
  if (done.placed === undefined || !resume) return
  terminal.tell()
  terminal.tell(`go on there with:`)
  terminal.tell()
  terminal.line(safeLine(done.placed.resume))
}
