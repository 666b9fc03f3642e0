/**
 * Where a command writes and reads (rules CL2 to CL4): data on stdout, all else on stderr, under
 * --json one result last. It is the only file of the commands that knows process streams.
 */
import { createPaint, type Paint, wantsColour } from './paint.ts'
import { cutTo } from './width.ts'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** A person can answer: both ends are terminals that draw, and neither --json nor CI says otherwise. */
  readonly asks: boolean
  /** Lines may be drawn over on stderr. */
  readonly live: boolean
  readonly json: boolean
  readonly columns: number
  /** For stdout and stderr. */
  readonly paint: Paint
  readonly note: Paint
  /** A line of data for people; nothing under --json. */
  line(text?: string): void
  /** A line of --json; nothing otherwise. Exactly one has the type `result`, the last. */
  object(value: object): void
  /** A line beside the data: nothing under --json or --quiet. */
  tell(text?: string): void
  /** A line that even --quiet does not silence. */
  warn(text: string): void
  /** Draws `text` over the last drawn line; only where `live`. */
  draw(text: string): void
  /** Ends drawing, leaving nothing. */
  wipe(): void
  /** Raw bytes to stderr, for prompts. */
  raw(text: string): void
}

export interface TerminalOptions {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** For what is neither data nor an error; stderr unless told. */
  readonly beside?: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly quiet: boolean
}

/** What a pipe gets: wide enough to cut nothing that matters. */
const pipeColumns = 200

export function createTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout, stderr, env, json, quiet } = options
  const { TERM: term, CI: unattended } = env
  const beside = options.beside ?? stderr
  const columns = columnsOf(options)
  const live = beside.isTTY === true && !json && !quiet && term !== 'dumb'
  let drawn = false
  const wipe = () => {
    if (drawn) beside.write('\r\u001b[2K')
    drawn = false
  }
  const write = (stream: NodeJS.WriteStream, text: string) => {
    wipe()
    stream.write(`${text}\n`)
  }
  return {
    stdin,
    env,
    json,
    columns,
    live,
    // A dumb terminal takes no prompt that is drawn over (rule CL4).
    asks: stdin.isTTY === true && beside.isTTY === true && !json && !unattended && term !== 'dumb',
    paint: createPaint(wantsColour(env, stdout.isTTY === true)),
    note: createPaint(wantsColour(env, beside.isTTY === true)),
    line(text = '') {
      if (json) return
      write(stdout, text)
    },
    object(value) {
      if (json) stdout.write(`${JSON.stringify(value)}\n`)
    },
    tell(text = '') {
      if (!json && !quiet) write(beside, text)
    },
    warn: (text) => write(stderr, text),
    draw(text) {
      if (!live) return
      beside.write(`\r\u001b[2K${cutTo(text, columns - 1)}`)
      drawn = true
    },
    wipe,
    raw: (text) => void beside.write(text),
  }
}

function columnsOf({ stdout, stderr, env }: TerminalOptions): number {
  const { COLUMNS: columns } = env
  const named = Number(columns)
  const known = stdout.columns ?? stderr.columns ?? (named > 0 ? named : pipeColumns)
  return Math.min(200, Math.max(20, known))
}
