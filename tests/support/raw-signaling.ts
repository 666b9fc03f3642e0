/** Speaking to a signaling service without the client: for tests of what strangers may send. */
import { connect, type Socket } from 'node:net'
import type { ListenKey } from '@baton/client/core/ports/rendezvous'
import { fromBase64url, toBase64url } from '@baton/shared/bytes'
import { listenChallenge } from '@baton/shared/protocol/rendezvous'
import { WebSocket } from 'ws'
import { createInbox } from './inbox.ts'

export const sid = 'A'.repeat(22)

/** Every field any answer has; only those of the answer at hand are there. */
interface AnyAnswer {
  readonly error: string
  readonly nameplate: string
  readonly token: string
  readonly nonce: string
  readonly events: readonly { readonly seq: number; readonly kind: string }[]
}

/** POSTs `body` as it stands; gives the status, the headers and the parsed answer. */
export async function ask(url: string, path: string, body: unknown, headers = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${url}/v1/${path}`, { method: 'POST', body: text, headers })
  const answer = (await response.json()) as AnyAnswer
  return { status: response.status, headers: response.headers, answer }
}

/** Listens at `key`'s mailbox; gives the token. */
export async function listenAt(url: string, key: ListenKey): Promise<string> {
  const { nonce } = (await ask(url, 'challenge', { mailbox: toBase64url(key.mailbox) })).answer
  const challenge = listenChallenge(new URL(url).host, key.mailbox, fromBase64url(nonce))
  const signature = toBase64url(key.sign(challenge))
  const proof = { key: toBase64url(key.publicKey), nonce, signature }
  return (await ask(url, 'listen', proof)).answer.token
}

/** A WebSocket at the service; `frames` and `closed` are awaited by the test. */
export async function dial(url: string, protocols: string | string[] = 'baton.v1') {
  const frames = createInbox<Pick<AnyAnswer, 'events'>>()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, protocols, {
    perMessageDeflate: false,
  })
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve)
    socket.on('error', () => resolve(0))
  })
  socket.on('message', (data) => frames.put(JSON.parse(String(data))))
  await Promise.race([new Promise((resolve) => socket.on('open', resolve)), closed])
  return { socket, frames, closed, say: (frame: unknown) => socket.send(JSON.stringify(frame)) }
}

/** A bare connection: what it gets, when the other side ends it, and when it is closed. */
export async function tcp(port: number, first: string, { allowHalfOpen = false } = {}) {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen })
  let got = ''
  socket.on('data', (data) => {
    got += String(data)
  })
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(got)))
  const ended = new Promise<void>((resolve) => socket.on('end', resolve))
  await new Promise((resolve) => socket.on('connect', resolve))
  socket.write(first)
  return { socket, closed, ended, got: () => got }
}
