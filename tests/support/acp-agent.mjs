/**
 * An ACP agent that does what a file says: `node acp-agent.mjs <script.json>`. The script has `loads`
 * (it knows earlier sessions), `initialize` (steps instead of the answer) and `turns`, one list of steps
 * a prompt, the last again for more. What it was told goes to `<script.json>.heard`, a line each.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [, , file] = process.argv
const script = JSON.parse(readFileSync(file, 'utf8'))
const out = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const update = (of) => out({ method: 'session/update', params: { sessionId: 'ses-1', update: of } })
const text = (of, kind = 'agent_message_chunk') =>
  update({ sessionUpdate: kind, content: { type: 'text', text: of } })

const waiting = new Map()
let asked = 0
let turns = 0
let cancelled = () => {}
let isCancelled = false

const steps = {
  text: (of) => text(of),
  thought: (of) => text(of, 'agent_thought_chunk'),
  user: (of) => text(of, 'user_message_chunk'),
  update,
  /** So many tokens, with so many ms between them. */
  async stream({ tokens, ms = 0, token = 'token ' }) {
    for (let i = 0; i < tokens && !isCancelled; i++) {
      text(`${token}${i} `)
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    }
  },
  call: (of) => update({ sessionUpdate: 'tool_call', ...of }),
  change: (of) => update({ sessionUpdate: 'tool_call_update', ...of }),
  async ask(of) {
    asked += 1
    const id = `ask-${asked}`
    const options = [
      { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
      { optionId: 'no', name: 'Reject', kind: 'reject_once' },
    ]
    const params = { sessionId: 'ses-1', toolCall: of, options }
    const answer = new Promise((resolve) => waiting.set(id, resolve))
    out({ id, method: 'session/request_permission', params })
    const { outcome } = await answer
    text(`[${outcome.optionId ?? outcome.outcome}]`)
  },
  async request(of) {
    const answer = new Promise((resolve) => waiting.set(of.id, resolve))
    out(of)
    await answer
  },
  raw: (of) => process.stdout.write(of),
  long: (bytes) => process.stdout.write('x'.repeat(bytes)),
  exit: (code) => process.exit(code),
  stderr: (of) => process.stderr.write(of),
  /** Until it is cancelled; `deaf`: not even then. */
  hang: (deaf) => (deaf ? new Promise(() => setInterval(() => {}, 1000)) : untilCancelled()),
}

const untilCancelled = () =>
  new Promise((resolve) => {
    cancelled = resolve
    if (isCancelled) resolve()
  })

async function play(list) {
  for (const step of list) {
    const [[name, of]] = Object.entries(step)
    await steps[name](of)
  }
}

async function prompt(id) {
  isCancelled = false
  const turn = script.turns[Math.min(turns, script.turns.length - 1)] ?? []
  turns += 1
  await play(turn)
  out({ id, result: { stopReason: isCancelled ? 'cancelled' : 'end_turn' } })
}

const answers = {
  async initialize(id) {
    if (script.initialize) return play(script.initialize)
    const agentCapabilities = { loadSession: script.loads === true }
    const agentInfo = { name: 'scripted', version: '1' }
    out({ id, result: { protocolVersion: 1, agentCapabilities, agentInfo, authMethods: [] } })
  },
  'session/new': (id) =>
    out({ id, result: { sessionId: 'ses-1', modes: { currentModeId: 'ask' } } }),
  async 'session/load'(id) {
    await play(script.replay ?? [])
    out({ id, result: null })
    await play(script.late ?? [])
  },
  'session/prompt': (id) => prompt(id),
  'session/cancel'() {
    isCancelled = true
    cancelled()
  },
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    appendFileSync(`${file}.heard`, `${line}\n`)
    const message = JSON.parse(line)
    if (message.method === undefined) waiting.get(message.id)?.(message.result ?? message)
    else answers[message.method]?.(message.id, message.params)
  })
  .on('close', () => process.exit(0))
