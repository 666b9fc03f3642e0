/**
 * The Claude Code source: one configuration folder of this machine behind the port. It composes what
 * the files beside it do and holds no state but a memory of what `find` and thorough reads saw.
 *
 * Limits: file checkpoints (`file-history/`) stay behind, so what came with a session cannot be
 * rewound; `persistedOutputPath` in a record still names the origin's path, though the file travels;
 * thinking signatures are bound to the provider that made them.
 */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Sha256 } from '@baton/shared/primitives'
import { claudeCodeDescriber } from '../../../core/agents/claude-code.ts'
import type { Clock } from '../../../core/ports/platform.ts'
import type {
  FoundSession,
  Placed,
  ReadState,
  Source,
  SourceItem,
} from '../../../core/ports/source.ts'
import { createFinder } from './find.ts'
import { agent, isSessionId, mainFile } from './layout.ts'
import { liveSessions } from './liveness.ts'
import { place } from './place.ts'
import { readRecords } from './read-records.ts'
import { createChecked } from './resume-at.ts'
import { listSidecars, wholeItem } from './sidecars.ts'
import { watchSession } from './watch.ts'

const text = (utf8: Bytes) =>
  Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length).toString('utf8')

export interface ClaudeCodeOptions {
  readonly sha256: Sha256
  readonly clock: Clock
  /** The folder Claude Code keeps its state in. */
  readonly configDir: string
  /** The folder is not where `claude` looks by itself: the resume line has to name it. */
  readonly elsewhere?: boolean
  readonly windows?: boolean
}

/** `CLAUDE_CONFIG_DIR`, else `~/.claude`. */
export function claudeConfigDir(env: { CLAUDE_CONFIG_DIR?: string | undefined }, home: string) {
  const named = env.CLAUDE_CONFIG_DIR
  return named === undefined || named === '' ? join(home, '.claude') : named
}

export function createClaudeCodeSource(options: ClaudeCodeOptions): Source {
  const { sha256, clock, configDir } = options
  const folder = join(configDir, 'projects')
  const projects = () => realpath(folder).catch(() => folder)
  const { find } = createFinder(configDir, projects)
  const checked = createChecked(clock)
  let placing: Promise<unknown> = Promise.resolve()

  const live = async (agentSession: string) =>
    (await liveSessions(configDir)).has(agentSession.toLowerCase())

  async function* read(session: FoundSession, state: ReadState): AsyncGenerator<SourceItem> {
    const path = await checkPath(session.path)
    yield* readRecords(sha256, { file: mainFile, path, required: true }, state, checked)
    for await (const sidecar of listSidecars(path.slice(0, -'.jsonl'.length))) {
      if (sidecar.kind === 'skipped') {
        yield sidecar
      } else if (sidecar.kind === 'records') {
        yield* readRecords(sha256, { ...sidecar, required: false }, state, checked)
      } else {
        const item = await wholeItem(sidecar, state.versions.get(sidecar.file))
        if (item) yield item
      }
    }
  }

  /** A session stands at `projects/<folder>/<uuid>.jsonl` and nowhere else. */
  async function checkPath(path: string): Promise<string> {
    const id = basename(path).replace(/\.jsonl$/, '')
    const root = dirname(dirname(path))
    const known = root === (await projects()) && isSessionId(id) && path.endsWith('.jsonl')
    if (!known)
      throw new BatonError('invalid', 'failed to read a session: no session has that path')
    return path
  }

  const placer = {
    sha256,
    configDir,
    shownConfigDir: options.elsewhere === true ? configDir : undefined,
    windows: options.windows ?? process.platform === 'win32',
    find,
    live,
  }

  return {
    agent,
    roots: [folder],
    find,
    read,
    watch: (session, wake) => watchSession(clock, session.path, wake),
    live,
    /** One at a time: two placements of one session would each take the other's file for foreign. */
    place: (session, how): Promise<Placed> => {
      const next = placing.then(() => place(placer, session, how))
      placing = next.catch(() => undefined)
      return next
    },
    describe: claudeCodeDescriber(text),
  }
}
