/**
 * Trace into a bounded log file or a stream (rules PF7, PF8). Only fields on the list pass, each in
 * its own shape, so that a key, code, address or text given by mistake is left out, not written.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Clock, Trace, TraceField } from '../core/ports/platform.ts'

/** `word`: lower-case words of a closed set; `short`: the eight letters of a device's id. */
type Shape = 'count' | 'flag' | 'word' | 'short'

/** Every field that may be written. A name here never carries anything a person typed or sent. */
export const traceFields: Readonly<Record<string, Shape>> = {
  peer: 'short',
  session: 'short',
  log: 'short',
  agent: 'word',
  error: 'word',
  reason: 'word',
  at: 'word',
  file: 'word',
  kind: 'word',
  path: 'word',
  state: 'word',
  lane: 'word',
  role: 'word',
  attempt: 'count',
  bytes: 'count',
  chunks: 'count',
  count: 'count',
  entries: 'count',
  frames: 'count',
  gap: 'count',
  line: 'count',
  generation: 'count',
  ms: 'count',
  records: 'count',
  rttMs: 'count',
  seq: 'count',
  sessions: 'count',
  status: 'count',
  clean: 'flag',
  initiator: 'flag',
  ok: 'flag',
  retry: 'flag',
}

const shapes: Record<Shape, (value: Exclude<TraceField, undefined>) => boolean> = {
  count: (value) => typeof value === 'number' && Number.isFinite(value),
  flag: (value) => typeof value === 'boolean',
  // One hyphen and no digit at most: neither a key, an address nor the words of a code fit.
  word: (value) => typeof value === 'string' && /^[a-z]{1,16}(-[a-z]{1,16})?$/.test(value),
  short: (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{8}$/.test(value),
}

const eventName = /^[a-z]+(\.[a-z-]+){0,3}$/

/** One line a fact: time, event, fields. `left-out=2` counts fields that were not let through. */
export function createTrace(clock: Clock, write: (line: string) => void): Trace {
  return (event, fields = {}) => {
    const parts = [new Date(clock.now()).toISOString(), eventName.test(event) ? event : 'event']
    let leftOut = 0
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue
      const shape = Object.hasOwn(traceFields, name) ? traceFields[name] : undefined
      if (shape !== undefined && shapes[shape](value)) parts.push(`${name}=${value}`)
      else leftOut++
    }
    if (leftOut > 0) parts.push(`left-out=${leftOut}`)
    write(`${parts.join(' ')}\n`)
  }
}

export interface LogFile {
  write(line: string): void
  close(): void
}

/**
 * A log of at most two files of `maxBytes`: `path` and, before it, `path.1`. 0600. A disk that is
 * full or read-only makes it silent, never the program.
 */
export function openLogFile(path: string, maxBytes = 1024 * 1024): LogFile {
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
  let fd: number | undefined
  let size = 0
  const shut = () => {
    if (fd !== undefined) closeSync(fd)
    fd = undefined
  }
  const quietly = (run: () => void) => {
    try {
      run()
    } catch {
      // No space, no permission, no folder: the log is not worth a failure.
    }
  }
  const open = () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    fd = openSync(path, flags, 0o600)
    size = fstatSync(fd).size
  }
  quietly(open)
  return {
    write(line) {
      quietly(() => {
        if (fd !== undefined && size + line.length > maxBytes) {
          shut()
          renameSync(path, `${path}.1`)
        }
        if (fd === undefined) open()
        if (fd !== undefined) size += writeSync(fd, line)
      })
    },
    close: shut,
  }
}
