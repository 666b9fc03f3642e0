/** Turns of a coding session, as streams of records: a prompt, thinking, tool calls, an answer. */
import type { Dice } from './dice.ts'
import {
  assistantRecord,
  attachmentRecord,
  type Json,
  lastPrompt,
  type Pen,
  progressRecord,
  queueRecords,
  requestRecords,
  snapshotRecord,
  systemRecord,
  userRecord,
} from './records.ts'

/** The files a session works on; results quote them, so a transcript compresses as real ones do. */
export interface Desk {
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

export function createDesk(dice: Dice, cwd: string): Desk {
  const name = () =>
    `${cwd}/src/${dice.pick(['queue', 'parser', 'cache', 'index'])}-${dice.hex(3)}.ts`
  return {
    files: Array.from({ length: 8 }, () => ({
      path: name(),
      text: dice.prose(1200 + dice.int(3000)),
    })),
  }
}

export interface TurnOptions {
  readonly prompt?: string
  /** A sub-agent's id: the turn calls it. */
  readonly agent?: string
  /** Bytes of the one tool output of this turn, which its record holds twice. */
  readonly outputBytes?: number
  /** A path kept outside the transcript, as 2.1.x does with large outputs. */
  readonly persisted?: string
}

export function* turn(pen: Pen, desk: Desk, options: TurnOptions = {}): Generator<Json> {
  const { dice } = pen
  const prompt = options.prompt ?? `${dice.pick(['fix', 'explain', 'test'])} ${dice.prose(60)}`
  if (pen.agent === undefined && dice.chance(0.4)) yield* queueRecords(pen, prompt)
  yield userRecord(pen, dice.chance(0.5) ? prompt : [{ type: 'text', text: prompt }])
  if (dice.chance(0.3)) {
    yield attachmentRecord(pen, { type: 'skill_listing', content: dice.prose(200), skillCount: 3 })
  }
  if (dice.chance(0.2)) {
    yield attachmentRecord(pen, { type: 'command_permissions', allowedTools: ['Bash(*)'] })
  }
  yield* requestRecords(pen)
  const id = `msg_${dice.hex(22)}`
  yield assistantRecord(pen, id, thinking(dice), null)
  yield assistantRecord(pen, id, { type: 'text', text: dice.prose(120) }, null)
  yield* call(pen, desk, id, options)
  if (pen.agent === undefined) yield snapshotRecord(pen, [dice.pick(desk.files).path])
  yield assistantRecord(
    pen,
    `msg_${dice.hex(22)}`,
    { type: 'text', text: dice.prose(240) },
    'end_turn',
  )
  if (pen.agent !== undefined) return
  yield systemRecord(pen, 'turn_duration', { durationMs: dice.int(90_000) })
  yield lastPrompt(pen, prompt)
}

const thinking = (dice: Dice): Json => ({
  type: 'thinking',
  thinking: dice.prose(160),
  // Not base64 of anything: only its bytes must survive.
  signature: `${dice.hex(120)}+/=`,
})

function* call(pen: Pen, desk: Desk, id: string, options: TurnOptions): Generator<Json> {
  const { dice } = pen
  const tool = `toolu_${dice.hex(22)}`
  const any = dice.pick(['Bash', 'Edit', 'Read', 'Grep'] as const)
  const kind = options.agent !== undefined ? 'Agent' : options.outputBytes ? 'Bash' : any
  const file = dice.pick(desk.files)
  const output = options.outputBytes === undefined ? file.text : dice.prose(options.outputBytes)
  const shapes: Record<string, readonly [Json, Json]> = {
    Bash: [
      { command: 'npm test -- --run', description: 'run the tests' },
      { stdout: output, stderr: '', interrupted: false, isImage: false },
    ],
    Edit: [
      { file_path: file.path, old_string: 'token', new_string: 'cursor' },
      { filePath: file.path, oldString: 'token', newString: 'cursor', originalFile: output },
    ],
    Read: [
      { file_path: file.path },
      { type: 'text', file: { filePath: file.path, content: output } },
    ],
    Grep: [{ pattern: 'retry' }, { mode: 'content', numFiles: 2, filenames: [file.path] }],
    Agent: [
      { description: 'look around', prompt: dice.prose(100), subagent_type: 'general-purpose' },
      {
        status: 'completed',
        agentId: options.agent,
        totalTokens: 9_007_199_254_740_993n.toString(),
      },
    ],
  }
  const [input, result] = shapes[kind] ?? [{}, {}]
  yield assistantRecord(pen, id, { type: 'tool_use', id: tool, name: kind, input }, 'tool_use')
  const asker = pen.parent
  for (let i = dice.int(4); i > 0; i--) {
    yield progressRecord(pen, tool, { type: 'bash_progress', output: dice.prose(80), elapsed: i })
  }
  const persisted =
    options.persisted === undefined ? {} : { persistedOutputPath: options.persisted }
  yield userRecord(
    pen,
    [{ tool_use_id: tool, type: 'tool_result', content: output, is_error: false }],
    { toolUseResult: { ...result, ...persisted }, sourceToolAssistantUUID: asker },
  )
}
