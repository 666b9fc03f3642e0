/**
 * The project's own corpus: seeded Claude Code trees with every record type, every oddity and every
 * neighbour that a reader meets. The same seed and options give the same bytes, but for `dir`.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDice, type Dice } from './dice.ts'
import {
  compaction,
  createPen,
  type Generation,
  type Pen,
  settingRecords,
  titleRecords,
} from './records.ts'
import { type LineFile, openLineFile } from './transcript.ts'
import {
  type CorpusProject,
  type Decoy,
  put,
  writeDecoys,
  writeProject,
  writeSymlinks,
} from './tree.ts'
import { createDesk, type Desk, turn } from './turns.ts'

export interface CorpusOptions {
  readonly seed: number
  /** 6 unless told: one of each trait. */
  readonly sessions?: number
  /** About how many bytes each main transcript gets; 24 KiB unless told, 1 GB is fine. */
  readonly bytes?: number
  /** Adds one line of about this size to every fifth session. */
  readonly hugeLineBytes?: number
  /** Writes a registry entry for this live process: every fourth session is live. */
  readonly livePid?: number
  /** Leaves out decoys, symlinks, torn tails and lines that are no JSON. */
  readonly plain?: boolean
}

export interface CorpusFile {
  /** As it would be carried: `transcript.jsonl` or the path below the sidecar folder. */
  readonly file: string
  readonly path: string
  readonly kind: 'records' | 'whole'
  readonly bytes: number
  /** Complete lines; 0 for a whole file. */
  readonly records: number
  /** Bytes after the last newline. */
  readonly torn: number
}

export interface CorpusSession {
  readonly id: string
  readonly path: string
  readonly project: CorpusProject
  readonly generation: Generation
  readonly title: string
  readonly live: boolean
  readonly files: readonly CorpusFile[]
}

export interface Corpus {
  readonly home: string
  /** What `CLAUDE_CONFIG_DIR` would be. */
  readonly config: string
  readonly projects: readonly CorpusProject[]
  readonly sessions: readonly CorpusSession[]
  readonly decoys: readonly Decoy[]
  readonly symlinks: readonly string[]
}

export function writeCorpus(dir: string, options: CorpusOptions): Corpus {
  mkdirSync(dir, { recursive: true })
  const root = realpathSync(dir)
  const home = join(root, 'home')
  const config = join(home, '.claude')
  const dice = createDice(options.seed)
  const count = options.sessions ?? 6
  const projects = Array.from({ length: Math.min(count, 6) }, (_, n) =>
    writeProject(join(root, 'work'), n),
  )
  const sessions = Array.from({ length: count }, (_, n) => {
    const project = projects[n % projects.length] as CorpusProject
    return writeSession(config, project, n, createDice(dice.int(2 ** 31)), options)
  })
  const odd = options.plain !== true
  const canary = (name: string) => `canary-${createHash('sha1').update(name).digest('hex')}`
  const first = sessions[0] as CorpusSession
  return {
    home,
    config,
    projects,
    sessions,
    decoys: odd ? writeDecoys(home, config, canary) : [],
    symlinks: odd ? writeSymlinks(home, config, first.path.slice(0, -6), dice.uuid()) : [],
  }
}

/** The rule of research: every UTF-16 unit that is no ASCII letter or digit becomes a dash. */
const folder = (path: string) => path.replace(/[^a-zA-Z0-9]/g, '-')

function writeSession(
  config: string,
  project: CorpusProject,
  n: number,
  dice: Dice,
  options: CorpusOptions,
): CorpusSession {
  const id = dice.uuid()
  const generation: Generation = n % 2 === 0 ? '2.1.197' : '2.1.329'
  const inProject = join(config, 'projects', folder(project.path))
  const path = join(inProject, `${id}.jsonl`)
  const sidecar = join(inProject, id)
  mkdirSync(inProject, { recursive: true, mode: 0o700 })
  const pen = createPen(dice, { generation, session: id, cwd: project.path })
  const desk = createDesk(dice, project.path)
  const title = `session ${n}: ${dice.prose(24).trim().replaceAll('\n', ' ')}`
  const agents = n % 2 === 1 ? [dice.hex(16), dice.hex(16)] : []
  const persisted = n % 2 === 1 ? join(sidecar, `tool-results/${dice.hex(8)}.txt`) : undefined
  const out = openLineFile(path)
  writeTurns(out, pen, desk, {
    bytes: options.bytes ?? 24 * 1024,
    huge: n % 5 === 4 || options.sessions === 1 ? options.hugeLineBytes : undefined,
    odd: options.plain !== true && n % 6 === 3,
    compact: n % 3 === 2,
    title,
    agents,
    persisted,
  })
  const torn = options.plain !== true && n % 6 === 2 ? `{"type":"user","uuid":"${dice.uuid()}` : ''
  out.raw(torn)
  out.close()
  const main = { file: 'transcript.jsonl', path, kind: 'records' as const, torn: torn.length }
  const files: CorpusFile[] = [{ ...main, bytes: out.bytes(), records: out.lines() }]
  for (const agent of agents) files.push(...writeAgent(sidecar, agent, pen, desk))
  if (persisted !== undefined) {
    files.push(whole(sidecar, persisted, dice.prose(40_000)))
    files.push(whole(sidecar, join(sidecar, 'workflows/run-1/state.json'), '{"step":3}'))
  }
  const live = options.livePid !== undefined && n % 4 === 0
  if (live) writeRegistry(config, options.livePid as number, id, project.path)
  return { id, path, project, generation, title, live, files }
}

interface Plan {
  readonly bytes: number
  readonly huge: number | undefined
  readonly odd: boolean
  readonly compact: boolean
  readonly title: string
  readonly agents: readonly string[]
  readonly persisted: string | undefined
}

function writeTurns(out: LineFile, pen: Pen, desk: Desk, plan: Plan): void {
  const all = (records: Iterable<object>) => {
    for (const record of records) out.record(record as Record<string, unknown>)
  }
  all(turn(pen, desk, plan.persisted === undefined ? {} : { persisted: plan.persisted }))
  for (const agent of plan.agents) all(turn(pen, desk, { agent }))
  all(settingRecords(pen))
  if (plan.odd) for (const line of oddLines) out.raw(line)
  if (plan.huge !== undefined) all(turn(pen, desk, { outputBytes: plan.huge / 2 }))
  if (plan.compact) all(compaction(pen))
  while (out.bytes() < plan.bytes) all(turn(pen, desk))
  all(titleRecords(pen, plan.title))
}

/** Lines that are no record: every one of them is carried byte for byte. */
export const oddLines: readonly (string | Uint8Array)[] = [
  '\n',
  '\r\n',
  'not json at all\n',
  '{"type":"user","torn":"by a crash\n',
  new Uint8Array([0, 0, 0, 0, 10]),
  new Uint8Array([0xff, 0xfe, 0x80, 10]),
  '\ufeff{"type":"later-bom"}\n',
  '{"type":"later-crlf"}\r\n',
  '[1,2,3]\n',
  'null\n',
  '{"type":"later-big","n":9007199254740993,"f":1.0,"e":1e400}\n',
]

function writeAgent(sidecar: string, agent: string, parent: Pen, desk: Desk): CorpusFile[] {
  const path = join(sidecar, `subagents/agent-${agent}.jsonl`)
  put(path, '')
  const pen = createPen(parent.dice, { ...parent, agent, parent: null })
  const out = openLineFile(path)
  for (const record of turn(pen, desk)) out.record(record)
  out.close()
  const meta = { agentType: 'general-purpose', description: 'look around', spawnDepth: 1 }
  return [
    {
      file: `subagents/agent-${agent}.jsonl`,
      path,
      kind: 'records',
      bytes: out.bytes(),
      records: out.lines(),
      torn: 0,
    },
    whole(sidecar, path.replace(/jsonl$/, 'meta.json'), JSON.stringify(meta)),
  ]
}

function whole(sidecar: string, path: string, text: string): CorpusFile {
  put(path, text)
  const file = path.slice(sidecar.length + 1).replaceAll('\\', '/')
  return { file, path, kind: 'whole', bytes: Buffer.byteLength(text), records: 0, torn: 0 }
}

export function writeRegistry(config: string, pid: number, session: string, cwd: string): string {
  const path = join(config, 'sessions', `${pid}.json`)
  put(path, '')
  const entry = {
    pid,
    sessionId: session,
    cwd,
    startedAt: 1,
    version: '2.1.329',
    kind: 'interactive',
  }
  writeFileSync(path, JSON.stringify(entry))
  return path
}
