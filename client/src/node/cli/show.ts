/** `baton show`: a session to be read; into a pager or a pipe as it comes (rules CL11, SH2). */
import { cleanText } from '@baton/shared/clean-text'
import type { ShownRecord } from '../../core/mesh-api.ts'
import type { Control } from '../control/client.ts'
import type { Context } from './command.ts'
import type { Paint } from './paint.ts'
import { prose } from './safe-text.ts'
import { plural } from './units.ts'
import { cutTo, widthOf, wrap } from './width.ts'

const names: Readonly<Record<ShownRecord['kind'], string>> = {
  user: 'you',
  assistant: 'agent',
  tool: 'tool',
  result: 'result',
  system: 'system',
  other: '',
}
/** What is read without naming where it stands. */
const mainFiles = new Set(['transcript.jsonl', 'history'])
export const nameColumns = 8
export const maxTextColumns = 100

export async function show(
  { terminal, control, onInterrupt }: Context,
  ref: string,
  options: { readonly branch?: string; readonly all?: boolean },
): Promise<void> {
  let stopped = false
  const undo = onInterrupt(() => {
    stopped = true
  })
  let records = 0
  let hidden = 0
  let file = ''
  try {
    for await (const record of control().show(ref, options.branch)) {
      if (stopped) break
      records += 1
      terminal.object({ type: 'event', at: 'record', record })
      if (record.file !== file) {
        file = record.file
        if (records > 1) terminal.line()
        if (!mainFiles.has(file))
          terminal.line(terminal.paint.dim(cutTo(`── ${cleanText(file, 200)}`, terminal.columns)))
      }
      if (record.kind === 'other' && options.all !== true) hidden += 1
      else for (const line of linesOf(record, terminal.columns, terminal.paint)) terminal.line(line)
    }
  } finally {
    undo()
  }
  const branches = options.branch === undefined ? await branchesOf(control(), ref) : []
  terminal.object({ type: 'result', ok: true, records, branches })
  for (const { name, records: beside, shown } of branches) {
    const [what, where] = shown
      ? ['of this device alone, shown; the main history', 'main']
      : ['beside it', name]
    const line = `${plural(beside, 'record')} ${what}: baton show ${cleanText(ref, 64)} --branch ${where}`
    terminal.tell(terminal.note.dim(line))
  }
  if (hidden > 0) {
    terminal.tell(
      terminal.note.dim(`${hidden} records of bookkeeping are not shown: --all shows them`),
    )
  }
}

/** What stands beside the main history; `ref` was found to name one session. */
async function branchesOf(control: Pick<Control, 'sessions'>, ref: string) {
  const rows = await control.sessions()
  const named = (fits: (id: string) => boolean) =>
    rows.find(({ id, agentSession }) => [id, agentSession].some((each) => each && fits(each)))
  const row = named((id) => id === ref) ?? named((id) => id.startsWith(ref))
  return row?.branches ?? []
}

/** The name of who speaks, then the text beside it, wrapped; last how it stands, where that is told. */
export function linesOf(record: ShownRecord, columns: number, paint: Paint): string[] {
  const { kind, state } = record
  const room = textRoom(columns)
  const quiet = kind !== 'user' && kind !== 'assistant'
  const told = prose(record.text).flatMap((paragraph) => wrap(paragraph, room))
  const lines = told.map((line) => (quiet ? paint.dim(line) : line))
  if (state !== undefined) {
    const mark = markOf(state, paint)
    const last = told.at(-1) ?? ''
    if (last !== '' && widthOf(last) + widthOf(state) + 3 <= room)
      lines.push(`${lines.pop()} ${mark}`)
    else lines.push(...(last === '' ? [lines.pop() + mark] : [mark]))
  }
  return lines.map((line, index) => {
    const name = (index === 0 ? names[kind] : '').padEnd(nameColumns)
    return `${nameIn(kind, name, paint)}${line}`
  })
}

/** Columns of text beside the names. */
export const textRoom = (columns: number): number =>
  Math.max(20, Math.min(maxTextColumns, columns - nameColumns - 1))

/** How a message or a call stands, in the colour of good or bad news. */
export function markOf(state: string, paint: Paint): string {
  const text = `(${cleanText(state, 40)})`
  if (state === 'ok') return paint.good(text)
  if (state === 'open' || state === 'running') return paint.accent(text)
  return ['error', 'unknown', 'interrupted'].includes(state) ? paint.warn(text) : paint.dim(text)
}

export function nameIn(kind: ShownRecord['kind'], name: string, paint: Paint): string {
  if (kind === 'user') return paint.accent(name)
  return kind === 'assistant' ? paint.good(name) : paint.dim(name)
}
