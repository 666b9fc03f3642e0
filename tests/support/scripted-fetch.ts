/** A fetch that answers from a script and keeps what it was asked. */
import type { Fetch } from '@baton/client/rendezvous/calls'

export interface Asked {
  readonly path: string
  readonly body: Record<string, unknown>
  readonly init: RequestInit
}

type Reply = Response | Error | 'never'

export function scriptedFetch(reply: (asked: Asked, n: number) => Reply | Promise<Reply>): {
  readonly fetch: Fetch
  readonly asked: Asked[]
} {
  const asked: Asked[] = []
  const fetch: Fetch = async (url, init) => {
    const each = { path: new URL(url).pathname, body: JSON.parse(String(init.body)), init }
    asked.push(each)
    const answer = await reply(each, asked.length - 1)
    if (answer instanceof Error) throw answer
    if (answer !== 'never') return answer
    return new Promise((_resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  return { fetch, asked }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers })
}
