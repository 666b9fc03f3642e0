/**
 * A stand-in for the model on loopback: it speaks the Messages API with streaming, answers every
 * prompt with a sentence of its own, calls a tool when a prompt says so, and keeps what it was sent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly path: string
  readonly body: MessagesBody
}

export interface MessagesBody {
  readonly model?: string
  readonly stream?: boolean
  readonly system?: unknown
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[]
}

export interface FakeAnthropic {
  readonly url: string
  /** Every request body so far. */
  readonly asked: readonly Asked[]
  /** Resolves when a prompt waits to be answered, with what lets it go on. */
  waiting(): Promise<() => void>
  close(): Promise<void>
}

/** A prompt with this word is not answered until `release` is called. */
const waitWord = 'USEWAIT'

/** A prompt with one of these words gets that tool call, once; its result gets an answer. */
const calls: Readonly<Record<string, { readonly name: string; readonly input: object }>> = {
  USETOOL: { name: 'Bash', input: { command: 'pwd', description: 'where am I' } },
  USETOUCH: { name: 'Bash', input: { command: 'touch marker', description: 'leave a mark' } },
  USETASK: {
    name: 'Agent',
    input: { description: 'sub job', prompt: 'say hi', subagent_type: 'general-purpose' },
  },
}

export async function openFakeAnthropic(): Promise<FakeAnthropic> {
  const asked: Asked[] = []
  let tell: (release: () => void) => void = () => {}
  const waiting = new Promise<() => void>((resolve) => {
    tell = resolve
  })
  const hold = () => new Promise<void>((release) => tell(release))
  const server = createServer((request, response) => {
    void answer(request, response, asked, hold)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    waiting: () => waiting,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked[],
  hold: () => Promise<void>,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const path = request.url ?? ''
  const text = Buffer.concat(chunks).toString('utf8')
  if (!path.startsWith('/v1/messages')) {
    response.writeHead(path === '/' ? 200 : 404).end()
    return
  }
  const body = JSON.parse(text) as MessagesBody
  if (path.includes('count_tokens')) {
    sendJson(response, { input_tokens: 10 })
    return
  }
  asked.push({ path, body })
  if (JSON.stringify(body.messages?.at(-1) ?? '').includes(waitWord)) await hold()
  const message = messageFor(body, asked.length)
  if (body.stream === true) sendEvents(response, message)
  else sendJson(response, message)
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use'
      readonly id: string
      readonly name: string
      readonly input: object
    }

/** The word of a call in what was said since the last answer; none when that has a tool's result. */
function wantedCall(messages: NonNullable<MessagesBody['messages']>) {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  const said = JSON.stringify(since)
  if (said.includes('"tool_result"')) return undefined
  return Object.entries(calls).find(([word]) => said.includes(word))?.[1]
}

function messageFor({ model, messages = [] }: MessagesBody, n: number) {
  const call = wantedCall(messages)
  const content: Block[] = [{ type: 'text', text: `answer ${n}, to ${messages.length} messages` }]
  if (call) content.push({ type: 'tool_use', id: `toolu_fake${n}`, ...call })
  return {
    id: `msg_fake${n}`,
    type: 'message',
    role: 'assistant',
    model: model ?? 'fake',
    content,
    stop_reason: call ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 9 },
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function sendEvents(response: ServerResponse, message: ReturnType<typeof messageFor>): void {
  const event = (type: string, fields: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  event('message_start', { message: { ...message, content: [], stop_reason: null } })
  for (const [index, block] of message.content.entries()) {
    const empty = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
    event('content_block_start', { index, content_block: empty })
    const delta =
      block.type === 'text'
        ? { type: 'text_delta', text: block.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
    event('content_block_delta', { index, delta })
    event('content_block_stop', { index })
  }
  const { stop_reason, stop_sequence, usage } = message
  event('message_delta', { delta: { stop_reason, stop_sequence }, usage })
  event('message_stop', {})
  response.end()
}
