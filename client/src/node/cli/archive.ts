/** `baton export` and `baton import`: a session as a sealed file, and back (rules AR4 to AR8). */
import { resolve } from 'node:path'
import type { Task } from '../../core/mesh-api.ts'
import type { ExportEvent, ImportEvent } from '../archive/desk.ts'
import { openArchiveFile } from '../archive/file.ts'
import { maxLeadBytes, parseHead } from '../archive/header.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { exitField, failedAs, placedExit, usage } from './exit.ts'
import { givenPassphrase, hidden, newPassphrase } from './passphrase.ts'
import { safeLine } from './safe-text.ts'
import { parseMap } from './send.ts'
import { bytes, plural } from './units.ts'

export interface ExportOptions {
  readonly out?: string
  readonly to?: string
}

export async function exportSession(
  context: Context,
  ref: string,
  options: ExportOptions,
): Promise<void> {
  const { terminal, cwd } = context
  const control = context.control()
  const rows = await control.devices()
  const device = options.to === undefined ? undefined : findDevice(rows, options.to)
  const path = resolve(
    cwd,
    options.out ?? `session-${ref.replace(/[^\w-]/g, '').slice(0, 8)}.baton`,
  )
  const to = device
    ? { device: device.id }
    : { passphrase: await newPassphrase(context, 'Passphrase of the file') }
  const done = await follow<ExportEvent>(context, control.export({ ref, path, to }), 'exporting')
  terminal.object({ type: 'result', ok: true, ...done })
  const opens = device ? `${nameOf(device)} alone opens it` : 'who has the passphrase opens it'
  terminal.tell(
    `${terminal.note.good('✓')} exported: ${plural(done.entries, 'entry', 'entries')}, ${bytes(done.bytes)}; ${opens}`,
  )
  terminal.line(safeLine(done.path))
}

export interface ImportOptions {
  readonly place?: boolean
  readonly map?: readonly string[]
  readonly project?: string
}

/** Resolves with the exit code: 8 when it is there but could not be put in its place. */
export async function importSession(
  context: Context,
  file: string,
  options: ImportOptions,
): Promise<number> {
  const { terminal, cwd } = context
  const place = placeOf(options)
  const control = context.control()
  await control.status()
  const path = resolve(cwd, file)
  const passphrase = await passphraseFor(context, path)
  const request = {
    path,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(place === undefined ? {} : { place }),
  }
  const done = await follow<ImportEvent>(context, control.import(request), 'importing')
  terminal.object({ type: 'result', ok: true, ...exitField(placedExit(done.unplaced)), ...done })
  const { good, dim } = terminal.note
  const old = done.entries - done.fresh
  const known = old > 0 ? `, ${old} of them here before` : ''
  terminal.tell(`${good('✓')} imported: ${plural(done.entries, 'entry', 'entries')}${known}`)
  const short = (id: string) => id.slice(0, 8)
  terminal.tell(
    dim(
      `  signed by ${done.authors.map(short).join(', ')}${done.placed ? '' : '; no file was placed'}`,
    ),
  )
  if (done.unplaced) {
    terminal.warn(`warning: it is here, but not in its place: ${safeLine(done.unplaced.message)}`)
  }
  terminal.tell(done.placed ? 'go on with:' : 'read it with:')
  terminal.line(done.placed ? safeLine(done.placed.resume) : `baton show ${short(done.session)}`)
  return placedExit(done.unplaced)
}

function placeOf({ place, map = [], project }: ImportOptions) {
  if (place === true)
    return { maps: map.map(parseMap), ...(project === undefined ? {} : { project }) }
  if (map.length === 0 && project === undefined) return undefined
  throw usage('failed to import: --map and --project say where to place it', 'add --place')
}

/** Undefined for a file that a device's own key opens. Its head is read before anyone is asked. */
async function passphraseFor({ terminal, env }: Context, path: string) {
  const file = await openArchiveFile(path)
  try {
    const { header } = parseHead(await file.start(maxLeadBytes))
    if (header[0] !== 'passphrase') return undefined
  } finally {
    await file.close()
  }
  const given = givenPassphrase(env)
  if (given !== undefined) return given
  if (terminal.asks) return hidden(terminal, 'Passphrase of the file')
  throw usage(
    'failed to import: the file is sealed by a passphrase, and nobody can be asked',
    'run it in a terminal, or name a file that holds it with BATON_PASSPHRASE_FILE',
  )
}

/** Draws how far it is. Rejects with what went wrong. */
async function follow<E extends ExportEvent | ImportEvent>(
  { terminal, onInterrupt }: Context,
  task: Task<E>,
  doing: string,
): Promise<E & { at: 'done' }> {
  const undo = onInterrupt(() => task.cancel())
  try {
    for await (const event of task.events) {
      if (event.at === 'failed') throw failedAs(event)
      if (event.at === 'done') return event as E & { at: 'done' }
      terminal.object({ type: 'event', ...event })
      if (event.at === 'placing') continue
      const part = Math.min(100, Math.round((100 * event.bytes) / Math.max(1, event.total)))
      terminal.draw(`  ${event.at === 'writing' ? doing : event.at}  ${part} %`)
    }
  } finally {
    terminal.wipe()
    undo()
  }
  throw failedAs({ code: 'not-running', message: `the device went away while ${doing}` })
}
