/**
 * Power cuts, from a trace of system calls (strace): what a disk may hold when the power goes at some
 * instant is every write that a finished sync covers, and any part of those after it. Knows one file,
 * written by pwrite, lseek with writev, fsync, fdatasync, and through descriptors with O_DSYNC.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from './corpus/dice.ts'

interface Event {
  readonly start: number
  readonly end: number
}
interface WriteEvent extends Event {
  readonly at: number
  readonly bytes: Buffer
  /** It was on disk when the call returned. */
  readonly direct: boolean
}
export interface DiskTrace {
  readonly writes: readonly WriteEvent[]
  readonly syncs: readonly Event[]
  /** Lines the process wrote to its standard output. */
  readonly lines: readonly (Event & { readonly text: string })[]
}

export const straceOptions = (output: string): string[] => [
  ...['-ff', '-o', output, '-ttt', '-T', '-y', '-xx', '-s', '3000000', '-e', 'signal=none', '-e'],
  'trace=openat,write,pwrite64,writev,lseek,fsync,fdatasync',
]

const call = /^([\d.]+) (\w+)\((.*)\)\s+= (\d+).*<([\d.]+)>$/
const hex = /"((?:\\x[0-9a-f]{2})*)"/g
const unhex = (text: string) => Buffer.from(text.replaceAll('\\x', ''), 'hex')
const strings = (text: string) => [...text.matchAll(hex)].map((match) => unhex(match[1] ?? ''))

/** Reads what strace left in `folder` about the file whose path ends in `name`. */
export function readDiskTrace(folder: string, name: string): DiskTrace {
  const trace = { writes: [] as WriteEvent[], syncs: [] as Event[], lines: [] as Traced[] }
  const direct = new Set<number>()
  const calls = readdirSync(folder).flatMap((file) => parseCalls(join(folder, file)))
  const position = new Map<string, number>()
  for (const { start, end, verb, args, result, thread } of calls.toSorted(
    (a, b) => a.start - b.start,
  )) {
    const [fd = '', path = ''] = args.match(/^(\d+)<([^>]*)>/)?.slice(1) ?? []
    const ours = unhex(path).toString().endsWith(name)
    const own = `${thread} ${fd}`
    const write = (at: number, bytes: Buffer) =>
      trace.writes.push({ start, end, at, bytes, direct: direct.has(Number(fd)) })
    if (verb === 'openat' && strings(args)[0]?.toString().endsWith(name)) {
      if (args.includes('O_DSYNC')) direct.add(result)
    } else if (verb === 'write' && fd === '1') {
      trace.lines.push({ start, end, text: String(strings(args)[0]) })
    } else if (!ours) continue
    else if (verb === 'lseek') position.set(own, result)
    else if (verb === 'pwrite64')
      write(Number(args.split(', ').at(-1)), Buffer.concat(strings(args)))
    else if (verb === 'writev') {
      const at = position.get(own) ?? 0
      position.set(own, at + result)
      write(at, Buffer.concat(strings(args)))
    } else if (verb === 'fsync' || verb === 'fdatasync') trace.syncs.push({ start, end })
  }
  return trace
}

type Traced = Event & { readonly text: string }

function parseCalls(path: string) {
  return readFileSync(path, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, time, verb = '', args = '', result, took] = call.exec(line) ?? []
      if (time === undefined) return []
      const start = Number(time)
      return [
        { start, end: start + Number(took), verb, args, result: Number(result), thread: path },
      ]
    })
}

/** The file after a power cut at `instant`: of unsynced pages each survives with chance `share`. */
export function diskAfter(trace: DiskTrace, instant: number, share: number, dice: Dice): Buffer {
  const synced = Math.max(
    0,
    ...trace.syncs.filter(({ end }) => end <= instant).map((one) => one.start),
  )
  const writes = trace.writes.filter(({ start }) => start <= instant)
  const image = Buffer.alloc(Math.max(0, ...writes.map(({ at, bytes }) => at + bytes.length)))
  let length = 0
  const put = (at: number, bytes: Buffer) => {
    bytes.copy(image, at)
    length = Math.max(length, at + bytes.length)
  }
  for (const { at, bytes, end, direct } of writes) {
    if (end <= synced || (direct && end <= instant)) put(at, bytes)
    else {
      for (let from = 0; from < bytes.length; ) {
        const size = Math.min(4_096 - ((at + from) % 4_096), bytes.length - from)
        if (dice.chance(share)) put(at + from, bytes.subarray(from, from + size))
        from += size
      }
    }
  }
  return image.subarray(0, length)
}
