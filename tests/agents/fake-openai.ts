/**
 * A stand-in for a model on loopback that speaks the Chat Completions API: it answers every prompt with
 * sentences of its own, a word an event, calls a tool when a prompt says so, and keeps what it was sent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ChatBody {
  readonly model?: string
  readonly stream?: boolean
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
}

export interface FakeOpenAi {
  readonly url: string
  /** Every conversation so far, the oldest first. */
  readonly asked: readonly ChatBody[]
  close(): Promise<void>
}

/** A prompt with this word gets a call of the shell. */
const toolWord = 'USETOOL'

export async function openFakeOpenAi(command = 'pwd'): Promise<FakeOpenAi> {
  const asked: ChatBody[] = []
  const server = createServer((request, response) => {
    void answer(request, response, asked, command)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
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
  asked: ChatBody[],
  command: string,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (request.method !== 'POST' || !request.url?.endsWith('/chat/completions')) {
    response.writeHead(404).end()
    return
  }
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatBody
  asked.push(body)
  const deltas = deltasFor(body, asked.length, command)
  const common = { id: `chat-${asked.length}`, created: 1, model: body.model }
  const finish = 'tool_calls' in (deltas.at(-1) ?? {}) ? 'tool_calls' : 'stop'
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  if (body.stream !== true) {
    const message = Object.assign({ role: 'assistant', content: '' }, ...deltas)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ ...common, choices: [{ message, finish_reason: finish }], usage }),
    )
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (more: object) =>
    response.write(
      `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...more })}\n\n`,
    )
  for (const delta of deltas) send({ choices: [{ index: 0, delta, finish_reason: null }] })
  send({ choices: [{ index: 0, delta: {}, finish_reason: finish }], usage })
  response.end('data: [DONE]\n\n')
}

function deltasFor({ messages, tools }: ChatBody, count: number, command: string): object[] {
  const last = messages.at(-1)
  const shell = tools?.find(({ function: { name } }) => /bash|shell/.test(name))
  const text = JSON.stringify(last?.content ?? '')
  if (last?.role === 'user' && text.includes(toolWord) && shell) {
    const name = shell.function.name
    const args = JSON.stringify({ command, description: 'where am I' })
    const call = {
      index: 0,
      id: `call_${count}`,
      type: 'function',
      function: { name, arguments: args },
    }
    return [{ role: 'assistant', content: 'Let me look. ' }, { tool_calls: [call] }]
  }
  const words = `This is answer ${count} to ${messages.length} messages.`.split(' ')
  return words.map((word, i) => ({
    ...(i === 0 ? { role: 'assistant' } : {}),
    content: i === 0 ? word : ` ${word}`,
  }))
}
